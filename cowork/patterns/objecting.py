"""What advocates object to an answer, and what its proposer replies to each objection."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cowork.patterns.answers import ANSWER_SHAPE, Answer, ContractError, last_object, normalise, parse_answer
from cowork.patterns.contracts import CONFIDENCE, TEXT, Contract, schema_of
from cowork.patterns.fields import bounded, distinct, objects_in, one_of
from cowork.patterns.protocol import Form
from cowork.patterns.reviewing import SEVERITIES, Point, listed, severity_in

MOST_OBJECTIONS = 5
_OBJECTION = schema_of(severity={"type": "string", "enum": list(SEVERITIES)}, claim=TEXT, test=TEXT)
_REPLY = schema_of(id=TEXT, verdict={"type": "string", "enum": ["accept", "reject"]}, reason=TEXT)


@dataclass(frozen=True)
class Replied:
    """A proposer's reply to all objections: which it accepts, why it rejects the others, and its answer after that."""

    accepted: tuple[str, ...]
    rejected: Mapping[str, str]
    answer: Answer


def _objections(text: str) -> tuple[Point, ...]:
    found = last_object(text)
    if "objections" not in found:
        raise ContractError('"objections" is missing; without a material objection it is an empty list')
    items = objects_in(found, "objections", MOST_OBJECTIONS)
    points = tuple(Point(severity_in(item), bounded(item, "test"), bounded(item, "claim"), "") for item in items)
    distinct((normalise(point.claim) for point in points), '"objections"')
    return points


OBJECTIONS: Contract[tuple[Point, ...]] = Contract(
    Form("objections", schema_of(objections=listed(_OBJECTION)), whole=True),
    '{"objections": [{"severity": "minor" or "major" or "critical", "claim": "...", "test": "..."}]}, the list empty '
    "when there is no material objection",
    _objections,
)
"""The objections of an advocate; `quote` of a point is the test that would show it wrong. None is an honest reply."""


def replied(labels: Collection[str]) -> Contract[Replied]:
    """The contract of a reply to the objections with these labels: every one of them is answered once."""

    def parse(text: str) -> Replied:
        items = objects_in(last_object(text), "replies", len(labels))
        given = [bounded(item, "id") for item in items]
        distinct(given, '"replies"')
        if set(given) != set(labels):
            unknown, missing = sorted(set(given) - set(labels)), sorted(set(labels) - set(given))
            wrong = f"there is no objection {unknown[0]!r}" if unknown else f"there is no reply to {', '.join(missing)}"
            raise ContractError(f'"replies": {wrong}')
        verdicts = {label: one_of(item, "verdict", ("accept", "reject")) for label, item in zip(given, items, strict=True)}
        reasons = {label: bounded(item, "reason") for label, item in zip(given, items, strict=True)}
        accepted = tuple(label for label in labels if verdicts[label] == "accept")
        rejected = {label: reasons[label] for label in labels if verdicts[label] == "reject"}
        return Replied(accepted, rejected, parse_answer(text))

    properties: dict[str, Mapping[str, Any]] = {"replies": listed(_REPLY), "answer": TEXT, "confidence": CONFIDENCE}
    shape = f'{{"replies": [{{"id": "f1", "verdict": "accept" or "reject", "reason": "..."}}], {ANSWER_SHAPE[1:]}'
    return Contract(Form("replies", schema_of(**properties, reason=TEXT)), shape, parse)
