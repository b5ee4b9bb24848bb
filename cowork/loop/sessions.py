"""Sessions on disk: a directory each, with the journal as truth and `session.json` as its projection."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import ensure_dir, write_atomic
from cowork.core.outcome import Notice
from cowork.core.paths import home
from cowork.core.plain import to_plain
from cowork.core.text import did_you_mean
from cowork.loop import rebuild
from cowork.loop.results import SessionDetail, SessionItem, SessionList
from cowork.sessions import journal
from cowork.sessions.journal import Event

if TYPE_CHECKING:
    from cowork.core.health import Check

TERMINAL = {
    "run.completed": "completed",
    "run.degraded": "degraded",
    "run.failed": "failed",
    "run.interrupted": "interrupted",
}


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

    def output(self, iteration: int) -> Path:
        """What the seats said in one iteration, as it came."""
        return self.path / "output" / f"{iteration:04d}.log"

    def checkpoint(self) -> None:
        """Write `session.json` anew from the journal."""
        events = journal.read(self.journal)
        write_atomic(self.path / "session.json", json.dumps(to_plain(_detail(self, events)), indent=2).encode() + b"\n")


def root() -> Path:
    """Where sessions live."""
    return home() / "sessions"


def create(session_id: str) -> Workplace:
    """Make a session's directories. Raises `file.not_writable`."""
    place = Workplace(session_id, root() / session_id)
    ensure_dir(place.path / "output")
    return place


@contextlib.contextmanager
def held(place: Workplace) -> Iterator[None]:
    """Hold the session's lock; the operating system lets go of it whatever happens to the process."""
    from filelock import FileLock

    with FileLock(place.lock, timeout=0):
        yield


def list_sessions() -> tuple[SessionList, tuple[Notice, ...]]:
    """Every session, newest first; a session that cannot be read is a notice, not a failure."""
    items, notices = [], []
    for place in _places():
        try:
            detail = _detail(place, journal.read(place.journal))
        except InvalidInput as error:
            notices.append(Notice(error.code, error.message))
            continue
        answer = detail.result.answer if detail.result else None
        items.append(
            SessionItem(
                session_id=detail.session_id,
                status=detail.status,
                pattern=detail.pattern,
                task=detail.task,
                answer=answer,
                rehearsal=detail.rehearsal,
                created_at=detail.created_at,
                updated_at=detail.updated_at,
            )
        )
    return SessionList(tuple(items), len(items)), tuple(notices)


def show_session(name: str) -> SessionDetail:
    """One session by id, unique prefix of an id, or `last`. Raises `session.not_found` or `session.ambiguous`."""
    places = list(_places())
    if name == "last" and places:
        return _load(places[0])
    matching = [place for place in places if place.session_id.startswith(name)] if name else []
    exact = [place for place in matching if place.session_id == name]
    if exact or len(matching) == 1:
        return _load((exact or matching)[0])
    if matching:
        ids = ", ".join(place.session_id for place in matching[:5])
        raise InvalidInput("session.ambiguous", f"'{name}' fits {len(matching)} sessions", hint=f"one of: {ids}")
    hint = did_you_mean(name, [place.session_id for place in places], "list them with: cowork loop list")
    raise NotFound("session.not_found", f"there is no session '{name}'", hint=hint, details={"session": name})


def _places() -> Iterator[Workplace]:
    try:
        found = sorted(root().iterdir(), reverse=True)
    except (FileNotFoundError, NotADirectoryError):
        return
    for path in found:
        if (path / "journal.jsonl").is_file():
            yield Workplace(path.name, path)


def _load(place: Workplace) -> SessionDetail:
    return _detail(place, journal.read(place.journal))


def _detail(place: Workplace, events: list[Event]) -> SessionDetail:
    if not events or events[0]["type"] != "run.started":
        raise InvalidInput("session.journal_corrupt", f"{place.journal}: the run never started", hint="remove the session")
    started, last = events[0], events[-1]
    head: dict[str, Any] = started["data"]
    status = TERMINAL.get(last["type"]) or ("running" if _alive(place) else "interrupted")
    return SessionDetail(
        session_id=place.session_id,
        status=status,
        pattern=head["pattern"],
        task=head["task"],
        rehearsal=head["rehearsal"],
        created_at=started["at"],
        updated_at=last["at"],
        iteration=sum(event["type"] == "iteration.started" for event in events),
        events=len(events),
        error=last["data"].get("message") if status in ("failed", "interrupted") else None,
        path=str(place.path),
        result=rebuild.loop_run(last["data"]["result"]) if last["data"].get("result") else None,
    )


def _alive(place: Workplace) -> bool:
    """Whether a process holds the session's lock."""
    from filelock import FileLock, Timeout

    if not place.lock.exists():
        return False
    try:
        with FileLock(place.lock, timeout=0):
            return False
    except Timeout:
        return True


def check() -> Check:
    """For `doctor`: whether every session can be read."""
    from cowork.core.health import Check

    listed, notices = list_sessions()
    if notices:
        return Check("sessions", "warn", notices[0].message)
    return Check("sessions", "ok", f"{listed.count} session(s)")
