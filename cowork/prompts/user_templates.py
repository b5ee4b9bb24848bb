"""The prompt templates of loops: of the project, of the user, built in, or a file that is named.

A name is looked for in `.cowork/templates` of the project, in `templates` of COWORK_HOME and among the built-in ones, as `.hbs`
(Handlebars) and then as `.j2` (Jinja2). What is found first is used, the rest is shadowed.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cowork.core import paths
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import read_regular
from cowork.core.text import did_you_mean, one_line, printable
from cowork.formats.problem import Problem
from cowork.prompts import template_check
from cowork.prompts.loop_variables import BY_NAME, Variable
from cowork.prompts.template_check import Style
from cowork.prompts.template_limits import MAX_BYTES

Scope = Literal["file", "project", "user", "builtin"]
STYLES: Mapping[str, Style] = {".hbs": "handlebars", ".j2": "jinja2"}
"""The endings of templates that have a name, the stronger one first."""
FILE_STYLES: Mapping[str, Style] = {
    **STYLES,
    ".handlebars": "handlebars",
    ".md": "handlebars",
    ".txt": "handlebars",
    ".jinja": "jinja2",
    ".jinja2": "jinja2",
}
"""The endings of templates that are named by their path."""
USUAL = "default"
MOST_TEMPLATES = 500
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Template:
    """A template and its text. `scope` is where it is from; `path` its file."""

    name: str
    scope: Scope
    path: str
    text: str
    style: Style


@dataclass(frozen=True)
class Found:
    """A file that is a template by its name. `shadowed`: another one of its name is used."""

    name: str
    scope: Scope
    path: Path
    style: Style
    shadowed: bool


def usual(*, tasks: bool, pattern: bool) -> str:
    """The name of the template where none is wished for: for a file of tasks, for models at a table, for a task alone."""
    return "multi-model" if pattern else "task-queue" if tasks else USUAL


def find(name_or_path: str, project: Path) -> Template:
    """The template of a name, or in a file when a path is given: what has a slash, or ends like a template.

    Raises `template.not_found` (NotFound), `template.bad_name`, `template.unknown_style`, `template.escapes`,
    `template.unreadable`, `template.too_large` or `template.binary` (InvalidInput).
    """
    wanted = name_or_path or USUAL
    if os.sep in wanted or Path(wanted).suffix.lower() in FILE_STYLES:
        return _from_file(wanted, project)
    judge_name(wanted)
    for item in listed(project):
        if item.name == wanted:
            return read(item, project)
    names = {item.name for item in listed(project)}
    raise NotFound(
        "template.not_found",
        f"there is no template '{one_line(wanted, 80)}'",
        hint=did_you_mean(wanted, names, f"there are: {', '.join(sorted(names))}"),
        details={"name": printable(wanted)},
    )


def listed(project: Path) -> tuple[Found, ...]:
    """All templates that have a name, by name and then in the order in which they are looked for."""
    found: dict[str, list[Found]] = {}
    for scope, directory in places(project).items():
        for name, path, style in _files(directory):
            item = Found(name, scope, path, style, shadowed=name in found)
            found.setdefault(name, []).append(item)
    return tuple(item for name in sorted(found) for item in found[name])


def places(project: Path) -> dict[Scope, Path]:
    """Where templates are looked for, the strongest place first."""
    builtin = paths.data_dir("templates") / "loop"
    return {"project": project / ".cowork" / "templates", "user": paths.home() / "templates", "builtin": builtin}


def read(item: Found, project: Path) -> Template:
    """A template of the list with its text. Raises what `find` raises about files."""
    return Template(item.name, item.scope, str(item.path), _text(item.path, project), item.style)


def render(template: Template, variables: Mapping[str, Any]) -> str:
    """A template filled with plain data, see `loop_variables.variables`; without blank lines around it.

    Raises InvalidInput that names the file and the place: `template.syntax`, `template.unsupported`, `template.too_large`,
    `template.failed`.
    """
    from cowork.prompts import handlebars, jinja_templates

    engine = handlebars.render if template.style == "handlebars" else jinja_templates.render
    try:
        text = engine(template.text, variables)
    except InvalidInput as error:
        raise _in_file(template, error) from None
    text = text.encode("utf-8", "backslashreplace").decode()  # half a character would keep the prompt from being written
    return text.strip() + "\n"


def check(template: Template, known: Mapping[str, Variable] = BY_NAME) -> tuple[Problem, ...]:
    """What is wrong with a template: it cannot be read, or names variables that nobody fills."""
    return template_check.check(template.text, template.style, printable(template.path), known)


def judge_name(name: str) -> None:
    """Refuse what is no name of a template (`template.bad_name`); a name never leads out of a directory."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "template.bad_name",
            f"'{one_line(name, 80)}' cannot be the name of a template",
            cause="1 to 64 characters of A-Z, a-z, 0-9, - and _, no dash or underscore first",
            hint="name a template, or a file by its path: ./prompt.hbs",
            details={"name": printable(name)},
        )


