"""Contracts: what a reply must hold, how it is described to a seat, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cowork.patterns.answers import (
    ANSWER_SHAPE,
    VERDICT_SHAPE,
    Answer,
    ContractError,
    Verdict,
    last_object,
    parse_answer,
    parse_verdict,
    text_in,
)
from cowork.patterns.protocol import Form

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Contract(Generic[T_co]):
    """`parse` reads a reply and raises ContractError saying what is wrong; `shape` shows a seat what was wanted."""

    form: Form
    shape: str
    parse: Callable[[str], T_co]


def schema_of(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of an object that has all of these properties, and no others."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


TEXT: Mapping[str, Any] = {"type": "string"}
CONFIDENCE: Mapping[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}

ANSWER: Contract[Answer] = Contract(
    Form("answer", schema_of(answer=TEXT, confidence=CONFIDENCE, reason=TEXT)), ANSWER_SHAPE, parse_answer
)
VERDICT: Contract[Verdict] = Contract(
    Form("verdict", schema_of(winner={"type": "string", "enum": ["A", "B", "tie"]}, confidence=CONFIDENCE, reason=TEXT)),
    VERDICT_SHAPE,
    parse_verdict,
)
REMARK: Contract[str] = Contract(
    Form("remark", schema_of(remark=TEXT), whole=True), '{"remark": "..."}', lambda reply: text_in(last_object(reply), "remark")
)


@dataclass(frozen=True)
class StepReview:
    """What the review step says: whether the result stands, and what is held against it."""

    approved: bool
    findings: tuple[str, ...]


def _step_review(reply: str) -> StepReview:
    found = last_object(reply)
    verdict, listed = found.get("verdict"), found.get("findings")
    if verdict not in ("approve", "changes"):
        raise ContractError('"verdict" must be "approve" or "changes"')
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise ContractError('"findings" must be a list of texts')
    findings = tuple(item.strip() for item in listed[:_MOST_FINDINGS] if item.strip())
    if verdict == "changes" and not findings:
        raise ContractError('"changes" needs at least one finding')
    return StepReview(verdict == "approve", findings)


_MOST_FINDINGS = 20
PLAN_NOTES: Contract[str] = Contract(
    Form("plan_notes", schema_of(plan=TEXT), whole=True), '{"plan": "..."}', lambda reply: text_in(last_object(reply), "plan")
)
NOTES: Contract[str] = Contract(
    Form("notes", schema_of(notes=TEXT), whole=True), '{"notes": "..."}', lambda reply: text_in(last_object(reply), "notes")
)
REVIEW_STEP: Contract[StepReview] = Contract(
    Form(
        "step_review",
        schema_of(verdict={"type": "string", "enum": ["approve", "changes"]}, findings={"type": "array", "items": TEXT}),
        whole=True,
    ),
    '{"verdict": "approve" or "changes", "findings": ["..."]}',
    _step_review,
)
