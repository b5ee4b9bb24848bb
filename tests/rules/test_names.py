"""Rules that are about a tool by its name, an agent, a skill, a host or a parameter."""

from __future__ import annotations

from typing import Any

import pytest

from cowork.rules.restrictions import ToolRestrictions
from tests.rules.places import ask

NAMES = [
    ("mcp__s", "mcp__s__get", True, True),
    ("mcp__s", "mcp__sx__get", False, False),
    ("mcp__s", "mcp__s", True, True),
    ("mcp__s__*", "mcp__s__get", True, True),
    ("mcp__s__get_*", "mcp__s__get_x", True, True),
    ("mcp__s__get_*", "mcp__s__set_x", False, False),
    ("mcp__s__get", "mcp__s__get", True, True),
    ("mcp__s__get", "mcp__s__getx", False, False),
    ("mcp__s__get", "mcp__s__get__more", False, False),
    ("mcp__*", "mcp__s__get", False, True),
    ("mcp__s*", "mcp__s__get", False, True),
    ("mcp__*__get", "mcp__s__get", False, True),
    ("*", "Read", False, True),
    ("*", "mcp__s__get", False, True),
    ("Web*", "WebFetch", False, True),
    ("?ead", "Read", False, True),
    ("Task", "Agent", True, True),
    ("Agent", "Task", True, True),
    ("read", "Read", False, False),
    ("TodoWrite", "TodoWrite", True, True),
    ("TodoWrite(x)", "TodoWrite", False, False),
    ("Edit", "Write", False, True),
    ("Read", "Grep", False, True),
    ("Write", "Edit", False, False),
]


@pytest.mark.parametrize(("rule", "tool", "allowed", "denied"), NAMES)
def test_which_tools_a_rule_is_about(rule: str, tool: str, allowed: bool, denied: bool) -> None:
    assert ask(tool, [rule], path="x").allowed is allowed
    assert ask(tool, None, [rule], path="x").allowed is not denied
    assert ToolRestrictions.of([rule]).offers(tool) is allowed
    assert ToolRestrictions.of(None, [rule]).offers(tool) is not denied


def test_agents_are_named_in_a_list_and_a_denial_hears_both_of_their_names() -> None:
    for tool in ("Agent", "Task"):
        assert ask(tool, ["Agent(Explore, p:review)"], subagent_type="Explore").allowed
        assert ask(tool, ["Task(Explore, p:review)"], subagent_type="p:review").allowed
        assert not ask(tool, ["Agent(Explore)"], subagent_type="explore").allowed
        assert not ask(tool, ["Agent(p:review)"], subagent_type="review").allowed
        assert not ask(tool, None, ["Agent(p:review)"], subagent_type="review").allowed
        assert not ask(tool, None, ["Agent(review)"], subagent_type="p:review").allowed
        assert ask(tool, None, ["Agent(p:review)"], subagent_type="q:review").allowed
        assert not ask(tool, None, ["Agent(review)"]).allowed


def test_skills_are_named_alone_or_with_any_arguments() -> None:
    assert ask("Skill", ["Skill(commit)"], skill="commit").allowed
    assert not ask("Skill", ["Skill(commit)"], skill="commit", args="-a").allowed
    assert ask("Skill", ["Skill(commit *)"], skill="commit", args="-a").allowed
    assert ask("Skill", ["Skill(commit:*)"], skill="commit").allowed
    assert not ask("Skill", ["Skill(commit *)"], skill="commitment").allowed
    assert not ask("Skill", None, ["Skill(commit)"], skill="commit", args="-a").allowed
    assert not ask("Skill", None, ["Skill(p:commit *)"], skill="commit").allowed


