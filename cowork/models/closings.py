"""Until when a provider's key is closed, and why: what every process of the user knows, in `COWORK_HOME/limits/`.

One small file for each key, named by a digest of the provider and the key. It is made when a provider says to wait, that the
day's quota is used up, or that there is no money; reading makes nothing. It only saves calls that would be refused, so whatever
is wrong with it opens the key. An entry says when it was made: no clock that jumps makes it last longer than the wait that was
asked for, nor than the longest sane one.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from cowork.core.clock import SystemClock
from cowork.core.errors import CoworkError, InvalidInput
from cowork.core.files import ensure_dir, read_json, write_atomic
from cowork.core.locks import locked
from cowork.core.paths import home
from cowork.models import errors
from cowork.models.resets import rfc3339
from cowork.models.waiting import LONGEST_S

SCHEMA = "cowork.limit/1"
KINDS: dict[str, type[errors.ProviderError]] = {
    kind.kind: kind for kind in (errors.WaitError, errors.DailyQuotaError, errors.FundsError)
}
_CLOCKS_DIFFER_S = 60.0  # an entry from further in the future was made before the clock was set back
_MOST = 50  # entries of a key, and files that are looked through for what is over
_MAX_BYTES = 64 * 1024
_PATIENCE_S = 1.0  # a lock is held for a few milliseconds


@dataclass(frozen=True)
class Closing:
    """A reason not to ask: its `kind` as in `ProviderError.kind`, when it began and ends, and the only `model` it is about."""

    kind: str
    since: datetime
    until: datetime
    model: str | None = None

    def left(self, now: datetime) -> float:
        """Seconds until it ends; 0 or less when it has, or when no clock can have made it."""
        lasts, age = (self.until - self.since).total_seconds(), (now - self.since).total_seconds()
        return min(lasts, lasts - age) if lasts <= LONGEST_S and age >= -_CLOCKS_DIFFER_S else 0.0


def lasting(kind: str, seconds: float, now: datetime, model: str | None = None) -> Closing:
    """A closing that begins now."""
    since = now.astimezone(UTC)
    return Closing(kind, since, since + timedelta(seconds=min(max(seconds, 0.0), LONGEST_S)), model)


def account(provider: str, key: str | None) -> str:
    """The name for a key of a provider: a digest that only who has the key can make again."""
    return hmac.new((key or "").encode("utf-8", "surrogateescape"), f"{SCHEMA} {provider}".encode(), "sha256").hexdigest()[:32]


def closed_for(
    provider: str, key: str | None, *, model: str | None = None, now: datetime | None = None
) -> tuple[float, str] | None:
    """For how many seconds more a key is closed, and the kind of error that closed it; None when it is open.

    With `model`, what is closed for another model only does not count; without, such a closing counts. Never raises.
    """
    moment = now or SystemClock().now()
    try:
        found = longest(read(account(provider, key), moment), moment, model)
    except CoworkError:
        return None
    return (found.left(moment), found.kind) if found else None


def longest(closings: Iterable[Closing], now: datetime, model: str | None) -> Closing | None:
    """The one that keeps closed for longest, if any does."""
    held = [closing for closing in closings if closing.left(now) > 0 and (not model or closing.model in (None, model))]
    return max(held, key=lambda closing: closing.until, default=None)


def read(account: str, now: datetime) -> tuple[Closing, ...]:
    """What still keeps an account closed. Raises InvalidInput when its file is none of ours, which stays as it is."""
    try:
        path = place(account)
        found = _entries(read_json(path, what="the limit of a provider's key", limit=_MAX_BYTES), path)
    except FileNotFoundError:
        return ()
    return tuple(closing for closing in found if closing.left(now) > 0)


def close(account: str, closing: Closing, now: datetime) -> None:
    """Let everybody know of a closing; of two of a kind the later end counts. Raises CoworkError when it cannot be written."""
    with _held():
        known = _known(account, now)
        same = [entry for entry in known if (entry.kind, entry.model) == (closing.kind, closing.model)]
        until = max([closing.until, *(entry.until for entry in same)])
        others = [entry for entry in known if entry not in same]
        _write(account, [*others[: _MOST - 1], replace(closing, until=until)])
        _sweep(now)


def reopen(account: str, model: str, asked_at: datetime, now: datetime) -> None:
    """Forget what an answer disproves: closings of its key or model made before it was asked for. Raises CoworkError."""
    if not os.path.exists(place(account)):  # noqa: PTH110 - it never raises
        return
    with _held():
        kept = [entry for entry in _known(account, now) if entry.since >= asked_at or entry.model not in (None, model)]
        _write(account, kept)


def place(account: str) -> Path:
    """The file of an account, which need not exist."""
    return home() / "limits" / f"{account}.json"


@contextlib.contextmanager
def _held() -> Iterator[None]:
    directory = ensure_dir(home() / "limits")
    with locked(directory / ".lock", patience_s=_PATIENCE_S):
        yield


def _known(account: str, now: datetime) -> tuple[Closing, ...]:
    try:
        return read(account, now)
    except InvalidInput:
        return ()  # it was reported when it was read, and is written anew


def _write(account: str, entries: list[Closing]) -> None:
    path = place(account)
    if not entries:
        with contextlib.suppress(OSError):
            path.unlink()
        return
    listed = [
        {"kind": entry.kind, "model": entry.model, "since": entry.since.isoformat(), "until": entry.until.isoformat()}
        for entry in entries
    ]
    document = {"schema": SCHEMA, "closings": listed}
    write_atomic(path, json.dumps(document, indent=2).encode() + b"\n", durable=False)


def _sweep(now: datetime) -> None:
    """Remove the files in which all is over. Others' files are left alone."""
    for path in islice((home() / "limits").glob("*.json"), _MOST):
        with contextlib.suppress(OSError, InvalidInput):
            if not read(path.stem, now):
                path.unlink()


def _entries(document: Any, path: Path) -> tuple[Closing, ...]:
    listed = document.get("closings") if isinstance(document, dict) and document.get("schema") == SCHEMA else None
    found = tuple(_entry(entry) for entry in listed) if isinstance(listed, list) and len(listed) <= _MOST else (None,)
    if None in found:
        raise InvalidInput(
            "limits.foreign",
            f"{path} is no file of a limit",
            cause=f"it does not hold closings of the schema {SCHEMA}",
            hint="remove it",
            details={"path": str(path)},
        )
    return tuple(closing for closing in found if closing)


def _entry(entry: Any) -> Closing | None:
    fields = entry if isinstance(entry, dict) else {}
    kind, model = fields.get("kind"), fields.get("model")
    since, until = (rfc3339(str(fields.get(name, ""))) for name in ("since", "until"))
    if not isinstance(kind, str) or kind not in KINDS or since is None or until is None or not isinstance(model, str | None):
        return None
    return Closing(kind, since, until, model)
