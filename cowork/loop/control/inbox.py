"""Requests of other processes to a run: a file each, in the order in which they were made, until the run has taken them.

A request waits when nobody runs the session, and is there when somebody resumes it. Whoever takes one writes down what it comes
to first, and then removes it: killed in between, it is found again, so that what it asks for must bear to be done twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.clock import Clock
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import ensure_dir, read_regular, write_atomic
from cowork.loop.control.requests import MOST_BYTES, Request, Wish, parsed, written
from cowork.sessions.places import Workplace

INTERVAL_S = 0.2
_NAME = re.compile(r"(\d{6,12})-[0-9a-f]{8}\.json")
_ASIDE = ".aside"


@dataclass(frozen=True)
class BadRequest:
    """A file that is no request: its name, why, and where it lies now; in its old place when it could not be moved."""

    name: str
    reason: str
    path: str


def post(place: Workplace, wish: Wish, **data: Any) -> Request:
    """Leave a request for whoever runs the session, now or later. It is on disk, behind all earlier ones, when this returns.

    Raises `loop.bad_request`, `session.not_found` and `file.*`.
    """
    identity = secrets.token_hex(4)
    content = written(identity, wish, data)
    if not place.journal.is_file():
        raise NotFound(
            "session.not_found", f"there is no session '{place.session_id}'", hint="list them with: cowork loop list"
        )
    ensure_dir(place.inbox)
    last = max((int(match[1]) for name in _names(place.inbox) if (match := _NAME.fullmatch(name))), default=0)
    name = f"{last + 1:06d}-{identity}.json"  # two at the same moment may get one number, and have no order between them
    write_atomic(place.inbox / name, content)
    return parsed(name, content)


def answered(place: Workplace) -> frozenset[str]:
    """The tasks whose questions have an answer that no run has taken yet. Nothing is moved: anybody may look."""
    found = set()
    for name in _names(place.inbox):
        path = place.inbox / name
        if _NAME.fullmatch(name) is None or path.is_symlink():
            continue
        with contextlib.suppress(OSError, InvalidInput):
            request = parsed(name, read_regular(path, MOST_BYTES))
            if request.wish == "answer" and isinstance(request.data.get("task"), str):
                found.add(request.data["task"])
    return frozenset(found)


class Inbox:
    """What was asked of a session. One process looks: the one that holds the session's lock."""

    def __init__(self, place: Workplace) -> None:
        self._path = place.inbox
        self._bad: list[BadRequest] = []
        self._stuck: set[str] = set()  # bad ones that could not be moved: reported once

    def waiting(self) -> bool:
        """Whether something is there. It costs one look at the directory."""
        return any(name not in self._stuck for name in _names(self._path))

    def peek(self) -> list[Request]:
        """The requests in their order; they stay until each is `done`. Files that are none are set aside: see `bad`."""
        found = []
        for name in sorted(_names(self._path), key=_order):
            if name in self._stuck:
                continue
            try:
                found.append(self._read(name))
            except FileNotFoundError:  # somebody took it back
                continue
            except (OSError, InvalidInput) as error:
                self._set_aside(name, error)
        return found

    def done(self, request: Request) -> None:
        """Remove a request whose consequence is on record."""
        with contextlib.suppress(FileNotFoundError):
            (self._path / request.name).unlink()

    def take(self) -> list[Request]:
        """The requests in their order, removed: for what need not survive this process."""
        requests = self.peek()
        for request in requests:
            self.done(request)
        return requests

    def names(self) -> frozenset[str]:
        """What is there, by the names of its files."""
        return frozenset(_names(self._path))

    def left(self, before: frozenset[str] | None = None) -> list[Request]:
        """For whoever goes on with a session: what holds of the requests from before, which stay until each is `done`.

        Answers and limits do. What was to steer a process that is gone meant that one, and is removed: all there is, or
        those whose names were there `before`.
        """
        lasting = []
        for request in self.peek():
            if request.wish in ("answer", "limits") or (before is not None and request.name not in before):
                lasting.append(request)
            else:
                self.done(request)
        return lasting

    def bad(self) -> list[BadRequest]:
        """What was set aside since this was last asked."""
        bad, self._bad = self._bad, []
        return bad

    async def watch(self, clock: Clock, interval_s: float = INTERVAL_S) -> None:
        """Return as soon as something is there."""
        while not self.waiting():
            await clock.sleep(interval_s)
            await asyncio.sleep(0)  # a clock of a test does not wait: others get their turn all the same

    def _read(self, name: str) -> Request:
        path = self._path / name
        if _NAME.fullmatch(name) is None:
            raise InvalidInput("loop.bad_request", "its name is not that of a request")
        if path.is_symlink():
            raise InvalidInput("loop.bad_request", "it is a link")
        return parsed(name, read_regular(path, MOST_BYTES))

    def _set_aside(self, name: str, error: Exception) -> None:
        reason = error.message if isinstance(error, InvalidInput) else str(error)
        aside = self._path / _ASIDE / f"{name[:100]}.{secrets.token_hex(4)}"
        try:
            aside.parent.mkdir(mode=0o700, exist_ok=True)
            (self._path / name).rename(aside)
        except OSError:
            self._stuck.add(name)
            aside = self._path / name
        self._bad.append(BadRequest(name, reason, str(aside)))


def _names(path: Path) -> list[str]:
    """The files of an inbox; what begins with a dot is not, or not yet, for its reader."""
    try:
        with os.scandir(path) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _order(name: str) -> tuple[int, str]:
    match = _NAME.fullmatch(name)
    return (int(match[1]) if match else 0, name)
