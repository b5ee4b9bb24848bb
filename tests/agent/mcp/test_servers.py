"""Which servers there are: where they are written down, who is stronger, whose need trust, what fills in their variables."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cowork.agent.mcp.client import McpServers
from cowork.agent.mcp.listing import mcp_list
from cowork.agent.mcp.server import Server
from cowork.agent.mcp.servers import discover, of_agent
from tests.agent.mcp.surroundings import python, workspace

Entry = dict[str, Any]


def put(path: Path, document: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


def servers(**entries: Entry) -> dict[str, Any]:
    return {"mcpServers": entries}


def run(command: str = "server", **more: Any) -> Entry:
    return {"command": command, **more}


class Place:
    """A project and a home with nothing in them."""

    def __init__(self, tmp_path: Path, home: Path) -> None:
        self.project = tmp_path / "project"
        (self.project / ".git").mkdir(parents=True)
        os.chdir(self.project)
        self.home = home
        self.user = tmp_path / "user"
        self.enterprise = tmp_path / "enterprise"
        self.environ: dict[str, str] = {}

    def plugin(self, name: str = "dev-tools", *, under: Path | None = None, **entries: Entry) -> Path:
        directory = (under or self.home / "extensions") / name
        put(directory / ".claude-plugin" / "plugin.json", {"name": name})
        put(directory / ".mcp.json", servers(**entries))
        return directory

    def found(self, *, trusted: Any = True) -> dict[str, Server]:
        return {server.name: server for server in discover(self.project, self.environ, trusted=trusted)[0]}

    def said(self, *, trusted: Any = True) -> list[tuple[str, str]]:
        return [(notice.code, notice.message) for notice in discover(self.project, self.environ, trusted=trusted)[1]]


@pytest.fixture
def place(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("COWORK_ENTERPRISE_CONFIG", str(tmp_path / "enterprise"))
    return Place(tmp_path, home)


def test_there_are_none_where_nothing_is_written_down(place: Place) -> None:
    assert place.found() == {}
    assert place.said() == []


def test_every_place_is_looked_at(place: Place) -> None:
    put(place.enterprise / "mcp.json", servers(company=run()))
    put(place.project / ".mcp.json", servers(project=run()))
    put(place.home / "mcp.json", servers(mine=run()))
    local = {str(place.project): servers(local=run()), "/elsewhere": servers(other=run())}
    put(place.user / ".claude.json", {**servers(claude=run()), "projects": local, "history": ["x"]})
    place.plugin(tracker=run())

    assert {name: (server.scope, server.trusted) for name, server in place.found().items()} == {
        "company": ("enterprise", True),
        "local": ("local", True),
        "project": ("project", False),
        "mine": ("user", True),
        "claude": ("user", True),
        "plugin_dev-tools_tracker": ("plugin", False),
    }


@pytest.mark.parametrize(
    ("places", "winner"),
    [
        (("enterprise", "project", "user"), "enterprise"),
        (("project", "user"), "project"),
        (("enterprise", "user"), "enterprise"),
        (("user",), "user"),
    ],
)
def test_of_one_name_the_strongest_is_served_and_the_others_are_told(
    place: Place, places: tuple[str, ...], winner: str
) -> None:
    files = {
        "enterprise": place.enterprise / "mcp.json",
        "project": place.project / ".mcp.json",
        "user": place.home / "mcp.json",
    }
    for name in places:
        put(files[name], servers(github=run(name)))

    assert place.found()["github"].command == winner
    assert [code for code, _ in place.said()] == ["mcp.shadowed"] * (len(places) - 1)


def test_servers_of_a_project_that_is_not_trusted_are_not_there(place: Place) -> None:
    put(place.project / ".mcp.json", servers(project=run()))
    place.plugin(under=place.project / ".claude" / "plugins", tracker=run())

    assert place.found(trusted=False) == {}
    assert [code for code, _ in place.said(trusted=False)] == ["mcp.untrusted", "mcp.untrusted"]
    assert list(place.found(trusted=True)) == ["project", "plugin_dev-tools_tracker"]


def test_trust_is_asked_for_only_where_it_matters(place: Place) -> None:
    put(place.home / "mcp.json", servers(mine=run()))

    def asked() -> bool:
        raise AssertionError("nobody needs to know")

    assert list(place.found(trusted=asked)) == ["mine"]


def test_a_pack_that_is_turned_off_brings_no_server(place: Place) -> None:
    place.plugin(tracker=run())
    put(place.home / "pack-states.json", {"version": 1, "packs": {"dev-tools": False}, "skills": {}})

    assert place.found() == {}


def test_a_plugins_server_is_named_after_it_and_answers_to_what_hooks_call_it(place: Place) -> None:
    place.plugin("dev-tools", **{"issue tracker": run()})

    (server,) = place.found().values()

    assert server.name == "plugin_dev-tools_issue_tracker"
    assert server.answers_to("plugin:dev-tools:issue tracker")
    assert server.answers_to("plugin_dev-tools_issue_tracker")
    assert not server.answers_to("issue tracker")
    assert (server.action.pack, server.action.connector) == ("dev-tools", "issue tracker")


def test_no_server_can_call_itself_into_the_rules_of_another(place: Place) -> None:
    put(place.home / "mcp.json", servers(**{"github__evil": run(), "github_": run(), "__": run(), "x" * 100: run()}))

    names = list(place.found())

    assert names[:2] == ["github_evil", "github"]
    assert all("__" not in name and not name.endswith("_") and 0 < len(name) <= 40 for name in names)


def test_two_servers_of_one_file_that_would_have_one_name(place: Place) -> None:
    put(place.home / "mcp.json", servers(**{"a b": run("first"), "a_b": run("second")}))

    assert place.found()["a_b"].command == "first"
    assert [code for code, _ in place.said()] == ["mcp.name_taken"]


def test_variables_are_filled_in_everywhere(place: Place) -> None:
    place.environ = {"TOKEN": "t-0123456789", "BIN": "/opt/bin", "EMPTY": ""}
    put(
        place.home / "mcp.json",
        servers(
            local=run(
                "${BIN}/x", args=["--token=${TOKEN}", "${LEVEL:-info}", "$BIN", "${EMPTY:-no}"], env={"T": "a ${TOKEN} b"}
            ),
            far={"type": "http", "url": "https://${HOST:-example.com}/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}},
        ),
    )

    found = place.found()

    assert found["local"].command == "/opt/bin/x"
    assert found["local"].args == ("--token=t-0123456789", "info", "$BIN", "")
    assert found["local"].env["T"] == "a t-0123456789 b"
    assert found["far"].url == "https://example.com/mcp"
    assert found["far"].headers == {"Authorization": "Bearer t-0123456789"}
    assert found["far"].secrets == {"TOKEN": "t-0123456789"}
    assert "t-0123456789" not in repr(found), "what was filled in does not show"


def test_what_was_filled_in_is_not_filled_in_again(place: Place) -> None:
    place.environ = {"A": "${B}", "B": "no"}
    put(place.home / "mcp.json", servers(x=run(args=["${A}", "${C:-${B}}"])))

    assert place.found()["x"].args == ("${B}", "${B}")


def test_a_variable_that_is_not_set_keeps_its_server_from_starting(place: Place) -> None:
    put(place.home / "mcp.json", servers(x=run(args=["${MISSING}"])))

    assert place.found()["x"].problem == "the variable MISSING is not set and has no default"


def test_keys_of_model_providers_are_given_to_the_users_own_servers_only(place: Place) -> None:
    place.environ = {"ANTHROPIC_API_KEY": "sk-canary"}
    entry = run(env={"KEY": "${ANTHROPIC_API_KEY:-none}"})
    put(place.home / "mcp.json", servers(mine=entry))
    put(place.project / ".mcp.json", servers(theirs=entry))
    place.plugin(packed=entry)

    found = place.found()

    assert found["mine"].env["KEY"] == "sk-canary"
    for name in ("theirs", "plugin_dev-tools_packed"):
        assert "ANTHROPIC_API_KEY is the key of a model provider" in found[name].problem
        assert found[name].env == {}


def test_a_plugin_knows_where_it_lies(place: Place) -> None:
    directory = place.plugin(tracker=run("${CLAUDE_PLUGIN_ROOT}/bin/serve", args=["${CLAUDE_PROJECT_DIR}"]))

    (server,) = place.found().values()

    assert server.command == f"{directory}/bin/serve"
    assert server.args == (str(place.project),)
    assert server.env == {
        "CLAUDE_PLUGIN_ROOT": str(directory),
        "CLAUDE_PLUGIN_DATA": str(place.home / "plugin-data" / "dev-tools"),
        "CLAUDE_PROJECT_DIR": str(place.project),
    }


def test_the_servers_of_a_plugins_manifest_go_before_those_of_its_file(place: Place) -> None:
    directory = place.plugin(one=run("file"), two=run("file"))
    put(directory / ".claude-plugin" / "plugin.json", {"name": "dev-tools", "mcpServers": {"two": run("manifest")}})

    commands = {name: server.command for name, server in place.found().items()}

    assert commands == {"plugin_dev-tools_two": "manifest", "plugin_dev-tools_one": "file"}


def test_a_manifest_names_files_inside_its_plugin_only(place: Place) -> None:
    directory = place.plugin()
    put(directory / "more.json", servers(three=run()))
    put(place.home / "outside.json", servers(outside=run()))
    (directory / "link.json").symlink_to(place.home / "outside.json")
    named = ["./more.json", "./link.json"]
    put(directory / ".claude-plugin" / "plugin.json", {"name": "dev-tools", "mcpServers": named})

    assert list(place.found()) == ["plugin_dev-tools_three"]


def test_what_cannot_be_read_is_told_and_costs_nobody_else(place: Place) -> None:
    put(place.home / "mcp.json", servers(good=run(), bad={"command": 7}))
    (place.project / ".mcp.json").write_text("{broken")

    assert list(place.found()) == ["good"]
    assert [code for code, _ in place.said()] == ["file.corrupt", "mcp.type", "mcp.command"]


def test_websockets_are_not_spoken(place: Place) -> None:
    put(place.home / "mcp.json", servers(ws={"type": "ws", "url": "wss://example.com"}))

    assert place.found()["ws"].problem == "WebSocket servers are not supported; use http"


def test_an_agent_names_servers_and_brings_its_own(place: Place) -> None:
    put(place.home / "mcp.json", servers(github=run(), other=run()))
    known = tuple(place.found().values())
    wanted = ["github", {"own": run("mine")}, "nowhere"]

    found, notices = of_agent(wanted, known, place.project, {}, file="a.md", may_define=True, trusted=False)

    assert [(server.name, server.scope, server.trusted) for server in found] == [
        ("github", "user", True),
        ("own", "agent", False),
    ]
    assert [notice.code for notice in notices] == ["mcp.not_found"]


def test_an_agent_of_a_project_that_is_not_trusted_brings_none(place: Place) -> None:
    found, notices = of_agent({"own": run()}, (), place.project, {}, file="a.md", may_define=False, trusted=False)

    assert found == ()
    assert [notice.code for notice in notices] == ["mcp.untrusted"]


def test_a_server_that_policies_block_is_not_started_and_both_are_logged(place: Place, tmp_path: Path) -> None:
    place.home.mkdir(exist_ok=True)
    (place.home / "policies.json").write_text(json.dumps({"version": 1, "connectors": {"blocked": ["blocked"]}}))
    space, events = workspace(tmp_path)
    both = [python("server_bad.py", "good", name="blocked"), python("server_bad.py", "good", name="fine")]

    async def main() -> list[str]:
        async with McpServers(both, space) as started:
            return [tool.name for tool in await started.tools()]

    assert asyncio.run(main()) == ["mcp__fine__work"]
    failed = [data for kind, data in events if kind == "mcp.failed"]
    assert [(data["server"], data["code"]) for data in failed] == [("blocked", "policy.connector_denied")]
    log = [json.loads(line) for line in (place.home / "audit.jsonl").read_text().splitlines()]
    assert len(log) == 2


def test_a_server_with_a_problem_fails_with_it(place: Place, tmp_path: Path) -> None:
    put(place.home / "mcp.json", servers(x=run(args=["${MISSING}"])))
    space, events = workspace(tmp_path)

    async def main() -> None:
        async with McpServers(list(place.found().values()), space) as started:
            assert await started.tools() == ()

    asyncio.run(main())
    ((kind, data),) = events
    assert (kind, data["code"], data["reason"]) == (
        "mcp.failed",
        "mcp.not_startable",
        "the variable MISSING is not set and has no default",
    )


def test_the_list_says_what_would_be_started_and_shows_no_value(place: Place) -> None:
    place.environ = {"TOKEN": "canary-0123"}
    put(place.home / "mcp.json", servers(good=run(env={"T": "${TOKEN}"}), bad=run("${MISSING}"), blocked=run()))
    put(place.home / "policies.json", {"version": 1, "connectors": {"blocked": ["blocked"]}})

    items, notices = mcp_list(place.project, place.environ, trusted=False)

    assert [(item.name, item.state, item.variables) for item in items] == [
        ("good", "ready", ("TOKEN",)),
        ("bad", "not_startable", ()),
        ("blocked", "blocked", ()),
    ]
    assert "canary" not in repr(items)
    assert notices == ()
    assert not (place.home / "audit.jsonl").exists(), "to look is not to use"
