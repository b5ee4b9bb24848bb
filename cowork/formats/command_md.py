"""Commands: Markdown files whose name is the command. Their frontmatter is a skill's without `name` and `paths`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cowork.formats import frontmatter, plain_command
from cowork.formats.markdown_fields import Fields, first_words, frontmatter_problems
from cowork.formats.problem import Problem
from cowork.formats.skill_md import shared_fields


@dataclass(frozen=True)
class CommandFile:
    """A command as its file has it; `name` is the file's, such as `commit` or `git:commit` in a subdirectory."""

    name: str
    description: str
    when_to_use: str | None
    argument_hint: str | None
    arguments: tuple[str, ...]
    allowed_tools: tuple[str, ...] | None
    disallowed_tools: tuple[str, ...]
    user_invocable: bool
    disable_model_invocation: bool
    model: str | None
    effort: str | None
    context: str | None
    agent: str | None
    background: bool
    hooks: dict[str, Any]
    shell: str | None
    extra: dict[str, Any]
    body: str
    body_line: int


def parse(text: str, *, file: str, name: str) -> tuple[CommandFile, tuple[Problem, ...]]:
    """The command in a Markdown file, and what is wrong with it. Broken YAML costs the fields, not the body.

    Without frontmatter, `**Description**:` and `**Allowed Tools**:` lines under the title are read instead.
    """
    front = frontmatter.parse(text)
    plain = plain_command.read(front)
    fields = Fields(plain or front, file=file, family="command")
    if plain is not None:
        front = plain
        first = min(plain.lines, key=lambda key: plain.lines[key])
        fix = "move them between two --- lines at the top of the file"
        fields.report(first, "plain_form", "note", "the fields stand in the text, not in frontmatter", fix)
    for key in ("name", "paths"):
        if fields.rest.pop(key, None) is not None:
            fields.report(key, "name_ignored", "note", f"`{key}` has no effect in a command", "remove it, or rename the file")
    command = CommandFile(
        name=name,
        description=fields.text("description") or first_words(front.body),
        **shared_fields(fields),
        extra=fields.finish(),
        body=front.body,
        body_line=front.body_line,
    )
    return command, (*frontmatter_problems(front, file=file, severity="error"), *fields.problems)
