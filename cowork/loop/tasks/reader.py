"""One task's fields read from its object; what is wrong with them is collected, and the rest is read all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cowork.core.text import did_you_mean
from cowork.formats.problem import Problem, Severity, quoted
from cowork.loop.tasks.fields import DEFAULT_PRIORITY, STORIES, Format, priority_of, status_of
from cowork.loop.tasks.parsing import Path
from cowork.loop.tasks.task import SYMBOLS, Status, Task

LONGEST_ID = 100


class Reader:
    """Reads tasks. `found` are the problems so far, with their places."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.found: list[tuple[Path, Problem]] = []

    def error(self, place: Path, rule: str, text: str, fix: str) -> None:
        """Keep an error."""
        self.note(place, rule, text, fix, severity="error")

    def note(self, place: Path, rule: str, text: str, fix: str, *, severity: Severity = "note") -> None:
        """Keep what is odd."""
        self.found.append((place, Problem(self._file, "$", rule, severity, text, fix)))

    def task(self, format: Format, place: Path, raw: Mapping[str, Any]) -> Task:
        """The task of an object. A field that is wrong has its default, an id that is wrong is empty."""
        keys = format.keys

        def text(name: str) -> str:
            return self._text(place, keys[name], raw) or ""

        def word(name: str) -> str | None:
            return (self._text(place, keys[name], raw) or "").strip() or None

        return Task(
            id=self._id(place, format, raw),
            title=self._title(place, format, raw),
            description=text("description"),
            priority=self._priority(place, raw),
            dependencies=tuple(dict.fromkeys(self._dependencies(place, keys["dependencies"], raw))),
            criteria=self._texts(place, keys["criteria"], raw),
            status=self._passes(place, raw) if format.name == STORIES else self._status(place, raw),
            agent=word("agent"),
            model=word("model"),
            pattern=word("pattern"),
            checks=self._texts(place, keys["checks"], raw),
            labels=self._texts(place, keys["labels"], raw),
            notes=text("notes"),
            raw=raw,
        )

    def _id(self, place: Path, format: Format, raw: Mapping[str, Any]) -> str:
        if raw.get("id") is None:
            self.error(place, "tasks.required", f"this {format.one} has no id", 'add one: "id": "..."')
            return ""
        found = identity(raw["id"])
        if found is None:
            fix = f"1 to {LONGEST_ID} visible characters on one line"
            self.error((*place, "id"), "tasks.value", f"{quoted(raw['id'])} cannot be an id", fix)
        return found or ""

    def _title(self, place: Path, format: Format, raw: Mapping[str, Any]) -> str:
        title = self._text(place, "title", raw)
        if "title" not in raw or raw["title"] is None or (title is not None and not title.strip()):
            self.error(place, "tasks.required", f"this {format.one} has no title", 'add one: "title": "..."')
        return (title or "").strip()

    def _text(self, place: Path, key: str, raw: Mapping[str, Any]) -> str | None:
        value = raw.get(key)
        if value is None:
            return None
        return value if self._is_text((*place, key), key, value) else None

    def _is_text(self, place: Path, key: str, value: Any) -> bool:
        if not isinstance(value, str):
            self.error(place, "tasks.type", f"{key} is a text, not {quoted(value)}", "put it in quotes")
        elif not usable(value):
            self.error(place, "tasks.value", f"{key} holds a character that is none", "write it anew")
        else:
            return True
        return False

    def _texts(self, place: Path, key: str, raw: Mapping[str, Any]) -> tuple[str, ...]:
        """A list of texts, or one text for a list of one."""
        value = raw.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            self.error((*place, key), "tasks.type", f"{key} is a text or a list of texts, not {quoted(value)}", "write a list")
            return ()
        found = [item for number, item in enumerate(value) if self._is_text((*place, key, number), key, item)]
        return tuple(item.strip() for item in found if item.strip())

    def _dependencies(self, place: Path, key: str, raw: Mapping[str, Any]) -> list[str]:
        value = raw.get(key)
        if value is None or value == "":
            return []
        if isinstance(value, (str, int)):
            value = [value]
        if not isinstance(value, list):
            self.error((*place, key), "tasks.type", f"{key} is a list of ids, not {quoted(value)}", "write a list")
            return []
        found = []
        for number, item in enumerate(value):
            name = identity(item)
            if name is None:
                self.error((*place, key, number), "tasks.type", f"{quoted(item)} is not an id", "write the id of a task")
            else:
                found.append(name)
        return found

    def _priority(self, place: Path, raw: Mapping[str, Any]) -> int:
        value = raw.get("priority")
        if value is None:
            return DEFAULT_PRIORITY
        if isinstance(value, str) and priority_of(value) is not None:
            return priority_of(value) or 0
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        fix = "a whole number, lower comes first; or critical, high, medium, low, or P0 to P9"
        self.error((*place, "priority"), "tasks.value", f"{quoted(value)} is not a priority", fix)
        return DEFAULT_PRIORITY

    def _status(self, place: Path, raw: Mapping[str, Any]) -> Status:
        value = self._text(place, "status", raw)
        if value is None:
            return "pending"
        status = status_of(value)
        if status is None:
            fix = did_you_mean(value, SYMBOLS, f"one of: {', '.join(SYMBOLS)}")
            self.error((*place, "status"), "tasks.value", f"{quoted(value)} is not a status", fix)
        return status or "pending"

    def _passes(self, place: Path, raw: Mapping[str, Any]) -> Status:
        value = raw.get("passes")
        if value is not None and not isinstance(value, bool):
            self.error((*place, "passes"), "tasks.type", f"passes is true or false, not {quoted(value)}", "write true or false")
        return "done" if value is True else "pending"


def identity(value: Any) -> str | None:
    """The id that a value is, a whole number among them; None for what cannot be one."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**LONGEST_ID else ""
    if not isinstance(value, str) or not value.isprintable() or value != value.strip():
        return None
    return value if 0 < len(value) <= LONGEST_ID else None


def usable(text: str) -> bool:
    """Whether a text can be written and given to programs: no half of a character, no NUL."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
