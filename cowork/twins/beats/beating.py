"""One heartbeat of one twin: claimed, done, and stored whole or given back."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Coroutine, Sequence
from sqlite3 import Connection
from typing import TypeVar

from cowork.agent.parts import Part
from cowork.core.clock import millis
from cowork.core.errors import CoworkError
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins.beats.jobs import Job, jobs
from cowork.twins.beats.report import Beat, Status
from cowork.twins.beats.threads import Pool, beside, settled, stop_if_told
from cowork.twins.beats.work import Setup, Worked, work
from cowork.twins.requests import Request
from cowork.twins.results import Result
from cowork.twins.store import claims, leases, outbox, requests
from cowork.twins.store.due import Due
from cowork.twins.store.finishing import Queue, finish
from cowork.twins.store.leases import Admit, Kind, Taken
from cowork.twins.twin import Twin

MOST_TRIES = 3
"""How often results are stored before a database that others hold is too much; each waits for it."""
RENEW_S, RENEW_AGAIN_S = leases.LEASE_MS / 4000, 2.0
_T = TypeVar("_T")


async def beat(
    due: Due,
    setup: Setup,
    *,
    kind: Kind | None = None,
    parts: Sequence[Part] = (),
    asked: Request | None = None,
) -> Beat | None:
    """Let a twin, as it is now, do what is due, and what is `asked`; None when others were faster and nothing of it is left.

    Raises what `store.claims.take` and `store.finishing.finish` raise, policy errors, and CancelledError after everything was
    given back.
    """
    began = setup.clock.monotonic()
    kind = kind or ("heartbeat" if due.tasks or not due.requests else "request")
    admit = _admission(setup.verb, due.name)
    taken = await settled(
        claims.take, due.twin_id, _now(setup), admit, tasks=due.tasks, requests=due.requests, asked=asked, kind=kind
    )
    twin = taken.twin
    try:
        stop_if_told()
        doing = jobs(twin, taken, await settled(requests.with_ids, taken.requests))
        if not doing:
            await settled(claims.give_back, taken, _now(setup), "nothing was left to do")
            return None
        setup.emit("beat.started", {"twin": twin.name, "beat": taken.beat_id, "tasks": [job.id for job in doing]})
        worked = await _kept(_stored(twin, taken, doing, setup, parts), taken, setup)
    except BaseException as error:
        why, counted = str(error) or type(error).__name__, _comes_again(error)
        with contextlib.suppress(Exception):  # what went wrong first is what is told
            await settled(claims.give_back, taken, _now(setup), why, counted=counted)
        raise
    ended = _beat(twin, taken, worked, setup.clock.monotonic() - began)
    setup.emit(
        "beat.completed", {"twin": twin.name, "beat": taken.beat_id, "status": ended.status, "results": len(ended.results)}
    )
    return ended


async def _stored(twin: Twin, taken: Taken, doing: Sequence[Job], setup: Setup, parts: Sequence[Part]) -> Worked:
    """Work whose results are stored. An error of the database says where the answer is that could not be."""
    worked = await work(twin, taken, doing, setup, parts)
    for tries_left in reversed(range(MOST_TRIES)):
        now = _now(setup)
        try:
            stored = await settled(finish, taken, worked.results, _status(worked), now, _about(worked), _queue(twin, now))
        except CoworkError as error:
            if error.code == "database.locked" and tries_left:
                stop_if_told()
                continue
            _tell_place(error, worked)
            raise
        return dataclasses.replace(worked, results=stored)
    raise AssertionError("the last try returns or raises")


def _comes_again(error: BaseException) -> bool:
    """Whether the same work will fail like this again: by a bug, or what the database refuses, and not by what may pass."""
    if isinstance(error, CoworkError):
        return error.code == "database.refused"
    return isinstance(error, Exception) and not isinstance(error, OSError)


def _tell_place(error: CoworkError, worked: Worked) -> None:
    session = worked.answer.run.session_id if worked.answer.run else None
    if session:
        error.hint = f"what the model said is kept: cowork session show {session}" + (f"; {error.hint}" if error.hint else "")
        error.details["session"] = session


def _admission(verb: str, name: str) -> Admit:
    def admit(others: int, since: int | None) -> None:
        heartbeat = None if since is None else since // 1000
        gate.require(Action(verb, what=name, heartbeat_s=heartbeat, twins=others + 1))

    return admit


async def _kept(working: Coroutine[None, None, _T], taken: Taken, setup: Setup) -> _T:
    """What it comes to, with the lease kept meanwhile. Whoever lost it stops. Raises `twin.lease_lost` and `twin.gone`."""
    worker = asyncio.create_task(working)
    keeper = asyncio.create_task(_keep(taken, setup))
    keeper.add_done_callback(lambda ended: ended.cancelled() or worker.cancel())
    try:
        return await worker
    except asyncio.CancelledError:
        if keeper.done():
            raise await settled(leases.loss, taken) from None
        raise
    finally:
        keeper.cancel()


async def _keep(taken: Taken, setup: Setup) -> None:
    """Renew the lease until it is lost."""
    pause = RENEW_S
    while True:
        await asyncio.sleep(pause)
        try:
            if not await beside(Pool.RENEWAL, leases.renew, taken, _now(setup)):
                return
            pause = RENEW_S
        except Exception as error:  # a database that is locked, a disk that is full: the lease lasts for some more tries
            pause = RENEW_AGAIN_S
            with contextlib.suppress(OSError):  # also where nobody reads
                told = {"twin": taken.twin.name, "beat": taken.beat_id, "problem": f"{type(error).__name__}: {error}"}
                setup.emit("beat.lease_not_renewed", told)


def _queue(twin: Twin, now: int) -> Queue:
    def queue(connection: Connection, found: Sequence[Result]) -> None:
        outbox.queue(connection, twin.id, found, now)

    return queue


def _status(worked: Worked) -> Status:
    found = {result.status for result in worked.results}
    return "failed" if found == {"failed"} else "degraded" if found - {"done"} else "done"


def _about(worked: Worked) -> dict[str, object]:
    run = worked.answer.run
    reason = {"reason": worked.answer.why}
    if run is None:
        return dict(reason)
    return {
        **reason,
        "session_id": run.session_id or "",
        "provider": run.provider,
        "model": run.model,
        "input_tokens": run.input_tokens,
        "output_tokens": run.output_tokens,
    }


def _beat(twin: Twin, taken: Taken, worked: Worked, seconds: float) -> Beat:
    run = worked.answer.run
    return Beat(
        twin=twin.name,
        beat_id=taken.beat_id,
        status=_status(worked),
        reason=worked.answer.why,
        provider=run.provider if run else "",
        model=run.model if run else "",
        rehearsal=bool(run and run.rehearsal),
        session_id=(run.session_id or "") if run else "",
        input_tokens=run.input_tokens if run else 0,
        output_tokens=run.output_tokens if run else 0,
        seconds=round(seconds, 3),
        results=worked.results,
    )


def _now(setup: Setup) -> int:
    return millis(setup.clock.now())
