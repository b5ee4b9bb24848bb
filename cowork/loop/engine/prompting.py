"""The prompt of an iteration: a template filled with the task, what was before, and material, all of it within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.clock import Clock, rfc3339
from cowork.core.files import cannot_write
from cowork.core.paths import data_dir
from cowork.loop import progress
from cowork.loop.agents.work import AgentSpec
from cowork.loop.engine.book import Book
from cowork.loop.engine.order import LoopOrder
from cowork.loop.tasks import selection
from cowork.loop.tasks.selection import Choice
from cowork.loop.tasks.task import Status, Task, TaskList
from cowork.prompts import user_templates
from cowork.prompts.builder import tokens
from cowork.prompts.loop_variables import variables
from cowork.prompts.user_templates import Template
from cowork.sessions.places import Workplace

if TYPE_CHECKING:
    from cowork.loop.engine.material import Material

PROGRESS_TOKENS = 2000
QUEUE_LENGTH = 200
_ANSWERS = 20
_ADVICE = "## What other models advise\n\nCheck what it claims against the files before you build on it."
_LOOKS = ("tree", "gitStatus", "recentCommits")
Overlay = Callable[[], dict[str, Status]]


class TemplateDesk:
    """Makes prompts from the template of an order, which is read once. `overlay` is what the run knows of the tasks.

    Raises `template.*` when it is made, and when a prompt cannot be.
    """

    def __init__(
        self, place: Workplace, order: LoopOrder, book: Book, clock: Clock, overlay: Callable[[], dict[str, Status]]
    ) -> None:
        self._place = place
        self._order = order
        self._book = book
        self._clock = clock
        self._overlay = overlay
        usual = user_templates.usual(tasks=order.tasks_file is not None, pattern=bool(order.every))
        self._template = user_templates.find(order.template or usual, Path(order.project))

    async def prompt(
        self, iteration: int, chosen: Choice, tasks: TaskList, agent: AgentSpec, directory: Path, counsel: str = ""
    ) -> str:
        """The prompt; what did not fit is noted with `prompt.built`, and all of it is kept beside the output."""
        text, cut = await self._filled(self._template, iteration, chosen, tasks, agent, directory, counsel)
        if counsel and "counsel" not in self._template.text:
            text = f"{text.rstrip()}\n\n{_ADVICE}\n\n<counsel>\n{counsel}\n</counsel>\n"
        path = self._place.output(iteration).with_suffix(".prompt.md")
        _write(path, text)
        self._book.note(
            "prompt.built",
            iteration=iteration,
            template=self._template.name,
            tokens=tokens(text),
            cut=list(cut),
            prompt=str(path.relative_to(self._place.path)),
        )
        return text

    async def question(self, iteration: int, chosen: Choice, tasks: TaskList, table: AgentSpec, directory: Path) -> str:
        """What models are asked, who see what the agent will see and are to advise it."""
        template = user_templates.find(str(data_dir("templates") / "counsel.hbs"), Path(self._order.project))
        return (await self._filled(template, iteration, chosen, tasks, table, directory, ""))[0]

    async def _filled(
        self,
        template: Template,
        iteration: int,
        chosen: Choice,
        tasks: TaskList,
        agent: AgentSpec,
        directory: Path,
        counsel: str,
    ) -> tuple[str, tuple[str, ...]]:
        task = chosen.task
        material, cut = await self._material(template, agent, directory)
        known = {
            **self._of_task(task, tasks),
            **self._of_run(iteration, task, agent, directory),
            **self._of_past(task),
            **material,
            "selectionReason": chosen.reason if self._order.tasks_file is not None else "",
            "counsel": counsel,
        }
        return user_templates.render(template, variables(**known)), cut

    def _of_task(self, task: Task, tasks: TaskList) -> dict[str, Any]:
        found = selection.statuses(tasks.tasks, self._overlay())
        found[task.id] = "active"
        queue = [
            {"id": item.id, "title": item.title, "status": found[item.id], "current": item.id == task.id}
            for item in tasks.tasks[:QUEUE_LENGTH]
        ]
        many = self._order.tasks_file is not None
        raw = tasks.raw if isinstance(tasks.raw, dict) else {"tasks": tasks.raw}
        return {
            "taskId": task.id if many else "",
            "taskTitle": task.title,
            "taskDescription": task.description,
            "criteria": list(task.criteria),
            "epicTitle": tasks.name if many else "",
            "trackerName": tasks.format,
            "labels": list(task.labels),
            "priority": task.priority,
            "status": "active",
            "dependsOn": list(task.dependencies),
            "blocks": [item.id for item in tasks.tasks if task.id in item.dependencies],
            "type": str(task.raw.get("type", "")),
            "notes": task.notes,
            "queue": queue if many else [],
            "prdName": tasks.name if many else "",
            "prdDescription": tasks.description,
            "prdContent": tasks.text if many else "",
            "prdCompletedCount": sum(status == "done" for status in found.values()) if many else 0,
            "prdTotalCount": len(tasks.tasks) if many else 0,
            "task": dict(task.raw) or {"id": task.id, "title": task.title, "description": task.description},
            "prd": raw if many else None,
        }

    def _of_run(self, iteration: int, task: Task, agent: AgentSpec, directory: Path) -> dict[str, Any]:
        now, order = self._clock.now(), self._order
        return {
            "agentName": agent.name,
            "model": agent.label,
            "cwd": str(directory),
            "currentDate": f"{now:%Y-%m-%d}",
            "currentTimestamp": rfc3339(now),
            "iteration": iteration,
            "maxIterations": self._book.state.limits.iterations,
            "attempt": self._book.state.task(task.id).attempts + 1,
            "promise": order.completion.tag,
            "promiseText": order.completion.tag.removeprefix("<promise>").removesuffix("</promise>"),
            "checks": list(order.checks_of(task)),
            "config": {"autoCommit": order.commit is not None, "maxIterations": self._book.state.limits.iterations},
        }

    def _of_past(self, task: Task) -> dict[str, Any]:
        known = self._book.state.task(task.id)
        return {
            "recentProgress": progress.recent(self._read_progress(), PROGRESS_TOKENS),
            "codebasePatterns": progress.patterns(Path(self._order.project)),
            "rejection": [*known.rejection, *([known.remark] if known.remark else [])],
            "answers": [{"question": question, "answer": answer} for question, answer in known.answers[-_ANSWERS:]],
        }

    def _read_progress(self) -> list[progress.Entry]:
        """What was written down for the iterations to come."""
        try:
            return progress.read(self._progress_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise cannot_write(self._progress_file, error) from error

    @property
    def _progress_file(self) -> Path:
        return self._place.path / "progress.md"

    def remember(self, tasks: TaskList) -> None:
        """Write down what the last iterations came to, for those to come."""
        many = self._order.tasks_file is not None
        titles = {task.id: task.title for task in tasks.tasks}
        entries = [
            progress.Entry(
                item.iteration, item.task if many else None, titles.get(item.task, ""), item.outcome, item.summary, item.at
            )
            for item in self._book.state.entries
        ]
        _write(self._progress_file, progress.write(entries))

    async def _material(self, template: Template, agent: AgentSpec, directory: Path) -> Material:
        """Files that were handed over; tree and git for agents that cannot look, and for templates of the user's."""
        blind = agent.kind in ("model", "pattern") or template.scope != "builtin"
        wanted = {name for name in _LOOKS if blind and name in template.text}
        if self._order.contexts and "context" in template.text:
            wanted.add("context")
        if not wanted:
            return {}, ()
        from cowork.loop.engine.material import gathered

        return await asyncio.to_thread(gathered, wanted, directory, self._order)


def _write(path: Path, text: str) -> None:
    """Write what is made anew after a crash. Raises `file.not_writable`."""
    try:
        path.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise cannot_write(path, error) from error
