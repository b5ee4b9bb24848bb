"""The tools there are, and what a model is told when its arguments do not fit."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from cowork.agent.tools.base import Tool
from cowork.agent.tools.descriptions import describe
from cowork.agent.tools.registry import check_arguments, standard_tools
from tests.agent.tools.workshop import TOOLS, Workshop

NAMES = "Read Write Edit MultiEdit Glob Grep Bash BashOutput KillShell WebFetch TodoWrite".split()


def stranger(schema: dict[str, Any]) -> Tool:
    """A tool with a schema that somebody else wrote."""
    return SimpleNamespace(name="mcp__x__y", parameters=schema)  # type: ignore[return-value]


def test_these_are_the_tools() -> None:
    assert list(standard_tools()) == NAMES
    assert all(tool.name == name for name, tool in TOOLS.items())
    assert {name for name, tool in TOOLS.items() if tool.read_only} == {
        "Read", "Glob", "Grep", "BashOutput", "KillShell", "TodoWrite",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one_and_explains_itself(name: str) -> None:
    from jsonschema import Draft202012Validator

    parameters = TOOLS[name].parameters
    Draft202012Validator.check_schema(dict(parameters))
    assert parameters["additionalProperties"] is False
    assert all(rule.get("description") for rule in parameters["properties"].values())
    assert isinstance(TOOLS[name].description, str)


def test_a_tool_without_a_text_has_an_empty_description() -> None:
    assert describe("NoSuchTool") == ""


def test_importing_tools_loads_little() -> None:
    code = (
        "import sys; from cowork.agent.tools.registry import standard_tools; standard_tools(); "
        "print(sorted({'jsonschema', 'requests', 'pydantic', 'yaml', 'difflib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("Read", {}, "file_path is missing"),
        ("Read", {"file_path": "x", "ofset": 3}, "ofset is unknown; did you mean offset?"),
        ("Read", {"file_path": "x", "zzz": 3}, "zzz is unknown; there is file_path, offset, limit"),
        ("Read", {"file_path": 3}, "file_path must be a text, not the number 3"),
        ("Read", {"file_path": None}, "file_path must be a text, not null"),
        ("Read", {"file_path": "x", "offset": "3"}, "offset must be a whole number, not the text '3'"),
        ("Read", {"file_path": "x", "offset": True}, "offset must be a whole number, not a boolean"),
        ("Read", {"file_path": "x", "offset": 1.5}, "offset must be a whole number, not the number 1.5"),
        ("Read", {"file_path": "x", "offset": -1}, "offset: -1 is less than the minimum"),
        ("Bash", {"command": "x", "timeout": 600_001}, "timeout: 600001 is greater than the maximum"),
        ("Bash", {"command": ""}, "command:"),
        ("MultiEdit", {"file_path": "x", "edits": [{"old_string": "a"}]}, "edits[0].new_string is missing"),
        ("MultiEdit", {"file_path": "x", "edits": {}}, "edits must be a list, not an object"),
        (
            "TodoWrite",
            {"todos": [{"content": "a", "status": "?", "activeForm": "b"}]},
            "todos[0].status must be one of pending",
        ),
        ("Grep", {"pattern": "x", "-X": 1}, "-X is unknown"),
        ("Read", [], "the arguments must be an object with names, not a list"),
        ("Read", "file_path", "the arguments must be an object with names, not the text"),
        ("Read", None, "the arguments must be an object with names, not null"),
    ],
)
def test_what_does_not_fit_is_named(tool: str, arguments: Any, said: str) -> None:
    text = check_arguments(TOOLS[tool], arguments)

    assert text is not None
    assert said in text
    assert text.startswith(f"{tool}: ")
    assert "It takes: " in text


def test_every_problem_is_told_at_once() -> None:
    text = check_arguments(TOOLS["Edit"], {"file_path": 1, "old": "x"})

    assert text == (
        "Edit: the arguments do not fit.\n"
        "- old_string is missing\n- new_string is missing\n- old is unknown; did you mean old_string?\n"
        "- file_path must be a text, not the number 1\n"
        "It takes: file_path, old_string, new_string, replace_all?."
    )


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("Read", {"file_path": "x", "offset": 3.0, "limit": 2}),
        ("Bash", {"command": "x", "timeout": 600_000, "description": "", "run_in_background": False}),
        ("Grep", {"pattern": "x", "-i": True, "-n": False, "-A": 1, "-B": 1, "-C": 0, "output_mode": "count"}),
        ("TodoWrite", {"todos": []}),
    ],
)
def test_what_fits_passes(tool: str, arguments: dict[str, Any]) -> None:
    assert check_arguments(TOOLS[tool], arguments) is None


def test_a_strangers_schema_neither_hangs_nor_reaches_out() -> None:
    evil = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}
    assert check_arguments(stranger(evil), {"a": "a" * 60 + "b", "more": 1}) is None
    assert "cannot be used" in str(check_arguments(stranger({"$ref": "https://example.org/x.json"}), {}))
    assert "cannot be used" in str(check_arguments(stranger({"type": "nonsense"}), {}))
    assert "cannot be used" in str(check_arguments(stranger({"$ref": "#"}), {}))


def test_arguments_cannot_drive_a_terminal() -> None:
    text = check_arguments(TOOLS["Read"], {"file_path": "x", "\x1b[31m\n": 1, "offset": "\x1b]0;"})

    assert text is not None
    assert "\x1b" not in text


# --- TodoWrite


def todo(content: str, status: str = "pending") -> dict[str, str]:
    return {"content": content, "status": status, "activeForm": f"Doing {content}"}


def test_the_list_is_replaced_and_told(shop: Workshop) -> None:
    first, second = [todo("a"), todo("b", "in_progress")], [todo("b", "completed")]

    shop.call("TodoWrite", todos=first)
    result = shop.call("TodoWrite", todos=second)

    assert result.text == "The list reads now:\n[x] b"
    assert shop.workspace.todos == second
    assert shop.events == [("todo.updated", {"todos": first}), ("todo.updated", {"todos": second})]
    assert (result.response["oldTodos"], result.response["newTodos"]) == (first, second)


def test_a_list_may_become_empty(shop: Workshop) -> None:
    assert "empty now" in shop.call("TodoWrite", todos=[]).text


def test_a_blank_item_is_refused_and_changes_nothing(shop: Workshop) -> None:
    shop.call("TodoWrite", todos=[todo("a")])

    assert "Item 2 is blank" in shop.fails("TodoWrite", todos=[todo("b"), todo("  ")])
    assert shop.workspace.todos == [todo("a")]
    assert len(shop.events) == 1