def test_a_parameter_is_heard_in_denials_only_and_never_the_one_a_tool_is_about() -> None:
    assert not ask("Agent", None, ["Agent(model:opus)"], subagent_type="x", model="opus").allowed
    assert ask("Agent", None, ["Agent(model:opus)"], subagent_type="x", model="haiku").allowed
    assert not ask("Agent", ["Agent(model:opus)"], subagent_type="x", model="opus").allowed
    assert not ask("Bash", None, ["Bash(run_in_background:true)"], command="ls", run_in_background=True).allowed
    assert ask("Bash", None, ["Bash(command:x*)"], command="ls").allowed
    assert not ask("mcp__s__t", None, ["mcp__s__t(path:/etc/*)"], path="/etc/passwd").allowed
    assert not ask("mcp__s__t", ["mcp__s__t(path:/etc/*)"], path="/etc/passwd").allowed


HOSTS: list[tuple[str, str, bool, bool]] = [
    ("example.org", "https://example.org/x", True, True),
    ("example.org", "http://example.org", True, True),
    ("example.org", "https://EXAMPLE.org./x", True, True),
    ("Example.ORG.", "https://example.org/x", True, True),
    ("example.org", "https://example.org:8443/x?y#z", True, True),
    ("example.org", "https://www.example.org/", False, False),
    ("*.example.org", "https://a.b.example.org/", True, True),
    ("*.example.org", "https://example.org/", False, False),
    ("*.example.org", "https://evilexample.org/", False, False),
    ("api-*.example.org", "https://api-1.example.org/", True, True),
    ("api-*.example.org", "https://api-1.evil.example.org/", False, False),
    ("*", "https://anything.org/", True, True),
    ("example.org", "https://example.org@evil.org/", False, True),
    ("example.org", "https://evil.org@example.org/", False, True),
    ("example.org", "https://evil.org\\@example.org/", False, True),
    ("example.org", "https://example.org\\.evil.org/", False, True),
    ("example.org", "https://example.org#@evil.org/", True, True),
    ("example.org", "https://evil.org/example.org", False, False),
    ("example.org", "https://evil.org?example.org", False, False),
    ("example.org", "https://example.org.evil.org/", False, False),
    ("example.org", "https://example%2eorg/", False, True),
    ("example.org", "https://exam\tple.org/", False, False),
    ("example.org", " https://example.org/", False, True),
    ("example.org", "https:example.org/", False, True),
    ("example.org", "//example.org/", False, True),
    ("example.org", "example.org/x", False, True),
    ("example.org", "ftp://example.org/", False, True),
    ("example.org", "file:///etc/passwd", False, False),
    ("example.org", "https://example。org/", False, True),
    ("example.org", "https://ｅxample.org/", False, True),
    ("xn--bcher-kva.org", "https://bücher.org/", False, True),
    ("127.0.0.1", "http://127.0.0.1/", True, True),
    ("127.0.0.1", "http://2130706433/", False, True),
    ("127.0.0.1", "http://0x7f.1/", False, True),
    ("*", "http://0x7f.1/", False, True),
    ("127.0.0.1", "http://127.1/", False, True),
    ("example.org", "https:///", False, True),
    ("example.org", "https://example.org:99x/", False, True),
    ("example.org", "https://a..example.org/", False, False),
]


@pytest.mark.parametrize(("rule", "url", "allowed", "denied"), HOSTS)
def test_which_addresses_a_domain_is_about(rule: str, url: str, allowed: bool, denied: bool) -> None:
    assert ask("WebFetch", [f"WebFetch(domain:{rule})"], url=url).allowed is allowed
    assert ask("WebFetch", None, [f"WebFetch(domain:{rule})"], url=url).allowed is not denied


@pytest.mark.parametrize("arguments", [{}, {"url": 1}, {"url": ""}])
def test_a_fetch_of_nothing_is_neither_allowed_nor_spared(arguments: dict[str, Any]) -> None:
    assert not ask("WebFetch", ["WebFetch(domain:*)"], **arguments).allowed
    assert not ask("WebFetch", None, ["WebFetch(domain:example.org)"], **arguments).allowed
