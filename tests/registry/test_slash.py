"""Slash commands: which skill, and which parameter the text is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput, NotFound
from cowork.formats.parameter import Parameter
from cowork.registry import slash
from tests.registry.places import pack, skill
from tests.support import run_here


def parameter(name: str, *, required: bool = False) -> Parameter:
    return Parameter(name, "string", "", required)


@pytest.mark.parametrize(
    ("parameters", "target"),
    [
        ([parameter("a", required=True), parameter("query"), parameter("text")], "query"),
        ([parameter("text"), parameter("objective")], "objective"),
        ([parameter("only")], "only"),
        ([parameter("a"), parameter("b", required=True), parameter("c")], "b"),
        ([parameter("a", required=True), parameter("b", required=True)], "a"),
        ([parameter("a"), parameter("b")], "a"),
    ],
)
def test_free_text_goes_to_the_parameter_it_is_about(parameters: list[Parameter], target: str) -> None:
    assert slash.from_text(parameters, "some text") == {target: "some text"}


def test_a_json_object_gives_parameters_by_name() -> None:
    given = slash.from_text([parameter("a"), parameter("b")], '{"a": "x", "b": 3, "c": true}')
    assert given == {"a": "x", "b": "3", "c": "true"}


@pytest.mark.parametrize("text", ['{"a": ', "{not json}", "[1]", '"text"'])
def test_what_only_looks_like_json_is_text(text: str) -> None:
    assert slash.from_text([parameter("a")], text) == {"a": text}


def test_no_text_gives_no_parameters() -> None:
    assert slash.from_text([parameter("a")], "  ") == {}


def test_text_for_a_skill_without_parameters_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        slash.from_text([], "text")
    assert refused.value.code == "command.takes_nothing"


@pytest.mark.parametrize("command", ["/code-review-prep", "code-review-prep", "/Code-Review-Prep"])
def test_a_command_is_found_with_or_without_slash_and_case(command: str) -> None:
    assert slash.resolve(command) == "code-review-prep"


@pytest.mark.parametrize("command", ["/", "/../x", "/a b", "/a:b:c", "/-a", "/ä"])
def test_a_name_that_is_none_is_refused(command: str) -> None:
    with pytest.raises(InvalidInput):
        slash.resolve(command)


def test_a_command_may_run_a_skill_of_another_pack(home: Path) -> None:
    commands = [{"name": "prep", "description": "", "skillId": "code-review-prep"}]
    pack(home / "extensions", "mine", skill("x"), slashCommands=commands)
    assert slash.resolve("/prep") == "code-review-prep"


def test_a_command_whose_skill_is_off_falls_to_the_next_pack_then_to_a_skill_id(home: Path) -> None:
    commands = [{"name": "incident-response", "description": "", "skillId": "gone"}]
    pack(home / "extensions", "mine", skill("gone", enabled=False), slashCommands=commands)
    assert slash.resolve("/incident-response") == "incident-response"


def test_an_unknown_command_gets_a_suggestion() -> None:
    with pytest.raises(NotFound) as missing:
        slash.resolve("/standup-updat")
    assert missing.value.hint == "did you mean 'standup-update'?"


def test_text_is_coerced_and_options_are_checked() -> None:
    given = json.dumps({"changes": "diff", "time_budget_minutes": 15, "critical_path": True, "review_focus": "Security"})
    assert run_here("run", "/code-review-prep", given, "--provider", "rehearsal").code == 0
    for wrong in ({"time_budget_minutes": "soon"}, {"critical_path": "maybe"}, {"review_focus": "speed"}, {"nope": "x"}):
        ran = run_here("run", "/code-review-prep", json.dumps({"changes": "d", **wrong}), "--provider", "rehearsal", "--json")
        assert ran.code == 4, wrong


def test_a_command_and_its_text_may_come_as_one_word() -> None:
    ran = run_here("run", "/standup-update did the thing", "--provider", "rehearsal", "--dry-run", "--json")
    assert (ran.code, ran.data["skill"]) == (0, "standup-update")


def test_a_name_with_an_at_sign_is_that_of_a_twin() -> None:
    ran = run_here("run", "@twin do it", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (3, "twin.not_found")
