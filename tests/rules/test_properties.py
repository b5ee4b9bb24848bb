"""What must hold for any rules and any call."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from cowork.rules.permissions import PermissionRules, sourced
from cowork.rules.restrictions import ToolRestrictions
from tests.rules.places import NOWHERE
from tests.rules.sandbox import commands

RULES = [
    "Bash", "Bash(git:*)", "Bash(git *)", "Bash(alpha:*)", "Bash(alpha one)", "Bash(beta *)", "Bash(evil:*)", "Bash(* one)",
    "Bash(", "Bash(X=evil alpha:*)", "Read", "Read(src/**)", "Read(//**)", "Edit", "Edit(./**)", "Edit(f)", "Write",
    "Write(x)", "mcp__s", "mcp__s__*", "mcp__*", "*", "WebFetch", "WebFetch(domain:*.org)", "Agent(a, b)", "Task",
    "Skill(x *)", "Grep", "nonsense !", "",
]  # fmt: skip
TOOLS = [
    "Bash", "Read", "Edit", "Write", "Grep", "Glob", "WebFetch", "Agent", "Task", "Skill", "mcp__s__t", "TodoWrite",
    "Nothing",
]  # fmt: skip
LINES = commands(99, 400)

rule = some.sampled_from(RULES) | some.text(max_size=12)
lists = some.lists(rule, max_size=4)
layer = some.builds(ToolRestrictions.of, some.none() | lists, lists, source=some.just("a layer"))
command = some.sampled_from(LINES) | some.text(max_size=30)
path = some.sampled_from(["a", "src/a", "../a", "/etc/passwd", "~/a", "", "a\0b", "f"])
arguments = some.fixed_dictionaries(
    {},
    optional={
        "command": command,
        "file_path": path,
        "path": path,
        "pattern": path,
        "url": some.sampled_from(["https://a.org/", "http://b.example.org", "file:///x", "a"]),
        "subagent_type": some.sampled_from(["a", "b", "p:a", ""]),
        "skill": some.sampled_from(["x", "x y", "z"]),
    },
)
call = some.tuples(some.sampled_from(TOOLS), arguments)


def allowed(rules: ToolRestrictions, call: tuple[str, dict[str, Any]]) -> bool:
    return rules.is_allowed(call[0], call[1], NOWHERE).allowed


@given(layer, layer, call)
def test_adding_a_layer_never_allows_more(
    one: ToolRestrictions, other: ToolRestrictions, call: tuple[str, dict[str, Any]]
) -> None:
    both = one.intersect(other)
    assert allowed(both, call) == (allowed(one, call) and allowed(other, call))
    assert allowed(both, call) == allowed(other.intersect(one), call)
    assert both.offers(call[0]) <= (one.offers(call[0]) and other.offers(call[0]))


@given(some.none() | lists, lists, rule, call)
def test_adding_a_denial_never_allows_more(
    allow: list[str] | None, deny: list[str], more: str, call: tuple[str, dict[str, Any]]
) -> None:
    assert allowed(ToolRestrictions.of(allow, [*deny, more]), call) <= allowed(ToolRestrictions.of(allow, deny), call)


@given(lists, rule, call)
def test_adding_an_allowance_never_allows_less_nor_the_absence_of_a_list(
    allow: list[str], more: str, call: tuple[str, dict[str, Any]]
) -> None:
    assert allowed(ToolRestrictions.of(allow), call) <= allowed(ToolRestrictions.of([*allow, more]), call)
    assert allowed(ToolRestrictions.of(allow), call) <= allowed(ToolRestrictions.of(None), call)


@given(rule, lists, call)
def test_what_a_rule_allows_it_denies_when_it_is_a_denial(
    text: str, others: list[str], call: tuple[str, dict[str, Any]]
) -> None:
    """Deny always wins: a call that a rule allows is not allowed where the same rule denies, whatever else allows it."""
    if allowed(ToolRestrictions.of([text]), call):
        assert not allowed(ToolRestrictions.of([text, *others], [text]), call)


@given(call)
def test_an_empty_list_allows_nothing_and_disjoint_lists_neither(call: tuple[str, dict[str, Any]]) -> None:
    assert not allowed(ToolRestrictions.of([]), call)
    disjoint = ToolRestrictions.of(["Bash", "Read", "Edit(//**)"]).intersect(
        ToolRestrictions.of(["Grep", "WebFetch", "mcp__s"])
    )
    assert not allowed(disjoint, call)


@given(layer, call)
def test_what_is_allowed_is_offered(rules: ToolRestrictions, call: tuple[str, dict[str, Any]]) -> None:
    assert allowed(rules, call) <= rules.offers(call[0])


@given(lists, lists, lists, call)
def test_permissions_are_deny_then_ask_then_allow(
    deny: list[str], ask: list[str], allow: list[str], call: tuple[str, dict[str, Any]]
) -> None:
    made = [tuple(sourced(text, "here", "/nowhere") for text in texts) for texts in (deny, ask, allow)]
    found = PermissionRules(*made).judge(*call, cwd=NOWHERE.cwd, home=NOWHERE.home)
    denied = not allowed(ToolRestrictions.of(None, deny), call)
    asked = not allowed(ToolRestrictions.of(None, ask), call)
    assert (found.outcome == "deny") == denied
    assert (found.outcome == "ask") == (asked and not denied)
    assert found.reason


@given(call)
def test_a_verdict_always_has_a_reason(call: tuple[str, dict[str, Any]]) -> None:
    assert ToolRestrictions.of(["Bash(alpha:*)"], ["Read(src/**)"]).is_allowed(*call, NOWHERE).reason
