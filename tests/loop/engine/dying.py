"""A loop that dies at any moment of its work, in this process: what reaches the disk before that moment is there, and no more.

The plot has everything that must not be lost or repeated: three tasks of which one needs another, a rejected completion, a
limit, a failure, a question, checks, and a commit for every task. What the agents do depends on the iteration alone, as long as
the world around them is the same: asked again they do it again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cowork.core.errors import CoworkError
from cowork.core.plain import to_plain
from cowork.loop.agents.work import AgentSpec, Execution, Heard, Job
from cowork.loop.control.inbox import post
from cowork.loop.engine import starting
from cowork.loop.engine.events import problems
from cowork.loop.engine.order import Completion, ErrorHandling, Limits, LoopOrder, RateLimits, Sandboxing
from cowork.loop.engine.pages import session_page
from cowork.loop.engine.pool import AgentPool
from cowork.loop.engine.state import LoopState, fold
from cowork.loop.repository.git import Git
from cowork.models import errors
from cowork.models.chat import Usage
from cowork.sessions import journal, places
from cowork.sessions.journal import Journal
from cowork.sessions.places import TERMINAL, Workplace
from tests.loop.repository.repositories import git, made
from tests.models.surroundings import settings
from tests.support import FakeClock

PROMISE = "<promise>COMPLETE</promise>"
PRD = {
    "name": "Shop",
    "owner": "Ada",
    "tasks": [
        {"id": "b", "title": "The cart", "dependencies": ["a"], "x-note": "kept"},
        {"id": "a", "title": "The shelf", "priority": 1},
        {"id": "c", "title": "The till", "dependencies": ["b"]},
    ],
}
ONE, TWO = (AgentSpec(name, "command", "p", "m") for name in ("one", "two"))


@dataclass(frozen=True)
class Act:
    """What an agent does in an iteration."""

    task: str
    text: str
    writes: dict[str, str] = field(default_factory=dict)
    exit_code: int = 0
    limited: bool = False


PLOT = {
    1: Act("a", "Half of it is there.", {"a.txt": "half"}),
    2: Act("a", f"It is there.\n{PROMISE}"),  # but the check fails
    3: Act("a", f"Now it is.\n{PROMISE}", {"a.txt": "whole"}, limited=True),
    4: Act("b", "Oh no.", exit_code=3),
    5: Act("b", f"It rolls.\n{PROMISE}", {"b.txt": "cart"}),
    6: Act("c", "<blocked>Cash or cards?</blocked>"),
    7: Act("c", f"Both.\n{PROMISE}", {"c.txt": "till"}),
}
CHECK = "test ! -e a.txt || grep -q whole a.txt"


@dataclass
class Memory:
    """What is remembered outside of files: by the clock, and by the provider of the agents."""

    moment: datetime
    limited_until: float | None = None
    asked: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)  # asked although the answer was on record


class World:
    """All that outlives a process: the project, the home, and what is remembered elsewhere. It can be kept and gone back to."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._root = root / "world"
        self._kept = root / "kept"
        self._count = 0
        self.project = made(self._root / "project", {"prd.json": json.dumps(PRD, indent=1) + "\n", ".gitignore": "/.cowork/\n"})
        self.clock = FakeClock()
        self.memory = Memory(self.clock.now())
        monkeypatch.setenv("COWORK_HOME", str(self._root / "home"))

    def keep(self, name: str) -> Saved:
        """The world as it is now, as a process leaves it that dies now."""
        self.memory.moment = self.clock.now()
        self._count += 1
        path = self._kept / str(self._count)
        shutil.copytree(self._root, path, symlinks=True)
        return Saved(name, path, deepcopy(self.memory))

    def return_to(self, saved: Saved) -> None:
        """Be as it was."""
        shutil.rmtree(self._root)
        shutil.copytree(saved.path, self._root, symlinks=True)
        self.memory = deepcopy(saved.memory)
        self.clock.moment = self.memory.moment

    @property
    def place(self) -> Workplace | None:
        """The session, once it is one: with a line in its journal."""
        return next((place for place in places.of_kind("loop") if place.journal.stat().st_size), None)

    @property
    def journal(self) -> Path:
        assert self.place is not None
        return self.place.journal

    def events(self) -> list[dict[str, Any]]:
        return journal.read(self.journal)

    def order(self, **changes: Any) -> LoopOrder:
        given: dict[str, Any] = {
            "task": "",
            "tasks_file": str(self.project / "prd.json"),
            "project": str(self.project),
            "agents": (ONE, TWO),
            "task_agents": {},
            "task_checks": (),
            "completion": Completion(checks=(CHECK,)),
            "limits": Limits(),
            "errors": ErrorHandling(),
            "rates": RateLimits(),
            "sandbox": Sandboxing(),
            "commit": "{{taskType}}: {{taskId}}",
        }
        return LoopOrder(**{**given, **changes})

    def go(self) -> str:
        """Begin, or go on with what there is; how it ended."""
        try:
            if self.place is None:
                return starting.start(self.order(), settings(), self.clock).status
            return starting.resume(self.place, settings(), self.clock).status
        except CoworkError as error:
            ended = error.data is not None and error.code.startswith("loop.")
            if not ended and error.code != "session.finished":  # what nobody here can mend
                raise
            return str(error.data.status) if error.data else "completed"

    def to_the_end(self) -> None:
        """Go on, and answer what is asked, until all is done."""
        for _ in range(4):
            status = self.go()
            if status == "completed":
                return
            assert status == "blocked", status
            assert self.place is not None
            post(self.place, "answer", task="c", text="Ask the customer.")
        raise AssertionError(f"it does not come to an end: {status}")


