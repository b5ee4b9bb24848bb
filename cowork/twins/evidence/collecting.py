"""Running collectors: several at once, each bounded, none able to lose what the others found."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import CoworkError, NotFound
from cowork.twins.evidence import bounds
from cowork.twins.evidence.collectors import Collector, find
from cowork.twins.evidence.findings import CannotCollect, Evidence
from cowork.twins.evidence.look import MOST_SECONDS, Look, OutOfTime

TOTAL_SECONDS = 20.0
"""Seconds that all collectors of one call have together."""
GRACE_S = 1.0
"""Seconds a collector has to notice that its time is over, before it is left behind."""
_AT_ONCE = max(2, min(4, os.cpu_count() or 2))
Told = Callable[[Evidence], object]


@dataclass
class _Job:
    """A collector at work, or about to be."""

    number: int
    collector: Collector
    look: Look | None = None
    started: float = 0.0


def collect(
    names: Sequence[str],
    root: Path,
    clock: Clock,
    *,
    seconds: float = TOTAL_SECONDS,
    fresh: bool = False,  # noqa: ARG001 - nothing is kept yet
    told: Told | None = None,
) -> tuple[Evidence, ...]:
    """The evidence of these collectors about a workspace, in this order; within `seconds` and a moment, whatever happens.

    A collector that cannot run, fails or does not end is `unavailable` for a reason that is told. `told` hears of each as it
    comes, in this thread. Raises `evidence.not_found` and `evidence.no_workspace`.
    """
    collectors = [find(name) for name in names]
    if not root.is_dir():
        raise NotFound("evidence.no_workspace", f"there is no directory {root}", hint="name another --workspace")
    return _Run(root.resolve(), clock, seconds).of(collectors, told or (lambda _: None))


class _Run:
    """One call of `collect`."""

    def __init__(self, root: Path, clock: Clock, seconds: float) -> None:
        self._root, self._clock = root, clock
        self._now: datetime = clock.now()
        self._end = time.monotonic() + seconds  # of the machine: what hangs does not wait for a clock of anybody's
        self._seconds = seconds
        self._began = clock.monotonic()
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[int, Evidence]] = queue.SimpleQueue()

    def of(self, collectors: list[Collector], told: Told) -> tuple[Evidence, ...]:
        jobs = [_Job(number, collector) for number, collector in enumerate(collectors)]
        found: dict[int, Evidence] = {}
        for job in jobs:
            self._waiting.put(job)
        for _ in range(min(_AT_ONCE, len(jobs))):
            self._waiting.put(None)
            threading.Thread(target=self._work, name="evidence", daemon=True).start()
        try:
            self._gather(found, len(jobs), self._end, told)
            _end(jobs)
            self._gather(found, len(jobs), self._end + GRACE_S, told)
        finally:
            _end(jobs)  # also when interrupted: no git of ours goes on
        return tuple(found[job.number] if job.number in found else self._left_behind(job) for job in jobs)

    def _gather(self, found: dict[int, Evidence], most: int, until: float, told: Told) -> None:
        while len(found) < most:
            try:
                number, evidence = self._done.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return
            found[number] = evidence
            told(evidence)

    def _work(self) -> None:
        """Take one job after the other. A thread that died in silence would look like an endless collector."""
        while (job := self._waiting.get()) is not None:
            self._done.put((job.number, self._evidence(job)))

    def _evidence(self, job: _Job) -> Evidence:
        job.started = self._clock.monotonic()
        left = self._seconds - (job.started - self._began)
        with Look(self._root, self._now, min(MOST_SECONDS, left), self._clock.monotonic) as look:
            job.look = look
            try:
                return self._found(job, look)
            except OutOfTime:
                return self._unavailable(job, "its time was over before it found anything", "run it alone")
            except CannotCollect as error:
                return self._unavailable(job, error.reason, error.hint)
            except CoworkError as error:
                return self._unavailable(
                    job, f"{error.message}: {error.cause}" if error.cause else error.message, error.hint or ""
                )
            except RecursionError:
                return self._unavailable(job, "it met something nested too deeply")
            except Exception as error:  # a bug of one never loses what the others found
                return self._unavailable(job, f"it failed: {type(error).__name__}: {error}", "this is a bug of the collector")

    def _found(self, job: _Job, look: Look) -> Evidence:
        findings = job.collector.collect(look)
        noted = tuple(f"{why} ({count})" for why, count in look.left_out.items())
        late = ("its time was over before it had seen all",) if look.ran_out and not findings.left_out else ()
        return bounds.made(
            findings,
            job.collector.name,
            left_out=(*findings.left_out, *noted, *late),
            commit=_head(look),
            at=rfc3339(self._now),
            seconds=self._clock.monotonic() - job.started,
        )

    def _unavailable(self, job: _Job, reason: str, hint: str = "") -> Evidence:
        took = self._clock.monotonic() - job.started if job.started else 0.0
        commit = _head(job.look) if job.look else None
        return bounds.unavailable(job.collector.name, reason, hint, commit=commit, at=rfc3339(self._now), seconds=took)

    def _left_behind(self, job: _Job) -> Evidence:
        why = "it did not end in time" if job.look else "no time was left for it"
        took = self._clock.monotonic() - job.started if job.started else 0.0
        return bounds.unavailable(job.collector.name, why, "run it alone", commit=None, at=rfc3339(self._now), seconds=took)


def _end(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.look is not None:
            job.look.end()


def _head(look: Look) -> str | None:
    """The commit that was looked at, where that is still to be told."""
    try:
        return look.head
    except (OutOfTime, CannotCollect):
        return None
