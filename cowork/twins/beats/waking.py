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
from cowork.twins.beats.beating import beat
from cowork.twins.beats.report import Beat, BeatReport
from cowork.twins.beats.work import Setup
from cowork.twins.delivering import Deliveries, deliver
from cowork.twins.directory import find_twin
from cowork.twins.store import due as store_due
from cowork.twins.store import leases, roles, schedule
from cowork.twins.store.due import Due
from cowork.twins.twin import Twin

_POLICY = frozenset({"policy.heartbeat_too_frequent", "policy.too_many_twins"})


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

    Raises Degraded `twin.degraded` with the report as `data` when a model was asked and gave no whole answer, or some twins
    failed; `twin.failed` when all did; `twin.not_found`, `twin.unknown_task`, policy errors of a twin that was named,
    `database.*`; Interrupted and Terminated, after everything unfinished was given back.
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
        ended = asyncio.run(_all(found, setup, jobs, stopping, named=bool(wish.names)))
    except asyncio.CancelledError:
        raise (stopping.error or stopping.interrupt) from None
    announce(deliver(setup.clock), setup)
    with suppress(CoworkError):  # another day
        pruning.once_a_day(setup.clock)
    beats = tuple(item for item in ended if isinstance(item, Beat))
    notices = tuple(item for item in ended if isinstance(item, Notice))
    return _judged(_report(beats, found, now, dry_run=False)), notices


def announce(made: Deliveries, setup: Setup) -> None:
    """Say what became of deliveries."""
    for attempt in made.items:
        kind = "delivery.sent" if attempt.state == "sent" else "delivery.failed"
        setup.emit(kind, {"twin": attempt.twin, "address": attempt.address, "problem": attempt.problem})


def _wanted(wish: Wish, now: int) -> list[tuple[Twin, Due]]:
    twins = [find_twin(name) for name in wish.names]
    for twin in twins:
        if twin.status != "active":
            hint = f"cowork twin resume {twin.name}" if twin.status == "paused" else f"cowork twin show {twin.name}"
            raise Conflict("twin.not_active", f"{twin.name} is {twin.status}", hint=hint)
    if wish.tasks:
        return [(twin, Due(twin.id, twin.name, _forced(twin, wish.tasks, now), ())) for twin in twins]
    found = store_due.due(now, names=[twin.name for twin in twins] if wish.names else None, early=wish.early)
    by_id = {twin.id: twin for twin in twins} or {twin.id: twin for twin in roles.twins([item.name for item in found])}
    return [(by_id[item.twin_id], item) for item in found if item.twin_id in by_id]


def _forced(twin: Twin, tasks: Sequence[str], now: int) -> tuple[tuple[str, int], ...]:
    known = [task.id for task in twin.tasks]
    for task in tasks:
        if task not in known:
            hint = did_you_mean(task, known, f"its tasks: {', '.join(known)}")
            raise NotFound("twin.unknown_task", f"{twin.name} has no task '{task}'", hint=hint, details={"task": task})
    return tuple((task, now) for task in dict.fromkeys(tasks))


async def _all(
    found: Sequence[tuple[Twin, Due]], setup: Setup, jobs: int, stopping: Stopping, *, named: bool
) -> list[Beat | Notice | None]:
    room = asyncio.Semaphore(max(1, min(jobs, _cap())))

    async def one(twin: Twin, due: Due) -> Beat | Notice | None:
        async with room:
            try:
                return await beat(twin, due, setup)
            except (Denied, Conflict) as error:
                if named and len(found) == 1:
                    raise
                return Notice(error.code, f"{twin.name}: {error.message}")
            except CoworkError as error:
                if len(found) == 1:
                    raise
                return _failed(twin, error)

    if not found:
        return []
    with stopped_by_signals(stopping):
        tasks = [asyncio.create_task(one(*item)) for item in found]
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


def _failed(twin: Twin, error: CoworkError) -> Beat:
    return Beat(twin.name, "", "failed", error.message, "", "", False, "", 0, 0, 0.0, ())


def _report(beats: tuple[Beat, ...], found: Sequence[tuple[Twin, Due]], now: int, *, dry_run: bool) -> BeatReport:
    following = schedule.next_due(now)
    moment = None if following is None else from_millis(following)
    plan = tuple(Step("do", f"{twin.name}: {name}", f"due {from_millis(at)}") for twin, due in found for name, at in due.tasks)
    asked = tuple(Step("attend to", f"{twin.name}: {name}", "a request") for twin, due in found for name in due.requests)
    return BeatReport(beats, len(beats), not found, moment, dry_run, (*asked, *plan))


def _judged(report: BeatReport) -> BeatReport:
    failed = [item for item in report.items if item.state == "failed"]
    if failed and len(failed) == report.count:
        raise CoworkError("twin.failed", f"{failed[0].twin}: {failed[0].reason}", data=report)
    wanting = [item for item in report.items if item.state in ("failed", "degraded")]
    if wanting:
        names = ", ".join(item.twin for item in wanting[:5])
        raise Degraded(
            "twin.degraded",
            f"{len(wanting)} of {report.count} heartbeats are not whole: {names}",
            cause=wanting[0].reason,
            hint="the digests are stored; see: cowork twin results",
            data=report,
        )
    return report
