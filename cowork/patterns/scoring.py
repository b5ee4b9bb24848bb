"""What a critic says of a draft: a score for each line of the rubric, what to change, and whether it is satisfied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cowork.patterns.answers import ContractError, last_object
from cowork.patterns.contracts import Contract, schema_of
from cowork.patterns.fields import flag_in, whole_in
from cowork.patterns.protocol import Form
from cowork.patterns.reviewing import FINDING, FINDING_SHAPE, Point, listed, points_in

RUBRIC: Mapping[str, str] = {
    "correct": "no claim is contradicted by the material or by well-established knowledge",
    "complete": "every part of the task is done, and the cases that matter are covered",
    "supported": "each claim that decides something says what it rests on, and rests on it",
    "usable": "whoever asked can act on it as it stands; nothing in it is beside the point",
}
"""The lines of the rubric, and what each of them asks."""
MOST_POINTS = 10


@dataclass(frozen=True)
class Critique:
    """`lines` are the points from 0 to 10 for each line of the rubric; `score` is their mean, from 0 to 1."""

    lines: Mapping[str, int]
    points: tuple[Point, ...]
    satisfied: bool

    @property
    def score(self) -> float:
        """All lines together: they weigh the same."""
        return round(sum(self.lines.values()) / (MOST_POINTS * len(self.lines)), 4)


def _critique(text: str) -> Critique:
    found = last_object(text)
    scores = found.get("scores")
    if not isinstance(scores, dict):
        raise ContractError(f'"scores" must be an object with {", ".join(RUBRIC)}')
    lines = {name: whole_in(scores, name, MOST_POINTS) for name in RUBRIC}
    points, satisfied = points_in(found), flag_in(found, "satisfied")
    severe = next((point for point in points if point.material), None)
    if satisfied and severe is not None:
        raise ContractError(f'"satisfied" is true, but a finding is {severe.severity}: {severe.claim[:80]!r}')
    if not satisfied and not points:
        raise ContractError('"satisfied" is false, but nothing is named that should change')
    return Critique(lines, points, satisfied)


_LINE = {"type": "integer", "minimum": 0, "maximum": MOST_POINTS}

CRITIQUE: Contract[Critique] = Contract(
    Form(
        "critique",
        schema_of(scores=schema_of(**dict.fromkeys(RUBRIC, _LINE)), findings=listed(FINDING), satisfied={"type": "boolean"}),
        whole=True,
    ),
    f'{{"scores": {{{", ".join(f"{chr(34)}{name}{chr(34)}: 0" for name in RUBRIC)}}}, "findings": [{FINDING_SHAPE}], '
    '"satisfied": true or false}',
    _critique,
)
