"""Findings made into evidence: numbered, bounded, and of text that is safe to show and to put into a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cowork.core.text import one_line
from cowork.twins.evidence.findings import Evidence, Fact, Findings, Item

MOST_ITEMS = 40
LONGEST_TEXT = 300
_MOST_MEMBERS = 50
_DEEPEST = 4


def made(
    findings: Findings, collector: str, *, left_out: tuple[str, ...], commit: str | None, at: str, seconds: float
) -> Evidence:
    """The evidence of what a collector found. It is partial when anything was left out."""
    facts = (Fact(findings.summary, findings.figures), *findings.facts[:MOST_ITEMS])
    total = len(findings.facts) if findings.total is None else max(findings.total, len(findings.facts))
    figures = _mapping(findings.figures, 0)
    items = tuple(
        Item(f"{collector}.{number}", one_line(fact.text, LONGEST_TEXT), _mapping(fact.data, 0))
        for number, fact in enumerate(facts)
    )
    reason = one_line("; ".join(left_out), LONGEST_TEXT)
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
    return Evidence(
        collector=collector,
        status="unavailable",
        summary="",
        reason=one_line(reason, LONGEST_TEXT),
        hint=one_line(hint, LONGEST_TEXT),
        figures={},
        items=(),
        items_total=0,
        commit=commit,
        collected_at=at,
        seconds=round(seconds, 3),
        cached=False,
    )


def _mapping(data: Mapping[str, Any], depth: int) -> dict[str, Any]:
    pairs = list(data.items())[:_MOST_MEMBERS]
    return {one_line(str(key), LONGEST_TEXT): _safe(value, depth + 1) for key, value in pairs}


def _safe(value: Any, depth: int) -> Any:
    """A value as JSON takes it; what is too deep becomes text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None  # also not for what is no number
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return _mapping(value, depth)
    if isinstance(value, (list, tuple, set, frozenset)) and depth < _DEEPEST:
        members = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [_safe(member, depth + 1) for member in members[:_MOST_MEMBERS]]
    return one_line(str(value), LONGEST_TEXT)
