"""What the verbs of `template` answer: which there are, what one says, what is wrong with it, and a copy to work on."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.errors import Conflict, InvalidInput, NotFound
from cowork.core.files import write_atomic
from cowork.core.plan import Step
from cowork.core.text import did_you_mean, one_line, printable
from cowork.formats.problem import Problem
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.prompts import loop_variables, user_templates
from cowork.prompts.builder import tokens
from cowork.prompts.user_templates import STYLES, Found, Template

_COMMENT = re.compile(r"\A\s*(?:\{\{~?!(?:--)?|\{#-?)\s*(.*?)\s*(?:(?:--)?~?\}\}|-?#\})", re.DOTALL)


@dataclass(frozen=True)
class TemplateItem:
    """A template that has a name. `description` is its opening comment; `shadowed`: another one of its name is used."""

    name: str
    scope: str
    style: str
    path: str
    shadowed: bool
    description: str


@dataclass(frozen=True)
class TemplateList:
    """Templates by name, of one name in the order in which they are looked for."""

    items: tuple[TemplateItem, ...]
    count: int


@dataclass(frozen=True)
class TemplatePage:
    """A template with its text."""

    name: str
    scope: str
    style: str
    path: str
    description: str
    shadows: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class TemplateCopy:
    """A template to work on. `source` is what it was copied from."""

    name: str
    path: str
    source: str
    replaced: bool
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class TemplateChecks:
    """What is wrong with templates, by file, line and rule; `checked` are the names of those that were looked at."""

    checked: tuple[str, ...]
    problems: tuple[Problem, ...]
    errors: int


@dataclass(frozen=True)
class RenderedTemplate:
    """A template filled in. `given` are the names of variables that were given, the others have sample values or are empty."""

    name: str
    scope: str
    text: str
    tokens: int
    given: tuple[str, ...]


def list_templates(project: Path) -> TemplateList:
    """All templates that have a name."""
    items = tuple(_item(found, project) for found in user_templates.listed(project))
    return TemplateList(items, len(items))


def show(name: str, project: Path) -> TemplatePage:
    """A template, by its name or path. Raises what `user_templates.find` raises."""
    found = user_templates.find(name, project)
    path = printable(found.path)
    others = tuple(str(item.path) for item in user_templates.listed(project) if item.name == found.name and item.shadowed)
    shadows = () if found.scope == "file" else tuple(printable(other) for other in others)
    return TemplatePage(found.name, found.scope, found.style, path, _description(found.text), shadows, found.text)


def init(name: str, project: Path, *, source: str | None, user: bool, force: bool, dry_run: bool) -> TemplateCopy:
    """Copy a built-in template under a name, to the project's templates or the user's.

    The source is by default the built-in template of that name, else the usual one. Raises `template.bad_name`,
    `template.not_found` (NotFound), `template.exists` (Conflict) and policy and file errors.
    """
    user_templates.judge_name(name)
    builtin = {item.name: item for item in user_templates.listed(project) if item.scope == "builtin"}
    wanted = source or (name if name in builtin else user_templates.USUAL)
    if wanted not in builtin:
        hint = did_you_mean(wanted, builtin, f"there are: {', '.join(builtin)}")
        what = f"there is no built-in template '{one_line(wanted, 80)}'"
        raise NotFound("template.not_found", what, hint=hint, details={"name": printable(wanted)})
    original = user_templates.read(builtin[wanted], project)
    directory = user_templates.places(project)["user" if user else "project"]
    path = directory / f"{name}{builtin[wanted].path.suffix}"
    action = Action("template init", what=name)
    gate.require(action, dry_run=dry_run)
    _refuse_outside(directory, project, user=user)
    there = [item for ending in STYLES if os.path.lexists(item := directory / f"{name}{ending}")]
    if there and not (force and there == [path]):
        raise _exists(name, there[0], path)
    if not dry_run:
        write_atomic(path, original.text.encode(), mode=0o644)
    step = Step("replace" if there else "create", str(path), f"{len(original.text.encode())} bytes")
    return TemplateCopy(name, str(path), wanted, bool(there), dry_run, (step,))


def check(names: Sequence[str], project: Path) -> TemplateChecks:
    """What is wrong with templates, without names with all of the project and the user. Raises what `find` raises."""
    if names:
        found = [user_templates.find(name, project) for name in names]
    else:
        found = [user_templates.read(item, project) for item in user_templates.listed(project)]
    problems = tuple(problem for item in found for problem in user_templates.check(item))
    errors = sum(problem.severity == "error" for problem in problems)
    return TemplateChecks(tuple(_called(item) for item in found), problems, errors)


def render(name: str, given: Sequence[str], project: Path, *, samples: bool) -> RenderedTemplate:
    """A template filled with what is given as `NAME=VALUE`, and with sample values or nothing.

    Raises what `user_templates.find` and `render` raise, `template.bad_variable` and `template.unknown_variable`.
    """
    found = user_templates.find(name, project)
    values = dict(_value(text) for text in given)
    filled = loop_variables.variables(**{**(loop_variables.samples() if samples else {}), **values})
    text = user_templates.render(found, filled)
    return RenderedTemplate(found.name, found.scope, text, tokens(text), tuple(values))


def _item(found: Found, project: Path) -> TemplateItem:
    try:
        description = _description(user_templates.read(found, project).text)
    except (InvalidInput, NotFound) as error:
        description = f"it cannot be used: {error.message}"
    return TemplateItem(found.name, found.scope, found.style, printable(str(found.path)), found.shadowed, description)


def _called(found: Template) -> str:
    return printable(found.path) if found.scope == "file" else found.name


def _description(text: str) -> str:
    match = _COMMENT.match(text)
    return one_line(match[1], 120) if match else ""


def _refuse_outside(directory: Path, project: Path, *, user: bool) -> None:
    """A repository may hold `.cowork` as a symlink; nothing is written where that leads."""
    if not user and not directory.resolve().is_relative_to(project.resolve()):
        raise InvalidInput(
            "template.escapes",
            f"{directory} is a symlink that leads out of the project",
            hint="remove it, or keep the template among your own: add --user",
            details={"path": str(directory)},
        )


def _exists(name: str, there: Path, path: Path) -> Conflict:
    forced = there == path
    return Conflict(
        "template.exists",
        f"there is a template '{name}' already: {there}",
        hint="edit it, or replace it with --force" if forced else "edit it, or take it away first",
        details={"path": str(there)},
    )


def _value(text: str) -> tuple[str, Any]:
    """A variable from `NAME=VALUE`: text as it stands, and JSON for a variable that is no text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise InvalidInput(
            "template.bad_variable", f"'{one_line(text, 80)}' is not NAME=VALUE", hint="write --var taskTitle=TEXT"
        )
    variable = loop_variables.BY_NAME.get(name)
    if variable is None:
        hint = did_you_mean(name, loop_variables.BY_NAME, "see: docs/templates.md")
        what = f"templates have no variable '{one_line(name, 80)}'"
        raise InvalidInput("template.unknown_variable", what, hint=hint, details={"name": printable(name)})
    if isinstance(variable.sample, str):
        return name, value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    wanted = int if isinstance(variable.sample, int) else type(variable.sample)
    if isinstance(found, bool) or not isinstance(found, wanted):
        kind = {int: "a number", list: "a JSON list", dict: "a JSON object"}[wanted]
        raise InvalidInput(
            "template.bad_variable",
            f"{name} takes {kind}",
            cause=f"it is {one_line(value, 60)!r}",
            hint=f"for example: --var '{name}={json.dumps(variable.sample)}'",
            details={"name": name},
        )
    return name, found
