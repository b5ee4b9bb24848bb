"""A call from the command line to the answer: who is asked first, what is checked, and what never shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.connectors.call import call_connector
from cowork.core.errors import CoworkError, Denied, InvalidInput, NotFound, UsageError
from cowork.registry.switches import switch_pack
from tests.connectors.samples import SECRET, call, http, script, shell, write_pack
from tests.support import FakeClock, run_here, run_program

TOUCH = shell("touch {{file}}")


def policies(home: Path, content: Any) -> None:
    home.mkdir(exist_ok=True)
    (home / "policies.json").write_text(content if isinstance(content, str) else json.dumps(content))


def log(home: Path) -> list[dict[str, Any]]:
    path = home / "audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


DENIED = {
    "the connector by its name": ({"connectors": {"blocked": ["it"]}}, "policy.connector_denied"),
    "the connector of that pack": ({"connectors": {"blocked": ["tools:it"]}}, "policy.connector_denied"),
    "the pack": ({"packs": {"blocked": ["tools"]}}, "policy.pack_denied"),
    "all but another pack": ({"packs": {"allowed": ["other"]}}, "policy.pack_denied"),
    "everything, being unreadable": ("{", "policy.unreadable"),
}


@pytest.mark.parametrize(("policy", "code"), DENIED.values(), ids=DENIED)
@pytest.mark.parametrize("name", ["it", "tools:it"])
def test_what_the_policies_deny_is_not_called_nor_planned(
    home: Path, tmp_path: Path, policy: Any, code: str, name: str
) -> None:
    write_pack(home, TOUCH)
    policies(home, policy)
    for dry_run in (True, False):
        with pytest.raises(Denied) as caught:
            call_connector(name, {"file": str(tmp_path / "x")}, dry_run=dry_run)
        assert (caught.value.code, caught.value.exit_code) == (code, 6)

    assert not (tmp_path / "x").exists()


def test_policies_about_others_do_not_matter(home: Path, tmp_path: Path) -> None:
    policies(home, {"connectors": {"blocked": ["other", "other:it"]}, "packs": {"blocked": ["other"]}})

    assert call(home, TOUCH, {"file": str(tmp_path / "x")}).exit_code == 0
    assert (tmp_path / "x").exists()


def test_a_call_is_logged_without_its_input_and_a_plan_is_not(home: Path, tmp_path: Path) -> None:
    call(home, TOUCH, {"file": "hunter2"}, dry_run=True)
    assert log(home) == []

    call(home, TOUCH, {"file": str(tmp_path / "hunter2")})
    assert len(log(home)) == 1
    assert "connector call" in str(log(home)[0])
    assert "hunter2" not in str(log(home)).replace(str(tmp_path), "")


def test_a_connector_of_a_pack_that_is_off_is_not_called(home: Path) -> None:
    write_pack(home, shell("ls"))
    switch_pack("tools", FakeClock(), enabled=False)
    with pytest.raises(NotFound) as caught:
        call_connector("it", {})

    assert (caught.value.code, caught.value.exit_code) == ("connector.disabled", 3)
    assert caught.value.hint == "turn it on with: cowork pack enable tools"


def test_an_mcp_server_is_not_called(home: Path) -> None:
    plugin = home / "extensions" / "plug"
    (plugin / ".claude-plugin").mkdir(parents=True)
    (plugin / ".claude-plugin" / "plugin.json").write_text('{"name": "plug"}')
    (plugin / ".mcp.json").write_text('{"mcpServers": {"db": {"command": "db-server"}}}')
    with pytest.raises(NotFound) as caught:
        call_connector("db", {})

    assert caught.value.code == "connector.not_callable"


def test_an_input_that_does_not_fit_is_refused_before_anything_runs(home: Path, tmp_path: Path) -> None:
    definition = {**TOUCH, "inputSchema": {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"]}}
    for given in ({}, {"file": 1}):
        with pytest.raises(InvalidInput) as caught:
            call(home, definition, given)
        assert caught.value.code == "connector.bad_input"


def test_a_default_of_the_schema_is_used(home: Path) -> None:
    definition = {**shell("echo {{x}}"), "inputSchema": {"properties": {"x": {"default": "usual"}}}}

    assert call(home, definition).stdout == "usual\n"


def test_an_input_that_nothing_declares_is_missing(home: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        call(home, shell("echo {{x}}"))

    assert caught.value.code == "connector.missing_input"


@pytest.mark.parametrize(
    "definition",
    [http("https://h.example/{{env.KEY}}"), shell("echo {{env.KEY}}"), {**script("1"), "env": ["KEY"]}],
)
def test_a_missing_variable_is_named(home: Path, definition: dict[str, Any]) -> None:
    for dry_run in (True, False):
        with pytest.raises(InvalidInput) as caught:
            call(home, definition, environ={"KEY": "", "PATH": "/bin"}, dry_run=dry_run)
        assert (caught.value.code, caught.value.details) == ("connector.missing_env", {"missing": ["KEY"]})


def test_an_input_cannot_name_a_variable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_KEY", "hunter2")
    done = call(home, shell("echo {{x}} '{{y}}'"), {"x": "{{env.OTHER_KEY}}", "y": "$OTHER_KEY ${OTHER_KEY}"})

    assert done.stdout == "{{env.OTHER_KEY}} $OTHER_KEY ${OTHER_KEY}\n"


def test_a_plan_of_a_request_shows_no_secret_and_sends_nothing(home: Path) -> None:
    definition = http(
        "https://8.8.8.8/{{q}}?k={{env.KEY}}", "POST", headers={"X-Key": "{{env.KEY}}"}, body={"k": "{{env.KEY}}"}
    )
    done = call(home, definition, {"q": "a b"}, environ={"KEY": SECRET}, dry_run=True)

    (step,) = done.plan
    assert (done.dry_run, done.status, done.body) == (True, None, None)
    assert (step.action, step.target) == ("send", "POST https://8.8.8.8/a%20b?k={{env.KEY}}")
    assert "X-Key" in step.detail
    assert SECRET not in str(done)


@pytest.mark.parametrize("asked", [0, -1, 61, float("nan"), float("inf")])
def test_a_time_limit_that_cannot_be_is_a_usage_error(home: Path, asked: float) -> None:
    with pytest.raises(UsageError) as caught:
        call(home, shell("ls"), timeout_s=asked)

    assert (caught.value.code, caught.value.exit_code) == ("connector.bad_timeout", 2)


class TestFromTheCommandLine:
    """`connector call` as users and programs meet it."""

    def test_a_person_sees_the_reply(self, home: Path) -> None:
        write_pack(home, shell("echo hello {{who}}; echo aside >&2"))
        ran = run_program("connector", "call", "it", "--input", '{"who": "you"}')

        assert (ran.code, ran.out) == (0, "hello you\n\nstderr\naside\n")

    def test_a_program_gets_one_document_also_when_it_fails(self, home: Path) -> None:
        write_pack(home, shell("echo {{who}}; exit 3"))
        ran = run_program("connector", "call", "it", "--input", '{"who": "you"}', "--json")

        assert (ran.code, ran.document["error"]["code"], ran.data["stdout"], ran.data["exit_code"]) == (
            1,
            "connector.command_failed",
            "you\n",
            3,
        )

    def test_an_input_comes_from_a_file_or_from_stdin(self, home: Path, tmp_path: Path) -> None:
        write_pack(home, shell("echo {{x}}"))
        (tmp_path / "in.json").write_text('{"x": "file"}')

        assert run_here("connector", "call", "it", "--input", f"@{tmp_path}/in.json").out == "file\n"
        assert run_here("connector", "call", "it", "--input", "-", stdin='{"x": "stdin"}').out == "stdin\n"

    @pytest.mark.parametrize(
        ("argument", "code", "status"),
        [
            ("@missing.json", "input.missing", 4),
            ("{", "connector.bad_input", 4),
            ("[1]", "connector.bad_input", 4),
            ("", "connector.bad_input", 4),
            (json.dumps({"x": "x" * 1_100_000}), "connector.bad_input", 4),
        ],
    )
    def test_an_input_that_is_none_is_refused(self, home: Path, argument: str, code: str, status: int) -> None:
        write_pack(home, shell("ls"))
        ran = run_here("connector", "call", "it", "--input", argument, "--json")

        assert (ran.code, ran.document["error"]["code"]) == (status, code)

    def test_a_name_that_nothing_uses_is_a_warning(self, home: Path) -> None:
        write_pack(home, shell("echo {{x}}"))
        ran = run_here("connector", "call", "it", "--input", '{"x": "1", "xx": "2"}', "--json")

        assert [warning["code"] for warning in ran.document["warnings"]] == ["connector.unknown_input"]

    def test_a_hostile_reply_is_shown_and_drives_no_terminal(self, home: Path) -> None:
        write_pack(home, script(r"""print('"\\u001b[31mred\\ud800[bold]"')"""))
        shown = run_here("connector", "call", "it")
        document = run_here("connector", "call", "it", "--json")

        assert (shown.code, document.code) == (0, 0)
        assert "\x1b" not in shown.out + document.out
        assert "[bold]" in shown.out
        assert document.data["body"] == "\x1b[31mred\ud800[bold]"

    def test_pages_for_a_person(self, home: Path) -> None:
        write_pack(home, {**http("https://h.example/{{q}}", headers={"A": "{{env.KEY}}"}), "inputSchema": {"type": "object"}})

        assert "missing_env, KEY" in run_here("connector", "list").out
        page = run_here("connector", "show", "it").out
        assert "https://h.example/{{q}}" in page
        write_pack(home, name="other")
        assert "no pack brings a connector" in run_here("connector", "list", "--pack", "other").out

    def test_an_unexpected_name_of_a_pack_or_connector_is_one_safe_line(self, home: Path) -> None:
        ran = run_here("connector", "call", "\x1b[31m" + "x" * 500)

        assert ran.code == 3
        assert "\x1b" not in ran.err
        assert max(len(line) for line in ran.err.splitlines()) < 300


def test_the_same_error_type_leaves_every_failure(home: Path) -> None:
    for definition in (shell("exit 1"), script("raise SystemExit(1)")):
        with pytest.raises(CoworkError) as caught:
            call(home, definition)
        assert (caught.value.code, caught.value.exit_code) == ("connector.command_failed", 1)
