"""Reading the frontmatter of a skill, agent or command field by field, in the shapes real files use."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cowork.formats.frontmatter import Frontmatter, as_bool, tool_list
from cowork.formats.problem import Problem, Severity, json_path, quoted


class Fields:
    """Takes known keys out of a mapping and collects what is wrong with them; `rest` are the keys nobody asked for.

    A value that cannot be used is reported as a warning and counts as absent, because that is how the host loads it.
    """

    def __init__(self, front: Frontmatter, *, file: str, family: str) -> None:
        self.front = front
        self.file = file
        self.family = family
        self.rest = dict(front.data)
        self.problems: list[Problem] = []

    def report(self, key: str, rule: str, severity: Severity, message: str, fix: str) -> None:
        """Note a problem at `key`; a rule without a dot belongs to this kind of file."""
        full = rule if "." in rule else f"{self.family}.{rule}"
        line = self.front.lines.get(key, 1)
        self.problems.append(Problem(self.file, json_path((key,)), full, severity, message, fix, line))

    def text(self, key: str) -> str | None:
        """A text, with numbers and truths as they are written; None when absent."""
        value = self.rest.pop(key, None)
        if value is None or isinstance(value, str):
            return value.strip() if value else None
        if isinstance(value, (bool, int, float)):
            return str(value).lower() if isinstance(value, bool) else str(value)
        self._unusable(key, value, "a text")
        return None

    def hint(self, key: str) -> str | None:
        """A text whose brackets YAML may have taken for a list: `[name]` stays `[name]`."""
        value = self.rest.get(key)
        if not isinstance(value, list):
            return self.text(key)
        del self.rest[key]
        return f"[{', '.join(str(item) for item in value)}]"

    def choice(self, key: str, known: Collection[str]) -> str | None:
        """One of the known words; another one is kept and warned about."""
        value = self.text(key)
        if value is not None and value not in known:
            fix = f"write one of: {', '.join(known)}"
            self.report(key, "value", "warning", f"{quoted(value)} is not known", fix)
        return value

    def flag(self, key: str, default: bool) -> bool:
        """A truth; also yes, no, on, off, 1 and 0."""
        value = self.rest.pop(key, None)
        found = as_bool(value)
        if found is None and value is not None:
            self._unusable(key, value, "true or false")
        return default if found is None else found

    def number(self, key: str) -> int | None:
        """A whole number from 1; also as a text."""
        value = self.rest.pop(key, None)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            value = int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        self._unusable(key, value, "a whole number from 1")
        return None

    def tools(self, key: str) -> tuple[str, ...] | None:
        """Tool entries; None when the key is absent, which is not the same as none at all."""
        if key not in self.rest:
            return None
        return self._entries(key)

    def words(self, key: str) -> tuple[str, ...]:
        """Words from a list, or from a text separated by commas or blanks."""
        return self._entries(key) if key in self.rest else ()

    def _entries(self, key: str) -> tuple[str, ...]:
        value = self.rest.pop(key)
        items = value if isinstance(value, list) else [value]
        wrong = [item for item in items if item is not None and not isinstance(item, str)]
        if wrong:
            self._unusable(key, wrong[0], "a text or a list of texts")
        return tool_list(value)

    def mapping(self, key: str) -> dict[str, Any]:
        """An object; empty when absent."""
        value = self.rest.pop(key, None)
        if value is None or isinstance(value, dict):
            return value or {}
        self._unusable(key, value, "an object")
        return {}

    def finish(self) -> dict[str, Any]:
        """The keys that are left, each reported once."""
        for key in self.rest:
            self.report(key, "unknown_key", "warning", f"unknown key {quoted(key)} has no effect", "check it, or remove it")
        return self.rest

    def _unusable(self, key: str, value: object, wanted: str) -> None:
        self.report(key, "type", "warning", f"{quoted(value)} is not {wanted} and is ignored", f"write {wanted}")


def frontmatter_problems(front: Frontmatter, *, file: str, severity: Severity) -> list[Problem]:
    """What is wrong with the frontmatter as a whole: broken YAML, or too much of it."""
    if front.error is None:
        return []
    line = front.error_line or 1
    rule = "frontmatter.too_large" if "larger than" in front.error else "frontmatter.yaml"
    fix = "quote the value, and indent with blanks" if rule == "frontmatter.yaml" else "move text into the body"
    return [Problem(file, f"line {line}", rule, severity, front.error, fix, line)]


def first_words(body: str) -> str:
    """The first line of a body that says something, without Markdown's marks: what a file without description is about."""
    lines = (line.strip().lstrip("#>*- ").strip() for line in body.split("\n"))
    return next((line for line in lines if line), "")[:200]
