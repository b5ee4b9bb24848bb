"""One iteration of a task: the prompt, the agent, what its answer means, and what follows from that.

Every step that took something is on record before the next begins, so that an iteration that was cut short goes on after its
last step, or begins anew when the agent had not answered.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from cowork.core.clock import rfc3339
from cowork.core.errors import CoworkError, LimitReached, Unavailable
from cowork.core.text import one_line
from cowork.loop import checking, completion
from cowork.loop.agents.work import AgentSpec, Execution, Job
from cowork.loop.checking import CheckResult
from cowork.loop.engine.endings import Ending, limit_reached
from cowork.loop.engine.run import EndRun, Run
from cowork.loop.engine.state import OpenIteration, Outcome
from cowork.loop.tasks.task import Task, TaskList
from cowork.models import errors

_UNUSABLE = (
    errors.AuthError,
    errors.FundsError,
    errors.RegionError,
    errors.BadModelError,
    errors.NotInstalledError,
    errors.UntrustedError,
)
_SUMMARY = 600  # characters
_TAGS = re.compile(r"<(promise|blocked)>.*?</\1>", re.IGNORECASE | re.DOTALL)
_NOT_ALLOWED = "it was not in the file when the run was begun, and is not run; begin anew with --trust-tasks"


class _Failed(Exception):
    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Iteration:
    """The iteration with this number, on this task as its file has it now."""

    def __init__(self, run: Run, number: int, task: Task, tasks: TaskList, reason: str) -> None:
        self._run = run
        self._number = number
        self._task = task
        self._tasks = tasks
        self._reason = reason
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
        outcome, words = await self._judge(held, where)
        answer = held.answer or {}
        return await self._over(outcome, where, words or _summary(answer["message"]), message=answer["message"])

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
            reason=self._reason,
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
        output = self._run.output(self._number)
        self._run.book.note(
            "iteration.started",
            iteration=self._number,
            task=self._task.id,
            attempt=self._run.state.task(self._task.id).attempts + 1,
            agent=agent.name,
            output=str(output.relative_to(self._run.place.path)),
        )
        output.parent.mkdir(parents=True, exist_ok=True)
        output.touch()

    async def _ask(self, agent: AgentSpec, where: Path, own: AgentSpec | None) -> bool:
        """Whether the agent answered; False when another one has to. Raises _Failed."""
        run = self._run
        prompt = await run.desk.prompt(self._number, self._task, self._tasks, agent, where)
        about = {"iteration": self._number, "task": self._task.id, "agent": agent.name}
        run.book.note("agent.started", **about, provider=agent.provider, model=agent.model)
        started = run.clock.monotonic()
        try:
            execution = await run.agent(agent).work(self._job(prompt, where), self._heard(about))
        except (errors.ProviderError, LimitReached, Unavailable) as error:
            self._fail(about, error, started)
            if isinstance(error, (errors.WaitError, errors.DailyQuotaError)):
                run.staff.limit(agent, error)
                return False
            if isinstance(error, _UNUSABLE):
                run.staff.drop(agent, error)
                return False
            self._overdue()
            raise _Failed(error.message) from error
        run.book.keep("agent.completed", **about, **_said(execution))
        return True

    def _fail(self, about: dict[str, Any], error: CoworkError, started: float) -> None:
        seconds = round(self._run.clock.monotonic() - started, 3)
        partial = str(getattr(error, "partial", ""))[-4000:]
        self._run.book.note("agent.failed", **about, code=error.code, message=error.message, seconds=seconds, partial=partial)

    def _overdue(self) -> None:
        """An agent that was cut off because the run's own time is over has not failed."""
        seconds = self._run.state.limits.seconds
        if seconds is not None and self._run.elapsed() >= seconds and (ending := limit_reached(self._run.state, seconds)):
            raise EndRun(ending)

    def _job(self, prompt: str, where: Path) -> Job:
        run, limits = self._run, self._run.state.limits
        left = None if limits.seconds is None else max(0.001, limits.seconds - run.elapsed())
        bounds = [bound for bound in (limits.iteration_s, left) if bound is not None]
        return Job(
            key=f"{self._number}",
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
                self._run.book.live(kind, **{**about, **data})
            else:
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
        await run.rest(wait)
        if ending := limit_reached(run.state, run.elapsed()):
            raise EndRun(ending)

    async def _judge(self, held: OpenIteration, where: Path) -> tuple[Outcome, str]:
        """What the answer means, with words that replace its own where there are better ones."""
        run, answer = self._run, held.answer or {}
        said = completion.said(answer["message"], run.order.completion)
        if said.blocked is not None and not held.completing:
            run.book.once(self._number, "task.blocked", task=self._task.id, question=said.blocked)
            return "blocked", f"asked: {said.blocked}"
        if said.promised:
            return await self._promised(held, where)
        if answer["exit_code"] not in (None, 0) and not run.order.errors.continue_on_nonzero_exit:
            words = f"its program ended with {answer['exit_code']}"
            about = {"task": self._task.id, "agent": held.agent, "seconds": answer["seconds"]}
            run.book.once(self._number, "agent.failed", **about, code="loop.agent_exit", message=words, partial="")
            return "failed", words
        if said.hint:
            run.book.once(self._number, "completion.rejected", task=self._task.id, reasons=[said.hint])
            return "rejected", said.hint
        return "continued", ""

    async def _promised(self, held: OpenIteration, where: Path) -> tuple[Outcome, str]:
        """It says it is done: whether it is."""
        run = self._run
        reasons: tuple[str, ...] = ()
        if not held.completing:
            reasons = await self._lacking(held, where)
            if not reasons:
                run.book.once(self._number, "completion.accepted", task=self._task.id, by=self._proof())
                message = _summary((held.answer or {})["message"])
                run.book.keep("task.completing", iteration=self._number, task=self._task.id, message=message)
        if not reasons:
            reasons = await run.workshop.deliver(self._number, self._task)
        if reasons:
            run.book.once(self._number, "completion.rejected", task=self._task.id, reasons=list(reasons))
            return "rejected", f"promised, but: {one_line('; '.join(reasons), _SUMMARY)}"
        run.source.mark_done(self._task.id)
        await self._commit(where)
        run.book.keep("task.completed", iteration=self._number, task=self._task.id, title=one_line(self._task.title))
        return "completed", ""

    async def _lacking(self, held: OpenIteration, where: Path) -> tuple[str, ...]:
        """What is asked for and not there."""
        run, found = self._run, []
        base = run.state.task(self._task.id).base
        if run.order.completion.require_diff and base is not None and await run.digest(where) == base:
            found.append("nothing was changed, and a change is required")
        done = await self._checked(held, where)
        return (*found, *((checking.feedback(done),) if checking.failures(done) else ()))

    async def _checked(self, held: OpenIteration, where: Path) -> list[CheckResult]:
        """What the commands came to; those that ended before a crash are not run again."""
        run = self._run
        allowed = frozenset(run.order.task_checks)
        own = [check for check in self._task.checks if check in allowed]
        refused = [CheckResult(check, 126, _NOT_ALLOWED, 0.0) for check in self._task.checks if check not in allowed]
        commands = (*run.order.completion.checks, *own)
        known = [CheckResult(command, *held.checks[command], 0.0) for command in commands if command in held.checks]
        fresh = await checking.check(
            [command for command in commands if command not in held.checks],
            where,
            timeout_s=run.order.completion.check_timeout_s,
            journalled=lambda kind, data: run.book.note(kind, **data),
            where={"iteration": self._number, "task": self._task.id},
        )
        return [*known, *fresh, *refused]

    def _proof(self) -> str:
        checks = len(self._run.order.completion.checks) + len(self._task.checks)
        parts = ["its promise", *([f"{checks} check{'s' if checks > 1 else ''}"] if checks else [])]
        return " and ".join([*parts, *(["a change"] if self._run.order.completion.require_diff else [])])

    async def _commit(self, where: Path) -> None:
        """Commit what was done. That this does not work never stops the run."""
        run, held = self._run, self._run.state.open[self._number]
        if run.order.commit is None or {"task.committed", "task.commit_failed"} & held.told:
            return
        from cowork.loop.engine.committing import commit_task

        kind, data = await commit_task(run, self._task, where)
        if kind:
            run.book.note(kind, iteration=self._number, task=self._task.id, **data)

    async def _over(self, outcome: Outcome, where: Path, words: str, *, message: str) -> Outcome:
        run = self._run
        digest = hashlib.sha256(" ".join(message.split()).encode("utf-8", "replace")).hexdigest()[:32] if message else ""
        diff = None
        if digest and run.state.limits.stagnation and digest == run.state.task(self._task.id).last_message:
            diff = await run.digest(where)
        run.book.keep(
            "iteration.completed",
            iteration=self._number,
            task=self._task.id,
            agent=run.state.open[self._number].agent,
            outcome=outcome,
            seconds=round(run.clock.monotonic() - self._began, 3),
            elapsed_s=round(run.elapsed(), 3),
            message_digest=digest,
            diff_digest=diff,
            summary=one_line(words, _SUMMARY),
        )
        return outcome


def _said(execution: Execution) -> dict[str, Any]:
    usage = execution.usage
    return {
        "model": execution.model,
        "message": execution.message,
        "exit_code": execution.exit_code,
        "usage": {"input": usage.input_tokens, "output": usage.output_tokens, "source": usage.source},
        "usd": execution.usd,
        "seconds": execution.seconds,
        "notes": list(execution.notes),
    }


def _summary(message: str) -> str:
    """An agent's last words without the tags of the protocol."""
    return one_line(_TAGS.sub("", message), _SUMMARY)
