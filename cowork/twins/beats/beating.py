"""One heartbeat of one twin: claimed, done, and stored whole or given back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from sqlite3 import Connection

from cowork.agent.parts import Part
from cowork.core.clock import millis
from cowork.core.errors import Conflict, CoworkError
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins.beats.jobs import jobs
from cowork.twins.beats.report import Beat, State
from cowork.twins.beats.work import Setup, Worked, work
from cowork.twins.results import Result
from cowork.twins.store import claims, leases, outbox, requests
from cowork.twins.store.due import Due
from cowork.twins.store.finishing import Queue, finish
from cowork.twins.store.leases import Admit, Taken
from cowork.twins.twin import Twin


async def beat(twin: Twin, due: Due, setup: Setup, *, kind: str = "heartbeat", parts: Sequence[Part] = ()) -> Beat | None:
    """Let a twin do what is due; None when others were faster and nothing of it is left.

    Raises what `store.claims.take` and `store.finishing.finish` raise, policy errors, and CancelledError after everything was
    given back.
    """
    began = setup.clock.monotonic()
    admit = _admission(setup.verb, twin.name)
    taken = claims.take(twin.id, _now(setup), admit, tasks=due.tasks, requests=due.requests, kind=kind)
    try:
        doing = jobs(twin, taken, requests.with_ids(taken.requests))
        if not doing:
            claims.give_back(taken, _now(setup), "nothing was left to do")
            return None
        setup.emit("beat.started", {"twin": twin.name, "beat": taken.beat_id, "tasks": [job.id for job in doing]})
        async with _kept(taken, setup):
            worked = await work(twin, taken, doing, setup, parts)
        state, about = _state(worked), _about(worked)
        now = _now(setup)
        finish(taken, worked.results, state, now, about, _queue(twin, now))
    except BaseException as error:
        with contextlib.suppress(CoworkError):  # what went wrong first is what is told
            claims.give_back(taken, _now(setup), str(error) or type(error).__name__)
        raise
    ended = _beat(twin, taken, worked, state, setup.clock.monotonic() - began)
    setup.emit("beat.completed", {"twin": twin.name, "beat": taken.beat_id, "state": state, "results": len(ended.results)})
    return ended


def _admission(verb: str, name: str) -> Admit:
    def admit(others: int, since: int | None) -> None:
        heartbeat = None if since is None else since // 1000
        gate.require(Action(verb, what=name, heartbeat_s=heartbeat, twins=others + 1))

    return admit


@contextlib.asynccontextmanager
async def _kept(taken: Taken, setup: Setup) -> AsyncIterator[None]:
    """Keep the lease meanwhile. Whoever lost it stops: another process does the work. Raises Conflict `twin.lease_lost`."""
    worker = asyncio.current_task()
    assert worker is not None  # inside a coroutine there is one
    lost = False

    async def keep() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(leases.LEASE_MS / 4000)
            if not await asyncio.to_thread(leases.renew, taken, _now(setup)):
                lost = True
                worker.cancel()
                return

    keeper = asyncio.create_task(keep())
    try:
        yield
    except asyncio.CancelledError:
        if lost:
            raise Conflict("twin.lease_lost", "another process has taken over this twin's work") from None
        raise
    finally:
        keeper.cancel()


def _queue(twin: Twin, now: int) -> Queue:
    def queue(connection: Connection, found: Sequence[Result]) -> None:
        outbox.queue(connection, twin.id, found, now)

    return queue


def _state(worked: Worked) -> State:
    states = {result.status for result in worked.results}
    return "failed" if states == {"failed"} else "degraded" if states - {"done"} else "done"


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


def _beat(twin: Twin, taken: Taken, worked: Worked, state: State, seconds: float) -> Beat:
    run = worked.answer.run
    return Beat(
        twin=twin.name,
        beat_id=taken.beat_id,
        state=state,
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