def _files(directory: Path) -> Iterator[tuple[str, Path, Style]]:
    try:
        names = sorted(entry.name for entry in os.scandir(directory))[:MOST_TEMPLATES]
    except OSError:
        return
    for ending, style in STYLES.items():
        for name in names:
            if name.endswith(ending) and _NAME.fullmatch(name.removesuffix(ending)):
                yield name.removesuffix(ending), directory / name, style


def _from_file(wanted: str, project: Path) -> Template:
    path = Path(wanted)
    with contextlib.suppress(RuntimeError, ValueError):  # nobody has that name, or it is none: then it is a directory's
        path = path.expanduser()
    style = FILE_STYLES.get(path.suffix.lower())
    if style is None:
        raise InvalidInput(
            "template.unknown_style",
            f"it is not clear what kind of template {one_line(wanted, 200)} is",
            hint=f"let its name end with one of: {', '.join(FILE_STYLES)}",
            details={"path": printable(wanted)},
        )
    return Template(path.stem, "file", str(path), _text(path, project), style)


def _text(path: Path, project: Path) -> str:
    def refuse(what: str, message: str, hint: str, cause: str | None = None) -> InvalidInput:
        details = {"path": printable(str(path))}
        return InvalidInput(f"template.{what}", f"{message}: {one_line(str(path))}", cause=cause, hint=hint, details=details)

    try:
        if _escapes(path, project):
            raise refuse("escapes", "the template is a symlink that leads out of the project", "copy what it points to")
        raw = read_regular(path, MAX_BYTES)
    except FileNotFoundError:
        raise NotFound(
            "template.not_found",
            f"there is no template file {one_line(str(path))}",
            hint="check the path; names: cowork template list",
            details={"path": printable(str(path))},
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse("unreadable", "cannot read the template", "check the path and its permissions", reason) from error
    if len(raw) > MAX_BYTES:
        raise refuse("too_large", f"the template is larger than {MAX_BYTES:,} bytes", "hand material over with --context")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse("binary", "the template is not UTF-8 text", "save it as UTF-8", f"byte {error.start}") from None
    if "\0" in text:
        raise refuse("binary", "the template is no text", "name a text file", "it holds a NUL")
    return text.replace("\r\n", "\n")


def _escapes(path: Path, project: Path) -> bool:
    """Whether a path lies in the project by its words, and leads somewhere else by its symlinks."""
    root = os.path.normpath(project.absolute())
    lexical = os.path.normpath(path.absolute())
    real, real_root = os.path.realpath(path), os.path.realpath(project)
    return lexical.startswith(root + os.sep) and not (real + os.sep).startswith(real_root.rstrip(os.sep) + os.sep)


def _in_file(template: Template, error: InvalidInput) -> InvalidInput:
    """The same refusal with the file's name before the place."""
    message = f"{one_line(template.path)}: {error.message}"
    details = {"path": printable(template.path), **error.details}
    return InvalidInput(error.code, message, cause=error.cause, hint=error.hint, details=details)