class Saved(NamedTuple):
    """A world that was kept, with the name of the moment."""

    name: str
    path: Path
    memory: Memory


class Actor:
    """An agent of the plot."""

    def __init__(self, spec: AgentSpec, world: World, moments: Moments) -> None:
        self.spec = spec
        self._world = world
        self._moments = moments

    async def work(self, job: Job, heard: Heard) -> Execution:
        memory, act = self._world.memory, PLOT[job.iteration]
        assert job.task == act.task
        memory.asked.append(job.key)
        if any(event["data"].get("key") == job.key for event in self._world.events()):
            memory.again.append(job.key)
        now = self._world.clock.monotonic()
        if act.limited and self.spec == ONE and (memory.limited_until is None or now < memory.limited_until):
            memory.limited_until = memory.limited_until or now + 60
            self._moments.come("agent is limited")
            raise errors.WaitError("slow down", provider="p", model="m", retry_after=memory.limited_until - now)
        for name, text in act.writes.items():
            (job.directory / name).write_text(text)
            self._moments.come(f"agent wrote {name}")
        job.output.write_text(act.text)
        self._world.clock.advance(2)
        self._moments.come("agent answers")
        return Execution(act.text, act.exit_code, Usage(100, 10, "reported"), 0.01, "m-1", 2.0)

    async def close(self) -> None:
        pass


