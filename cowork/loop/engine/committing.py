"""Committing what a task came to. That it does not work is noted, and stops nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cowork.loop.engine.order import LoopOrder
from cowork.loop.engine.run import Run
from cowork.loop.repository import committing
from cowork.loop.repository.facts import EXCLUDED
from cowork.loop.tasks.task import Task


def own_files(order: LoopOrder) -> tuple[str, ...]:
    """The files that only the program writes, as they are called from the project: no change, and in no commit."""
    return (*EXCLUDED, *([os.path.relpath(order.record, order.project)] if order.record else []))


def variables_of(session: str, agent: str, task: Task) -> dict[str, str]:
    """What a template of a commit message may say of a task."""
    return {
        "taskId": task.id,
        "taskTitle": task.title,
        "taskType": str(task.raw.get("type") or committing.type_of(task.labels)),
        "sessionId": session,
        "agentName": agent,
    }


async def commit_task(run: Run, number: int, task: Task) -> tuple[str, dict[str, Any]]:
    """The event that says what came of it, and its data; an empty type when there was nothing to commit."""
    variables = variables_of(run.place.session_id, run.state.agent, task)
    key, merged = f"{run.place.session_id}/{task.id}/{number}", run.order.parallel > 1
    # What was merged has a commit of this key already; what is left here is the file of tasks.
    project, template = Path(run.order.project), run.order.commit or ""
    done = await committing.commit(project, template, variables, key=key, again=merged, excluded=own_files(run.order))
    if done.failure:
        return "task.commit_failed", {"message": done.failure}
    return ("task.committed", {"commit": done.hash, "message": done.subject}) if done.hash else ("", {})
