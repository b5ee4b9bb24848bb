"""Agents: their fields, and when a file is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.formats.agent_md import AgentFile, parse
from cowork.formats.problem import RULES

LEAST = "name: reviewer\ndescription: Reviews code"


def read(block: str, **options: Any) -> tuple[AgentFile | None, list[tuple[str, str, str]]]:
    agent, problems = parse(f"---\n{block}\n---\nYou review.\n", file="agents/r.md", stem="r", **options)
    assert all(problem.rule in RULES and problem.fix for problem in problems)
    return agent, [(problem.where, problem.rule, problem.severity) for problem in problems]


FULL = """name: reviewer
description: "Reviews: code"
tools: Agent(a, b), Bash(git *), Read
disallowedTools: [Write]
model: inherit
permissionMode: plan
maxTurns: 5
skills: [one, two]
mcpServers: [github]
hooks:
  Stop: []
memory: project
background: yes
effort: low
isolation: worktree
color: cyan
initialPrompt: Start"""


def test_every_field_is_typed() -> None:
    agent, problems = read(FULL)

    assert problems == []
    assert agent == AgentFile(
        name="reviewer",
        description="Reviews: code",
        tools=("Agent(a, b)", "Bash(git *)", "Read"),
        disallowed_tools=("Write",),
        model="inherit",
        permission_mode="plan",
        max_turns=5,
        skills=("one", "two"),
        mcp_servers=["github"],
        hooks={"Stop": []},
        memory="project",
        background=True,
        effort="low",
        isolation="worktree",
        context=None,
        color="cyan",
        initial_prompt="Start",
        extra={},
        prompt="You review.\n",
        prompt_line=20,
    )


@pytest.mark.parametrize(
    ("line", "tools"), [("", None), ("tools:", ()), ("tools: []", ()), ("tools: '*'", ("*",)), ("tools: *", ("*",))]
)
def test_no_tools_line_is_every_tool_and_an_empty_one_is_none(line: str, tools: tuple[str, ...] | None) -> None:
    agent, _ = read(f"{LEAST}\n{line}")

    assert agent is not None
    assert agent.tools == tools


def test_what_real_agents_hold_that_yaml_does_not_allow() -> None:
    agent, problems = read(
        "name: x\ndescription: Use this agent: always. Examples: <example>a: b</example>\nmodel: @foo\ncolor: magenta"
    )

    assert agent is not None
    assert (agent.description, agent.model) == ("Use this agent: always. Examples: <example>a: b</example>", "@foo")
    assert (agent.color, problems) == ("magenta", [("$.color", "agent.value", "warning")])


@pytest.mark.parametrize("origin", ["project", "user"])
def test_a_file_without_a_name_is_documentation(origin: Any) -> None:
    assert read("description: x", origin=origin) == (None, [("$.name", "agent.name", "note")])
    assert parse("# Readme\n", file="f", stem="README", origin=origin)[0] is None


def test_in_a_plugin_the_file_names_the_agent() -> None:
    agent, problems = read("description: x", origin="plugin")

    assert agent is not None
    assert (agent.name, problems) == ("r", [])
    bare, found = parse("You help.\n", file="f", stem="helper", origin="plugin")
    assert bare is not None
    assert (bare.name, bare.description, bare.prompt) == ("helper", "You help.", "You help.\n")
    assert [(problem.rule, problem.severity) for problem in found] == [("agent.description", "warning")]


def test_a_plugins_agent_brings_no_hooks_servers_or_mode() -> None:
    agent, problems = read(FULL, origin="plugin")

    assert agent is not None
    assert (agent.hooks, agent.mcp_servers, agent.permission_mode) == ({}, None, None)
    assert [where for where, rule, _ in problems if rule == "agent.ignored_in_plugin"] == [
        "$.permissionMode",
        "$.mcpServers",
        "$.hooks",
    ]


@pytest.mark.parametrize(
    ("block", "rule"),
    [
        ("name: a:b\ndescription: x", "agent.name"),
        ("name: -x\ndescription: x", "agent.name"),
        ("name: x", "agent.description"),
        ("name: x\ndescription: [a]", "agent.description"),
        ('name: "x', "frontmatter.yaml"),
        ("- a", "frontmatter.yaml"),
    ],
)
def test_what_is_no_agent_says_why(block: str, rule: str) -> None:
    agent, problems = read(block)

    assert agent is None
    assert (rule, "error") in {(found, severity) for _, found, severity in problems}


@pytest.mark.parametrize("turns", ["0", "-1", "many", "1.5", "[1]", "true", "9" * 400])
def test_turns_are_counted_in_whole_numbers(turns: str) -> None:
    agent, problems = read(f"{LEAST}\nmaxTurns: {turns}")

    assert agent is not None
    assert (agent.max_turns, problems) == (None, [("$.maxTurns", "agent.type", "warning")])


def test_unknown_keys_are_kept() -> None:
    agent, problems = read(f"{LEAST}\nmaxTurn: 5\nhats: two")

    assert agent is not None
    assert agent.extra == {"maxTurn": 5, "hats": "two"}
    assert [rule for _, rule, _ in problems] == ["agent.unknown_key"] * 2


@given(st.text(), st.sampled_from(["project", "user", "plugin"]), st.booleans())
@settings(deadline=None, max_examples=300)
def test_whatever_the_text_there_is_an_agent_or_a_reason(text: str, origin: Any, framed: bool) -> None:
    agent, problems = parse(f"---\n{text}\n---\n" if framed else text, file="f", stem="x", origin=origin)

    assert isinstance(agent, AgentFile) or problems
    assert all(problem.rule in RULES for problem in problems)


@pytest.mark.parametrize("line", ["max_turns: 30", "maxTurns: 30", "maxTurns: 30\nmax_turns: 5"])
def test_turns_and_context_are_read_in_both_spellings(line: str) -> None:
    agent, problems = read(f"{LEAST}\n{line}\ncontext: fork")

    assert agent is not None
    assert (agent.max_turns, agent.context, agent.extra, problems) == (30, "fork", {}, [])


def test_a_context_that_is_not_known_is_kept_and_warned_about() -> None:
    agent, problems = read(f"{LEAST}\ncontext: shared")

    assert agent is not None
    assert (agent.context, problems) == ("shared", [("$.context", "agent.value", "warning")])
