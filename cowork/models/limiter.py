"""The one place that waits and tries again, shared by everything that asks the same provider key, also in other processes."""

from __future__ import annotations

import contextlib
import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from cowork.core.clock import Clock
from cowork.core.errors import CoworkError
from cowork.models import closings
from cowork.models.chat import ChatModel, ChatReply, ChatRequest, OnText
from cowork.models.doors import Door, account_of
from cowork.models.durations import spoken
from cowork.models.errors import DailyQuotaError, DownError, FundsError, ProviderError, WaitError
from cowork.models.retrying import Draw, RetryPolicy

OnEvent = Callable[[str, dict[str, Any]], object]

SPREAD_S = 1.0
"""Calls that waited come back within this time, not all at once."""
DAILY_S = 3600.0
"""A key whose quota for the day is used up is asked again after an hour when nobody said when the day ends."""
FUNDS_S = 60.0
"""Money may be added at any moment: the key is only spared the other seats of the same run."""
_WHY = {
    WaitError.kind: "it said to wait",
    DailyQuotaError.kind: "the day's quota is used up",
    FundsError.kind: "the account has no credit",
}
_TICK_S = 0.001  # less is rounding


class _Shut(NamedTuple):
    """For how long a key is closed, the kind of error that closed it, and whether another process said so."""

    left: float
    kind: str
    foreign: bool


@dataclass
class _Call:
    """One call under way: what it asks of whom, when it must be done with waiting, and how long it has waited so far."""

    model: ChatModel
    request: ChatRequest
    on_text: OnText
    deadline: float | None
    about: dict[str, Any]
    waited: float = 0.0


