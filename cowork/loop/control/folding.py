"""A journal as it grows, folded into how things stand: of a working loop as its engine has it, or of one run of a pattern."""

from __future__ import annotations

from typing import Any

from cowork.loop.control.spent import Spent
from cowork.loop.engine import reading
from cowork.loop.engine.state import LoopState
from cowork.sessions import places
from cowork.sessions.places import Workplace
from cowork.sessions.reading import Event


class Fold:
    """What is known after the events so far: `loop` is the state of a working loop, `single` of one run of a pattern."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self.events = 0
        self.loop: LoopState | None = None
        self.single: PatternState | None = None

    def add(self, event: Event) -> None:
        """Take in the next event. Raises `session.journal_corrupt` for one that does not say what its kind has to."""
        if self.events == 0:
            self._begin(event)
        self.events += 1
        if self.loop is not None:
            reading.take(self._place, self.loop, event)
        elif self.single is not None:
            try:
                self.single.take(event)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise reading.corrupt(self._place, event, error) from error

    def require_beginning(self) -> None:
        """Raises `session.journal_corrupt` when the run never started."""
        if not self.events:
            places.head_of(self._place, [])

    @property
    def status(self) -> str | None:
        """How it ended, None while it has no end."""
        return self.loop.end if self.loop else self.single.status if self.single else None

    @property
    def state(self) -> str:
        """That of its process, if there is one."""
        return self.loop.phase if self.loop and self.loop.phase != "idle" else "running"

    @property
    def questions(self) -> dict[str, str]:
        """What waits for an answer, by task."""
        return self.loop.asked if self.loop else {}

    def _begin(self, event: Event) -> None:
        if "order" in places.head_of(self._place, [event]):
            self.loop = LoopState()
        else:
            self.single = PatternState()


class PatternState:
    """One run of a pattern, as far as a page of it needs."""

    def __init__(self) -> None:
        self.created_at = self.updated_at = ""
        self.task = self.pattern = ""
        self.seats: tuple[str, ...] = ()
        self.status: str | None = None
        self.reason: str | None = None
        self.message: str | None = None
        self.iteration = 0
        self.since: str | None = None
        self.seconds = 0.0
        self.cap: float | None = None
        self.spent = Spent()

    def take(self, event: Event) -> None:
        """Take in the next event."""
        kind, data, at = event["type"], event["data"], event["at"]
        self.updated_at = at
        if kind in places.TERMINAL:
            self._end(places.TERMINAL[kind], data)
        elif kind == "run.started":
            self.created_at, self.task, self.pattern = at, str(data["task"]), str(data["pattern"])
            self.cap = (data.get("budget") or {}).get("usd")
            self.seats = tuple(str(seat["name"]) for seat in data.get("seats", ()))
        elif kind == "run.resumed":
            self.status = self.reason = self.message = self.since = None
        elif kind == "iteration.started":
            self.iteration, self.since = int(data["iteration"]), at
        elif kind == "iteration.completed":
            self.since = None
        elif kind == "call.completed":
            self.spent.add(data.get("usage") or {}, None)

    def _end(self, status: str, data: dict[str, Any]) -> None:
        self.status, self.reason, self.message = status, data.get("reason") or data.get("code"), data.get("message") or None
        result = data.get("result")
        if isinstance(result, dict) and isinstance(result.get("tokens"), dict):
            self.spent.settle(result["tokens"], result.get("cost") or {})
            self.seconds = float(result.get("seconds") or 0.0)
