"""Commands: named by their file, otherwise read like skills."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.formats.command_md import CommandFile, parse
from cowork.formats.problem import RULES

COMMIT = """---
description: Create a git commit
allowed-tools: Bash(git add:*), Bash(git status:*)
argument-hint: [message]
---

## Context

- Status: !`git status`

Commit with $ARGUMENTS.
"""


def test_a_real_command() -> None:
    command, problems = parse(COMMIT, file="commands/commit.md", name="commit")

    assert problems == ()
    assert (command.name, command.description, command.argument_hint) == ("commit", "Create a git commit", "[message]")
    assert command.allowed_tools == ("Bash(git add:*)", "Bash(git status:*)")
    assert command.body.startswith("\n## Context\n")
    assert command.body_line == 6


def test_the_file_names_the_command_and_a_name_inside_has_no_effect() -> None:
    command, problems = parse("---\nname: other\npaths: x\n---\nb", file="f", name="git:commit")

    assert (command.name, command.extra) == ("git:commit", {})
    assert [(problem.rule, problem.severity) for problem in problems] == [("command.name_ignored", "note")] * 2


def test_a_command_needs_no_frontmatter() -> None:
    command, problems = parse("# Deploy\n\nDeploy it.\n", file="f", name="deploy")

    assert (command.description, command.body, problems) == ("Deploy", "# Deploy\n\nDeploy it.\n", ())


def test_broken_yaml_costs_the_fields_and_not_the_body() -> None:
    command, problems = parse('---\ndescription: "x\n---\nDo it.\n', file="f", name="x")

    assert (command.description, command.body, command.extra) == ("Do it.", "Do it.\n", {})
    assert [(problem.rule, problem.severity, problem.line) for problem in problems] == [("frontmatter.yaml", "error", 2)]


def test_unknown_keys_are_kept_and_warned_about() -> None:
    command, problems = parse("---\nhide-from-slash-command-tool: 'true'\n---\nb", file="f", name="x")

    assert command.extra == {"hide-from-slash-command-tool": "true"}
    assert [(problem.where, problem.rule, problem.line) for problem in problems] == [
        ("$.hide-from-slash-command-tool", "command.unknown_key", 2)
    ]


@pytest.mark.parametrize(("word", "value"), [("yes", True), ("true", True), ("'1'", True), ("no", False), ("off", False)])
def test_truths_are_read_as_people_write_them(word: str, value: bool) -> None:
    assert parse(f"---\ndisable-model-invocation: {word}\n---\nb", file="f", name="x")[0].disable_model_invocation is value


@given(st.text(), st.booleans())
@settings(deadline=None, max_examples=300)
def test_whatever_the_text_there_is_a_command(text: str, framed: bool) -> None:
    command, problems = parse(f"---\n{text}\n---\n" if framed else text, file="f", name="x")

    assert isinstance(command, CommandFile)
    assert all(problem.rule in RULES for problem in problems)


PLAIN = """# Git Commit

**Allowed Tools**: Bash(git:*), Agent(a, b)
**Description:** Create a git commit

## Context
!`git status`
**Model**: opus
"""


def test_fields_under_the_title_stand_for_frontmatter() -> None:
    command, problems = parse(PLAIN, file="commands/commit.md", name="commit")

    assert (command.description, command.allowed_tools) == ("Create a git commit", ("Bash(git:*)", "Agent(a, b)"))
    assert command.body == "# Git Commit\n\n\n## Context\n!`git status`\n**Model**: opus\n"
    assert command.model is None  # below the first section it is text
    assert [(problem.rule, problem.severity, problem.line) for problem in problems] == [("command.plain_form", "note", 3)]


def test_frontmatter_makes_such_lines_text() -> None:
    command, problems = parse("---\ndescription: x\n---\n**Allowed Tools**: Bash\n", file="f", name="c")

    assert (command.allowed_tools, command.body, problems) == (None, "**Allowed Tools**: Bash\n", ())
