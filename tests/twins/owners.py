"""Several processes that let twins work, played by one: whose turn it is, who lives, and what each of them holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from cowork.core import births
from cowork.core.clock import from_millis
from cowork.twins.results import Result, Status
from cowork.twins.store import leases
from cowork.twins.store.finishing import finish
from cowork.twins.store.leases import Taken


class Owners:
    """Processes by number. One that is killed lives no more; its number is given to another with `reborn`."""

    def __init__(self) -> None:
        self.current = os.getpid()
        self._born: dict[int, str] = {}
        self._dead: set[int] = set()

    def birth(self, pid: int) -> str | None:
        return None if pid in self._dead else self._born.get(pid, f"born-{pid}")

    def is_now(self, pid: int) -> None:
        self.current = pid

    def kill(self, pid: int) -> None:
        self._dead.add(pid)

    def reborn(self, pid: int) -> None:
        self._dead.discard(pid)
        self._born[pid] = f"born-again-{pid}"

    def name(self) -> str:
        return f"{births.host()}|{self.current}|{self.birth(self.current)}"


@contextmanager
def played() -> Iterator[Owners]:
    """Processes as `Owners` says, as far as leases ask."""
    owners = Owners()
    with patch.object(leases.births, "birth", owners.birth), patch.object(leases, "owner", owners.name):
        yield owners


def anybody(others: int, since: int | None) -> None:
    """Admits everybody."""


def result(taken: Taken, task: str, due_ms: int, now: int, status: Status = "done") -> Result:
    """A result of a task or a request of a beat."""
    return Result(
        id=f"r-{taken.beat_id}-{task}",
        twin="",
        task=task,
        kind="proactive",
        title=task,
        status=status,
        made_by="evidence",
        text=f"{task} at {due_ms}",
        evidence=(),
        claims=(),
        notes=(),
        due_at=from_millis(due_ms),
        created_at=from_millis(now),
        beat_id=taken.beat_id,
        session_id="",
    )


def finished(taken: Taken, now: int) -> list[Result]:
    """Finish everything that was taken."""
    found = [result(taken, task, due_ms, now) for task, due_ms in taken.tasks]
    found += [result(taken, request, now, now) for request in taken.requests]
    finish(taken, found, "done", now, {}, lambda *_: None)
    return found
