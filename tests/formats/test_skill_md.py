"""SKILL.md: Claude Code's fields in every shape, and the rules of agentskills.io beside them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.formats.problem import RULES
from cowork.formats.skill_md import SkillFile, parse

PORTABLE = "name: my-skill\ndescription: Does a thing. Use it when things are to be done."


def read(
    block: str, *, body: str = "# Title\n\nDo it.\n", **options: Any
) -> tuple[SkillFile, list[tuple[str, str, str, int | None]]]:
    skill, problems = parse(f"---\n{block}\n---\n{body}", file="my-skill/SKILL.md", directory="my-skill", **options)
    assert all(problem.rule in RULES and problem.fix and problem.message for problem in problems)
    return skill, [(problem.where, problem.rule, problem.severity, problem.line) for problem in problems]


def test_a_portable_skill_has_no_problem_even_strictly() -> None:
    block = PORTABLE + "\nlicense: MIT\ncompatibility: Any\nallowed-tools: Read Bash(git *)\nmetadata:\n  author: me"

    skill, problems = read(block, strict=True)

    assert problems == []
    assert (skill.name, skill.license, skill.compatibility, skill.metadata) == ("my-skill", "MIT", "Any", {"author": "me"})
    assert skill.allowed_tools == ("Read", "Bash(git *)")
    assert (skill.body, skill.body_line) == ("# Title\n\nDo it.\n", 10)


FULL = """name: my-skill
description: d
when_to_use: often
argument-hint: [project-name]
arguments: [first, second]
allowed-tools:
  - Read
  - Bash(npm run build)
disallowed-tools: WebFetch, Agent(a, b)
user-invocable: no
disable-model-invocation: "on"
model: opus
effort: high
context: fork
agent: reviewer
background: 1
hooks:
  Stop: []
paths: src/** docs/**
shell: bash"""


def test_every_field_of_claude_code_is_typed() -> None:
    skill, problems = read(FULL)

    assert {severity for _, _, severity, _ in problems} == {"note"}
    assert skill == SkillFile(
        name="my-skill",
        description="d",
        when_to_use="often",
        argument_hint="[project-name]",
        arguments=("first", "second"),
        allowed_tools=("Read", "Bash(npm run build)"),
        disallowed_tools=("WebFetch", "Agent(a, b)"),
        user_invocable=False,
        disable_model_invocation=True,
        model="opus",
        effort="high",
        context="fork",
        agent="reviewer",
        background=True,
        hooks={"Stop": []},
        paths=("src/**", "docs/**"),
        shell="bash",
        license=None,
        compatibility=None,
        metadata={},
        extra={},
        body="# Title\n\nDo it.\n",
        body_line=23,
    )


def test_what_is_left_out_has_its_default() -> None:
    skill, problems = parse("Just a body.\n", file="f", directory="folder")

    assert (skill.name, skill.description, skill.body) == ("folder", "Just a body.", "Just a body.\n")
    assert (skill.allowed_tools, skill.user_invocable, skill.disable_model_invocation) == (None, True, False)
    assert [problem.rule for problem in problems] == ["frontmatter.missing"]


def test_saying_nothing_about_tools_is_not_allowing_none() -> None:
    assert read(PORTABLE)[0].allowed_tools is None
    assert read(PORTABLE + "\nallowed-tools:")[0].allowed_tools == ()


def test_unknown_keys_are_kept_and_warned_about_once() -> None:
    skill, problems = read(PORTABLE + "\nversion: 1.2.0\nhats: [red]")

    assert skill.extra == {"version": "1.2.0", "hats": ["red"]}
    assert problems == [("$.version", "skill.unknown_key", "warning", 4), ("$.hats", "skill.unknown_key", "warning", 5)]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("name: My Skill", "skill.name"),
        ("name: other-skill", "skill.name"),
        ("name: my--skill", "skill.name"),
        ("name: " + "x" * 65, "skill.name"),
        ("name: 5", "skill.name"),
        ("description: " + "x" * 1025, "skill.description"),
        ("description:", "skill.description"),
        ("compatibility: " + "x" * 501, "skill.compatibility"),
        ("metadata: {a: 1}", "skill.metadata"),
        ("metadata: {a: {b: c}}", "skill.metadata"),
        ("allowed-tools: [Read]", "skill.not_portable"),
        ("argument-hint: x", "skill.not_portable"),
    ],
)
def test_what_only_agentskills_asks_for_is_a_note_and_strictly_an_error(line: str, rule: str) -> None:
    block = f"{PORTABLE}\n{line}"  # of a key given twice the last one counts

    assert [(found, severity) for _, found, severity, _ in read(block)[1]] == [(rule, "note")]
    assert [(found, severity) for _, found, severity, _ in read(block, strict=True)[1]] == [(rule, "error")]


@pytest.mark.parametrize(("length", "rules"), [(64, []), (65, ["skill.name"])])
def test_a_name_has_at_most_64_characters(length: int, rules: list[str]) -> None:
    name = "x" * length
    _, problems = parse(f"---\nname: {name}\ndescription: d\n---\n", file="f", directory=name)

    assert [problem.rule for problem in problems] == rules


@pytest.mark.parametrize(
    ("line", "field", "value", "rule"),
    [
        ("model: [opus]", "model", None, "skill.type"),
        ("description: [a]", "description", "Title", "skill.type"),
        ("user-invocable: maybe", "user_invocable", True, "skill.type"),
        ("metadata: x", "metadata", {}, "skill.type"),
        ("hooks: [x]", "hooks", {}, "skill.type"),
        ("allowed-tools: {a: b}", "allowed_tools", (), "skill.type"),
        ("allowed-tools: [Read, 5]", "allowed_tools", ("Read",), "skill.type"),
        ("effort: extreme", "effort", "extreme", "skill.value"),
        ("context: spoon", "context", "spoon", "skill.value"),
    ],
)
def test_a_value_of_the_wrong_shape_is_warned_about_and_counts_as_absent(line: str, field: str, value: Any, rule: str) -> None:
    skill, problems = read(f"{PORTABLE}\n{line}")

    assert getattr(skill, field) == value
    assert (rule, "warning") in {(found, severity) for _, found, severity, _ in problems}


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("[a] [b]", "[a] [b]"),
        ("[a | b", "[a | b"),
        ("[a, b]", "[a, b]"),
        ("'[x]'", "[x]"),
        ("5", "5"),
        ("yes", "yes"),
        ("true", "true"),
    ],
)
def test_an_argument_hint_is_a_text_whatever_yaml_makes_of_it(line: str, hint: str) -> None:
    assert read(f"{PORTABLE}\nargument-hint: {line}")[0].argument_hint == hint


def test_broken_yaml_costs_the_fields_and_not_the_body() -> None:
    skill, problems = read('name: x\nallowed-tools: "Read')

    assert (skill.name, skill.allowed_tools, skill.extra, skill.body) == ("my-skill", None, {}, "# Title\n\nDo it.\n")
    assert problems == [("line 3", "frontmatter.yaml", "error", 3)]


@given(st.text(), st.text(max_size=20), st.booleans(), st.booleans())
@settings(deadline=None, max_examples=300)
def test_whatever_the_text_there_is_a_skill(text: str, directory: str, framed: bool, strict: bool) -> None:
    skill, problems = parse(f"---\n{text}\n---\n" if framed else text, file="f", directory=directory, strict=strict)

    assert isinstance(skill, SkillFile)
    assert all(problem.rule in RULES for problem in problems)
