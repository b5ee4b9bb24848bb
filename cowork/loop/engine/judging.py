"""What an agent's answer means: that it is done, which is proved; that it asks; that it failed; or that something is left.

What was decided before a crash is not decided again: checks that ended, a completion that was begun.
"""

from __future__ import annotations

import re
from pathlib import Path

from cowork.core.text import one_line
from cowork.loop import checking, completion
from cowork.loop.checking import CheckResult
from cowork.loop.engine.run import Run, Waits
from cowork.loop.engine.state import OpenIteration, Outcome
from cowork.loop.tasks.task import Task

SUMMARY = 600
"""Characters of an iteration's summary."""
EXITED = "loop.agent_exit"
"""The code of an agent that answered, and whose program failed."""
_READ = 16_000  # characters of a message that a summary is made of
_TAGS = re.compile(r"<(promise|blocked)>(?:(?!<\1>).)*?</\1>", re.IGNORECASE | re.DOTALL)
_NOT_ALLOWED = "it was not in the file when the run was begun, and is not run; begin anew with --trust-tasks"


def summary(message: str) -> str:
    """An agent's last words without the tags of the protocol."""
    return one_line(_TAGS.sub("", message[:_READ]), SUMMARY)


class Judge:
    """Judges the answers of one iteration of a task."""

    def __init__(self, run: Run, number: int, task: Task, where: Path) -> None:
        self._run = run
        self._number = number
        self._task = task
        self._where = where

    async def judge(self, held: OpenIteration) -> tuple[Outcome, str]:
        """What the answer means, with words that replace its own where there are better ones."""
        run, answer = self._run, held.answer or {}
        said = completion.said(answer["message"], run.order.completion)
        if said.blocked is not None and not held.completing:
            run.book.once(self._number, "task.blocked", task=self._task.id, question=said.blocked)
            return "blocked", f"asked: {said.blocked}"
        if said.promised:
            return await self._promised(held)
        if answer["exit_code"] not in (None, 0) and not run.order.errors.continue_on_nonzero_exit:
            words = f"its program ended with {answer['exit_code']}"
            about = {"task": self._task.id, "agent": held.agent, "seconds": answer["seconds"]}
            run.book.once(self._number, "agent.failed", **about, code=EXITED, message=words, partial="")
            return "failed", words
        if said.hint:
            run.book.once(self._number, "completion.rejected", task=self._task.id, reasons=[said.hint])
            return "rejected", said.hint
        return "continued", ""

    async def _promised(self, held: OpenIteration) -> tuple[Outcome, str]:
        """It says it is done: whether it is."""
        run = self._run
        reasons: tuple[str, ...] = ()
        if not held.completing:
            reasons = await self._lacking(held)
            if not reasons:
                run.book.once(self._number, "completion.accepted", task=self._task.id, by=self._proof())
                message = summary((held.answer or {})["message"])
                run.book.keep("task.completing", iteration=self._number, task=self._task.id, message=message)
        if not reasons:
            try:
                reasons = await run.workshop.deliver(self._number, self._task)
            except Waits as waits:
                run.book.once(self._number, "task.blocked", task=self._task.id, question=str(waits))
                return "blocked", f"promised, but: {one_line(str(waits), SUMMARY)}"
        if reasons:
            run.book.once(self._number, "completion.rejected", task=self._task.id, reasons=list(reasons))
            return "rejected", f"promised, but: {one_line('; '.join(reasons), SUMMARY)}"
        run.guard.done(self._task.id)
        await self._commit()
        run.book.once(self._number, "task.completed", task=self._task.id, title=one_line(self._task.title))
        return "completed", ""

    async def _lacking(self, held: OpenIteration) -> tuple[str, ...]:
        """What is asked for and not there."""
        run, found = self._run, []
        base = run.state.task(self._task.id).base
        if run.order.completion.require_diff and base is not None and await run.digest(self._where) == base:
            found.append("nothing was changed, and a change is required")
        done = await self._checked(held)
        return (*found, *((checking.feedback(done),) if checking.failures(done) else ()))

    async def _checked(self, held: OpenIteration) -> list[CheckResult]:
        """What the commands came to; those that ended before a crash are not run again."""
        run = self._run
        refused = [
            CheckResult(check, 126, _NOT_ALLOWED, 0.0) for check in self._task.checks if check not in run.order.task_checks
        ]
        commands = run.order.checks_of(self._task)
        known = [CheckResult(command, *held.checks[command], 0.0) for command in commands if command in held.checks]
        fresh = await checking.check(
            [command for command in commands if command not in held.checks],
            self._where,
            timeout_s=run.order.completion.check_timeout_s,
            journalled=lambda kind, data: run.book.note(kind, **data),
            where={"iteration": self._number, "task": self._task.id},
            wrap=run.confined(self._where),
        )
        return [*known, *fresh, *refused]

    def _proof(self) -> str:
        checks = len(self._run.order.completion.checks) + len(self._task.checks)
        parts = ["its promise", *([f"{checks} check{'s' if checks > 1 else ''}"] if checks else [])]
        return " and ".join([*parts, *(["a change"] if self._run.order.completion.require_diff else [])])

    async def _commit(self) -> None:
        """Commit what was done. That this does not work never stops the run."""
        run, held = self._run, self._run.state.open[self._number]
        if run.order.commit is None or {"task.committed", "task.commit_failed"} & held.told:
            return
        from cowork.loop.engine.committing import commit_task

        kind, data = await commit_task(run, self._number, self._task)
        if kind:
            run.book.note(kind, iteration=self._number, task=self._task.id, **data)
