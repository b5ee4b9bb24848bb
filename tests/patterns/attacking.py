"""Scripted seats of red and blue."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from cowork.patterns.protocol import Question
from tests.patterns.seats import Said

Replies = dict[tuple[object, ...], Said]
REDS = ["rex", "ray", "ron", "rod", "ria", "rob"]


def seats(attackers: int = 2, verifiers: int = 1) -> dict[str, list[str]]:
    return {"blue": ["blu"], "red": REDS[:attackers], "verifier": ["vic", "val"][:verifiers]}


def builds(draft: str, answer: str = "a lock", patches: Sequence[str] | None = None) -> str:
    """A draft, or a patch of these findings."""
    said: dict[str, Any] = {"answer": answer, "confidence": 0.8, "reason": "built well"}
    if patches is not None:
        said["patches"] = [{"id": name, "how": f"mended {name}"} for name in patches]
    return f"{draft}\n{json.dumps(said)}"


def attacks(*claims: str, place: str = "top", severity: str = "major") -> str:
    """An attacker's reply; claims are worded `claim` or `claim@place`."""
    found = []
    for claim in claims:
        text, _, where = claim.partition("@")
        found.append({"claim": text, "place": where or place, "severity": severity, "repro": f"do {text}"})
    return json.dumps({"findings": found})


def verifies(verdict: Callable[[dict[str, Any]], str]) -> Callable[[Question], str]:
    """A verifier that decides claim by claim."""

    def check(question: Question) -> str:
        checks = [{"id": item["id"], "verdict": verdict(item), "why": "looked"} for item in question.view["findings"]]
        return json.dumps({"verdicts": checks})

    return check


def patches(draft: str = "patched") -> Callable[[Question], str]:
    """A blue seat that says it patched everything."""
    return lambda question: builds(f"{draft} {question.round}", patches=[item["id"] for item in question.view["findings"]])


def fresh(seat: str) -> Callable[[Question], str]:
    """An attacker that finds something new in every round."""
    return lambda question: attacks(f"{seat} {question.round}")


ALWAYS = verifies(lambda _: "reproduced")
NEVER = verifies(lambda _: "rejected")


def in_its_round(question: Question) -> str:
    """A verifier that reproduces only the claims made in its own round."""
    return verifies(lambda item: "reproduced" if item["claim"].endswith(str(question.round)) else "rejected")(question)


def replies(attackers: int = 2) -> Replies:
    found: Replies = {("blu", "redblue_build"): builds("draft 0"), ("blu", "redblue_patch"): patches()}
    found |= {("vic", "redblue_verify"): ALWAYS, ("val", "redblue_verify"): ALWAYS}
    return found | {(seat, "redblue_attack"): fresh(seat) for seat in REDS[:attackers]}
