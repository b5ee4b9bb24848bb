"""`SKILL.md`: Claude Code's fields, and the stricter rules of agentskills.io beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from cowork.formats import frontmatter
from cowork.formats.markdown_fields import Fields, first_words, frontmatter_problems
from cowork.formats.problem import Problem, quoted

EFFORTS = ("low", "medium", "high", "xhigh", "max")
PORTABLE = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class SkillFile:
    """A skill as its file has it. `name` falls back to the directory's, `description` to the first line of the body.

    `allowed_tools` None means that the file says nothing, () that it allows nothing beforehand.
    """

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
    paths: tuple[str, ...]
    shell: str | None
    license: str | None
    compatibility: str | None
    metadata: dict[str, Any]
    extra: dict[str, Any]
    body: str
    body_line: int


def parse(text: str, *, file: str, directory: str, strict: bool = False) -> tuple[SkillFile, tuple[Problem, ...]]:
    """The skill in a SKILL.md, and what is wrong with it. `directory` is the name of the directory it lies in.

    Broken YAML costs the fields, not the body. What only agentskills.io asks for is a note, with `strict` an error.
    """
    front = frontmatter.parse(text)
    fields = Fields(front, file=file, family="skill")
    found = frontmatter_problems(front, file=file, severity="error")
    if not front.found:
        fix = "start the file with ---, name, description and ---"
        found.append(Problem(file, "line 1", "frontmatter.missing", "warning", "there is no frontmatter", fix, 1))
    elif front.error is None:
        _judge(fields, directory, "error" if strict else "note")
    skill = SkillFile(
        name=fields.text("name") or directory,
        description=fields.text("description") or first_words(front.body),
        **shared_fields(fields),
        paths=fields.words("paths"),
        license=fields.text("license"),
        compatibility=fields.text("compatibility"),
        metadata=fields.mapping("metadata"),
        extra=fields.finish(),
        body=front.body,
        body_line=front.body_line,
    )
    return skill, (*found, *fields.problems)


def shared_fields(fields: Fields) -> dict[str, Any]:
    """The fields that skills and commands have in common."""
    return {
        "when_to_use": fields.text("when_to_use"),
        "argument_hint": fields.hint("argument-hint"),
        "arguments": fields.words("arguments"),
        "allowed_tools": fields.tools("allowed-tools"),
        "disallowed_tools": fields.words("disallowed-tools"),
        "user_invocable": fields.flag("user-invocable", True),
        "disable_model_invocation": fields.flag("disable-model-invocation", False),
        "model": fields.text("model"),
        "effort": fields.choice("effort", EFFORTS),
        "context": fields.choice("context", ("fork",)),
        "agent": fields.text("agent"),
        "background": fields.flag("background", False),
        "hooks": fields.mapping("hooks"),
        "shell": fields.choice("shell", ("bash", "powershell")),
    }


def _judge(fields: Fields, directory: str, severity: Literal["error", "note"]) -> None:
    """What agentskills.io asks for beyond Claude Code."""
    data = fields.front.data
    name, description, hint = data.get("name"), data.get("description"), data.get("compatibility")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > 64:
        text = f"{quoted(name)} is not 1 to 64 characters of a-z, 0-9 and single dashes"
        fields.report("name", "name", severity, text, "rename the skill, and its directory with it")
    elif name != directory:
        text = f"{quoted(name)} is not the name of its directory, {quoted(directory)}"
        fields.report("name", "name", severity, text, "give both the same name")
    if not isinstance(description, str) or not 1 <= len(description.strip()) <= 1024:
        text = "a description has 1 to 1024 characters"
        fields.report("description", "description", severity, text, "say what the skill does and when to use it")
    if hint is not None and not (isinstance(hint, str) and len(hint) <= 500):
        fields.report("compatibility", "compatibility", severity, "is a text of at most 500 characters", "shorten it")
    metadata = data.get("metadata", {})
    if not isinstance(metadata, dict) or any(not isinstance(value, str) for value in metadata.values()):
        fields.report("metadata", "metadata", severity, "maps texts to texts", "quote the values, and nest nothing")
    if not isinstance(data.get("allowed-tools", ""), str):
        fields.report("allowed-tools", "not_portable", severity, "is a text separated by blanks", "write it on one line")
    for key in [key for key in data if key in CLAUDE_ONLY]:
        fields.report(key, "not_portable", severity, f"only Claude Code knows {quoted(key)}", "keep it if that is fine")


CLAUDE_ONLY = {
    *("when_to_use", "argument-hint", "arguments", "disable-model-invocation", "user-invocable", "disallowed-tools"),
    *("model", "effort", "context", "agent", "background", "hooks", "paths", "shell"),
}
