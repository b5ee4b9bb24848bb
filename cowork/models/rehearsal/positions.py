"""The position that the material gives to the seed's point of view, and how it is written down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cowork.models.extract import Passage, Reading, choose_option, options_in, passages

LABEL = "[rehearsal: no model was asked; the sentences below are picked from the material]"


@dataclass(frozen=True)
class Position:
    """An answer, how sure it is, and the passages it rests on."""

    answer: str
    confidence: float
    reason: str
    points: tuple[Passage, ...]


def position(reading: Reading, seed: int) -> Position:
    """What the material says on the task; an option where the task offers some."""
    found = passages(reading, seed)
    if not found:
        guess = (options_in(reading.task) or ("unknown",))[seed % 2 if options_in(reading.task) else 0]
        return Position(guess, 0.1, "The material says nothing that bears on the task.", ())
    options = options_in(reading.task)
    if options:
        answer, share, points = choose_option(options, found, seed)
        points = points or tuple(found[:3])
        return Position(answer, round(0.5 + 0.4 * share, 2), f'It says: "{points[0].text}"', points[:3])
    best = found[0]
    share = best.score / sum(passage.score for passage in found[:3])
    return Position(best.text, round(0.3 + 0.4 * share, 2), f"It bears most on the task ({best.source}).", tuple(found[:3]))


def with_contract(lines: list[str], position: Position) -> str:
    """Lines that end in the position as the JSON of the answer contract."""
    contract = {"answer": position.answer, "confidence": position.confidence, "reason": position.reason}
    return "\n".join([*lines, "", json.dumps(contract, ensure_ascii=False)])


def bullets(points: Sequence[Passage]) -> list[str]:
    """Passages as a list, with where they stand."""
    return [f'- "{point.text}" ({point.source})' for point in points] or ["- nothing bears on the task"]


def answer_in(statement: str) -> str:
    """The answer that a statement ends with, empty when it has none."""
    for found in _objects(statement):
        if isinstance(found.get("answer"), str):
            return str(found["answer"])
    return ""


def _objects(text: str) -> Iterator[dict[str, object]]:
    for line in reversed(text.split("\n")):
        if line.strip().startswith("{"):
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                yield value
