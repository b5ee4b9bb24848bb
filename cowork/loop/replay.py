"""What a session has on record already, so that a run that was cut short goes on where it stood.

An answer is given again to the question that it answered, and to no other: a seat that was lost and answers now changes what
the others get to see, and with that what their labels stand for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cowork.loop.budget import Charge, input_tokens
from cowork.loop.checks import Checked
from cowork.models.chat import Usage
from cowork.models.select import Target
from cowork.patterns.protocol import Question, Reply, SeatState
from cowork.sessions.journal import Event

Asked = tuple[str, str]
"""The key of a question, and the digest of what its seat saw."""


@dataclass(frozen=True)
class Recorded:
    """An answer on record: whose seat, what was said, by whom, and what it used."""

    seat: str
    reply: Reply
    target: Target
    usage: Usage


@dataclass
class Record:
    """What need not be asked again: answers by their questions, and what checks said. `paid` is every answer that came, and
    `wasted` what calls without an answer cost, as far as it is known.
    """

    answers: dict[Asked, Recorded] = field(default_factory=dict)
    checks: dict[Checked, tuple[int | None, str]] = field(default_factory=dict)
    paid: list[Recorded] = field(default_factory=list)
    wasted: list[Charge] = field(default_factory=list)

    def counted(self) -> Record:
        """The same without what it has cost, for whoever has counted that already."""
        return Record(self.answers, self.checks)


def asked(question: Question) -> Asked:
    """What tells a question from every other of the session, also from itself with another view."""
    seen = json.dumps(question.view, sort_keys=True).encode("ascii")
    return question.key, hashlib.sha256(seen).hexdigest()[:32]


def recorded(events: Iterable[Event]) -> Record:
    """The record in a journal. Calls that failed are not on it, nor what a seat was lost for saying: they are asked again.

    Raises KeyError, TypeError or ValueError when the journal is not as it was written.
    """
    record = Record()
    for event in events:
        data = event["data"]
        if event["type"] == "call.completed" and "saw" in data:
            record.answers[data["key"], data["saw"]] = answer = _answer(data)
            record.paid.append(answer)
        elif event["type"] == "call.failed":
            record.wasted.append(Charge(1, input_tokens(partial) if (partial := data["partial"]) else 0))
        elif event["type"] in ("call.retrying", "call.cancelled"):
            record.wasted.append(Charge(1))
        elif event["type"] == "check.completed" and "draft" in data:
            record.checks[data["command"], data["draft"]] = data["status"], data["output"]
        elif event["type"] in ("run.degraded", "run.failed") and data["result"]:
            _forget(record, {seat["name"] for seat in data["result"]["seats"] if seat["state"] == "invalid"})
    return record


def _forget(record: Record, seats: set[str]) -> None:
    """Take off the record what these seats had to say again, and what they said then."""
    again = {key.removesuffix("repair") for (key, _), held in record.answers.items() if held.seat in seats and _repair(key)}
    for key, saw in list(record.answers):
        if key.removesuffix("repair") in again:
            del record.answers[key, saw]


def _repair(key: str) -> bool:
    return key.endswith("/repair")


def _answer(data: Mapping[str, Any]) -> Recorded:
    usage = data["usage"]
    state: SeatState = data["state"]
    return Recorded(
        data["seat"],
        Reply(data["text"], state, data["by"]),
        Target(data["provider"], data["asked_model"]),
        Usage(usage["input"], usage["output"], usage["source"]),
    )