class Moments:
    """Hears of every moment at which something has reached the disk, or is about to: `come` is called with its name."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        self.hear: Callable[[int, str], object] = lambda number, name: None
        self._quiet = False
        monkeypatch.setattr(AgentPool, "agent", lambda pool, spec, directory: Actor(spec, world, self))
        self._around(monkeypatch, Path, "replace", lambda path, target: f"replacing {Path(target).name}")
        self._around(monkeypatch, Path, "write_bytes", lambda path, content: f"writing {path.name}")
        self._around(monkeypatch, Path, "unlink", lambda path, **how: f"unlinking {path.name}")
        self._around(monkeypatch, Journal, "_write", lambda book, kind, data: f"journal {kind}")
        real = Git.run

        async def run(here: Git, *words: str, **more: Any) -> Any:
            done = await real(here, *words, **more)
            if words[0] in ("add", "commit"):
                self.come(f"after git {words[0]}")
            return done

        monkeypatch.setattr(Git, "run", run)

    def come(self, name: str) -> None:
        """A moment has come."""
        if not self._quiet:
            self._quiet = True
            self.seen.append(name)
            self.hear(len(self.seen) - 1, name)
            self._quiet = False

    def _around(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, label: Callable[..., str]) -> None:
        real = getattr(owner, name)

        def watched(item: Any, *words: Any, **more: Any) -> Any:
            self.come(f"before {label(item, *words, **more)}")
            result = real(item, *words, **more)
            self.come(f"after {label(item, *words, **more)}")
            return result

        monkeypatch.setattr(owner, name, watched)


def torn(world: World) -> None:
    """Let the last line of the journal be half there, as when the process was killed while it was written."""
    *whole, last = world.journal.read_bytes().splitlines(keepends=True)
    world.journal.write_bytes(b"".join(whole) + last[: len(last) // 2])


@dataclass(frozen=True)
class Outcome:
    """All that must be the same however often a run was killed."""

    numbers: tuple[Any, ...]
    tasks: dict[str, tuple[Any, ...]]
    history: list[tuple[Any, ...]]
    order: list[str]
    switches: list[tuple[str, str, str]]
    prd: str
    commits: list[str]
    files: dict[str, str]


def outcome(world: World) -> Outcome:
    """How the world is now."""
    state, events = state_of(world), world.events()
    return Outcome(
        (
            *(state.end, state.iterations, state.iteration, state.failures, state.input_tokens, state.output_tokens),
            *(round(state.usd, 9), state.commits, state.done_tasks, state.total_tasks, *state.limited),
        ),
        {name: (task.over, task.attempts, task.failures, task.answers, task.rejection) for name, task in state.tasks.items()},
        [(item.iteration, item.task, item.outcome, item.summary) for item in state.entries],
        [event["data"]["task"] for event in events if event["type"] == "task.completed"],
        [(item.before, item.after, item.reason) for item in state.switches],
        (world.project / "prd.json").read_text(),
        git(world.project, "log", "--format=%s").splitlines(),
        {path.name: path.read_text() for path in sorted(world.project.glob("*.txt"))},
    )


def state_of(world: World) -> LoopState:
    return fold(world.events())


ONCE = (
    *("agent.completed", "task.completing", "task.completed", "task.blocked", "completion.accepted", "completion.rejected"),
    *("check.completed", "task.committed", "iteration.completed"),
)


def spans(events: list[dict[str, Any]]) -> list[list[str]]:
    """The terminal events of every run: the first, and each that was gone on with."""
    found: list[list[str]] = []
    for event in events:
        if event["type"] in ("run.started", "run.resumed"):
            found.append([])
        elif event["type"] in TERMINAL:
            found[-1].append(event["type"])
    return found


def held_to(world: World) -> None:
    """What is true of every journal of the plot that came to its end, however often it was cut short."""
    events = world.events()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [problem for event in events for problem in problems(event["type"], event["data"])] == []
    seen = [(event["type"], event["data"]["iteration"]) for event in events if event["type"] in ONCE]
    assert sorted(seen) == sorted(set(seen)), "something happened twice"
    assert sum(event["type"] == "task.answered" for event in events) == 1
    assert world.memory.again == [], "an answer that was on record was asked for again"
    assert all(len(ends) <= 1 for ends in spans(events))
    assert spans(events)[-1] == ["run.completed"]
    assert events[-1]["type"] == "run.completed"
    assert world.place is not None
    page = json.loads((world.place.path / "session.json").read_text())
    assert page == json.loads(json.dumps(to_plain(session_page(world.place, fold(events))))), (
        "the state is not what it folds to"
    )
    assert (page["events"], page["status"]) == (len(events), "completed")
    assert git(world.project, "status", "--porcelain") == ""
