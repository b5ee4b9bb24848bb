"""Rules as texts: what is a rule, what is none, and what a broken one was about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cowork.rules.rule import compile_text
from cowork.rules.specs import BadRule, parse

RULES = [
    ("Read", "Read", None),
    ("  Read  ", "Read", None),
    ("Bash(*)", "Bash", None),
    ("Bash( * )", "Bash", None),
    ("Bash(git:*)", "Bash", "git:*"),
    ("Bash (git:*)", "Bash", "git:*"),
    ("Bash( git status )", "Bash", "git status"),
    ("Bash(echo $(date))", "Bash", "echo $(date)"),
    ("Bash(f(g(h)))", "Bash", "f(g(h))"),
    ("Bash(echo ')' x)", "Bash", "echo ')' x"),
    ('Bash(echo "(" x)', "Bash", 'echo "(" x'),
    ("Bash(echo \\) x)", "Bash", "echo \\) x"),
    ("Bash(echo it's)", "Bash", "echo it's"),
    ('Bash(bash "${CLAUDE_PLUGIN_ROOT}/x.sh" *)', "Bash", 'bash "${CLAUDE_PLUGIN_ROOT}/x.sh" *'),
    ("Bash(GIT_TERMINAL_PROMPT=0 git *)", "Bash", "GIT_TERMINAL_PROMPT=0 git *"),
    ("Agent(a:b, c:d)", "Agent", "a:b, c:d"),
    ("Task(Explore)", "Task", "Explore"),
    ("Read(*)", "Read", "*"),
    ("WebFetch(domain:example.org)", "WebFetch", "domain:example.org"),
    ("mcp__memory", "mcp__memory", None),
    ("mcp__memory__*", "mcp__memory__*", None),
    ("mcp__a-b.c__get_*", "mcp__a-b.c__get_*", None),
    ("*", "*", None),
    *((name, name, None) for name in ("LS", "NotebookRead", "BashOutput", "KillShell", "MultiEdit")),
]
BROKEN = [
    ("", None),
    ("   ", None),
    ("(x)", None),
    ("not a rule", None),
    ("rm -rf", None),
    ("Bash(", "Bash"),
    ("Bash()", "Bash"),
    ("Bash( )", "Bash"),
    ("Bash(git", "Bash"),
    ("Bash(a)b", "Bash"),
    ("Bash(a) Bash(b)", "Bash"),
    ("Bash(a\nb)", "Bash"),
    ("Bash(a\x00b)", "Bash"),
    ("Edit(" + "a" * 10_000 + ")", "Edit"),
    ("Bash)", None),
    ("1Bash", None),
]


@pytest.mark.parametrize(("text", "name", "specifier"), RULES)
def test_a_rule_is_a_tool_and_what_it_is_limited_to(text: str, name: str, specifier: str | None) -> None:
    spec = parse(text)
    assert (spec.name, spec.specifier, spec.text) == (name, specifier, text.strip())


@pytest.mark.parametrize(("text", "name"), BROKEN)
def test_what_is_no_rule_says_which_tool_it_was_about(text: str, name: str | None) -> None:
    with pytest.raises(BadRule) as caught:
        parse(text)
    assert caught.value.name == name
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("text", ["Read(!x)", "Edit(../x)", "Read(a/../b)", "Read(~root/x)", "Bash(echo 'a)"])
def test_a_specifier_that_means_nothing_is_a_problem_of_the_rule(text: str) -> None:
    rule = compile_text(text)
    assert rule.problem
    assert rule.specifier is None  # so that a denial is one of the whole tool


@given(some.text())
def test_any_text_is_a_rule_or_a_problem(text: str) -> None:
    assert compile_text(text).text == text.strip()
