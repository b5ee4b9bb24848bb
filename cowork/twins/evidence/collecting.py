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
from cowork.twins.evidence import bounds, cache
from cowork.twins.evidence.collectors import Collector, find
from cowork.twins.evidence.findings import CannotCollect, Evidence
from cowork.twins.evidence.look import MOST_SECONDS, Look, OutOfTime
from cowork.twins.evidence.standing import Standing

TOTAL_SECONDS = 20.0
"""Seconds that all collectors of one call have together."""
GRACE_S = 1.0
"""Seconds a collector has to notice that its time is over, before it is left behind."""
_AT_ONCE = max(2, min(4, os.cpu_count() or 2))
_NOTICE_S = 0.05
"""How often whoever waits for collectors asks whether it is told to end."""
Told = Callable[[Evidence], object]


class Ending:
    """Lets another thread end a call of `collect` at once: collectors and their git are told to end, none is waited for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looks: list[Look] = []
        self.told = False

    def end(self) -> None:
        """Let the call end, whatever it is at."""
        with self._lock:
            self.told = True
            for look in self._looks:
                look.end()

    def watch(self, look: Look) -> None:
        """A look that has to end with the call."""
        with self._lock:
            self._looks.append(look)
            if self.told:
                look.end()


@dataclass
class _Job:
    """A collector that is asked for: the key of its result where that can be kept, its look once it works, and the result."""

    number: int
    collector: Collector
    key: str | None = None
    look: Look | None = None
    started: float = 0.0
    found: Evidence | None = None


def collect(
    names: Sequence[str],
    root: Path,
    clock: Clock,
    *,
    seconds: float = TOTAL_SECONDS,
    fresh: bool = False,
    told: Told | None = None,
    ending: Ending | None = None,
) -> tuple[Evidence, ...]:
    """The evidence of these collectors about a workspace, in this order; within `seconds` and a moment, whatever happens.

    A collector that cannot run, fails or does not end is `unavailable` for a reason that is told. What was collected before is
    taken as long as nothing it depends on has changed, unless it has to be `fresh`. `told` hears of each as it comes, in this
    thread. Told by `ending`, it returns at once what it has. Raises `evidence.not_found` and `evidence.no_workspace`.
    """
    collectors = [find(name) for name in names]
    if not root.is_dir():
        raise NotFound("evidence.no_workspace", f"there is no directory {root}", hint="name another --workspace")
    run = _Run(root.resolve(), clock, seconds, told or (lambda _: None), ending or Ending())
    return run.of([_Job(number, collector) for number, collector in enumerate(collectors)], fresh=fresh)


class _Run:
    """One call of `collect`."""

    def __init__(self, root: Path, clock: Clock, seconds: float, told: Told, ending: Ending) -> None:
        self._root, self._clock, self._told, self._ending = root, clock, told, ending
        self._now: datetime = clock.now()
        self._end = time.monotonic() + seconds  # of the machine: what hangs does not wait for a clock of anybody's
        self._seconds = seconds
        self._began = clock.monotonic()
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[_Job, Evidence]] = queue.SimpleQueue()

    def of(self, jobs: list[_Job], *, fresh: bool) -> tuple[Evidence, ...]:
        keys = self._keys(jobs)
        for job in jobs:
            job.key = keys[job.number]
            job.found = None if fresh or job.key is None else cache.get(job.key)
            if job.found is not None:
                self._told(job.found)
        new = [job for job in jobs if job.found is None]
        self._collect(new)
        keep = [job for job in new if job.key and job.found and job.found.status != "unavailable" and not _ran_out(job)]
        self._keep(keep)
        return tuple(job.found or self._left_behind(job) for job in jobs)

    def _keys(self, jobs: list[_Job]) -> dict[int, str | None]:
        """The keys of results as the workspace stands now."""
        with Look(self._root, self._now, min(MOST_SECONDS, self._left), self._clock.monotonic) as look:
            self._ending.watch(look)
            stands = Standing(look)
            known = {job.number: stands.of(job.collector.basis) for job in jobs}
        return {
            job.number: None if (text := known[job.number]) is None else cache.key(job.collector.name, self._root, text)
            for job in jobs
        }

    @property
    def _left(self) -> float:
        return self._seconds - (self._clock.monotonic() - self._began)

    def _keep(self, jobs: list[_Job]) -> None:
        """Keep results, but not of a workspace that changed while it was looked at."""
        if self._ending.told:
            return
        keys = self._keys(jobs) if jobs else {}
        for job in jobs:
            if job.key is not None and job.found is not None and keys[job.number] == job.key:
                cache.put(job.key, job.found)

    def _collect(self, jobs: list[_Job]) -> None:
        for job in jobs:
            self._waiting.put(job)
        for _ in range(min(_AT_ONCE, len(jobs))):
            self._waiting.put(None)
            threading.Thread(target=self._work, name="evidence", daemon=True).start()
        try:
            self._gather(jobs, self._end)
            _end(jobs)
            self._gather(jobs, self._end + GRACE_S)
        finally:
            _end(jobs)  # also when interrupted: no git of ours goes on

    def _gather(self, jobs: list[_Job], until: float) -> None:
        while any(job.found is None for job in jobs):
            left = max(0.0, until - time.monotonic())
            try:
                done, evidence = self._done.get(timeout=min(left, _NOTICE_S))
            except queue.Empty:
                if left <= _NOTICE_S or self._ending.told:
                    return
                continue
            done.found = evidence
            self._told(evidence)

    def _work(self) -> None:
        """Take one job after the other. A thread that died in silence would look like an endless collector."""
        while (job := self._waiting.get()) is not None:
            self._done.put((job, self._evidence(job)))

    def _evidence(self, job: _Job) -> Evidence:
        job.started = self._clock.monotonic()
        with Look(self._root, self._now, min(MOST_SECONDS, self._left), self._clock.monotonic) as look:
            job.look = look
            self._ending.watch(look)
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
        late = ("its time was over before it had seen all",) if look.ran_out and not (findings.left_out or noted) else ()
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


def _ran_out(job: _Job) -> bool:
    return job.look is None or job.look.ran_out


def _head(look: Look) -> str | None:
    """The commit that was looked at, where that is still to be told."""
    try:
        return look.head
    except (OutOfTime, CannotCollect):
        return None
