"""Askers around scripted seats: one counts how long the longest chain of calls is, one loses a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from cowork.patterns.protocol import Question, Reply, SeatLost, SeatState
from tests.patterns.seats import Script

LOST_STATES: tuple[SeatState, ...] = (
    "timed_out",
    "rate_limited",
    "out_of_funds",
    "refused",
    "unavailable",
    "invalid",
    "skipped_budget",
)


class Timed(Script):
    """Every call takes one tick; calls that are under way together take it together."""

    ticks = 0

    async def ask(self, question: Question) -> Reply:
        started = self.ticks
        await asyncio.sleep(0)  # all that is asked together has started before any of it ends
        self.ticks = max(self.ticks, started + 1)
        return await super().ask(question)


class Faulty:
    """Passes questions on to `script`, and fails those of which `fails` says with which state, when asked again too."""

    def __init__(self, script: Script, fails: Callable[[Question], SeatState | None]) -> None:
        self._script = script
        self._fails = fails
        self.failed: list[str] = []
        self.asked: list[str] = []

    def admit(self, questions: Sequence[Question]) -> int:
        return self._script.admit(questions)

    async def check(self, draft: str) -> str | None:
        return await self._script.check(draft)

    async def ask(self, question: Question) -> Reply:
        self.asked.append(question.key)
        state = self._fails(replace(question, repair=False))
        if state is None:
            return await self._script.ask(question)
        self.failed.append(question.key)
        if state == "invalid":
            return Reply("nothing of use")  # broken by its own words, and again when asked to mend them
        raise SeatLost(question.seat, state, f"scripted: {state}")
