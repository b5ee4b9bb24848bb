"""Replies of authors and reviewers that keep the contracts."""

from __future__ import annotations

import json


def drafted(text: str, answer: str = "a plan", confidence: float = 0.8) -> str:
    """A draft, and the JSON it ends with."""
    return f"{text}\n\n{json.dumps({'answer': answer, 'confidence': confidence, 'reason': 'because'})}"


def point(claim: str, severity: str = "major", quote: str = "", fix: str = "mend it") -> dict[str, str]:
    """A finding."""
    return {"severity": severity, "quote": quote, "claim": claim, "fix": fix}


def approves(*minors: str, settled: tuple[str, ...] = (), text: str = "") -> str:
    """An approval, with minor findings; `text` is what a reviewer writes although it approves."""
    found = {"settled": list(settled), "findings": [point(claim, "minor") for claim in minors], "verdict": "approve"}
    return f"{text}\n\n{json.dumps({**found, 'answer': 'another plan', 'confidence': 0.9, 'reason': 'sound'})}"


def changes(text: str, *claims: str, severity: str = "major", settled: tuple[str, ...] = (), answer: str = "a plan") -> str:
    """Findings, after the draft that meets them; without one for a reviewer who leaves rewriting to the author."""
    found = {"settled": list(settled), "findings": [point(claim, severity) for claim in claims], "verdict": "changes"}
    return f"{text}\n\n{json.dumps({**found, 'answer': answer, 'confidence': 0.7, 'reason': 'it lacked something'})}"


def objects(*claims: str, severity: str = "major") -> str:
    """Objections of an advocate; without any, there is none."""
    found = [{"severity": severity, "claim": claim, "test": f"look up {claim}"} for claim in claims]
    return f"I considered it.\n{json.dumps({'objections': found})}"


def replies(text: str, answer: str = "a plan", **verdicts: str) -> str:
    """A reply to objections: `f1="accept"` or `f1="a reason to reject it"`; the answer after that."""
    given = [
        {"id": label, "verdict": "accept", "reason": "right"}
        if verdict == "accept"
        else {"id": label, "verdict": "reject", "reason": verdict}
        for label, verdict in verdicts.items()
    ]
    return f"{text}\n\n{json.dumps({'replies': given, 'answer': answer, 'confidence': 0.8, 'reason': 'better now'})}"


def scores(points: int, *claims: str, satisfied: bool = False, severity: str = "major") -> str:
    """A critique that gives `points` of 40 in all, spread over the four lines of the rubric."""
    lines = ("correct", "complete", "supported", "usable")
    spread = {line: points // 4 + (number < points % 4) for number, line in enumerate(lines)}
    found = [point(claim, severity) for claim in claims]
    return f"Read it twice.\n{json.dumps({'scores': spread, 'findings': found, 'satisfied': satisfied})}"
