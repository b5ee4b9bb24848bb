"""The contracts of votes: a ranking, a stance with a private line, a synthesis, a text that must keep to what was voted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cowork.patterns.answers import (
    ANSWER_SHAPE,
    Answer,
    ContractError,
    confidence_in,
    last_object,
    normalise,
    parse_answer,
    text_in,
)
from cowork.patterns.contracts import CONFIDENCE, TEXT, Contract, schema_of
from cowork.patterns.protocol import Form

STANCE_SHAPE = '{"answer": "...", "confidence": 0.0, "reason": "...", "dissent": ""}'
_ANSWERED = schema_of(answer=TEXT, confidence=CONFIDENCE, reason=TEXT)


@dataclass(frozen=True)
class Ranking:
    """Labels, the best first. Those that are missing were not ranked."""

    labels: tuple[str, ...]
    confidence: float
    reason: str


@dataclass(frozen=True)
class Stance(Answer):
    """An answer, and what its seat holds against it or against the others: a line that no other seat sees."""

    dissent: str = ""


def ranking(labels: Sequence[str]) -> Contract[Ranking]:
    """The contract of a ballot on which `labels` stand. A ballot may be partial, but names each label once and no other."""
    known = tuple(labels)
    wanted = ", ".join(f'"{label}"' for label in known)
    schema = schema_of(
        ranking={"type": "array", "items": {"type": "string", "enum": list(known)}},
        confidence=CONFIDENCE,
        reason=TEXT,
    )

    def parse(text: str) -> Ranking:
        found = last_object(text)
        given = found.get("ranking")
        if not isinstance(given, list) or not given:
            raise ContractError(f'"ranking" must be a list of labels, the best first: {wanted}')
        ranked = tuple(label.strip().upper() if isinstance(label, str) else "" for label in given[: len(known) + 1])
        for number, label in enumerate(ranked):
            if label not in known:
                raise ContractError(f'"ranking" may hold {wanted} only, not {str(given[number])[:40]!r}')
        if len(set(ranked)) < len(ranked):
            raise ContractError('"ranking" must name each label once')
        return Ranking(ranked, confidence_in(found), text_in(found, "reason", empty=True))

    return Contract(
        Form("ranking", schema, whole=True), f'{{"ranking": [{wanted}], "confidence": 0.0, "reason": "..."}}', parse
    )


def parse_stance(text: str) -> Stance:
    """The stance in a reply. Raises ContractError."""
    answer = parse_answer(text)
    dissent = text_in(last_object(text), "dissent", empty=True).strip()
    return Stance(answer.answer, answer.confidence, answer.reason, text, dissent)


STANCE: Contract[Stance] = Contract(
    Form("stance", schema_of(answer=TEXT, confidence=CONFIDENCE, reason=TEXT, dissent=TEXT)), STANCE_SHAPE, parse_stance
)
SYNTHESIS: Contract[Answer] = Contract(Form("synthesis", _ANSWERED), ANSWER_SHAPE, parse_answer)


def merged(voted: str) -> Contract[Answer]:
    """The contract of a writer: the text is the writer's, the answer is the one that was voted for."""

    def parse(text: str) -> Answer:
        answer = parse_answer(text)
        if normalise(answer.answer) != normalise(voted):
            raise ContractError(f'"answer" must repeat the answer that was chosen, word for word: {voted[:400]}')
        return answer

    return Contract(Form("merged", _ANSWERED), ANSWER_SHAPE, parse)
