"""Scripted seats of an expert panel."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from cowork.patterns.protocol import Question
from tests.patterns.seats import Said

Replies = dict[tuple[object, ...], Said]
EXPERTS = ["ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal"]
LENSES = [{"name": f"Lens {n}", "focus": "it", "questions": [f"What of {n}?", f"Why {n}?"]} for n in range(1, 9)]


def holds(answer: str, *claims: str, settled: tuple[int, ...] = (1, 2), confidence: float = 0.7) -> str:
    """An expert's reply."""
    questions = [{"number": number, "answer": f"so {number}"} for number in settled]
    said = {
        "questions": questions,
        "claims": list(claims),
        "answer": answer,
        "confidence": confidence,
        "reason": f"for {answer}",
    }
    return f"I hold {answer}.\n{json.dumps(said)}"


def crosses(answer: str, disputes: Mapping[str, str] | None = None, withdrawn: tuple[int, ...] = ()) -> str:
    """A turn in a cross-examination."""
    listed = [{"claim": claim, "why": why} for claim, why in (disputes or {}).items()]
    said = {"disputes": listed, "withdrawn": list(withdrawn), "answer": answer, "confidence": 0.7, "reason": "seen them"}
    return f"Now {answer}.\n{json.dumps(said)}"


def disputes_all(answer: str) -> Callable[[Question], str]:
    """Disputes whatever is before it."""
    return lambda question: crosses(answer, {c["id"]: "no" for other in question.view["others"] for c in other["claims"]})


def concludes(answer: str, **fields: Any) -> str:
    """A moderator's reply."""
    said = {"agreements": [], "disagreements": [], "answer": answer, "confidence": 0.6, "reason": "weighed", **fields}
    return f"On the whole, {answer}.\n{json.dumps(said)}"


def seats(experts: int = 3, *, written: bool = False, moderators: int = 1) -> dict[str, list[str]]:
    chain = ["moe", "may", "max"][:moderators]
    return {"role-writer": ["wil"] if written else [], "expert": EXPERTS[:experts], "moderator": chain}


def replies(experts: int = 3, **answers: str) -> Replies:
    said: Replies = {("moe", "panel_moderator"): concludes("files"), ("wil", "panel_lenses"): written(experts)}
    for expert in EXPERTS[:experts]:
        answer = answers.get(expert, f"own {expert}")
        said[expert, "panel_expert"] = holds(answer, f"{expert} claims one", f"{expert} claims two")
        said[expert, "panel_cross"] = disputes_all(answer)
    return said


def written(experts: int) -> str:
    return json.dumps({"lenses": LENSES[:experts]})
