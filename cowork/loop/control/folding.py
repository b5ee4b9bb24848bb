"""A journal folded into how things stand: each event once, in constant memory but for open questions and limited agents.

Journals are read as they are: of a loop that works through iterations (its head has an `order`), and of one run of a pattern.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.loop.control.spent import Spent
from cowork.loop.engine.events import TERMINAL
from cowork.sessions import places
from cowork.sessions.places import Workplace
from cowork.sessions.reading import Event

_ENDS = {**places.TERMINAL, **TERMINAL}
_STATES = {"run.pausing": "pausing", "run.paused": "paused", "run.continued": "running", "run.stopping": "stopping"}
_OVER = ("task.completed", "task.skipped", "task.failed", "task.answered")


class Fold:
    """What is known after the events so far."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self.events = 0
        self.created_at = self.updated_at = ""
        self.mode, self.project, self.task = "", "", ""
        self.pattern: str | None = None
        self.agents: tuple[str, ...] = ()
        self.max_iterations = 0
        self.max_usd: float | None = None
        self.status: str | None = None
        self.reason: str | None = None
        self.message: str | None = None
        self.state = "running"
        self.iteration = 0
        self.iteration_since: str | None = None
        self.attempt: int | None = None
        self.current_task: tuple[str, str] | None = None
        self.agent: str | None = None
        self.limited: dict[str, tuple[str, str]] = {}
        self.all_limited_until: str | None = None
        self.questions: dict[str, str] = {}
        self.tasks_done: int | None = None
        self.tasks_total: int | None = None
        self.last: dict[str, Any] | None = None
        self.seconds = 0.0
        self.spent = Spent()

    def add(self, event: Event) -> None:
        """Take in the next event. Raises `session.journal_corrupt` for one that does not say what its kind has to."""
        try:
            if self.events == 0:
                self._begin(event)
            self._take(event["type"], event["data"], event["at"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(
                "session.journal_corrupt",
                f"{self._place.journal}:{event['seq']}: this event does not say what it should",
                cause=f"{event['type']}: {type(error).__name__}: {error}",
                hint="restore the file from a copy, or remove the session",
            ) from error
        self.events += 1
        self.updated_at = event["at"]

    def _take(self, kind: str, data: dict[str, Any], at: str) -> None:
        if kind in _ENDS:
            self._end(_ENDS[kind], data)
        elif kind in _STATES:
            self.state = _STATES[kind]
            self.all_limited_until = None
        elif kind in _OVER:
            self._task_over(kind, data)
        elif handler := _HANDLERS.get(kind):
            handler(self, data, at)

    def require_beginning(self) -> None:
        """Raises `session.journal_corrupt` when the run never started."""
        if not self.mode:
            places.head_of(self._place, [])

    def _begin(self, event: Event) -> None:
        head = places.head_of(self._place, [event])
        self.created_at = event["at"]
        if isinstance(head.get("order"), dict):
            self._order(head["order"])
        else:
            self._pattern(head)

    def _order(self, order: dict[str, Any]) -> None:
        self.mode, self.project = "loop", str(order["project"])
        self.task = str(order["task"] or order["tasks_file"] or "")
        self.agents = tuple(str(agent["name"]) for agent in order["agents"])
        self.agent = self.agents[0] if self.agents else None
        self.pattern = str(order["pattern"].get("pattern")) if order.get("pattern") else None
        self._limits(order["limits"])

    def _pattern(self, head: dict[str, Any]) -> None:
        self.mode, self.task = "pattern", str(head["task"])
        self.pattern = str(head["pattern"])
        self.agents = tuple(str(seat["name"]) for seat in head.get("seats", ()))
        self.max_iterations = 1

    def _limits(self, limits: dict[str, Any]) -> None:
        self.max_iterations = int(limits.get("iterations", self.max_iterations) or 0)
        self.max_usd = limits.get("usd", self.max_usd)

    def _end(self, status: str, data: dict[str, Any]) -> None:
        self.status, self.reason, self.message = status, data.get("reason") or data.get("code"), data.get("message") or None
        self.all_limited_until = None
        result = data.get("result")
        if self.mode == "pattern" and isinstance(result, dict) and isinstance(result.get("tokens"), dict):
            self.spent.settle(result["tokens"], result.get("cost") or {})
            self.seconds = float(result.get("seconds") or 0.0)

    def _task_over(self, kind: str, data: dict[str, Any]) -> None:
        task = str(data.get("task"))
        self.questions.pop(task, None)
        if kind == "task.completed" and self.tasks_done is not None:
            self.tasks_done += 1
        if kind != "task.answered" and self.current_task and self.current_task[0] == task:
            self.current_task = None

    def _resumed(self, _data: dict[str, Any], _at: str) -> None:
        self.status = self.reason = self.message = self.iteration_since = self.all_limited_until = None
        self.state = "running"

    def _tasks_read(self, data: dict[str, Any], _at: str) -> None:
        self.tasks_total, self.tasks_done = int(data["total"]), int(data["done"])

    def _selected(self, data: dict[str, Any], _at: str) -> None:
        self.current_task = (str(data["task"]), str(data.get("title") or ""))

    def _blocked(self, data: dict[str, Any], _at: str) -> None:
        self.questions[str(data["task"])] = str(data["question"])

    def _iteration_started(self, data: dict[str, Any], at: str) -> None:
        self.iteration, self.iteration_since, self.attempt = int(data["iteration"]), at, data.get("attempt")
        self.agent = data.get("agent") or self.agent
        self.all_limited_until = None

    def _iteration_completed(self, data: dict[str, Any], _at: str) -> None:
        self.iteration_since = None
        if self.mode == "pattern":
            return
        self.seconds = float(data["elapsed_s"])
        self.last = {name: data.get(name) for name in ("iteration", "task", "agent", "outcome", "seconds", "summary")}

    def _agent_started(self, data: dict[str, Any], _at: str) -> None:
        self.agent, self.all_limited_until = str(data["agent"]), None

    def _agent_completed(self, data: dict[str, Any], _at: str) -> None:
        self.limited.pop(str(data["agent"]), None)
        self.spent.add(data.get("usage") or {}, data.get("usd"))

    def _call_completed(self, data: dict[str, Any], _at: str) -> None:
        if self.mode == "pattern":  # in a loop the agent's own sum has it
            self.spent.add(data.get("usage") or {}, None)

    def _agent_limited(self, data: dict[str, Any], _at: str) -> None:
        self.limited[str(data["agent"])] = (str(data["until"]), str(data.get("message") or ""))

    def _all_limited(self, data: dict[str, Any], _at: str) -> None:
        self.all_limited_until = str(data["until"])

    def _switched(self, data: dict[str, Any], _at: str) -> None:
        self.agent = str(data["after"])

    def _limits_changed(self, data: dict[str, Any], _at: str) -> None:
        self._limits(data["limits"])


_HANDLERS: dict[str, Callable[[Fold, dict[str, Any], str], None]] = {
    "run.resumed": Fold._resumed,
    "tasks.read": Fold._tasks_read,
    "task.selected": Fold._selected,
    "task.blocked": Fold._blocked,
    "iteration.started": Fold._iteration_started,
    "iteration.completed": Fold._iteration_completed,
    "agent.started": Fold._agent_started,
    "agent.completed": Fold._agent_completed,
    "agent.limited": Fold._agent_limited,
    "agents.limited": Fold._all_limited,
    "agent.switched": Fold._switched,
    "call.completed": Fold._call_completed,
    "limits.changed": Fold._limits_changed,
}
