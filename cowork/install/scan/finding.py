"""What the scanner found, as values: the rule, the place, the excerpt, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from cowork.core.text import one_line

Severity = Literal["critical", "warning", "note"]
RANK: dict[str, int] = {"critical": 0, "warning": 1, "note": 2}

_EXCERPT = 80
_INVISIBLE = re.compile(  # to the eye, though Unicode has them printed: fillers, selectors, a blank of Braille
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)


class Rule(NamedTuple):
    """A rule: its stable id, what it is about in a sentence, and what the author of a pack should do."""

    id: str
    title: str
    fix: str


class Hit(NamedTuple):
    """A rule that matched: where in the file's text, how bad, and why. `shown` replaces the excerpt (for secrets)."""

    rule: Rule
    severity: Severity
    start: int
    end: int
    message: str
    shown: str | None = None


@dataclass(frozen=True)
class Finding:
    """A finding in a file. `line` and `column` count from 1, columns in characters. `digest` is the file's SHA-256.

    `allowed` is the reason why somebody allowed this rule for exactly these bytes, or None.
    """

    rule: str
    severity: Severity
    file: str
    line: int
    column: int
    excerpt: str
    message: str
    fix: str
    digest: str
    allowed: str | None


@dataclass(frozen=True)
class ScanReport:
    """Findings sorted by file, line, column and rule. The three counts leave out what is allowed; `bytes` are those read."""

    findings: tuple[Finding, ...]
    files: int
    bytes: int
    critical: int
    warnings: int
    notes: int


def excerpt(text: str) -> str:
    """Text of a file as it may stand in a report: one short line, every invisible character as its escape."""
    return one_line("".join(_visible(character) for character in text[: 4 * _EXCERPT]), _EXCERPT)


def _visible(character: str) -> str:
    if character.isspace() or (character.isprintable() and not _INVISIBLE.match(character)):
        return character
    point = ord(character)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
