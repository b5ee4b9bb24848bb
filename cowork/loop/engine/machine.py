"""The state machine: idle, running, pausing, paused, stopping; lanes that select, work, judge and go on until the run ends."""

from __future__ import annotations

import asyncio
from typing import Any

from cowork.core.errors import CoworkError
from cowork.core.unbroken import unbroken
from cowork.loop.control.inbox import Inbox
from cowork.loop.control.requests import Request
from cowork.loop.engine.endings import Ending, given_up, is_stagnant, limit_reached, nothing_left
from cowork.loop.engine.iteration import Iteration
from cowork.loop.engine.pages import checkpoint
from cowork.loop.engine.run import EndRun, Run
from cowork.loop.tasks import selection
from cowork.loop.tasks.task import Task, TaskList

_LOOK_S = 0.2  # how often requests are looked for while agents work


class Machine:
    """Runs a run to its end."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._inbox = Inbox(run.place)
        self._busy: set[str] = set()
        self._spare = sorted(number for number, held in run.state.open.items() if held.answer is None)
        self._last = run.state.iteration
        self._trouble: Exception | None = None
        self._lanes: list[asyncio.Task[None]] = []
        self._seen: tuple[str, int] = ("", 0)

    async def work(self) -> Ending:
        """Iterate until there is an ending. Raises `tasks.*`, `template.*`, `file.*` and whatever else nobody can mend."""
        listener = asyncio.create_task(self._listen())
        try:
            for works in ([self._finish_open], [self._lane] * self._run.order.parallel):
                self._lanes = [asyncio.create_task(work()) for work in works]
                self._run.heed()
                await self._all(self._lanes)
        except EndRun as end:
            self._close(end.ending)
        finally:
            for task in (listener, *self._lanes):
                task.cancel()
            await unbroken(self._let_go(listener))
        if self._trouble is not None:
            raise self._trouble
        assert self._run.ending is not None
        return self._run.ending

    async def _let_go(self, listener: asyncio.Task[None]) -> None:
        """However it ended, and whoever wants it to end at once: nothing is left where nobody hears of it."""
        await asyncio.gather(listener, *self._lanes, return_exceptions=True)
        await self._run.workshop.close()

    async def _all(self, lanes: list[asyncio.Task[None]]) -> None:
        """Wait for all lanes; when one fails, the others are not waited for."""
        done, _ = await asyncio.wait(lanes, return_when=asyncio.FIRST_EXCEPTION)
        for lane in done:
            if not lane.cancelled() and (error := lane.exception()) is not None:
                raise error
        if any(lane.cancelled() for lane in done):
            self._run.heed()

    async def _lane(self) -> None:
        """Work until the run ends. A lane with others beside it stays with its task until that is over."""
        held: str | None = None
        while self._run.ending is None:
            try:
                await self._gate()
                chosen = self._choose(held)
                limit = limit_reached(self._run.state, self._run.elapsed(), working=self._run.working)
                if chosen is not None and limit is None:
                    held = chosen.task.id if self._run.order.parallel > 1 else None
                    await self._iterate(chosen)
                elif self._busy:  # what others are at may make more of it ready, or be all that is left
                    await self._run.bell.heard()
                elif chosen is not None and limit is not None:
                    raise EndRun(limit)
                else:
                    raise EndRun(nothing_left(self._run.state, self._tasks.tasks, self._waiting()))
            except EndRun as end:
                self._close(end.ending)

    def _close(self, ending: Ending) -> None:
        """The first ending counts; the other lanes finish what they are at."""
        self._run.ending = self._run.ending or ending
        self._run.bell.ring()

    async def _iterate(self, chosen: selection.Choice) -> None:
        run, number, task = self._run, self._number(), chosen.task
        self._busy.add(task.id)
        run.working += 1
        try:
            outcome = await Iteration(run, number, chosen, self._tasks).go()
        except EndRun:
            self._spare.append(number)
            raise
        finally:
            run.guard.look()  # checks may have written into the file as well
            run.working -= 1
            self._busy.discard(task.id)
            run.bell.ring()
        if outcome == "completed":
            self._read()
        run.desk.remember(self._tasks)
        checkpoint(run.place, run.state)
        failures = run.state.task(task.id).failures
        if outcome == "failed" and run.order.errors.strategy == "retry" and failures <= run.order.errors.max_retries:
            delay = run.order.errors.retry_delay_ms
            run.book.note("iteration.retrying", iteration=number, task=task.id, attempt=failures, delay_ms=delay)
            await run.rest(delay / 1000)
        elif outcome != "completed" and run.order.iteration_delay_ms:
            await run.rest(run.order.iteration_delay_ms / 1000)

    def _number(self) -> int:
        """The number of the next iteration: one that was cut short is not lost."""
        if self._spare:
            return self._spare.pop(0)
        self._last += 1
        return self._last

    async def _finish_open(self) -> None:
        """Iterations whose agent had answered when the run was cut short: only what came after is done."""
        self._read()
        self._run.desk.remember(self._tasks)
        for number, held in sorted(self._run.state.open.items()):
            task = next((task for task in self._tasks.tasks if task.id == held.task), None)
            if held.answer is not None and task is not None:
                self._run.heed()
                await Iteration(self._run, number, selection.Choice(task, "it was under way"), self._tasks).go()
                self._run.guard.look()
            elif held.answer is not None:  # somebody took the task out of its file
                gone = {"iteration": number, "task": held.task, "agent": held.agent, "outcome": "skipped"}
                spent = {"seconds": held.answer["seconds"], "elapsed_s": round(self._run.elapsed(), 3)}
                words = "its task is no longer in the file"
                self._run.book.keep("iteration.completed", **gone, **spent, message_digest="", diff_digest=None, summary=words)

    async def _gate(self) -> None:
        """What has to be so before an iteration begins. Raises EndRun."""
        run = self._run
        self._drain()
        run.heed()
        await run.hold()
        self._read()
        self._sort_out()

    def _read(self) -> None:
        found: dict[str, Any]
        self._tasks: TaskList
        self._tasks, found = self._run.guard.read(at_work=bool(self._busy))
        seen = self._tasks.text, self._tasks.done
        if self._run.source.path is not None and (found or seen != self._seen):
            self._seen = seen
            import hashlib

            digest = hashlib.sha256(self._tasks.text.encode("utf-8", "replace")).hexdigest()[:32]
            facts = {"total": len(self._tasks.tasks), "done": self._tasks.done, "digest": digest, **found}
            self._run.book.note("tasks.read", path=str(self._run.source.path), **facts)

    def _sort_out(self) -> None:
        """Leave alone what failed or stood still too often. Raises EndRun where the whole run is over with that."""
        run = self._run
        for task in self._tasks.tasks:
            known = run.state.tasks.get(task.id)
            if known is None or known.over or task.id in self._busy:
                continue
            about: dict[str, Any] = {"iteration": run.state.iteration, "task": task.id}
            if known.failures and run.order.errors.strategy == "abort":
                raise EndRun(Ending("run.aborted", "failed", f"{task.id} failed: {known.failed_with}"))
            if is_stagnant(known, run.state):
                self._move_on(task, about, known.repeats)
            elif verdict := given_up(known, run.state, run.order):
                run.book.keep(verdict.kind, **about, reason=verdict.reason, message=verdict.message)

    def _move_on(self, task: Task, about: dict[str, Any], times: int) -> None:
        """The same words and the same changes again and again: somebody else, then the next task, then the end."""
        run = self._run
        if run.staff.others(run.state.task(task.id), run.own(task)):
            run.book.keep("stagnation.noticed", **about, times=times, remedy="switch")
            return
        others = selection.next_task(self._tasks.tasks, self._overlay(), exclude=(task.id,)) is not None
        run.book.keep("stagnation.noticed", **about, times=times, remedy="skip" if others else "stop")
        words = f"{times} iterations in a row said and changed the same"
        run.book.keep("task.skipped", **about, reason="stagnation", message=words)

    def _choose(self, held: str | None) -> selection.Choice | None:
        overlay = self._overlay()
        if held is not None and held not in self._busy and held not in overlay:
            same = next((task for task in self._tasks.tasks if task.id == held and task.status != "done"), None)
            if same is not None:
                return selection.Choice(same, "it is under way")
        return selection.next_task(self._tasks.tasks, overlay, exclude=tuple(self._busy))

    def _overlay(self) -> dict[str, Any]:
        return dict(self._run.source.overlay(self._run.state))

    def _waiting(self) -> dict[str, str]:
        """The tasks that are not done, each with why nobody can work on it."""
        found = {item.task.id: item.reason for item in selection.waiting(self._tasks.tasks, self._overlay())}
        for name in found:
            known = self._run.state.tasks.get(name)
            if known and known.over in ("failed", "skipped"):
                found[name] = f"{known.over} ({known.reason}){': ' + known.failed_with if known.failed_with else ''}"
        return found

    async def _listen(self) -> None:
        """Look for requests while agents work."""
        try:
            while True:
                await asyncio.sleep(_LOOK_S)
                self._drain()
        except (CoworkError, OSError) as error:  # nobody hears any more, or the journal cannot be written
            self._trouble = error
            for lane in self._lanes:
                lane.cancel()

    def _drain(self) -> None:
        for request in self._inbox.peek():
            self._heed(request)
            self._inbox.done(request)
            self._run.bell.ring()

    def _heed(self, request: Request) -> None:
        run, state = self._run, self._run.state
        if request.wish == "pause" and state.phase in ("idle", "running"):
            run.book.keep("run.pausing")
        elif request.wish == "resume" and state.phase in ("pausing", "paused"):
            run.book.keep("run.continued")
        elif request.wish in ("stop", "cancel") and state.stopping != "cancel":
            run.book.keep("run.stopping", how=request.wish)
            if request.wish == "cancel":
                for lane in self._lanes:
                    lane.cancel()
        elif request.wish == "answer":
            task = request.data["task"] or next(iter(state.asked), "")
            if task in state.asked:
                run.book.keep("task.answered", task=task, question=state.asked[task], answer=request.data["text"])
        elif request.wish == "limits":
            run.book.keep("limits.changed", limits=dict(request.data))
