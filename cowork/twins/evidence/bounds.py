"""Findings made into evidence: numbered, bounded, and of text that is safe to show and to put into a prompt.

Safe: on one line, without control characters, and without secrets of our environment, wherever a collector met them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from cowork.core.secrets import Redactor
from cowork.core.text import one_line
from cowork.models.catalogue import key_names
from cowork.twins.evidence.findings import Evidence, Fact, Findings, Item

MOST_ITEMS = 40
LONGEST_TEXT = 300
_MOST_MEMBERS = 50
_DEEPEST = 4
_Line = Callable[[str], str]


def made(
    findings: Findings, collector: str, *, left_out: tuple[str, ...], commit: str | None, at: str, seconds: float
) -> Evidence:
    """The evidence of what a collector found. It is partial when anything was left out."""
    facts = (Fact(findings.summary, findings.figures), *findings.facts[:MOST_ITEMS])
    total = len(findings.facts) if findings.total is None else max(findings.total, len(findings.facts))
    line = _safe_line()
    figures = _mapping(findings.figures, 0, line)
    items = tuple(
        Item(f"{collector}.{number}", line(fact.text), _mapping(fact.data, 0, line)) for number, fact in enumerate(facts)
    )
    reason = line("; ".join(left_out))
    return Evidence(
        collector=collector,
        status="partial" if reason else "ok",
        summary=items[0].text,
        reason=reason,
        hint="",
        figures=figures,
        items=items,
        items_total=total,
        commit=commit,
        collected_at=at,
        seconds=round(seconds, 3),
        cached=False,
    )


def unavailable(collector: str, reason: str, hint: str, *, commit: str | None, at: str, seconds: float) -> Evidence:
    """The evidence that there is none, and why."""
    line = _safe_line()
    return Evidence(
        collector=collector,
        status="unavailable",
        summary="",
        reason=line(reason),
        hint=line(hint),
        figures={},
        items=(),
        items_total=0,
        commit=commit,
        collected_at=at,
        seconds=round(seconds, 3),
        cached=False,
    )


def _safe_line() -> _Line:
    """What makes a text a safe line. Secrets go before it is cut: half of one would not be known."""
    redactor = Redactor(os.environ, secret_names=key_names())
    return lambda text: one_line(redactor.text(text), LONGEST_TEXT)


def _mapping(data: Mapping[str, Any], depth: int, line: _Line) -> dict[str, Any]:
    pairs = list(data.items())[:_MOST_MEMBERS]
    return {line(str(key)): _safe(value, depth + 1, line) for key, value in pairs}


def _safe(value: Any, depth: int, line: _Line) -> Any:
    """A value as JSON takes it; what is too deep becomes text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None  # also not for what is no number
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return _mapping(value, depth, line)
    if isinstance(value, (list, tuple, set, frozenset)) and depth < _DEEPEST:
        members = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [_safe(member, depth + 1, line) for member in members[:_MOST_MEMBERS]]
    return line(str(value))
