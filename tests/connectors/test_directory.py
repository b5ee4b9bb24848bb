"""Which connectors there are, in which state, and which one a name means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.connectors.directory import find, list_connectors, show_connector
from cowork.core.errors import Conflict, CoworkError, InvalidInput, NotFound
from cowork.registry.switches import switch_pack
from tests.connectors.samples import connector, http, script, shell, write_pack
from tests.support import FakeClock


def named(definition: dict[str, Any], name: str) -> dict[str, Any]:
    return {**definition, "name": name}


def states(**how: Any) -> dict[str, str]:
    return {f"{item.pack}:{item.name}": item.state for item in list_connectors(**how)[0].items}


def policies(home: Path, content: dict[str, Any]) -> None:
    home.mkdir(exist_ok=True)
    (home / "policies.json").write_text(json.dumps(content))


def test_without_packs_that_bring_any_there_are_none() -> None:
    assert list_connectors() == (list_connectors()[0], ())
    assert list_connectors()[0].count == 0


def test_connectors_are_listed_by_pack_and_name(home: Path) -> None:
    write_pack(home, named(shell("ls"), "z"), named(script("1"), "a"), name="beta")
    write_pack(home, named(http("https://h.example/{{env.KEY}}"), "m"), name="alpha")

    items = list_connectors()[0].items

    assert [(item.pack, item.name, item.type, item.scope) for item in items] == [
        ("alpha", "m", "http", "personal"),
        ("beta", "a", "script", "personal"),
        ("beta", "z", "shell", "personal"),
    ]
    assert items[0].description == "A connector of type http"
    assert [item.pack for item in list_connectors(pack="beta")[0].items] == ["beta", "beta"]


def test_a_pack_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound) as caught:
        list_connectors(pack="nope")

    assert caught.value.code == "pack.not_found"


def test_a_state_says_what_keeps_a_connector_from_being_called(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pack(home, named(shell("ls"), "ready"), named(shell("ls {{env.NOT_SET}}"), "unset"), named(shell("ls"), "shut"))
    write_pack(home, shell("ls"), name="off")
    write_pack(home, shell("ls"), name="barred")
    switch_pack("off", FakeClock(), enabled=False)
    policies(home, {"packs": {"blocked": ["barred"]}, "connectors": {"blocked": ["tools:shut"]}})

    assert states() == {
        "barred:it": "blocked",
        "off:it": "disabled",
        "tools:ready": "ready",
        "tools:shut": "blocked",
        "tools:unset": "missing_env",
    }
    monkeypatch.setenv("NOT_SET", "1")
    assert states()["tools:unset"] == "ready"


def test_policies_that_cannot_be_read_block_everything(home: Path) -> None:
    write_pack(home, shell("ls"))
    (home / "policies.json").write_text("{")

    assert set(states().values()) == {"blocked"}


def test_variables_are_declared_by_list_and_by_use(home: Path) -> None:
    write_pack(home, {**http("https://h.example/", headers={"A": "{{env.USED}} {{x}}"}), "env": ["LISTED"]})

    assert find("it").env == ("LISTED", "USED")
    assert list_connectors()[0].items[0].missing == ("LISTED", "USED")


def test_an_mcp_server_of_a_plugin_is_listed_and_shown(home: Path) -> None:
    plugin = home / "extensions" / "plug"
    (plugin / ".claude-plugin").mkdir(parents=True)
    (plugin / ".claude-plugin" / "plugin.json").write_text('{"name": "plug"}')
    (plugin / ".mcp.json").write_text('{"mcpServers": {"db": {"command": "db-server"}}}')

    assert [(item.name, item.type, item.state) for item in list_connectors()[0].items] == [("db", "mcp", "not_callable")]
    assert (show_connector("db").type, show_connector("plug:db").definition) == ("mcp", {})


def test_a_page_says_what_goes_in_and_what_it_does(home: Path) -> None:
    schema = {"type": "object", "properties": {"q": {"type": "string"}}}
    write_pack(home, {**http("https://h.example/{{q}}", headers={"A": "{{env.KEY}}"}, timeout=500), "inputSchema": schema})

    page = show_connector("tools:it")

    assert (page.name, page.pack, page.type, page.state) == ("it", "tools", "http", "missing_env")
    assert (page.env, page.missing, page.timeout_s, page.input_schema) == (("KEY",), ("KEY",), 0.5, schema)
    assert page.definition["url"] == "https://h.example/{{q}}"
    assert page.definition["headers"] == {"A": "{{env.KEY}}"}


@pytest.mark.parametrize(
    ("definition", "seconds"),
    [
        (http("https://h.example"), 30),
        (http("https://h.example", timeout=1_000_000), 120),
        (shell("ls"), 30),
        (shell("ls", timeout=1500), 1.5),
        (shell("ls", timeout=1_000_000), 60),
        (script("1"), 5),
        (script("1", timeout=1_000_000), 10),
    ],
)
def test_a_time_limit_is_the_manifests_in_milliseconds_within_bounds(
    home: Path, definition: dict[str, Any], seconds: float
) -> None:
    write_pack(home, definition)

    assert show_connector("it").timeout_s == seconds


def test_a_name_of_several_packs_has_to_be_told_apart(home: Path) -> None:
    write_pack(home, shell("ls"), name="one")
    write_pack(home, shell("ls"), name="two")
    with pytest.raises(Conflict) as caught:
        find("it")

    assert (caught.value.code, caught.value.exit_code) == ("connector.ambiguous", 5)
    assert caught.value.details["choices"] == ["one:it", "two:it"]
    assert find("two:it").pack.name == "two"

    switch_pack("two", FakeClock(), enabled=False)
    assert find("it").pack.name == "one"  # the other is off
    assert find("two:it").pack.state == "disabled"


def test_a_name_that_holds_a_colon_is_found_whole(home: Path) -> None:
    write_pack(home, named(shell("ls"), "a:b"), name="one")

    assert find("a:b").full_name == find("one:a:b").full_name == "one:a:b"


def test_an_unknown_name_gets_a_suggestion(home: Path) -> None:
    write_pack(home, named(shell("ls"), "list-issues"))
    with pytest.raises(NotFound) as caught:
        find("list-issue")

    assert (caught.value.code, caught.value.hint) == ("connector.not_found", "did you mean 'list-issues'?")


def test_a_pack_that_a_stronger_one_hides_brings_nothing(home: Path) -> None:
    write_pack(home, named(shell("ls"), "weak"))
    from tests.registry.places import pack

    pack(Path(".claude/plugins"), "tools", connectors=[named(shell("ls"), "strong")])

    assert list(states()) == ["tools:strong"]


@pytest.mark.parametrize(
    "definition",
    [
        connector("ftp"),
        connector("http", http={"url": "https://h.example"}),
        connector("shell"),
        script("1", "ruby"),
        {**shell("ls"), "env": ["A=B"]},
        {**shell("ls"), "env": "A"},
        shell("ls", timeout=0),
    ],
)
def test_a_connector_that_is_not_valid_makes_its_pack_invalid(home: Path, definition: dict[str, Any]) -> None:
    write_pack(home, definition)

    listed, notices = list_connectors()

    assert listed.count == 0
    assert [notice.code for notice in notices] == ["pack.manifest_invalid"]


def test_a_manifest_that_is_gone_is_a_typed_error(home: Path) -> None:
    directory = write_pack(home, shell("ls"))
    found = find("it")
    (directory / "cowork.plugin.json").unlink()

    from cowork.connectors.directory import model_of

    with pytest.raises(CoworkError) as caught:
        model_of(found)

    assert caught.value.code == "connector.changed"
    assert not isinstance(caught.value, InvalidInput)
