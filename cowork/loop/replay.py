"""Answers of a session that are on record already, so that a run that was cut short goes on where it stood."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cowork.models.chat import Usage
from cowork.models.select import Target
from cowork.patterns.protocol import Reply, SeatState
from cowork.sessions.journal import Event


@dataclass(frozen=True)
class Recorded:
    """An answer on record: what was said, by whom, and what it used."""

    reply: Reply
    target: Target
    usage: Usage


def recorded(events: Iterable[Event]) -> dict[str, Recorded]:
    """The answers of a journal, by the keys of their questions. Calls that failed are not among them: they are asked again."""
    found: dict[str, Recorded] = {}
    for event in events:
        if event["type"] == "call.completed" and "key" in event["data"]:
            found[event["data"]["key"]] = _recorded(event["data"])
    return found


def _recorded(data: dict[str, Any]) -> Recorded:
    usage = data["usage"]
    state: SeatState = data["state"]
    return Recorded(
        Reply(data["text"], state, data["by"]),
        Target(data["provider"], data["asked_model"]),
        Usage(usage["input"], usage["output"], usage["source"]),
    )
