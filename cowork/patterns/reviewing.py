"""What reviewers of a draft reply: findings, what became of earlier ones, and a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cowork.patterns.answers import ANSWER_SHAPE, Answer, ContractError, last_object, normalise, parse_answer
from cowork.patterns.contracts import CONFIDENCE, TEXT, Contract, schema_of
from cowork.patterns.fields import bounded, distinct, labels_in, objects_in, one_of
from cowork.patterns.protocol import Form
from cowork.patterns.results import Severity

SEVERITIES: tuple[Severity, ...] = ("minor", "major", "critical")
CHECK = "check"
"""The id of the finding that the user's own check makes, and the seat it is recorded under."""
MOST_FINDINGS = 20
FINDING_SHAPE = '{"severity": "minor" or "major" or "critical", "quote": "...", "claim": "...", "fix": "..."}'
_REVIEW_SHAPE = f'"settled": ["f1"], "findings": [{FINDING_SHAPE}], "verdict": "approve" or "changes"'

REVISION: Contract[Answer] = Contract(
    Form("revision", schema_of(answer=TEXT, confidence=CONFIDENCE, reason=TEXT)), ANSWER_SHAPE, parse_answer
)


@dataclass(frozen=True)
class Point:
    """One thing that is wrong with a draft: where, what, how bad, and what would mend it."""

    severity: Severity
    quote: str
    claim: str
    fix: str

    @property
    def material(self) -> bool:
        """Whether it is more than a blemish."""
        return is_material(self.severity)


@dataclass(frozen=True)
class Review:
    """A review: which of the open findings no longer stand, what else is wrong, and, where it rewrites, the new draft."""

    approves: bool
    settled: tuple[str, ...]
    points: tuple[Point, ...]
    rewrite: Answer | None = None


def is_material(severity: Severity) -> bool:
    """Whether a finding of this severity stands in the way of approval."""
    return severity != "minor"


def review(known: Mapping[str, Severity], *, rewrites: bool) -> Contract[Review]:
    """The contract of a review of a draft with these open findings; one that `rewrites` brings its draft along.

    What a check says is not for reviewers to settle: that they name it, or leave it out, counts nothing.
    """
    judged = {label: severity for label, severity in known.items() if label != CHECK}

    def parse(text: str) -> Review:
        found = last_object(text)
        approves = one_of(found, "verdict", ("approve", "changes")) == "approve"
        settled = tuple(label for label in labels_in(found, "settled", known) if label in judged)
        points = points_in(found)
        if approves:
            _without_objection(points, [label for label in judged if is_material(judged[label]) and label not in settled])
        elif not points and len(settled) == len(known):
            raise ContractError('the verdict is "changes", but nothing is named that should change')
        return Review(approves, settled, points, parse_answer(text) if rewrites and not approves else None)

    properties: dict[str, Mapping[str, Any]] = {"settled": listed(TEXT), "findings": listed(FINDING)}
    properties["verdict"] = {"type": "string", "enum": ["approve", "changes"]}
    if not rewrites:
        return Contract(Form("review", schema_of(**properties), whole=True), f"{{{_REVIEW_SHAPE}}}", parse)
    shape = f"{{{_REVIEW_SHAPE}, {ANSWER_SHAPE[1:]}"
    return Contract(Form("rewrite", schema_of(**properties, answer=TEXT, confidence=CONFIDENCE, reason=TEXT)), shape, parse)


def _without_objection(points: Iterable[Point], standing: Sequence[str]) -> None:
    severe = next((point for point in points if point.material), None)
    if severe is not None:
        raise ContractError(f'the verdict is "approve", but a finding is {severe.severity}: {severe.claim[:80]!r}')
    if standing:
        raise ContractError(f'the verdict is "approve", but these open findings are not settled: {", ".join(standing)}')


def listed(item: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a list of such items."""
    return {"type": "array", "items": item}


FINDING: Mapping[str, Any] = schema_of(severity={"type": "string", "enum": list(SEVERITIES)}, quote=TEXT, claim=TEXT, fix=TEXT)


def points_in(found: Mapping[str, Any]) -> tuple[Point, ...]:
    """The findings of a reply, none of them twice. Raises ContractError."""
    points = []
    for item in objects_in(found, "findings", MOST_FINDINGS):
        severity = severity_in(item)
        points.append(
            Point(severity, bounded(item, "quote", empty=True), bounded(item, "claim"), bounded(item, "fix", empty=True))
        )
    distinct((normalise(f"{point.quote} {point.claim}") for point in points), '"findings"')
    return tuple(points)


def severity_in(item: Mapping[str, Any]) -> Severity:
    """The severity of a finding. Raises ContractError."""
    word = one_of(item, "severity", SEVERITIES)
    return next(known for known in SEVERITIES if known == word)
