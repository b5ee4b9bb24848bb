"""Answers to the forms of votes: rankings, stances, syntheses, and the final text of what was chosen."""

from __future__ import annotations

import json

from cowork.models.extract import Passage, Reading
from cowork.models.rehearsal.debate import open_
from cowork.models.rehearsal.positions import LABEL, Position, bullets, position, with_contract

_MOVE_AT = 1.5


def rank(reading: Reading, seed: int) -> str:
    """A ballot: candidates by the weight of the material each rests on, those that rest on as much in a drawn order."""
    weights = {label: reading.support(text)[0] for label, text in _labelled(reading, "candidate").items()}
    names = sorted(weights)
    drawn = names[seed % len(names) :] + names[: seed % len(names)] if names else []
    order = sorted(drawn, key=lambda label: -weights[label])
    lines = [LABEL, "", "Weight of the material each candidate rests on:"]
    lines += [f"- {label}: {weights[label]:.1f}" for label in order]
    whole = sum(weights.values())
    share = round(weights[order[0]] / whole, 2) if whole else 0.1
    ballot = {"ranking": order, "confidence": share, "reason": "It rests on most of the material."}
    return "\n".join([*lines, "", json.dumps(ballot, ensure_ascii=False)])


def stand(reading: Reading, seed: int) -> str:
    """A stance: blind at first; then it moves to a group that rests on clearly more of the material, and says what remains."""
    held = position(reading, seed)
    if not reading.own:
        return _stance([LABEL, "", "What the material says:", *bullets(held.points)], held, "")
    own = reading.own.split("\n", 1)[0]
    weight, points = reading.support(reading.own)
    groups = {text.split("\n", 1)[0]: reading.support(text) for text in _labelled(reading, "group").values()}
    best = max(groups, key=lambda answer: groups[answer][0], default=own)
    if best != own and groups[best][0] > weight * _MOVE_AT:
        found = groups[best][1]
        lines = [LABEL, "", f"Moved: another group rests on more of the material. Answer: {best}", "", *bullets(found[:3])]
        dissent = f'Still said: "{points[0].text}"' if points else ""
        return _stance(lines, Position(best, 0.6, _reason(found), ()), dissent)
    lines = [LABEL, "", "Kept: no group rests on clearly more of the material.", "", *bullets(points[:3])]
    return _stance(lines, Position(own, held.confidence, _reason(points) if points else held.reason, ()), "")


def synthesise(reading: Reading, seed: int) -> str:
    """An answer: blind when there are no candidates, else that of the candidate that rests on most of the material."""
    candidates = list(_labelled(reading, "candidate").values())
    if not candidates:
        return open_(reading, seed)
    weighed = [(reading.support(text), text) for text in candidates]
    (_, points), text = max(weighed, key=lambda item: item[0][0])
    answer = text.rpartition("\nAnswer: ")[2].strip() or position(reading, seed).answer
    lines = [LABEL, "", "The candidate that rests on most of the material:", *bullets(points[:4])]
    share = len([other for other in candidates if other.endswith(f"\nAnswer: {answer}")]) / len(candidates)
    return with_contract(lines, Position(answer, round(0.3 + 0.5 * share, 2), _reason(points), ()))


def write(reading: Reading, seed: int) -> str:
    """The final text of what was chosen, with passages that only other candidates quote named as improvements."""
    kinds = {section.kind: section.text for section in reading.rest}
    chosen, draft = kinds.get("chosen") or position(reading, seed).answer, kinds.get("draft", "")
    _, points = reading.support(draft)
    lines = [LABEL, "", f"Chosen: {chosen}", "", "It rests on:", *bullets(points), "", "Taken from other candidates:"]
    taken = [
        f'- {label}: "{passage.text}" ({passage.source})'
        for label, text in sorted(_labelled(reading, "candidate").items())
        for passage in reading.support(text)[1][:2]
        if passage not in points
    ]
    return with_contract([*lines, *(taken[:4] or ["- nothing"])], Position(chosen, 0.6, _reason(points), ()))


def _stance(lines: list[str], held: Position, dissent: str) -> str:
    said = {"answer": held.answer, "confidence": held.confidence, "reason": held.reason, "dissent": dissent}
    return "\n".join([*lines, "", json.dumps(said, ensure_ascii=False)])


def _reason(points: list[Passage]) -> str:
    return " ".join(f'"{passage.text}"' for passage in points[:2]) or "The material says nothing that bears on it."


def _labelled(reading: Reading, kind: str) -> dict[str, str]:
    return {section.label: section.text for section in reading.rest if section.kind == kind}
