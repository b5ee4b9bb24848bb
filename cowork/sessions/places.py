"""Session directories: made, locked, found. What is in their journals is the business of whoever wrote them."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.clock import Clock, SystemClock
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import ensure_dir
from cowork.core.paths import home
from cowork.core.text import did_you_mean
from cowork.sessions import lock
from cowork.sessions.journal import Event
from cowork.sessions.lock import Holder

TERMINAL = {
    "run.aborted": "aborted",
    "run.blocked": "blocked",
    "run.completed": "completed",
    "run.degraded": "degraded",
    "run.failed": "failed",
    "run.interrupted": "interrupted",
    "run.limit": "limit",
    "run.rate_limited": "rate-limited",
    "run.stagnated": "stagnated",
    "run.stopped": "stopped",
}
"""The events that end a run, and the status it then has. Exactly one of them ends every run."""
_AFTERWARDS = "notification."
"""What is written after the end: that somebody was told of it."""
_LONGEST_LINE = 1024 * 1024
_SECOND = len("20260131-080500")


@dataclass(frozen=True)
class Workplace:
    """The files of one session."""

    session_id: str
    path: Path

    @property
    def journal(self) -> Path:
        """The append-only event log."""
        return self.path / "journal.jsonl"

    @property
    def lock(self) -> Path:
        """Held by the process that runs the session."""
        return self.path / "lock"

    @property
    def inbox(self) -> Path:
        """Requests of other processes to the one that runs the session."""
        return self.path / "inbox"

    @property
    def outputs(self) -> Path:
        """Output that is too long for a message, and what seats said."""
        return self.path / "output"

    def output(self, iteration: int) -> Path:
        """What the seats said in one iteration, as it came."""
        return self.outputs / f"{iteration:04d}.log"


def root() -> Path:
    """Where sessions live."""
    return home() / "sessions"


def create(session_id: str) -> Workplace:
    """Make a session's directories. Raises `file.not_writable`."""
    place = Workplace(session_id, root() / session_id)
    ensure_dir(place.outputs)
    return place


@contextlib.contextmanager
def held(
    place: Workplace, *, clock: Clock | None = None, nonce: str | None = None, take_over: bool = False
) -> Iterator[Holder]:
    """Hold the session's lock, as `sessions.lock.hold` does, and raise what that raises."""
    with lock.hold(
        place.lock, session=place.session_id, clock=clock or SystemClock(), nonce=nonce, take_over=take_over
    ) as holder:
        yield holder


def alive(place: Workplace) -> bool:
    """Whether a process holds the session's lock."""
    return lock.inspect(place.lock).state == "held"


def places() -> Iterator[Workplace]:
    """Every session, newest first."""
    try:
        found = _newest_first(list(root().iterdir()))
    except (FileNotFoundError, NotADirectoryError):
        return
    for path in found:
        if (path / "journal.jsonl").is_file():
            yield Workplace(path.name, path)


def _newest_first(paths: list[Path]) -> list[Path]:
    """By the second in their names; those of one second by what their journals say, for the rest of a name is drawn."""
    seconds = Counter(path.name[:_SECOND] for path in paths)

    def age(path: Path) -> tuple[str, str, str]:
        second = path.name[:_SECOND]
        return second, _began(path / "journal.jsonl") if seconds[second] > 1 else "", path.name

    return sorted(paths, key=age, reverse=True)


def _began(journal: Path) -> str:
    """When the first event was written; empty when it cannot be told."""
    try:
        with journal.open("rb") as stream:
            return str(json.loads(stream.readline(_LONGEST_LINE))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def find(name: str, among: list[Workplace], *, verb: str) -> Workplace:
    """The session with this id, with a unique prefix of one, or `last`. Raises `session.not_found`, `session.ambiguous`."""
    if name == "last" and among:
        return among[0]
    matching = [place for place in among if place.session_id.startswith(name)] if name else []
    exact = [place for place in matching if place.session_id == name]
    if exact or len(matching) == 1:
        return (exact or matching)[0]
    if matching:
        ids = ", ".join(place.session_id for place in matching[:5])
        raise InvalidInput("session.ambiguous", f"'{name}' fits {len(matching)} sessions", hint=f"one of: {ids}")
    hint = did_you_mean(name, [place.session_id for place in among], f"list them with: cowork {verb}")
    raise NotFound("session.not_found", f"there is no session '{name}'", hint=hint, details={"session": name})


def head_of(place: Workplace, events: list[Event]) -> dict[str, Any]:
    """What the first event says about the run. Raises `session.journal_corrupt` when it never started."""
    if not events or events[0]["type"] != "run.started":
        raise InvalidInput("session.journal_corrupt", f"{place.journal}: the run never started", hint="remove the session")
    head: dict[str, Any] = events[0]["data"]
    return head


def kind_of(head: dict[str, Any]) -> str:
    """`loop`, `agent` or `bench`: who runs the session."""
    return str(head.get("kind", "loop"))


def of_kind(kind: str) -> list[Workplace]:
    """The sessions of one kind, newest first. One whose beginning cannot be read counts, so that somebody reports it."""
    return [place for place in places() if _starts_as(place) in (kind, None)]


def _starts_as(place: Workplace) -> str | None:
    """The kind that the first line names, without reading the rest; None when it cannot be told."""
    head = beginning(place)
    return None if head is None else kind_of(head)


def beginning(place: Workplace) -> dict[str, Any] | None:
    """What the first line says about the run, without reading the rest; None when it cannot be told."""
    try:
        with place.journal.open("rb") as stream:
            head = json.loads(stream.readline(_LONGEST_LINE))["data"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return head if isinstance(head, dict) else None


def end_of(events: list[Event]) -> Event | None:
    """The event that ended the run, None while there is none."""
    for event in reversed(events):
        if not event["type"].startswith(_AFTERWARDS):
            return event if event["type"] in TERMINAL else None
    return None


def status_of(place: Workplace, events: list[Event]) -> str:
    """How the run stands: by its terminal event, else `running` while somebody holds its lock, else `interrupted`."""
    end = end_of(events)
    return TERMINAL[end["type"]] if end else "running" if alive(place) else "interrupted"
