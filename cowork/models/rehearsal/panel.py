"""An expert panel from the words of the material: lenses, opinions, cross-examination and the moderator's conclusion."""

from __future__ import annotations

import json
import re

from cowork.models.extract import Passage, Reading, passages, quoted
from cowork.models.rehearsal.positions import LABEL, answer_in, bullets, position

_WORD = re.compile(r"[^\W\d_][\w-]{3,}")


def lenses(reading: Reading, seed: int) -> str:
    """A lens for each expert, on the passages that bear most on the task; beyond those, on the task itself."""
    panel = next((section.text for section in reading.rest if section.kind == "plan"), "")
    wanted = int(panel.split()[0]) if panel[:1].isdigit() else 1
    found = passages(reading, seed)
    written = []
    for number in range(1, wanted + 1):
        passage = found[number - 1] if number <= len(found) else None
        words = _WORD.findall(passage.text)[:2] if passage else ["Task"]
        about = f'What follows from "{passage.text}"?' if passage else f"What else bears on the task, in place {number}?"
        focus = f"passage {number} by weight" if passage else "what the material leaves open"
        written.append({"name": " ".join([str(number), *words]), "focus": focus, "questions": [about]})
    return _reply([], {"lenses": written})


def opinion(reading: Reading, seed: int) -> str:
    """An answer, the questions on which the material has a passage, and the passages as claims."""
    held = position(reading, seed)
    settled = []
    for number, section in enumerate((section for section in reading.rest if section.kind == "question"), 1):
        found = passages(Reading(section.text, reading.material, "", "", {}), seed)
        if found:
            settled.append({"number": number, "answer": found[0].text})
    claims = [point.text for point in held.points]
    said = {"questions": settled, "claims": claims, "answer": held.answer, "confidence": held.confidence, "reason": held.reason}
    return _reply([f"Position: {held.answer}", "", "What the material says:", *bullets(held.points)], said)


def crossing(reading: Reading, seed: int) -> str:
    """Disputes, once, the claims that bear least on the task from this point of view; it holds on to nothing."""
    held = position(reading, seed)
    near = [passage.text for passage in passages(reading, seed)[:4]]
    others = [section for section in reading.rest if section.kind == "claim" and not section.label.isdigit()]
    again = any(section.kind == "notes" for section in reading.rest)
    far = [section.label for section in others if near and section.text not in near and not again]
    disputes = [{"claim": claim, "why": f'This bears more on the task: "{near[0]}"'} for claim in far[:4]]
    answer = answer_in(reading.own) or held.answer
    said = {
        "disputes": disputes,
        "withdrawn": [],
        "answer": answer,
        "confidence": held.confidence,
        "reason": held.reason,
    }
    return _reply([f"Position: {answer}", "", "It rests on:", *bullets(held.points)], said)


def recommendation(reading: Reading, _seed: int) -> str:
    """The answer that rests on most of the material, passages that several quote, and the answers side by side."""
    answers = {label: answer_in(text) for label, text in reading.statements.items()}
    weights: dict[str, float] = {}
    for label, text in reading.statements.items():
        weights[answers[label]] = weights.get(answers[label], 0.0) + reading.support(text)[0]
    best = max(weights, key=lambda answer: (weights[answer], answer), default="unknown") or "unknown"
    total = sum(weights.values())
    sides = [
        {"who": [label for label, own in answers.items() if own == answer], "says": answer or "no answer"}
        for answer in dict.fromkeys(answers.values())
    ]
    point = {"point": "what the answer to the task is", "sides": sides}
    said = {
        "agreements": _shared(reading),
        "disagreements": [point] if len(sides) > 1 else [],
        "answer": best,
        "confidence": round(weights[best] / total, 2) if total and best in weights else 0.1,
        "reason": "The statements for it rest on most of the material.",
    }
    lines = ["Weight of the material each answer rests on:"]
    lines += [f"- {answer}: {weight:.1f}" for answer, weight in sorted(weights.items())]
    return _reply(lines, said)


def _shared(reading: Reading) -> list[dict[str, object]]:
    found: list[tuple[Passage, list[str]]] = []
    for passage in reading.ranked:
        who = [label for label, text in reading.statements.items() if quoted(passage.text, text)]
        if len(who) > 1:
            found.append((passage, who))
    return [{"point": passage.text, "who": who} for passage, who in found[:5]]


def _reply(lines: list[str], said: dict[str, object]) -> str:
    return "\n".join([LABEL, "", *lines, "", json.dumps(said, ensure_ascii=False)])
