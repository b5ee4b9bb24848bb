"""Loops as they are seen from outside: sessions with a journal, and processes that write one and do what they are told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cowork.core.clock import Clock
from cowork.core.paths import project_dir
from cowork.core.plain import to_plain
from cowork.loop.agents.work import AgentSpec
from cowork.loop.engine import events as table
from cowork.loop.engine.order import Completion, ErrorHandling, Limits, LoopOrder, RateLimits, Sandboxing
from cowork.sessions import places
from cowork.sessions.journal import Journal
from cowork.sessions.places import Workplace
from tests.support import ROOT, FakeClock

SESSION = "20260131-080500-aaaaaa"
Said = tuple[str, dict[str, Any]]
TOTALS = {"elapsed_s": 0.0, "iterations": 0, "tokens": {"input": 0, "output": 0}, "usd": 0.0}


def head(session: str = SESSION, **order: Any) -> Said:
    """How a loop's journal begins."""
    agents = (AgentSpec("claude", "command", "claude-code", "opus"), AgentSpec("codex", "command", "codex", "gpt"))
    made = LoopOrder(
        **{
            "task": "Write the parser",
            "tasks_file": None,
            "project": str(project_dir()),
            "agents": agents,
            "completion": Completion(),
            "limits": Limits(iterations=10, usd=5.0),
            "errors": ErrorHandling(),
            "rates": RateLimits(),
            "sandbox": Sandboxing(),
            **order,
        }
    )
    about = {"kind": "loop", "task": made.task, "pattern": "work", "rehearsal": False}
    return "run.started", {"session": session, "version": "0", "order": to_plain(made), **about}


def started(number: int, task: str | None = "t-1", **more: Any) -> Said:
    """An iteration begins."""
    return "iteration.started", {
        "iteration": number, "task": task, "attempt": 1, "agent": "claude", "output": f"output/{number:04d}.log", **more,
    }  # fmt: skip


def worked(number: int, task: str | None = "t-1", usd: float | None = 0.5, **more: Any) -> Said:
    """An agent gave its final message."""
    return "agent.completed", {
        "iteration": number, "task": task, "agent": "claude", "key": f"{number}", "model": "opus", "message": f"did {number}",
        "exit_code": 0,
        "usage": {"input": 100, "output": 10, "source": "reported"}, "usd": usd, "seconds": 2.0, "notes": [], **more,
    }  # fmt: skip


def over(number: int, task: str | None = "t-1", outcome: str = "continued", **more: Any) -> Said:
    """An iteration is over."""
    return "iteration.completed", {
        "iteration": number, "task": task, "agent": "claude", "outcome": outcome, "seconds": 2.5, "elapsed_s": 2.5 * number,
        "message_digest": "aa", "diff_digest": None, "summary": f"summary {number}", **more,
    }  # fmt: skip


def ended(kind: str, message: str = "that is it", reason: str = "done") -> Said:
    """The run is over."""
    return kind, {"reason": reason, "message": message, **TOTALS}


def session(*said: Said, name: str = SESSION, clock: Clock | None = None) -> Workplace:
    """A session with this journal, each event as the table wants it."""
    place = places.create(name)
    book = Journal(place.journal, clock or FakeClock())
    for kind, data in said:
        assert table.problems(kind, data) == []
        book.append(kind, data)
    book.close()
    return place


def more(place: Workplace, *said: Said) -> None:
    """Write on."""
    from cowork.sessions import journal

    book = Journal(place.journal, FakeClock(), after=journal.mend(place.journal).last)
    for kind, data in said:
        book.append(kind, data)
    book.close()


WRITER = """
import json, sys
from pathlib import Path
from cowork.core.clock import SystemClock
from cowork.sessions import journal, places
from cowork.sessions.places import Workplace
place = Workplace(sys.argv[1], places.root() / sys.argv[1])
with places.held(place):
    book = journal.Journal(place.journal, SystemClock(), after=journal.mend(place.journal).last)
    print("ready", flush=True)
    for line in sys.stdin:
        kind, data = json.loads(line)
        if kind == "raw":
            with place.journal.open("ab") as stream:
                stream.write(data.encode())
        elif kind == "output":
            with (place.outputs / data[0]).open("ab") as stream:
                stream.write(bytes.fromhex(data[1]))
        else:
            book.append(kind, data)
        print("ok", flush=True)
"""

OBEDIENT = """
import asyncio, sys
from cowork.core.clock import SystemClock
from cowork.loop.control.inbox import Inbox
from cowork.sessions import journal, places
from cowork.sessions.places import Workplace
place = Workplace(sys.argv[1], places.root() / sys.argv[1])
END = {"reason": "asked", "message": "somebody asked", "elapsed_s": 1.0, "iterations": 1, "tokens": {}, "usd": None}
SAYS = {
    "pause": [("run.pausing", {}), ("run.paused", {"elapsed_s": 1.0})],
    "resume": [("run.continued", {})],
    "stop": [("run.stopping", {"how": "stop"}), ("run.aborted", END)],
    "cancel": [("run.stopping", {"how": "cancel"}), ("run.aborted", END)],
    "limits": [("run.completed", END)],
}
async def run(book, box):
    while True:
        await box.watch(SystemClock(), 0.01)
        for request in box.peek():
            said = SAYS[request.wish]
            for kind, data in said:
                book.append(kind, data)
            box.done(request)
            if said[-1][1] is END:
                return
with places.held(place):
    book = journal.Journal(place.journal, SystemClock(), after=journal.mend(place.journal).last)
    print("ready", flush=True)
    asyncio.run(run(book, Inbox(place)))
"""


class Writer:
    """A process that runs a session: it writes what it is told."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def write(self, kind: str, data: Any) -> None:
        """Write an event, and return when it is on disk."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps([kind, data]) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ok\n"

    def end(self) -> None:
        """Let go of the session in order."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)

    def kill(self) -> None:
        """Die."""
        self.process.kill()
        self.process.wait(30)


@contextmanager
def running(place: Workplace, script: str = WRITER) -> Iterator[Writer]:
    """The session is run by a process of its own."""
    words = [sys.executable, "-c", script, place.session_id]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield Writer(process)
        finally:
            process.kill()
