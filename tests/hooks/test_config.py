"""`hooks.json`: what is found in it, and that a guard that cannot be read is never no guard."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cowork.hooks.choose import concerned
from cowork.hooks.config import DEFAULT_TIMEOUT, LONGEST_TIMEOUT, strict
from cowork.hooks.place import user_file
from cowork.hooks.records import Source


def command(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "command", "command": text, **more}


# The shape of real files: a wrapper, a description, a matcher or none, fields of newer hosts.
REAL: dict[str, Any] = {
    "description": "Guards of the team",
    "hooks": {
        "PreToolUse": [
            {"matcher": "Edit|Write|MultiEdit", "hooks": [command("guard-edits", timeout=10), command("log-edits")]},
            {"matcher": "Bash", "hooks": [command("guard-bash", statusMessage="checking")]},
            {"hooks": [command("see-all", timeout=180)]},
        ],
        "SessionStart": [{"matcher": "startup|clear", "hooks": [command("greet")]}],
        "Stop": [{"matcher": "ignored", "hooks": [command("again", timeout=0.5)]}],
        "PostToolUse": [],
        "Elicitation": [{"hooks": [{"type": "http", "url": "https://example.com"}]}],
    },
}


def found(tmp_path: Path, document: Any, event: str = "PreToolUse", **payload: Any) -> list[tuple[str, float]]:
    path = tmp_path / "hooks.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    handlers, doubts = concerned(strict(Source(str(path), "user"), event) or [], event, payload)
    assert doubts == []
    return [(handler.command, handler.timeout) for handler in handlers]


def names(tmp_path: Path, event: str, **payload: Any) -> list[str]:
    return [name for name, _ in found(tmp_path, REAL, event, **payload)]


def test_matching_handlers_come_in_file_order(tmp_path: Path) -> None:
    assert names(tmp_path, "PreToolUse", tool_name="Write") == ["guard-edits", "log-edits", "see-all"]
    assert names(tmp_path, "PreToolUse", tool_name="Bash") == ["guard-bash", "see-all"]
    assert names(tmp_path, "PreToolUse", tool_name="Read") == ["see-all"]
    assert names(tmp_path, "PreToolUse") == ["see-all"]


def test_an_event_is_matched_on_its_own_field(tmp_path: Path) -> None:
    assert names(tmp_path, "SessionStart", source="startup", tool_name="x") == ["greet"]
    assert names(tmp_path, "SessionStart", source="resume") == []


def test_where_matchers_mean_nothing_they_are_ignored(tmp_path: Path) -> None:
    assert names(tmp_path, "Stop") == ["again"]


def test_an_event_nobody_listens_to_has_no_handlers(tmp_path: Path) -> None:
    assert names(tmp_path, "PostToolUse", tool_name="Bash") == []
    assert names(tmp_path, "SessionEnd", reason="other") == []


def test_time_outs_are_seconds_with_a_default_and_a_cap(tmp_path: Path) -> None:
    assert found(tmp_path, REAL, tool_name="Write") == [
        ("guard-edits", 10.0),
        ("log-edits", DEFAULT_TIMEOUT),
        ("see-all", 180.0),
    ]
    assert DEFAULT_TIMEOUT == 600.0
    for endless in (1e9, 10**400, float("inf")):
        document = {"hooks": {"PreToolUse": [{"hooks": [command("x", timeout=endless)]}]}}
        assert found(tmp_path, document) == [("x", LONGEST_TIMEOUT)]


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert found(tmp_path, b"\xef\xbb\xbf" + json.dumps(REAL).encode(), tool_name="Read") == [("see-all", 180.0)]


def test_no_file_means_no_handlers(tmp_path: Path) -> None:
    assert strict(Source(str(tmp_path / "none.json"), "user"), "PreToolUse") == []


def in_event(groups: Any) -> dict[str, Any]:
    return {"hooks": {"PreToolUse": groups}}


def in_group(handlers: Any) -> dict[str, Any]:
    return in_event([{"hooks": handlers}])


MALFORMED: dict[str, tuple[Any, str]] = {
    "nothing": (b"", "Expecting value"),
    "cut off": (b'{"hooks": {', "line 1 column"),
    "invalid UTF-8": (b'{"\xff": 1}', "invalid start byte"),
    "nested without end": (b"[" * 100_000, "recursion"),
    "a list": ([], 'needs an object "hooks"'),
    "events without the wrapper": (REAL["hooks"], 'needs an object "hooks"'),
    "a wrapper that is a list": ({"hooks": []}, 'needs an object "hooks"'),
    "an event that is null": (in_event(None), "a list of matchers"),
    "an event that is one matcher": (in_event(REAL["hooks"]["PreToolUse"][0]), "a list of matchers"),
    "an event that is an empty object": (in_event({}), "a list of matchers"),
    "a matcher that is a text": (in_event(["Bash"]), 'a list "hooks"'),
    "a matcher without handlers": (in_event([{"matcher": "Bash"}]), 'a list "hooks"'),
    "a matcher that is a list": (in_event([{"matcher": ["Bash"], "hooks": []}]), "a matcher is a text"),
    "a matcher of no expression": (in_event([{"matcher": "(", "hooks": []}]), "not a regular expression"),
    "handlers in an object": (in_group(command("x")), 'a list "hooks"'),
    "a handler that is a text": (in_group(["x"]), 'an object with a text "type"'),
    "a handler without a type": (in_group([{"command": "x"}]), 'an object with a text "type"'),
    "a handler whose type is a list": (in_group([{"type": ["command"]}]), 'an object with a text "type"'),
    "an address that is missing": (in_group([{"type": "http"}]), "a text 'url'"),
    "a server without a tool": (in_group([{"type": "mcp_tool", "server": "x"}]), "a text 'server' and a text 'tool'"),
    "a prompt that is empty": (in_group([{"type": "prompt", "prompt": " "}]), "a text 'prompt'"),
    "arguments in a text": (in_group([command("x", args="-v")]), "'args' must be a list"),
    "arguments that are numbers": (in_group([command("x", args=[1])]), "'args' must be a list of texts"),
    "an unknown shell": (in_group([command("x", shell="fish")]), "'shell' must be one of"),
    "a failure that is neither open nor closed": (in_group([command("x", onError="close")]), "'onError' must be"),
    "an if that is a list": (in_group([command("x", **{"if": ["Bash"]})]), "'if' must be a str"),
    "a handler without a command": (in_group([{"type": "command"}]), "a text 'command'"),
    "a command that is a list": (in_group([{"type": "command", "command": ["x"]}]), "a text 'command'"),
    "a time-out in text": (in_group([command("x", timeout="10")]), "a positive 'timeout'"),
    "a time-out of null": (in_group([command("x", timeout=None)]), "a positive 'timeout'"),
    "a time-out of true": (in_group([command("x", timeout=True)]), "a positive 'timeout'"),
    "a time-out of zero": (in_group([command("x", timeout=0)]), "a positive 'timeout'"),
    "a time-out below zero": (in_group([command("x", timeout=-1)]), "a positive 'timeout'"),
    "a time-out that is no number": (in_group([command("x", timeout=float("nan"))]), "a positive 'timeout'"),
}


@pytest.mark.parametrize(("document", "cause"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_is_an_error_that_names_it(tmp_path: Path, document: Any, cause: str) -> None:
    with pytest.raises(ValueError, match=r"hooks\.json") as caught:
        found(tmp_path, document, tool_name="Bash")

    assert str(caught.value).startswith(str(tmp_path / "hooks.json"))
    assert cause in str(caught.value)


def test_a_directory_in_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="directory"):
        strict(Source(str(tmp_path), "user"), "PreToolUse")


def test_a_link_to_nowhere_is_an_error_not_an_absent_file(tmp_path: Path) -> None:
    (tmp_path / "hooks.json").symlink_to(tmp_path / "unmounted" / "hooks.json")

    with pytest.raises(ValueError, match="a link to a file that does not exist"):
        strict(Source(str(tmp_path / "hooks.json"), "user"), "PreToolUse")


def test_the_users_file_is_in_the_home(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert user_file() == str(home / "hooks.json")

    monkeypatch.setenv("COWORK_HOME", "~/elsewhere")
    assert user_file() == str(tmp_path / "user" / "elsewhere" / "hooks.json")

    monkeypatch.delenv("COWORK_HOME")
    assert user_file() == str(tmp_path / "user" / ".cowork" / "hooks.json")


def test_an_unknown_home_is_never_looked_for_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COWORK_HOME", "~no-such-user/.cowork")
    os.makedirs("~no-such-user/.cowork")

    with pytest.raises(ValueError, match="set COWORK_HOME"):
        user_file()
