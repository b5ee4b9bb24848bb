"""A team of twins, as one YAML file: a list of activations with the words of `twin activate` as keys.

- persona: software-engineer        # the template's id; all else may be left out
  name: Backend Twin                # the second of a count is called "Backend Twin 2"
  count: 3
  interval: 30                      # minutes
  tasks:
    on: [tech-debt-scan]
    off: [dependency-check]
    every: {pr-triage: 120}         # minutes
    deliver: {pr-triage: "env:REVIEW_CHANNEL"}
  provider: anthropic
  model: claude-sonnet-4-5
  workspace: ../backend             # from the directory of the file
  deliver: ["env:TEAM_CHANNEL"]     # variables that hold addresses; the addresses themselves only if they are trusted
  quiet-hours: 22:00-07:00
  timezone: Europe/Berlin
  autonomy: specialist
  allow: ["Bash(git log *)"]
  deny: ["Bash(git push *)"]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import read_regular
from cowork.core.text import did_you_mean, one_line

MAX_BYTES = 256 * 1024
_TEXTS = ("persona", "name", "provider", "model", "workspace", "quiet-hours", "timezone", "autonomy")
_NUMBERS = ("count", "interval")
_LISTS = ("deliver", "allow", "deny")
_KEYS = (*_TEXTS, *_NUMBERS, *_LISTS, "tasks")
_TASK_KEYS = ("on", "off", "every", "deliver")


class Entries(list[dict[str, Any]]):
    """The entries of a file, each with the keys that it has: texts, numbers and lists of texts; `tasks` a mapping of those."""


def read(path: Path) -> Entries:
    """The entries of a file. Raises `team.*` naming the file, the entry and the field."""
    from cowork.formats.yaml_values import BadYaml, load

    try:
        raw = read_regular(path, MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        hint = "name a YAML file, for example team.yaml"
        raise NotFound("team.not_found", f"there is no file {path}", hint=hint, details={"path": str(path)}) from None
    except OSError as error:
        raise InvalidInput(
            "team.unreadable",
            f"cannot read {path}",
            cause=error.strerror or str(error),
            hint="check the path and its permissions",
        ) from error
    if len(raw) > MAX_BYTES:
        raise InvalidInput(
            "team.too_large", f"{path} is larger than {MAX_BYTES} bytes", hint="use count for twins that are alike"
        )
    try:
        document = load(raw.decode("utf-8-sig"))
    except BadYaml as error:
        place = path if error.line is None else f"{path}:{error.line + 1}"
        raise InvalidInput("team.invalid", f"{place}: {one_line(error.message)}", hint="mend that line") from None
    except UnicodeDecodeError:
        raise InvalidInput("team.invalid", f"{path} is not UTF-8", hint="save it as UTF-8") from None
    return _entries(document, path)


def place(path: Path, number: int, field: str = "") -> str:
    """Where something stands: the file, the entry counted from 1, and the field."""
    return f"{path}: entry {number}{f', {field}' if field else ''}"


def _entries(document: Any, path: Path) -> Entries:
    if not isinstance(document, list) or not document:
        hint = "for example:  - persona: software-engineer"
        raise InvalidInput("team.invalid", f"{path}: a team is a list with at least one entry", hint=hint)
    return Entries(_entry(entry, path, number) for number, entry in enumerate(document, 1))


def _entry(entry: Any, path: Path, number: int) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise _bad(path, number, "", "it is no mapping", "for example  - persona: software-engineer")
    found: dict[str, Any] = {}
    for written, value in entry.items():
        key = written.replace("_", "-")
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS, f"there are: {', '.join(_KEYS)}")
            raise _bad(path, number, one_line(written, 40), "there is no such key", hint)
        found[key] = _tasks(value, path, number) if key == "tasks" else _value(key, value, path, number, key)
    if "persona" not in found:
        raise _bad(path, number, "persona", "it is missing", "name the template, for example persona: software-engineer")
    return found


def _tasks(value: Any, path: Path, number: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _bad(path, number, "tasks", "it is no mapping", "for example  tasks: {on: [a], off: [b]}")
    found: dict[str, Any] = {}
    for key, item in value.items():
        field = f"tasks.{one_line(key, 40)}"
        if key not in _TASK_KEYS:
            hint = did_you_mean(key, _TASK_KEYS, f"there are: {', '.join(_TASK_KEYS)}")
            raise _bad(path, number, field, "there is no such key", hint)
        if key in ("on", "off"):
            found[key] = _texts(item, path, number, field)
        elif not isinstance(item, dict):
            raise _bad(path, number, field, "it is no mapping of tasks", "for example {pr-triage: ...}")
        elif key == "every":
            found[key] = {task: _number(minutes, path, number, f"{field}.{task}") for task, minutes in item.items()}
        else:
            found[key] = {task: _texts(urls, path, number, f"{field}.{task}") for task, urls in item.items()}
    return found


def _value(key: str, value: Any, path: Path, number: int, field: str) -> Any:
    if key in _NUMBERS:
        return _number(value, path, number, field)
    if key in _LISTS:
        return _texts(value, path, number, field)
    if not isinstance(value, str):
        raise _bad(path, number, field, "it is no text", "put it into quotes")
    return value


def _number(value: Any, path: Path, number: int, field: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _bad(path, number, field, "it is no whole number", "for example 30")
    return value


def _texts(value: Any, path: Path, number: int, field: str) -> tuple[str, ...]:
    """A list of texts; one alone may stand without brackets."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise _bad(path, number, field, "it is no list of texts", "for example [a, b]")
    return tuple(listed)


def _bad(path: Path, number: int, field: str, what: str, hint: str) -> InvalidInput:
    details = {"path": str(path), "entry": number, "field": field}
    return InvalidInput("team.invalid", f"{place(path, number, one_line(field, 100))}: {what}", hint=hint, details=details)
