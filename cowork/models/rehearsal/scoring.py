"""Scoring a draft: by the share of the passages that bear on the task which it holds."""

from __future__ import annotations

from collections.abc import Sequence

from cowork.models.extract import Passage, Reading
from cowork.models.rehearsal.positions import LABEL, bullets
from cowork.models.rehearsal.reviewing import Copy, ended, finding

_LOOKED_FOR = 6
_AT_ONCE = 2
LINES = ("correct", "complete", "supported", "usable")


def critique(reading: Reading, _seed: int) -> str:
    """A score for each line, and the next passages that the draft should hold."""
    copy = Copy.of(reading)
    looked_for = reading.ranked[:_LOOKED_FOR]
    missing = copy.lacks(looked_for)
    share = 1 - len(missing) / len(looked_for) if looked_for else 1.0
    points = {line: round(10 * share) if line in ("complete", "supported") else 7 for line in LINES}
    failed = "check" in copy.findings
    findings = [finding(passage, "major") for passage in missing[:_AT_ONCE]]
    if failed and not findings:
        findings = [{"severity": "major", "quote": "", "claim": "The check failed.", "fix": "Mend what the check says."}]
    return ended(_said(looked_for, missing), {"scores": points, "findings": findings, "satisfied": not findings})


def _said(looked_for: Sequence[Passage], missing: Sequence[Passage]) -> str:
    held = len(looked_for) - len(missing)
    count = f"Of the {len(looked_for)} passages that bear most on the task, the draft holds {held}."
    return "\n".join([LABEL, "", count, *(["Missing:", *bullets(missing)] if missing else [])])
