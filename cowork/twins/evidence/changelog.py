"""A changelog's unreleased entries, in Markdown, reStructuredText or plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NAME = re.compile(r"(?:changelog|changes|history|news|release[-_]?notes)(?:\.(?:md|markdown|rst|txt))?\Z", re.IGNORECASE)
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\Z")
_UNDERLINE = re.compile(r"(?:=+|-+|~+|\^+|\*+)\s*\Z")
_UNRELEASED = re.compile(r"\W*(?:unreleased|next|upcoming|master|main|head|in development)\b", re.IGNORECASE)
_VERSION = re.compile(r"\bv?(\d+(?:\.\d+){1,3}(?:[-+.][0-9A-Za-z.-]+)?)")
_BULLET = re.compile(r"(\s*)(?:[-*+•]|\d+[.)])\s+(.*)\Z")
_MOST_ENTRIES = 500


@dataclass(frozen=True)
class Entry:
    """An entry: its category ("Added", empty without) and its text on one line."""

    category: str
    text: str


@dataclass(frozen=True)
class Changelog:
    """What a changelog says. `unreleased` is None when it has no such part; `newest` is the latest version it names."""

    unreleased: tuple[Entry, ...] | None
    newest: str | None


def find(files: Iterable[str]) -> str | None:
    """The changelog among files at the top, or in `docs/`; the one at the top and the first by name."""
    found = [name for name in files if _NAME.match(name.removeprefix("docs/"))]
    return min(found, key=lambda name: ("/" in name, name), default=None)


def read(text: str) -> Changelog:
    """The changelog in a text."""
    unreleased: list[Entry] | None = None
    newest: str | None = None
    inside, level, category = False, 0, ""
    for depth, title, line in _lines(text):
        if depth and not (inside and depth > level):
            version = _VERSION.search(title)
            inside = unreleased is None and newest is None and version is None and _UNRELEASED.match(title) is not None
            if inside:
                unreleased, level, category = [], depth, ""
            elif version is not None and newest is None:
                newest = version.group(1)
        elif depth:
            category = title
        elif inside and unreleased is not None:
            _add(unreleased, category, line)
    return Changelog(None if unreleased is None else tuple(unreleased[:_MOST_ENTRIES]), newest)


def _lines(text: str) -> Iterable[tuple[int, str, str]]:
    """Each line: the depth and title of a heading, or 0 and the line. An underline makes a heading of the line before it."""
    lines = text.split("\n")
    skip = False
    for number, line in enumerate(lines):
        if skip:
            skip = False
            continue
        heading = _HEADING.match(line.rstrip())
        below = lines[number + 1] if number + 1 < len(lines) else ""
        if heading is not None:
            yield len(heading.group(1)), heading.group(2), line
        elif line.strip() and not _BULLET.match(line) and len(below.strip()) >= 3 and _UNDERLINE.match(below):
            skip = True
            yield "=-~^*".index(below[0]) + 1 if below[0] in "=-~^*" else 1, line.strip(), line
        else:
            yield 0, "", line


def _add(entries: list[Entry], category: str, line: str) -> None:
    """A bullet begins an entry; a line below it goes on with it, and a bullet below a bullet does too."""
    bullet = _BULLET.match(line)
    if bullet is not None and (len(bullet.group(1)) < 2 or not entries):
        entries.append(Entry(category, bullet.group(2).strip()))
    elif line.strip() and entries and line[0] in " \t":
        last = entries[-1]
        entries[-1] = Entry(last.category, f"{last.text} {line.strip()}"[:2000])
    elif line.strip() and bullet is None:
        entries.append(Entry(category, line.strip()))
