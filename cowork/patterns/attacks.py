"""The contracts of red and blue: what an attacker claims, what a verifier reproduced, and what a patch answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from cowork.patterns.answers import Answer, ContractError, last_object, parse_answer
from cowork.patterns.contracts import CONFIDENCE, TEXT, Contract, schema_of
from cowork.patterns.protocol import Form
from cowork.patterns.results import Severity
from cowork.patterns.values import choice_of, known_of, line_of, objects_of, text_of

MOST_FINDINGS = 8
SEVERITIES: tuple[Severity, ...] = ("minor", "major", "critical")
VERDICTS = ("reproduced", "rejected", "unclear")


@dataclass(frozen=True)
class Attack:
    """What an attacker holds against a draft: the claim, where, how bad, and how to see it."""

    claim: str
    place: str
    severity: Severity
    repro: str


@dataclass(frozen=True)
class Check:
    """Whether a claim was reproduced, rejected, or neither, and why."""

    verdict: str
    why: str


@dataclass(frozen=True)
class Patch:
    """A draft with changes; `how` says by the id of a finding what was done about it."""

    answer: Answer
    how: Mapping[str, str]


def _attacks(reply: str) -> tuple[Attack, ...]:
    found = last_object(reply)
    if "findings" not in found:
        raise ContractError('"findings" is missing; an empty list says that nothing was found')
    return tuple(map(_attack, objects_of(found["findings"], '"findings"', most=MOST_FINDINGS)))


def _attack(item: Mapping[str, Any]) -> Attack:
    claim = line_of(item.get("claim"), 'the "claim" of a finding', most=500)
    return Attack(
        claim,
        line_of(item.get("place"), f'the "place" of "{claim[:40]}"', most=300, empty=True),
        cast("Severity", choice_of(item.get("severity"), f'the "severity" of "{claim[:40]}"', SEVERITIES)),
        text_of(item.get("repro"), f'the "repro" of "{claim[:40]}"'),
    )


_FINDING = schema_of(claim=TEXT, place=TEXT, severity={"type": "string", "enum": list(SEVERITIES)}, repro=TEXT)
ATTACKS: Contract[tuple[Attack, ...]] = Contract(
    Form("attacks", schema_of(findings={"type": "array", "items": _FINDING}), whole=True),
    '{"findings": [{"claim": "...", "place": "...", "severity": "minor", "major" or "critical", "repro": "..."}]}',
    _attacks,
)
BUILD: Contract[Answer] = Contract(
    Form("build", schema_of(answer=TEXT, confidence=CONFIDENCE, reason=TEXT)),
    '{"answer": "...", "confidence": 0.0, "reason": "..."}',
    parse_answer,
)


def checks_contract(ids: Collection[str]) -> Contract[Mapping[str, Check]]:
    """A verdict on each of these findings, no more and no fewer."""

    def parse(reply: str) -> Mapping[str, Check]:
        checks: dict[str, Check] = {}
        for item in objects_of(last_object(reply).get("verdicts"), '"verdicts"', most=len(ids), least=len(ids)):
            name = known_of(item.get("id"), '"verdicts"', ids)
            if name in checks:
                raise ContractError(f"there are two verdicts on {name}")
            verdict = choice_of(item.get("verdict"), f'the "verdict" on {name}', VERDICTS)
            checks[name] = Check(verdict, text_of(item.get("why"), f'"why" of {name}', most=1_000, empty=True))
        return checks

    verdict = schema_of(id=TEXT, verdict={"type": "string", "enum": list(VERDICTS)}, why=TEXT)
    shape = (
        '{"verdicts": [{"id": "F1", "verdict": "reproduced", "rejected" or "unclear", "why": "..."}]} on each of '
        + ", ".join(ids)
    )
    return Contract(Form("checks", schema_of(verdicts={"type": "array", "items": verdict}), whole=True), shape, parse)


def patch_contract(ids: Collection[str]) -> Contract[Patch]:
    """A draft patched against these findings."""

    def parse(reply: str) -> Patch:
        how: dict[str, str] = {}
        for item in objects_of(last_object(reply).get("patches"), '"patches"', most=len(ids)):
            name = known_of(item.get("id"), '"patches"', ids)
            how[name] = text_of(item.get("how"), f'"how" of {name}', most=1_000)
        return Patch(parse_answer(reply), how)

    patches = {"type": "array", "items": schema_of(id=TEXT, how=TEXT)}
    schema = schema_of(patches=patches, answer=TEXT, confidence=CONFIDENCE, reason=TEXT)
    shape = '{"patches": [{"id": "F1", "how": "..."}], "answer": "...", "confidence": 0.0, "reason": "..."}'
    return Contract(Form("patch", schema), shape, parse)
