"""Rules, and the places where they matched."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["critical", "warning", "note"]
RANK: dict[str, int] = {"critical": 0, "warning": 1, "note": 2}


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
