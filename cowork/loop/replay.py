"""What a session has on record already, so that a run that was cut short goes on where it stood."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cowork.core.plain import to_plain
from cowork.loop.budget import Charge, input_tokens
from cowork.loop.spending import usd_of
from cowork.models.chat import Usage
from cowork.models.select import Target
from cowork.patterns.protocol import Question, Reply, SeatState
from cowork.sessions.journal import Event


@dataclass(frozen=True)
class Recorded:
    """An answer on record: to which question, what was said, by whom, and what it used."""

    fingerprint: str
    reply: Reply
    target: Target
    usage: Usage


@dataclass(frozen=True)
class Past:
    """Answers by the keys of their questions, and what all calls so far have cost, those that failed too."""

    answers: Mapping[str, Recorded] = field(default_factory=dict)
    charges: tuple[Charge, ...] = ()

    def answer(self, question: Question) -> Recorded | None:
        """The answer to this very question. One that was given to another view of it is none: what came before has changed."""
        found = self.answers.get(question.key)
        return found if found is not None and found.fingerprint == fingerprint(question) else None


NOTHING = Past()


def fingerprint(question: Question) -> str:
    """What tells what a seat was shown from anything else it could have been shown."""
    shown = json.dumps([to_plain(question.view), question.form.name if question.form else ""], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()[:32]


def past(events: Sequence[Event]) -> Past:
    """What a journal holds. Calls that failed are asked again, and so are seats whose answers broke the contract twice."""
    answers: dict[str, Recorded] = {}
    charges: list[Charge] = []
    for event in events:
        kind, data = event["type"], event["data"]
        if kind == "call.completed" and "fingerprint" in data:
            answers[data["key"]] = found = _recorded(data)
            charges.append(_charge(found.target, found.usage))
        elif kind == "call.failed":
            charges.append(Charge(1, input_tokens(data["partial"]) if data["partial"] else 0))
        elif kind in ("call.retrying", "call.cancelled"):
            charges.append(Charge(1))
    invalid = _invalid_seats(events)
    broken = {key.removesuffix("repair") for key in answers if key.endswith("/repair")}
    kept = {key: item for key, item in answers.items() if not (_seat(key) in invalid and key.removesuffix("repair") in broken)}
    return Past(kept, tuple(charges))


def _recorded(data: dict[str, Any]) -> Recorded:
    usage = data["usage"]
    state: SeatState = data["state"]
    return Recorded(
        data["fingerprint"],
        Reply(data["text"], state, data["by"]),
        Target(data["provider"], data["asked_model"]),
        Usage(usage["input"], usage["output"], usage["source"]),
    )


def _charge(target: Target, usage: Usage) -> Charge:
    return Charge(1, usage.input_tokens + usage.output_tokens, usd_of(target, usage))


def _invalid_seats(events: Iterable[Event]) -> set[str]:
    """The seats that the last result calls invalid."""
    results = [event["data"]["result"] for event in events if event["data"].get("result")]
    return {seat["name"] for seat in results[-1]["seats"] if seat["state"] == "invalid"} if results else set()


def _seat(key: str) -> str:
    return key.partition("/")[0]
