"""Waking twins: who has something to do, several at a time, and what it all came to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from cowork.core.clock import from_millis, millis
from cowork.core.errors import Conflict, CoworkError, Degraded, Denied, Interrupted, NotFound, Terminated
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.stopping import Stopping, stopped_by_signals
from cowork.core.text import did_you_mean
from cowork.policy import gate
from cowork.policy import store as policies
from cowork.policy.actions import Action
from cowork.twins import pruning
from cowork.twins.beats.report import Beat, BeatReport
from cowork.twins.beats.running import Ended, run_one
from cowork.twins.beats.verdict import require_whole, standing
from cowork.twins.beats.work import Setup
from cowork.twins.delivering import deliver_and_tell
from cowork.twins.directory import find_twins
from cowork.twins.store import due as store_due
from cowork.twins.store import leases, schedule
from cowork.twins.store.due import Due
from cowork.twins.store.leases import Kind
from cowork.twins.twin import Twin


@dataclass(frozen=True)
class Wish:
    """Whom to wake: twins by name, or all that are active; `early`: what never ran counts before its first heartbeat.

    `tasks` are to be done whether due or not, and nothing else.
    """

    names: tuple[str, ...] = ()
    early: bool = False
    tasks: tuple[str, ...] = ()


def wake(wish: Wish, setup: Setup, *, jobs: int, dry_run: bool = False) -> tuple[BeatReport, tuple[Notice, ...]]:
    """Do what is due, at most `jobs` twins at a time.

    Whatever becomes of one twin, the others beat and are delivered. What is raised of heartbeats has the report as `data` and
    the notices: Degraded `twin.degraded` when a model was asked and gave no whole answer, some twins failed, or some that were
    named were put off; `twin.failed` when all failed; Conflict or Denied `twin.not_woken` when all that were named were put
    off; of a single twin its own error. Else `twin.not_found`, `twin.not_active`, `twin.unknown_task`, policies that cannot be
    read, `database.*`; Interrupted and Terminated, after everything unfinished was given back.
    """
    gate.refuse(Action(setup.verb), dry_run=dry_run)
    now = millis(setup.clock.now())
    if not dry_run:
        store_due.mend_clock(now)
        leases.reap(now)
    found = _wanted(wish, now)
    if dry_run:
        return _report((), found, now, dry_run=True), ()
    stopping = Stopping(
        Interrupted("twin.interrupted", "the heartbeats were interrupted", hint="what was not finished is due again"),
        Terminated("twin.terminated", "the heartbeats were told to end", hint="what was not finished is due again"),
    )
    try:
        ended = asyncio.run(_all(found, setup, jobs, stopping, "by hand" if wish.tasks else None))
    except asyncio.CancelledError:
        raise (stopping.error or stopping.interrupt) from None
    undelivered = list[Notice]()
    setup.later(lambda: undelivered.extend(deliver_and_tell(setup.clock, setup.emit)))
    beats = tuple(item for item in map(_beat, ended) if item is not None)
    if beats:
        setup.later(lambda: _pruned(setup))
    notices = (*(item for item in (one.notice() for one in ended) if item is not None), *undelivered)
    report = _report(beats, found, now, dry_run=False)
    _require_whole(ended, report, notices, named=bool(wish.names))
    return report, notices


def _pruned(setup: Setup) -> None:
    with suppress(CoworkError):  # another day
        pruning.once_a_day(setup.clock)


def _wanted(wish: Wish, now: int) -> list[Due]:
    twins = find_twins(wish.names) if wish.names else []
    for twin in twins:
        if twin.status != "active":
            hint = f"cowork twin resume {twin.name}" if twin.status == "paused" else f"cowork twin show {twin.name}"
            raise Conflict("twin.not_active", f"{twin.name} is {twin.status}", hint=hint)
    if wish.tasks:
        return [Due(twin.id, twin.name, _forced(twin, wish.tasks, now), ()) for twin in twins]
    return store_due.due(now, names=[twin.name for twin in twins] if wish.names else None, early=wish.early)


def _forced(twin: Twin, tasks: Sequence[str], now: int) -> tuple[tuple[str, int], ...]:
    known = [task.id for task in twin.tasks]
    for task in tasks:
        if task not in known:
            hint = did_you_mean(task, known, f"its tasks: {', '.join(known)}")
            raise NotFound("twin.unknown_task", f"{twin.name} has no task '{task}'", hint=hint, details={"task": task})
    return tuple((task, now) for task in dict.fromkeys(tasks))


async def _all(found: Sequence[Due], setup: Setup, jobs: int, stopping: Stopping, kind: Kind | None) -> list[Ended]:
    room = asyncio.Semaphore(max(1, min(jobs, _cap())))

    async def one(due: Due) -> Ended:
        async with room:
            return await run_one(due, setup, kind)

    if not found:
        return []
    with stopped_by_signals(stopping):
        tasks = [asyncio.create_task(one(item)) for item in found]
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)  # each ends what it started, and gives back
            raise
        return [task.result() for task in tasks]


def _cap() -> int:
    return int(policies.load().value("agents.maxConcurrentAgents"))


def _beat(ended: Ended) -> Beat | None:
    """The heartbeat of a turn that was begun, also where nothing came of it."""
    if ended.failed and ended.error:
        return Beat(ended.due.name, "", "failed", ended.error.message, "", "", False, "", 0, 0, 0.0, ())
    return ended.beat


def _report(beats: tuple[Beat, ...], found: Sequence[Due], now: int, *, dry_run: bool) -> BeatReport:
    following = schedule.next_due(now)
    moment = None if following is None else from_millis(following)
    plan = tuple(Step("do", f"{due.name}: {name}", f"due {from_millis(at)}") for due in found for name, at in due.tasks)
    asked = tuple(Step("attend to", f"{due.name}: {name}", "a request") for due in found for name in due.requests)
    return BeatReport(beats, len(beats), not found, moment, dry_run, (*asked, *plan))


def _require_whole(ended: Sequence[Ended], report: BeatReport, notices: tuple[Notice, ...], *, named: bool) -> None:
    """Raises what the heartbeats come to. Who named a twin is owed its heartbeat: that it was put off is an error, too."""
    put_off = [one for one in ended if one.put_off] if named else []
    errors = [one.error for one in ended if one.error and (one.failed or one in put_off)]
    if len(ended) == len(errors) == 1:  # its own error says it best
        errors[0].data, errors[0].notices = report, notices if ended[0].failed else notices[1:]
        raise errors[0]
    if put_off and len(put_off) == len(ended):
        kind = Denied if all(isinstance(error, Denied) for error in errors) else Conflict
        raise kind(
            "twin.not_woken",
            f"none of the {len(ended)} twins could beat",
            cause="; ".join(notice.message for notice in notices[:3]),
            hint="see: cowork twin status",
            data=report,
            notices=notices,
        )
    require_whole([item for item in map(standing, ended) if item], report, notices)
    if put_off:
        names = ", ".join(one.due.name for one in put_off[:5])
        raise Degraded(
            "twin.degraded",
            f"{len(put_off)} of {len(ended)} twins could not beat: {names}",
            cause=notices[0].message,
            hint="see: cowork twin status",
            data=report,
            notices=notices,
        )