class Limiter:
    """Retries what waiting can help, once per call by default: the server's time, else a part of base x 3^attempt.

    A wait longer than the policy's longest is not taken: the caller hears the error and decides. While a key is closed, its
    calls wait with each other, and when it opens one goes first. Other processes of the user know of it through `closings`.
    """

    def __init__(
        self,
        clock: Clock,
        on_event: OnEvent,
        policy: RetryPolicy | None = None,
        *,
        draw: Draw = random.random,
        account: Callable[[ChatModel], str | None] = account_of,
    ) -> None:
        self._clock = clock
        self._on_event = on_event
        self._policy = policy or RetryPolicy()
        self._draw = draw
        self._account = account
        self._doors: dict[str, Door] = {}
        self._ignored: set[str] = set()
        self.retried = 0

    def shared(self, on_event: OnEvent, policy: RetryPolicy | None = None) -> Limiter:
        """The same limiter for another run: what closes a key closes it for both, and each hears of its own calls.

        With `policy` it has a patience of its own.
        """
        other = copy.copy(self)
        other._on_event, other.retried = on_event, 0
        other._policy = policy or self._policy
        return other

    async def reply(
        self, model: ChatModel, request: ChatRequest, on_text: OnText, *, deadline: float | None = None, **about: Any
    ) -> ChatReply:
        """`model.reply`, with waiting. Raises the last ProviderError, or at once the kind that has closed the key for long.

        No wait goes beyond `deadline`, a time of the clock's `monotonic`. Events: `call.waiting` when others have closed the
        key, `call.retrying` before each new try, with the number of characters of the answer so far that are discarded.
        """
        if not self._policy.enabled:
            return await model.reply(request, on_text)
        call, door = _Call(model, request, on_text, deadline, about), self._door(model)
        for attempt in range(self._policy.retries + 1):
            await self._enter(door, call, announce=attempt == 0)
            try:
                return await self._tried(door, call)
            except ProviderError as error:
                wait = self._policy.wait(error, attempt, self._draw)
                again = error.retryable and attempt < self._policy.retries and self._may_wait(call, wait)
                self._closed_by(door, call, error, wait, again=again)
                if not again:
                    raise
                self.retried += 1
                self._announce(call, error, wait, attempt)
        raise AssertionError("the loop returns or raises")

    def _door(self, model: ChatModel) -> Door:
        account = self._account(model)
        return self._doors.setdefault(account or model.provider, Door(account))

    async def _enter(self, door: Door, call: _Call, *, announce: bool) -> None:
        """Wait until the key is open and it is this call's turn. Raises the kind of error that keeps it closed for longer."""
        while True:
            shut = self._shut(door, call)
            if shut is None:
                if door.enter(self._clock.monotonic()):
                    return
                await self._nap(call, _Shut(self._draw() * SPREAD_S + _TICK_S, door.kind or WaitError.kind, foreign=False))
                continue
            patience = self._policy.longest_s * (self._policy.retries + 1) - call.waited
            if shut.kind not in (WaitError.kind, DownError.kind) or shut.left > min(patience, self._policy.longest_s):
                raise _refusal(call.model, shut)
            if not door.shut:
                door.close(self._clock.monotonic())
            if announce:
                self._on_event("call.waiting", {**call.about, "reason": f"provider.{shut.kind}", "wait_s": round(shut.left, 3)})
                announce = False
            call.waited += shut.left
            await self._nap(call, shut)

    async def _nap(self, call: _Call, shut: _Shut) -> None:
        """Sleep until a key opens, a little longer when others do too. Raises its error when the deadline comes before that."""
        spread = self._draw() * SPREAD_S if shut.foreign else 0.0
        if call.deadline is not None:
            left = call.deadline - self._clock.monotonic()
            if shut.left > left:
                raise _refusal(call.model, shut)
            spread = min(spread, left - shut.left)
        await self._clock.sleep(shut.left + spread)

    async def _tried(self, door: Door, call: _Call) -> ChatReply:
        """One try. Whatever shows that the provider let it in opens the key for all."""
        entered, asked_at = self._clock.monotonic(), self._clock.now()

        def let_in() -> None:
            if door.let_in(entered) and door.account:
                self._tell(lambda account: closings.reopen(account, call.model.model, asked_at, self._clock.now()), door)

        def heard(text: str) -> None:
            let_in()
            call.on_text(text)

        try:
            reply = await call.model.reply(call.request, heard if door.shut else call.on_text)
        except (WaitError, DownError, DailyQuotaError, FundsError):
            raise
        except ProviderError:
            door.let_in(entered)  # it was refused for another reason: the key is not what keeps it out
            raise
        else:
            let_in()
            return reply
        finally:
            door.leave(entered)

    def _shut(self, door: Door, call: _Call) -> _Shut | None:
        left = door.open_at - self._clock.monotonic()
        found = _Shut(left, door.kind, foreign=False) if left > _TICK_S else None
        if door.account:
            now = self._clock.now()
            closing = closings.longest(self._read(door.account), now, call.model.model)
            if closing and closing.left(now) > max(_TICK_S, left):
                foreign = door.told_until is None or closing.until > door.told_until
                found = _Shut(closing.left(now), closing.kind, foreign)
        return found

    def _closed_by(self, door: Door, call: _Call, error: ProviderError, wait: float, *, again: bool) -> None:
        """Keep the key closed as long as the error means it to be."""
        model = None
        if isinstance(error, FundsError):
            wait = FUNDS_S
        elif isinstance(error, DailyQuotaError):  # most count each model for itself
            wait, model = DAILY_S if error.retry_after is None else wait, call.model.model
        elif not (again or (isinstance(error, WaitError) and error.retry_after is not None)):
            return
        door.close(self._clock.monotonic())
        if isinstance(error, DownError) or not self._told(door, error.kind, wait, model):
            door.keep(error.kind, self._clock.monotonic() + wait)

    def _told(self, door: Door, kind: str, wait: float, model: str | None) -> bool:
        """Whether the other processes know."""
        if door.account is None:
            return False
        closing = closings.lasting(kind, wait, self._clock.now(), model)
        door.told_until = max(closing.until, door.told_until or closing.until)
        return self._tell(lambda account: closings.close(account, closing, closing.since), door)

    def _tell(self, write: Callable[[str], None], door: Door) -> bool:
        try:
            write(door.account or "")
        except CoworkError as error:
            self._ignore(error)
            return False
        return True

    def _read(self, account: str) -> tuple[closings.Closing, ...]:
        try:
            return closings.read(account, self._clock.now())
        except CoworkError as error:
            self._ignore(error)
            return ()

    def _ignore(self, error: CoworkError) -> None:
        """Say once what is wrong with the file of a limit; it is no reason to fail."""
        if error.code not in self._ignored:
            self._ignored.add(error.code)
            self._on_event("limits.ignored", {"code": error.code, "message": error.message, "cause": error.cause})

    def _may_wait(self, call: _Call, seconds: float) -> bool:
        if seconds > self._policy.longest_s:
            return False
        return call.deadline is None or self._clock.monotonic() + seconds <= call.deadline

    def _announce(self, call: _Call, error: ProviderError, wait: float, attempt: int) -> None:
        said = {"reason": error.code, "message": error.message, "wait_s": wait, "attempt": attempt + 1}
        self._on_event("call.retrying", {**call.about, **said, "discarded_characters": len(error.partial)})


def forget(model: ChatModel, asked_at: datetime, now: datetime) -> None:
    """Reopen a key for everybody: the model answered a call that was made at `asked_at` beside the limiter."""
    account = account_of(model)
    if account:
        with contextlib.suppress(CoworkError):  # it says nothing of the answer
            closings.reopen(account, model.model, asked_at, now)


def _refusal(model: ChatModel, shut: _Shut) -> ProviderError:
    """The error of a call that is not made."""
    kind = closings.KINDS.get(shut.kind, DownError)
    return kind(
        f"not asked: {_WHY.get(shut.kind, 'it does not answer')}, and it is asked again in {spoken(shut.left)}",
        provider=model.provider,
        model=model.model,
        retry_after=shut.left,
        hint=f"choose another --provider, or ask it nevertheless: cowork provider check {model.provider}/{model.model}",
    )
