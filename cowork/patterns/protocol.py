"""How a pattern reaches the world: questions to seats, and what can come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

SeatState = Literal[
    "unasked",
    "ok",
    "repaired",  # broke the contract once
    "retried",  # waited for
    "substituted",  # a declared stand-in answered
    "not_needed",  # the decision could not change any more
    "timed_out",
    "rate_limited",
    "out_of_funds",
    "refused",
    "unavailable",
    "invalid",  # broke the contract twice
    "skipped_budget",
]


class SeatLost(Exception):
    """A seat cannot answer. `state` says why in one word, `message` in a sentence."""

    def __init__(self, seat: str, state: SeatState, message: str) -> None:
        super().__init__(message)
        self.seat = seat
        self.state: SeatState = state
        self.message = message


@dataclass(frozen=True)
class Form:
    """The JSON a reply ends with, or consists of when it is `whole`: a name, and its JSON Schema."""

    name: str
    schema: Mapping[str, Any]
    whole: bool = False


@dataclass(frozen=True)
class Question:
    """One question to one seat: `step` names the prompt, `view` is all the seat gets to see beside task and material.

    Seat, step, round, item and repair together are unique within a run. `extra` marks a call that no formula counts: a
    repair, or a role that falls to another seat.
    """

    seat: str
    step: str
    round: int = 0
    view: Mapping[str, Any] = field(default_factory=dict)
    item: str = ""
    form: Form | None = None
    repair: bool = False
    extra: bool = False

    @property
    def key(self) -> str:
        """What tells this question from every other of the run."""
        return "/".join((self.seat, self.step, str(self.round), self.item, "repair" if self.repair else ""))


@dataclass(frozen=True)
class Reply:
    """What a seat said. `state` is ok, retried or substituted; then `by` names the stand-in's model."""

    text: str
    state: SeatState = "ok"
    by: str = ""


class Asker(Protocol):
    """The only way a pattern reaches the world."""

    def admit(self, questions: Sequence[Question]) -> int:
        """How many of these, counted from the first, the budget has room for; their worst cost is set aside."""

    async def ask(self, question: Question) -> Reply:
        """The seat's reply. Raises SeatLost."""

    async def check(self, draft: str) -> str | None:
        """What the user's own check has against a draft; None when it passes, or when there is no check."""
