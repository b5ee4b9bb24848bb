"""From hits in a file's text to findings with line and column: overlaps joined, endless repetition counted, not listed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cowork.install.scan.characters import excerpt
from cowork.install.scan.finding import Finding
from cowork.install.scan.rule import RANK, Hit, Severity

MOST = 20
"""How many findings of a rule and a severity are listed for one file; the last one says how many more there are."""

_KEPT = 500
_LEAST_SHOWN = 30

Kind = tuple[str, Severity]


def findings(hits: Iterable[Hit], file: str, raw: str, digest: str, allowed: Mapping[tuple[str, str], str]) -> list[Finding]:
    """The findings of a file, sorted by place and rule. `allowed` maps a rule and a digest to the reason."""
    kept, more = _bounded(hits)
    shown_text = _without_secrets(raw, kept)
    listed: dict[Kind, list[Finding]] = {}
    lines = [0, *(match.end() for match in re.finditer("\n", raw))] if kept else []
    for hit in _joined(kept):
        kind: Kind = (hit.rule.id, hit.severity)
        if len(listed.setdefault(kind, [])) == MOST:
            more[kind] = more.get(kind, 0) + 1
            continue
        line = bisect_right(lines, hit.start)
        shown = excerpt(shown_text[hit.start : max(hit.end, hit.start + _LEAST_SHOWN)]) if hit.shown is None else hit.shown
        reason = allowed.get((hit.rule.id, digest))
        place = (file, line, hit.start - lines[line - 1] + 1)
        listed[kind].append(Finding(hit.rule.id, hit.severity, *place, shown, hit.message, hit.rule.fix, digest, reason))
    for kind, count in more.items():
        if kind not in listed:
            continue  # each of them was part of something worse
        last = listed[kind][-1]
        listed[kind][-1] = replace(last, message=f"{last.message} (and {count:,} more like it in this file)")
    return sorted((item for group in listed.values() for item in group), key=lambda item: (item.line, item.column, item.rule))


def _bounded(hits: Iterable[Hit]) -> tuple[list[Hit], dict[Kind, int]]:
    """The first hits of each rule and severity, and how many were left out: a file of nothing else must not fill memory."""
    kept: list[Hit] = []
    counts: dict[Kind, int] = {}
    for hit in hits:
        kind: Kind = (hit.rule.id, hit.severity)
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= _KEPT:
            kept.append(hit)
    return kept, {kind: count - _KEPT for kind, count in counts.items() if count > _KEPT}


def _without_secrets(raw: str, hits: Iterable[Hit]) -> str:
    """The text with every secret blotted out, so that no excerpt of another rule repeats one."""
    pieces, at = [], 0
    for hit in sorted((hit for hit in hits if hit.shown is not None), key=lambda item: item.start):
        start = max(at, hit.start)
        end = max(start, hit.end)
        pieces += [raw[at:start], "*" * (end - start)]
        at = end
    return "".join([*pieces, raw[at:]]) if pieces else raw


def _joined(hits: Iterable[Hit]) -> list[Hit]:
    """Hits by place; of those of one rule that overlap only the worst."""
    last: dict[str, Hit] = {}
    joined: list[Hit] = []
    for hit in sorted(hits, key=lambda item: (item.start, RANK[item.severity], item.rule.id, item.message)):
        before = last.get(hit.rule.id)
        if before is None or hit.start >= before.end:
            joined += [] if before is None else [before]
            last[hit.rule.id] = hit
        elif RANK[hit.severity] < RANK[before.severity]:
            last[hit.rule.id] = hit
    return sorted([*joined, *last.values()], key=lambda item: item.start)
