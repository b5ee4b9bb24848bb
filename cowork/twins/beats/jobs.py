"""What one heartbeat is to do, in the order in which the twin is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cowork.core.clock import millis, parsed
from cowork.twins.requests import Request
from cowork.twins.results import Kind
from cowork.twins.store.leases import Taken
from cowork.twins.twin import Twin

_HEADINGS: dict[str, str] = {
    "wake": "You were woken for a reason",
    "mention": "Somebody mentioned you",
    "task": "Assigned task",
    "ask": "Somebody asks you",
    "skill": "Somebody asks you to work by a skill",
}


@dataclass(frozen=True)
class Job:
    """One thing to do: a request or a task of the template. `prompt` is a task's whole prompt, `text` a request's.

    `due_ms` is the moment that tells it from others of the same task.
    """

    id: str
    kind: Kind
    title: str
    text: str
    prompt: str
    collectors: tuple[str, ...]
    due_ms: int
    due: str = ""

    @property
    def heading(self) -> str:
        """How a prompt announces a request."""
        return _HEADINGS[self.kind]

    @property
    def waited_for(self) -> bool:
        """Whether somebody asked at once and waits for the answer."""
        return self.kind in ("ask", "skill")


def jobs(twin: Twin, taken: Taken, requests: Sequence[Request]) -> list[Job]:
    """Wake requests, mentions, assigned tasks, then the tasks of the template by priority."""
    order = ["wake", "mention", "ask", "skill", "task"]
    first = sorted(requests, key=lambda request: (order.index(request.kind), request.priority, request.created_at))
    asked = [_request(twin, request) for request in first if request.id in taken.requests]
    known = {task.id: task for task in twin.tasks}
    due = [
        Job(task.id, "proactive", task.name, "", task.prompt_template, task.evidence, moment)
        for task_id, moment in taken.tasks
        if (task := known.get(task_id))
    ]
    return [*asked, *sorted(due, key=lambda job: (known[job.id].priority, job.id))]


def _request(twin: Twin, request: Request) -> Job:
    """For a request it may need everything that its enabled tasks look at."""
    collectors = tuple(dict.fromkeys(name for task in twin.tasks if task.enabled for name in task.evidence))
    created = millis(parsed(request.created_at))
    return Job(request.id, request.kind, request.title, request.text, "", collectors, created, request.due_at or "")
