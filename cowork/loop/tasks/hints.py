"""What a line of a Markdown list says beside its words: an id, a priority, what comes first. What is not plain stays text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cowork.loop.tasks.fields import priority_of
from cowork.loop.tasks.reader import identity

_ID = re.compile(
    r"(?:([A-Za-z]{1,10}[-_]?\d[\w.-]{0,40}|\d{1,6}(?:\.\d{1,6})+):|\[([A-Z]{1,10}-\d{1,9})\]|(T\d{3,6})(?= ))\s+(?=\S)"
)
_PAREN = re.compile(r"\s*\(([^()]{1,300})\)$")
_AFTER = re.compile(r"(?:depends on|dependencies|after|needs|requires|blocked by)\s*:?\s+(\S.*)", re.IGNORECASE)
_PRIORITY = re.compile(r"priority\s*:?\s*(\S+)|(\S+) priority|(p\d)", re.IGNORECASE)
_FIELD = re.compile(
    r"(id|depends on|dependencies|after|needs|requires|blocked by|priority|agent|model|pattern|checks?|labels?|tags|notes?"
    r"|description|criterion)\s*:\s+(\S.*)",
    re.IGNORECASE,
)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1(.*)")
_DASH = re.compile(r"\s*(?::|—|–|\s-)\s+(?=\S)")
_HEADERS = frozenset({"acceptance criteria", "completion criteria", "criteria", "done when", "definition of done"})
_NAMES = {
    **dict.fromkeys(("depends on", "dependencies", "after", "needs", "requires", "blocked by"), "after"),
    **dict.fromkeys(("check", "checks"), "checks"),
    **dict.fromkeys(("label", "labels", "tags"), "labels"),
    **dict.fromkeys(("note", "notes"), "notes"),
}


@dataclass
class Draft:
    """A task while it is read. `number` is its number in an ordered list, `section` the headings above it.

    `prefix` is what its title began with, where its id was taken from there. `after` are the hints that name other tasks: the
    names, the text to put back where these are not found, and whether that is the title's.
    """

    line: int
    number: int | None
    section: tuple[str, ...]
    status: str
    id: str | None = None
    prefix: str = ""
    title: str = ""
    description: list[str] = field(default_factory=list)
    criteria: list[str] = field(default_factory=list)
    priority: int | None = None
    agent: str | None = None
    model: str | None = None
    pattern: str | None = None
    checks: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    after: list[tuple[tuple[str, ...], str, bool]] = field(default_factory=list)
    dependencies: list[str] = field(default_factory=list)


def read_title(draft: Draft, text: str) -> None:
    """Take a task's first paragraph apart: its id, hints in parentheses at the end, a title in bold with more behind it."""
    text = " ".join(text.split())
    found = _ID.match(text)
    name = next((part for part in found.groups() if part), None) if found else None
    if found and identity(name):
        draft.id, draft.prefix, text = name, found[0], text[found.end() :]
    while (paren := _PAREN.search(text)) and paren.start() > 0 and _hint(draft, paren[1].strip(), paren[0]):
        text = text[: paren.start()]
    draft.title, more = _parted(text.strip())
    if more:
        draft.description.append(more)


def _parted(text: str) -> tuple[str, str]:
    """A title in bold without its marks, and what follows it after a colon or a dash; else all of the text."""
    bold = _BOLD.fullmatch(text)
    if not bold:
        return text, ""
    title, rest = bold[2], bold[3]
    if title.endswith(":") and title[:-1].strip():
        return title[:-1].strip(), rest.strip()
    if not rest:
        return title, ""
    dash = _DASH.match(rest)
    return (title, rest[dash.end() :]) if dash else (text, "")


def _hint(draft: Draft, inner: str, whole: str) -> bool:
    after = _AFTER.fullmatch(inner)
    if after:
        draft.after.append((_names(after[1]), whole, True))
        return True
    words = _PRIORITY.fullmatch(inner)
    priority = priority_of(next((part for part in words.groups() if part), "")) if words else None
    if priority is None or draft.priority is not None:
        return False
    draft.priority = priority
    return True


def read_item(draft: Draft, text: str) -> None:
    """Take a nested item: `field: value` sets a field, everything else is a criterion."""
    text = " ".join(text.split())
    if not text or text.rstrip(": ").casefold() in _HEADERS:
        return
    found = _FIELD.fullmatch(text)
    if not found or not _set(draft, found[1].lower(), found[2].strip(), text):
        draft.criteria.append(text)


def _set(draft: Draft, name: str, value: str, whole: str) -> bool:
    """Set a field; whether it could be: what is set already, or cannot be read, is no field."""
    name = _NAMES.get(name, name)
    if name == "after":
        draft.after.append((_names(value), whole, False))
    elif name == "priority":
        if draft.priority is not None or priority_of(value) is None:
            return False
        draft.priority = priority_of(value)
    elif name == "id":
        if (draft.id is not None and not draft.prefix) or identity(_bare(value)) is None:
            return False
        draft.id, draft.title, draft.prefix = _bare(value), draft.prefix + draft.title, ""
    elif name in ("agent", "model", "pattern"):
        if getattr(draft, name) is not None or not _bare(value):
            return False
        setattr(draft, name, _bare(value))
    elif name == "criterion":
        draft.criteria.append(value)
    elif name == "labels":
        draft.labels += [label.strip() for label in value.split(",") if label.strip()]
    elif name == "checks":
        draft.checks.append(_bare(value) or value)
    else:
        getattr(draft, name).append(value)
    return True


def _bare(value: str) -> str:
    """A value without the backticks around it."""
    inner = value[1:-1].strip()
    return inner if len(value) > 2 and value[0] == value[-1] == "`" and "`" not in inner else value


def _names(text: str) -> tuple[str, ...]:
    return tuple(_bare(name.strip()) for name in re.split(r",|;|\band\b|&", text) if name.strip())
