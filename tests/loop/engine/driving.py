"""A working loop driven in this process: real sessions, journals and repositories, agents that do what a test says.

Every run is held to what is true of all of them: each event is as the table has it, each resumption has one terminal event, and
the state that moved along with the events is the one that the journal folds to.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import CoworkError
from cowork.loop.agents.work import AgentSpec, Execution, Heard, Job
from cowork.loop.control import inbox
from cowork.loop.engine import book, folding, machine, starting
from cowork.loop.engine.events import EVENTS, TERMINAL, problems
from cowork.loop.engine.order import Completion, ErrorHandling, Limits, LoopOrder, RateLimits, Sandboxing
from cowork.loop.engine.pool import AgentPool
from cowork.loop.engine.results import LoopReport
from cowork.loop.engine.state import LoopState, fold
from cowork.models import errors
from cowork.models.chat import Usage
from cowork.sessions import journal, places
from cowork.sessions.places import Workplace
from tests.models.surroundings import settings
from tests.support import FakeClock

PROMISE = "<promise>COMPLETE</promise>"
Meanwhile = Callable[[Job], object]


@dataclass(frozen=True)
class Turn:
    """What an agent does when it is asked: what it says, or the error it ends with, and what happens meanwhile."""

    text: str = ""
    error: Exception | None = None
    exit_code: int | None = None
    tokens: tuple[int, int] = (100, 10)
    usd: float | None = 0.01
    seconds: float = 2.0
    writes: dict[str, str] = field(default_factory=dict)
    meanwhile: Meanwhile | None = None
    tells: Sequence[tuple[str, dict[str, Any]]] = ()


def says(text: str, **more: Any) -> Turn:
    """It answers, and promises nothing."""
    return Turn(text, **more)


def done(text: str = "All of it works.", **more: Any) -> Turn:
    """It promises that it is done."""
    return Turn(f"{text}\n\n{PROMISE}", **more)


def asks(question: str, **more: Any) -> Turn:
    """It asks before it goes on."""
    return Turn(f"I looked at it.\n\n<blocked>{question}</blocked>", **more)


def breaks(words: str = "the connection was cut", **more: Any) -> Turn:
    """It gives no answer."""
    return Turn(error=errors.DownError(words, provider="p", model="m"), **more)


def limited(wait: float | None = 60.0, **more: Any) -> Turn:
    """It is rate limited for so many seconds, or does not say for how long."""
    return Turn(error=errors.WaitError("slow down", provider="p", model="m", retry_after=wait), **more)


def refused(**more: Any) -> Turn:
    """Its key is refused."""
    return Turn(error=errors.AuthError("the key is refused", provider="p", model="m"), **more)


def agent(name: str, model: str = "m", kind: Any = "command") -> AgentSpec:
    """An agent of a test."""
    return AgentSpec(name, kind, "p", model)


class Scripted:
    """An agent that does one turn after the other, and fails the test when it is asked once too often."""

    def __init__(self, spec: AgentSpec, stage: Stage, turns: Iterable[Turn]) -> None:
        self.spec = spec
        self._stage = stage
        self._turns = iter(turns)

    async def work(self, job: Job, heard: Heard) -> Execution:
        self._stage.asked.append((self.spec.name, job))
        turn = next(self._turns, None)
        assert turn is not None, f"{self.spec.name} was asked once too often"
        about = {"iteration": job.iteration, "task": job.task, "agent": self.spec.name}
        for name, text in turn.writes.items():
            (job.directory / name).write_text(text)
        for kind, data in turn.tells:
            heard(kind, data)
        self._stage.clock.advance(turn.seconds)
        if turn.meanwhile is not None and inspect.isawaitable(going_on := turn.meanwhile(job)):
            await going_on
        if turn.error is not None:
            raise turn.error
        with job.output.open("a") as stream:
            stream.write(turn.text)
        heard("agent.output", {**about, "text": turn.text})
        usage = Usage(*turn.tokens, "reported")
        return Execution(turn.text, turn.exit_code, usage, turn.usd, f"{self.spec.model}-1", turn.seconds)

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Ended:
    """How a run or a resumption ended: its report, or the error that carries it."""

    place: Workplace
    report: LoopReport
    error: CoworkError | None

    @property
    def status(self) -> str:
        return self.report.status

    @property
    def code(self) -> int:
        """The exit code."""
        return self.error.exit_code if self.error else 0

    @property
    def ending(self) -> tuple[str, str, int, str | None]:
        """Status, reason, exit code and error code."""
        return self.status, self.report.reason, self.code, self.error.code if self.error else None

    @property
    def events(self) -> list[dict[str, Any]]:
        return journal.read(self.place.journal)

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """The data of the events of these kinds, in their order."""
        return [event["data"] for event in self.events if event["type"] in kinds]

    @property
    def state(self) -> LoopState:
        return fold(self.events)

    @property
    def page(self) -> dict[str, Any]:
        """What `session.json` says."""
        return dict(json.loads((self.place.path / "session.json").read_text()))


class Stage:
    """Where loops are driven: a project, a clock, and agents by their names."""

    def __init__(self, project: Path, clock: FakeClock) -> None:
        self.project = project
        self.clock = clock
        self.asked: list[tuple[str, Job]] = []
        self.live: list[dict[str, Any]] = []
        self._agents: dict[str, Scripted] = {}
        self.place: Workplace | None = None

    @property
    def prompts(self) -> list[str]:
        """What agents were told, in order."""
        return [job.prompt for _, job in self.asked]

    @property
    def names(self) -> list[str]:
        """Who was asked, in order."""
        return [name for name, _ in self.asked]

    def cast(self, **turns: Iterable[Turn]) -> None:
        """Who does what, by the agents' names; anew, whatever they did before."""
        for name, own in turns.items():
            name = name.replace("__", ":")
            self._agents[name] = Scripted(agent(name), self, own)

    def agent(self, spec: AgentSpec) -> Scripted:
        assert spec.name in self._agents, f"nobody is {spec.name}"
        found = self._agents[spec.name]
        found.spec = spec
        return found

    def tasks(self, *tasks: dict[str, Any]) -> Path:
        """Write the project's file of tasks."""
        path = self.project / "prd.json"
        path.write_text(json.dumps({"name": "Shop", "tasks": list(tasks)}, indent=2) + "\n")
        return path

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the file of tasks, as somebody does by hand."""
        path = self.project / "prd.json"
        held = json.loads(path.read_text())
        change(held)
        path.write_text(json.dumps(held, indent=2) + "\n")

    def in_file(self, name: str) -> dict[str, Any]:
        """A task as the file has it."""
        found = json.loads((self.project / "prd.json").read_text())["tasks"]
        return dict(next(task for task in found if task["id"] == name))

    def order(self, task: str | None = "Write the parser", **more: Any) -> LoopOrder:
        """An order: of the words, or of the file of tasks when `task` is None."""
        given: dict[str, Any] = {
            "task": task or "",
            "tasks_file": None if task else str(self.project / "prd.json"),
            "project": str(self.project),
            "agents": (agent("one"),),
            "task_agents": {},
            "task_checks": (),
            "completion": Completion(),
            "limits": Limits(),
            "errors": ErrorHandling(),
            "rates": RateLimits(),
            "sandbox": Sandboxing(),
        }
        return LoopOrder(**{**given, **more})

    def run(self, *turns: Turn, order: LoopOrder | None = None, **how: Any) -> Ended:
        """Run an order; `turns` are those of the agent `one`."""
        if turns:
            self.cast(one=turns)
        made = order or self.order(**how)
        return self._ended(lambda: starting.start(made, settings(), self.clock, (self._hear,)))

    def resume(self, *turns: Turn, **how: Any) -> Ended:
        """Go on with the last run, with agents that do these turns."""
        if turns:
            self.cast(one=turns)
        place = self.place or places.of_kind("loop")[0]
        return self._ended(lambda: starting.resume(place, settings(), self.clock, (self._hear,), **how))

    def fails(self, *turns: Turn, **how: Any) -> BaseException:
        """Run an order that ends with an error that carries no report."""
        if turns:
            self.cast(one=turns)
        with pytest.raises(BaseException) as caught:
            starting.start(self.order(**how), settings(), self.clock, (self._hear,))
        held_to(places.of_kind("loop")[0])
        return caught.value

    @property
    def last(self) -> Workplace:
        """The session that was begun last."""
        return places.of_kind("loop")[0]

    def post(self, wish: Any, **data: Any) -> None:
        """Ask something of the run under way, as other processes do."""
        inbox.post(places.of_kind("loop")[0], wish, **data)

    async def until(self, kind: str) -> None:
        """Wait until the run under way has written an event of a kind."""
        async with asyncio.timeout(5):
            while kind not in [event["type"] for event in journal.read(places.of_kind("loop")[0].journal)]:
                await asyncio.sleep(0.005)

    def _hear(self, event: dict[str, Any]) -> None:
        if event["type"] in EVENTS and EVENTS[event["type"]].live:
            self.live.append(event)

    def _ended(self, work: Callable[[], LoopReport]) -> Ended:
        error: CoworkError | None = None
        try:
            report = work()
        except CoworkError as raised:
            if not isinstance(raised.data, LoopReport):
                raise
            error, report = raised, raised.data
        self.place = places.of_kind("loop")[0]
        held_to(self.place)
        return Ended(self.place, report, error)


def held_to(place: Workplace) -> None:
    """What is true of every journal whose run is over."""
    events = journal.read(place.journal)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [problem for event in events for problem in problems(event["type"], event["data"])] == []
    assert not [event for event in events if event["type"] in EVENTS and EVENTS[event["type"]].live]
    kinds = [event["type"] for event in events]
    assert kinds[0] == "run.started" and kinds.count("run.started") == 1
    since = max(number for number, kind in enumerate(kinds) if kind in ("run.started", "run.resumed"))
    assert sum(kind in TERMINAL for kind in kinds[since:]) == 1
    assert sum(kind in TERMINAL for kind in kinds) <= 1 + kinds.count("run.resumed")
    assert kinds[-1] in TERMINAL
    begun = [event["data"]["iteration"] for event in events if event["type"] == "iteration.started"]
    over = [event["data"]["iteration"] for event in events if event["type"] == "iteration.completed"]
    assert len(over) == len(set(over)), "an iteration is over once"
    assert set(over) <= set(begun)
    assert json.loads((place.path / "session.json").read_text())["events"] == len(events)


def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the state of a run is compared, after every event, with the one that its journal folds to."""
    real = folding.apply
    shadows: dict[int, tuple[LoopState, LoopState]] = {}  # with the state itself: its id would be given to another

    def apply(state: LoopState, event: dict[str, Any]) -> None:
        _, shadow = shadows.get(id(state), (None, None))
        if shadow is None or shadow.seq != state.seq:
            place = next(place for place in places.of_kind("loop") if journal.read(place.journal)[-1] == event)
            shadow = fold(journal.read(place.journal)[:-1])
            shadows[id(state)] = state, shadow
        real(state, event)
        real(shadow, json.loads(json.dumps(event)))
        assert state == shadow, f"after {event['type']}"

    monkeypatch.setattr(book, "apply", apply)


def staged(project: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Stage:
    """A stage whose agents are asked in place of real ones."""
    stage = Stage(project, clock)
    monkeypatch.setattr(AgentPool, "agent", lambda pool, spec, directory: stage.agent(spec))
    monkeypatch.setattr(machine, "_LOOK_S", 0.005)
    watched(monkeypatch)
    return stage
