"""Layers of rules: each is asked, none is merged, and no list of texts ever gives more than it says."""

from __future__ import annotations

import pytest

from cowork.rules.restrictions import ToolRestrictions
from tests.rules.places import NOWHERE, ask


def verdict(rules: ToolRestrictions, command: str) -> bool:
    return rules.is_allowed("Bash", {"command": command}, NOWHERE).allowed


def test_no_restriction_and_an_empty_list_are_different() -> None:
    assert ask("Bash", None, command="ls").allowed
    assert ask("Bash", None, command="ls").reason == "nothing restricts it"
    assert not ask("Bash", [], command="ls").allowed
    assert ask("Bash", [], command="ls").reason == "the list of what is allowed is empty"
    assert ToolRestrictions().is_allowed("Anything", {}, NOWHERE).allowed
    assert not ToolRestrictions.of([]).offers("Read")


def test_disjoint_lists_allow_nothing() -> None:
    both = ToolRestrictions.of(["Read"]).intersect(ToolRestrictions.of(["Grep"]))
    assert not both.is_allowed("Read", {"file_path": "a"}, NOWHERE).allowed
    assert not both.is_allowed("Grep", {"pattern": "a"}, NOWHERE).allowed
    assert not both.offers("Read")


def test_two_patterns_of_one_tool_must_both_cover_a_call() -> None:
    both = ToolRestrictions.of(["Bash(git:*)"]).intersect(ToolRestrictions.of(["Bash(npm:*)"]))
    assert not verdict(both, "git status")
    assert not verdict(both, "npm test")
    narrowed = ToolRestrictions.of(["Bash(git:*)"]).intersect(ToolRestrictions.of(["Bash(git status:*)", "Bash(ls:*)"]))
    assert verdict(narrowed, "git status -s")
    assert not verdict(narrowed, "git log")
    assert not verdict(narrowed, "git status && ls")  # each layer must cover every part


def test_a_redirection_needs_its_rule_in_the_same_layer() -> None:
    split = ToolRestrictions.of(["Bash(echo:*)"]).intersect(ToolRestrictions.of(["Edit(./**)", "Bash(echo:*)"]))
    assert not verdict(split, "echo a > f")
    assert verdict(split, "echo a")


def test_a_denial_in_any_layer_wins_and_is_named() -> None:
    rules = ToolRestrictions.of(["Bash"], source="agent").intersect(ToolRestrictions.of(None, ["Bash(rm:*)"], source="skill"))
    found = rules.is_allowed("Bash", {"command": "sudo rm x"}, NOWHERE)
    assert (found.allowed, found.rule, found.source) == (False, "Bash(rm:*)", "skill")
    assert "sudo rm x" in found.reason


def test_a_verdict_names_the_rules_that_allow() -> None:
    found = ask("Bash", ["Bash(git:*)", "Bash(ls:*)", "Edit(./**)"], command="git status | ls > f; git log")
    assert (found.allowed, found.rule, found.source) == (True, "Bash(git:*), Bash(ls:*), Edit(./**)", "rules")


def test_layers_are_kept_and_a_layer_twice_is_one() -> None:
    one, other = ToolRestrictions.of(["Read"], source="a"), ToolRestrictions.of(["Edit"], source="b")
    assert [layer.source for layer in one.intersect(other).intersect(one).layers] == ["a", "b"]
    assert ToolRestrictions().intersect(one) == one == one.intersect(ToolRestrictions())


@pytest.mark.parametrize("broken", ["Bash(", "Bash()", "Bash(a) Bash(b)", "", "what is this", "Bash(x 'y)"])
def test_a_broken_rule_allows_nothing_and_denies_what_it_names_or_everything(broken: str) -> None:
    assert not ask("Bash", [broken], command="ls").allowed
    found = ask("Bash", None, [broken], command="ls")
    assert not found.allowed
    assert "cannot be read" in found.reason
    other = ask("Read", None, [broken], file_path="a")
    assert other.allowed is broken.startswith("Bash")
    assert ToolRestrictions.of([broken]).layers[0].problems
    assert not ToolRestrictions.of([broken]).offers("Bash")


def test_a_broken_rule_does_not_spoil_its_neighbours() -> None:
    assert ask("Bash", ["Bash(", "Bash(ls)"], command="ls").allowed
    assert "cannot be read" in ask("Bash", ["Bash("], command="ls").reason
    assert "cannot be read" in ask("Read", ["Read(!x)"], file_path="a").reason


def test_one_text_is_no_list() -> None:
    with pytest.raises(TypeError, match="list"):
        ToolRestrictions.of("Bash")


@pytest.mark.parametrize(
    "arguments", [{}, {"command": None}, {"command": 1}, {"command": ""}, {"command": ["ls"]}, {"cmd": "ls"}]
)
def test_a_call_without_a_command_is_neither_allowed_nor_spared(arguments: dict[str, object]) -> None:
    for allow in (["Bash"], ["Bash(ls:*)"]):
        assert not ask("Bash", allow, **arguments).allowed
    assert not ask("Bash", None, ["Bash(rm:*)"], **arguments).allowed


def test_offers_looks_at_every_layer() -> None:
    rules = ToolRestrictions.of(["Bash(git:*)", "Read", "Edit(src/**)", "mcp__s"]).intersect(
        ToolRestrictions.of(None, ["Grep"])
    )
    offered = [
        tool for tool in ("Bash", "Read", "Edit", "Write", "Grep", "Glob", "WebFetch", "mcp__s__t") if rules.offers(tool)
    ]
    assert offered == ["Bash", "Read", "Edit", "Write", "mcp__s__t"]
    assert ToolRestrictions.of(None, ["Bash(rm:*)"]).offers("Bash")
    assert not ToolRestrictions.of(None, ["Bash(*)"]).offers("Bash")
    assert not ToolRestrictions.of(["Write(src/**)"]).offers("Write")


def test_control_characters_are_refused_even_where_any_command_is_allowed() -> None:
    for command in ("ls\0", "ls\rrm", "ls \x1b[0m"):
        assert not ask("Bash", ["Bash"], command=command).allowed
