"""Reading the audit log: the decisions of the gate, oldest first, of the files set aside too."""

from __future__ import annotations

import contextlib
import heapq
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Literal

from cowork.core.clock import Clock
from cowork.core.errors import CoworkError, UsageError
from cowork.core.outcome import Notice
from cowork.formats.policies import known_as
from cowork.policy.audit import log_path

_LONGEST_LINE = 64 * 1024
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True)
class AuditEntry:
    """A decision: when, who asked (account and uid) in which process, for what, the verdict and the rule that gave it."""

    at: str
    who: str
    uid: int
    pid: int
    verb: str
    pack: str | None
    connector: str | None
    source: str | None
    what: str | None
    verdict: Literal["allowed", "denied"]
    rule: str
    reason: str


@dataclass(frozen=True)
class AuditList:
    """The newest decisions that were asked for, sorted by time, the newest last; `matched` is how many there are in all."""

    path: str
    items: tuple[AuditEntry, ...]
    count: int
    matched: int


def read_log(
    clock: Clock, *, limit: int, verdict: str | None = None, pack: str | None = None, since: str | None = None
) -> tuple[AuditList, tuple[Notice, ...]]:
    """The newest `limit` decisions. Lines that cannot be read are notices. Raises `audit.bad_since`, `audit.unreadable`.

    `since` is a moment as RFC 3339, or how long ago: 90s, 30m, 12h, 7d, 2w.
    """
    start = None if since is None else moment(since, clock.now())
    names = None if pack is None else known_as(pack)
    newest: list[tuple[datetime, int, AuditEntry]] = []
    notices: list[Notice] = []
    matched = 0
    for position, (when, entry) in enumerate(_entries(notices)):
        wanted = (verdict is None or entry.verdict == verdict) and (names is None or entry.pack in names)
        if wanted and (start is None or when >= start):
            matched += 1
            heapq.heappush(newest, (when, position, entry))
            if len(newest) > limit:
                heapq.heappop(newest)
    items = tuple(entry for _, _, entry in sorted(newest))
    return AuditList(str(log_path()), items, len(items), matched), tuple(notices)


def moment(text: str, now: datetime) -> datetime:
    """The moment that RFC 3339 or a span such as `7d` before `now` means. Raises `audit.bad_since`."""
    span = re.fullmatch(r"([0-9]{1,6})([smhdw])", text.strip())
    try:
        if span:
            return now - timedelta(seconds=int(span[1]) * _UNITS[span[2]])
        found = datetime.fromisoformat(text.strip())
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            "audit.bad_since", f"'{text}' is no moment", hint="write --since 2026-01-31T08:00:00Z, or --since 7d"
        ) from None


def parse_line(raw: bytes) -> tuple[datetime, AuditEntry] | None:
    """A line of the log, with its time; None for what is no such line."""
    try:
        fields = json.loads(raw)
        when = datetime.fromisoformat(fields["at"])
        kept = {name: fields.get(name) for name in AuditEntry.__dataclass_fields__}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    texts = ("at", "who", "verb", "verdict", "rule", "reason")
    optional = ("pack", "connector", "source", "what")
    whole = (
        when.tzinfo is not None
        and all(isinstance(kept[name], str) for name in texts)
        and all(isinstance(kept[name], str | None) for name in optional)
        and all(type(kept[name]) is int for name in ("uid", "pid"))
        and kept["verdict"] in ("allowed", "denied")
    )
    return (when, AuditEntry(**kept)) if whole else None


def _entries(notices: list[Notice]) -> Iterator[tuple[datetime, AuditEntry]]:
    """Every line of every file, in the order of the files; what cannot be read is reported."""
    path = log_path()
    with contextlib.ExitStack() as opened:
        try:
            current = opened.enter_context(path.open("rb")) if path.is_file() else None
            held = os.fstat(current.fileno()) if current else None
            # set aside while we read, the log we hold is met again under its new name
            aside = [
                item for item in sorted(path.parent.glob("audit-*.jsonl")) if not (held and os.path.samestat(held, item.stat()))
            ]
            files = [(item, opened.enter_context(item.open("rb"))) for item in aside]
            if current:
                files.append((path, current))
            for name, stream in files:
                yield from _lines(name, stream, notices)
        except OSError as error:
            cause = error.strerror or str(error)
            raise CoworkError(
                "audit.unreadable", f"cannot read the audit log {path}", cause=cause, hint="check its permissions"
            ) from error


def _lines(path: Path, stream: IO[bytes], notices: list[Notice]) -> Iterator[tuple[datetime, AuditEntry]]:
    """The good lines of a file, and one notice about all the bad ones."""
    number = bad = first = 0
    while raw := stream.readline(_LONGEST_LINE):
        number += 1
        if found := parse_line(raw):
            yield found
        elif raw.strip():
            bad, first = bad + 1, first or number
    if bad:
        many = f"{bad} lines, the first of them line {first}, are" if bad > 1 else f"line {first} is"
        text = f"{path}: {many} cut off or no line of the log, and left out: was somebody stopped while writing?"
        notices.append(Notice("audit.bad_line", text))
