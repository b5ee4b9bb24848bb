"""A finding as a value: the rule, the place, the excerpt, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.install.scan.rule import Severity


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
