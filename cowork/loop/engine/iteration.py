"""One iteration of a task: the prompt, the agent, what its answer means, and what follows from that.

Every step that took something is on record before the next begins, so that an iteration that was cut short goes on after its
last step, or begins anew when the agent had not answered.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from cowork.core.clock import rfc3339
from cowork.core.errors import CoworkError, LimitReached
from cowork.core.files import cannot_write
from cowork.core.text import one_line
from cowork.loop.agents.timing import TimeIsUp
from cowork.loop.agents.work import AgentSpec, Execution, Job
from cowork.loop.engine.endings import Ending, limit_reached
from cowork.loop.engine.events import is_agents
from cowork.loop.engine.judging import SUMMARY, Judge, summary
from cowork.loop.engine.order import REHEARSAL
from cowork.loop.engine.run import EndRun, Run
from cowork.loop.engine.state import Outcome
from cowork.loop.tasks.selection import Choice
from cowork.loop.tasks.task import TaskList
from cowork.models import errors

_UNUSABLE = (
    errors.AuthError,
    errors.FundsError,
    errors.RegionError,
    errors.BadModelError,
    errors.NotInstalledError,
    errors.UntrustedError,
)


LONGEST_MESSAGE = 256 * 1024
"""Characters of a final message that are on record: its end, where an agent says whether it is done."""
_FREE = (*_UNUSABLE, errors.WaitError, errors.DailyQuotaError)
"""What is refused before anything is spent."""
_TROUBLE = (errors.ProviderError, LimitReached, TimeIsUp)
"""What keeps an agent from answering. Whatever else is raised, such as a sandbox that is not there, ends the run."""


class _Failed(Exception):
    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Iteration:
    """The iteration with this number, on this task as its file has it now."""

    def __init__(self, run: Run, number: int, chosen: Choice, tasks: TaskList) -> None:
        self._run = run
        self._number = number
        self._chosen = chosen
        self._task = chosen.task
        self._tasks = tasks
        self._began = run.clock.monotonic()

    async def go(self) -> Outcome:
        """Work until the iteration is over; its outcome. Raises EndRun when the run ends before that, and `file.*` errors."""
        run, where = self._run, await self._run.workshop.directory(self._task)
        held = run.state.open.get(self._number)
        if held is None or held.answer is None:
            await self._select(where)
            try:
                await self._execute(where)
            except _Failed as failure:
                return await self._over("failed", where, failure.words, message="")
        held = run.state.open[self._number]
        outcome, words = await Judge(run, self._number, self._task, where).judge(held)
        message = (held.answer or {})["message"]
        return await self._over(outcome, where, words or summary(message), message=message)

    async def _select(self, where: Path) -> None:
        task = self._run.state.task(self._task.id)
        base = None
        if self._run.order.completion.require_diff and task.base is None:
            base = await self._run.digest(where)
        self._run.book.note(
            "task.selected",
            iteration=self._number,
            task=self._task.id,
            title=one_line(self._task.title),
            reason=self._chosen.reason,
            base=base,
        )

    async def _execute(self, where: Path) -> None:
        """Have an agent answer. A limit makes another one work, or all wait; it costs no iteration and no attempt."""
        run, own, begun = self._run, self._run.own(self._task), False
        while True:
            agent = run.staff.choose(run.state.task(self._task.id), own)
            if agent is None:
                await self._nobody(own)
                continue
            if not begun:
                self._begin(agent)
                begun = True
            if await self._ask(agent, where, own):
                return

    def _begin(self, agent: AgentSpec) -> None:
        output = _made(self._run.output(self._number))
        self._run.book.note(
            "iteration.started",
            iteration=self._number,
            task=self._task.id,
            attempt=self._run.state.task(self._task.id).attempts + 1,
            agent=agent.name,
            output=str(output.relative_to(self._run.place.path)),
        )

    async def _ask(self, agent: AgentSpec, where: Path, own: AgentSpec | None) -> bool:
        """Whether the agent answered; False when another one has to. Raises _Failed."""
        run = self._run
        about = {"iteration": self._number, "task": self._task.id, "agent": agent.name}
        run.book.note("agent.started", **about, provider=agent.provider, model=agent.model)
        started, worker = run.clock.monotonic(), run.agent(agent, where)
        try:
            counsel = await self._counsel(agent, where)
            prompt = await run.desk.prompt(self._number, self._chosen, self._tasks, agent, where, counsel)
            execution = await worker.work(self._job(f"{self._number}", prompt, where), self._heard(about))
        except _TROUBLE as error:
            self._fail(about, agent, error, started)
            if isinstance(error, (errors.WaitError, errors.DailyQuotaError)):
                run.staff.limit(agent, error)
                return False
            if isinstance(error, _UNUSABLE):
                run.staff.drop(agent, error)
                return False
            self._overdue()
            raise _Failed(error.message) from error
        finally:
            run.guard.look()  # before its answer is on record: after a crash nobody could tell any more
        if left := run.tampered():
            paths = ", ".join(one_line(str(path), 200) for path in left[:5])
            raise EndRun(Ending("run.failed", "tampered", f"{agent.name} left what others would follow: look at {paths}"))
        run.book.keep("agent.completed", **about, key=f"{self._number}", **_said(execution))
        return True

    async def _counsel(self, agent: AgentSpec, where: Path) -> str:
        """What models advise who deliberate before the agent works; empty when none do, and when they come to nothing."""
        run, pattern = self._run, self._task.pattern or self._run.order.every
        if agent.kind == "pattern" or pattern not in run.order.patterns:
            return ""
        held = run.state.open[self._number]
        if held.counsel is None:
            table, key = run.table(pattern, where), f"{self._number}c"
            question = await run.desk.question(self._number, self._chosen, self._tasks, table.spec, where)
            about = {"iteration": self._number, "task": self._task.id, "agent": table.spec.name}
            started = run.clock.monotonic()
            try:
                advice = await table.work(self._job(key, question, where), self._heard(about))
            except _TROUBLE as error:  # the agent is not to blame, and can work without
                self._fail(about, table.spec, error, started)
                self._overdue()
                return ""
            run.book.keep("counsel.given", **about, key=key, **_said(advice))
        return run.state.open[self._number].counsel or ""

    def _fail(self, about: dict[str, Any], agent: AgentSpec, error: CoworkError, started: float) -> None:
        seconds = round(self._run.clock.monotonic() - started, 3)
        partial = str(getattr(error, "partial", ""))[-4000:]
        free = isinstance(error, _FREE) or agent.provider == REHEARSAL or self._run.order.replay is not None
        self._run.book.note(
            "agent.failed",
            **about,
            code=error.code,
            message=error.message,
            seconds=seconds,
            partial=partial,
            spent="nothing" if free else "unknown",
        )

    def _overdue(self) -> None:
        """An agent that was cut off because the run's own time is over has not failed."""
        seconds = self._run.state.limits.seconds
        if seconds is not None and self._run.elapsed() >= seconds and (ending := limit_reached(self._run.state, seconds)):
            raise EndRun(ending)

    def _job(self, key: str, prompt: str, where: Path) -> Job:
        run, limits = self._run, self._run.state.limits
        left = None if limits.seconds is None else max(0.001, limits.seconds - run.elapsed())
        bounds = [bound for bound in (limits.iteration_s, left) if bound is not None]
        return Job(
            key=key,
            prompt=prompt,
            directory=where,
            output=run.output(self._number),
            iteration=self._number,
            task=self._task.id,
            total_s=min(bounds) if bounds else None,
            idle_s=limits.idle_s,
            seed=run.order.seed + self._number,
        )

    def _heard(self, about: dict[str, Any]) -> Any:
        def heard(kind: str, data: dict[str, Any]) -> None:
            if kind == "agent.output":
                self._run.book.live(kind, **{**about, **data, "iteration": self._number, "task": self._task.id})
            elif is_agents(kind):  # how the run stands is the run's to say, whatever an agent or a recording wants
                self._run.book.note(kind, **{**data, "iteration": self._number})

        return heard

    async def _nobody(self, own: AgentSpec | None) -> None:
        """Everybody is limited or unusable: wait for the first, or end the run."""
        run, wait = self._run, self._run.staff.wait(own)
        if wait is None:
            trouble = run.staff.trouble(own)
            raise EndRun(Ending("run.failed", "no_agent", f"no agent can be used: {trouble.message if trouble else ''}"))
        if run.order.rates.when_all == "exit":
            raise EndRun(Ending("run.rate_limited", "limited", f"every agent is rate limited, the first for {wait:.0f} s more"))
        if run.state.limits.seconds is not None:
            wait = min(wait, max(0.0, run.state.limits.seconds - run.elapsed()))
        from datetime import timedelta

        until = rfc3339(run.clock.now() + timedelta(seconds=wait))
        run.book.note("agents.limited", until=until, wait_s=round(wait, 3), tried=[spec.name for spec in run.staff.line(own)])
        if run.order.replay is not None:
            run.staff.let_in()  # nobody is asked, so nobody has to be waited for
            return
        run.working -= 1  # who waits does not keep the run from being paused
        try:
            await run.rest(wait)
        finally:
            run.working += 1
        if ending := limit_reached(run.state, run.elapsed()):
            raise EndRun(ending)

    async def _over(self, outcome: Outcome, where: Path, words: str, *, message: str) -> Outcome:
        run = self._run
        digest = hashlib.sha256(" ".join(message.split()).encode("utf-8", "replace")).hexdigest()[:32] if message else ""
        diff = None
        again = digest == run.state.task(self._task.id).last_message
        if digest and again and run.state.limits.stagnation and outcome != "completed":  # its worktree is gone then
            diff = await run.digest(where)
        # What the agent said is on the disk, and would be judged again: only what changed the world is forced there.
        write = run.book.note if outcome == "continued" else run.book.keep
        write(
            "iteration.completed",
            iteration=self._number,
            task=self._task.id,
            agent=run.state.open[self._number].agent,
            outcome=outcome,
            seconds=round(run.clock.monotonic() - self._began, 3),
            elapsed_s=round(run.elapsed(), 3),
            message_digest=digest,
            diff_digest=diff,
            summary=one_line(words, SUMMARY),
        )
        return outcome


def _made(output: Path) -> Path:
    """The file of what an agent prints, in a directory that leads nowhere else. Raises `file.not_writable`."""
    try:
        if output.parent.is_symlink():
            raise OSError(f"{output.parent} is a link")
        output.touch()
    except OSError as error:
        raise cannot_write(output, error) from error
    return output


def _said(execution: Execution) -> dict[str, Any]:
    usage, message, notes = execution.usage, execution.message[-LONGEST_MESSAGE:], [*execution.notes]
    if cut := len(execution.message) - len(message):
        notes.append(f"the first {cut} characters of its final message were cut off")
    return {
        "model": execution.model,
        "message": message,
        "exit_code": execution.exit_code,
        "usage": {"input": usage.input_tokens, "output": usage.output_tokens, "source": usage.source},
        "usd": execution.usd,
        "seconds": execution.seconds,
        "notes": notes,
    }
