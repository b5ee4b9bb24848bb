"""Twins that beat: a workspace with a history, a setup with a clock that only moves when told, and what a run came to."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

from cowork.core import settings
from cowork.core.clock import rfc3339
from cowork.loop.agents.opening import shared_limiter
from cowork.twins.beats import waking
from cowork.twins.beats.asking import Speaker
from cowork.twins.beats.report import Beat, BeatReport
from cowork.twins.beats.work import Setup
from cowork.twins.store import roles
from cowork.twins.twin import Twin
from tests.support import FakeClock
from tests.twins.samples import task, twin

_GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")


def make_workspace(path: Path) -> Path:
    """A repository with two commits on the day before the sample clock, and a TODO."""
    path.mkdir(parents=True)
    dated = {**os.environ, "GIT_AUTHOR_DATE": "2026-01-30T10:00:00Z", "GIT_COMMITTER_DATE": "2026-01-30T10:00:00Z"}
    for words in (["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "Begin"]):
        subprocess.run([*_GIT, *words], cwd=path, check=True, env=dated)
    (path / "app.py").write_text("# TODO: mend the door\nprint('hello')\n")
    (path / "README.md").write_text("An app.\n")
    subprocess.run([*_GIT, "add", "-A"], cwd=path, check=True)
    subprocess.run([*_GIT, "commit", "-q", "-m", "Add the app"], cwd=path, check=True, env=dated)
    return path


def copy_workspace(made: Path, path: Path) -> Path:
    """The same again, for a test that changes it."""
    shutil.copytree(made, path, symlinks=True)
    return path


def stored(workspace: Path, clock: FakeClock, name: str = "twin-a", **changes: Any) -> Twin:
    """A stored twin that has two tasks, both due now."""
    now = rfc3339(clock.now())
    tasks = changes.pop("tasks", (task("second", 2, due_at=now), task("first", 1, due_at=now, evidence=("todo-comments",))))
    made = twin(name, workspace=str(workspace), anchor_at=now, tasks=tasks, **changes)
    roles.add(made)
    return roles.twins([name])[0]


def setup(clock: FakeClock, *, speaker: Speaker | None = None, told: list[tuple[str, dict[str, Any]]] | None = None) -> Setup:
    """What heartbeats share, without a model unless there is a speaker."""
    loaded = settings.load()
    emit = (lambda kind, data: told.append((kind, data))) if told is not None else (lambda *_: None)
    return Setup(clock, loaded, shared_limiter(loaded, clock), speaker, emit)


def beat(clock: FakeClock, *names: str, early: bool = False, tasks: tuple[str, ...] = (), **how: Any) -> BeatReport:
    """One call of `twin beat`."""
    return waking.wake(waking.Wish(names, early=early, tasks=tasks), setup(clock, **how), jobs=4)[0]


def only(report: BeatReport) -> Beat:
    """The one heartbeat of a report."""
    (found,) = report.items
    return found


def minutes(clock: FakeClock, count: float) -> None:
    """Let time pass."""
    clock.moment += timedelta(minutes=count)
