"""Copies of what a registry answered, under `cache/catalogue/`: safe to delete, and never believed when they are damaged.

A copy is two files: a head, which is small and says what `pack list` has to know, and the body as it was received. The head
holds the body's hash; when the two do not fit, there is no copy, and the next answer makes a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.errors import CoworkError
from cowork.core.files import read_json, read_regular, write_atomic
from cowork.core.paths import home

if TYPE_CHECKING:
    from cowork.core.clock import Clock

TTL_S = 300.0
MAX_BODY = 8 * 1024 * 1024
MAX_COPIES = 200
_FORMAT = 1


@dataclass(frozen=True)
class Copy:
    """What an address answered. `republished`: ids and versions whose content changed behind their version."""

    address: str
    fetched_at: str
    body: bytes = field(repr=False)
    etag: str | None = None
    last_modified: str | None = None
    republished: Mapping[str, str] = field(default_factory=dict)

    def age_s(self, clock: Clock) -> float:
        """The seconds since it was fetched or confirmed; endless when it comes from the future."""
        from cowork.registry.catalogue_history import moment

        then = moment(self.fetched_at)
        seconds = (clock.now() - then).total_seconds() if then else -1.0
        return seconds if seconds >= 0 else float("inf")

    def is_fresh(self, clock: Clock) -> bool:
        """Whether it may be used without asking again."""
        return self.age_s(clock) < TTL_S


def path_of(address: str) -> Path:
    """The head's file; the body lies beside it."""
    digest = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
    return home() / "cache" / "catalogue" / f"{digest[:32]}.json"


def lock_of(address: str) -> Path:
    """The lock to hold while a copy is compared and replaced. Its directory must exist."""
    return path_of(address).parent / ".lock"


def read(address: str) -> Copy | None:
    """The copy of an address, or None when there is none, or none that is whole."""
    head = _head(address)
    if head is None:
        return None
    try:
        body = read_regular(path_of(address).with_suffix(".body"), MAX_BODY)
    except OSError:
        return None
    if hashlib.sha256(body).hexdigest() != head["sha256"]:
        return None
    return Copy(address, head["fetched_at"], body, head["etag"], head["last_modified"], head["republished"])


def versions(address: str) -> dict[str, str] | None:
    """The version on offer by pack name, as the last copy says; None without a copy. Cheap: the body is not read."""
    head = _head(address)
    return None if head is None else head["versions"]


def write(copy: Copy, versions: Mapping[str, str]) -> None:
    """Keep a copy, with what `versions` is to answer. Raises `file.not_writable`. The caller holds the lock."""
    path = path_of(copy.address)
    head = {
        "format": _FORMAT,
        "address": copy.address,
        "fetched_at": copy.fetched_at,
        "etag": copy.etag,
        "last_modified": copy.last_modified,
        "sha256": hashlib.sha256(copy.body).hexdigest(),
        "republished": dict(copy.republished),
        "versions": dict(versions),
    }
    write_atomic(path.with_suffix(".body"), copy.body)
    write_atomic(path, json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace"))
    _prune(path)


def forget(address: str) -> None:
    """Drop the copy of an address."""
    path = path_of(address)
    path.unlink(missing_ok=True)
    path.with_suffix(".body").unlink(missing_ok=True)


def _head(address: str) -> dict[str, Any] | None:
    try:
        head = read_json(path_of(address), what="catalogue cache", limit=MAX_BODY)
    except (CoworkError, OSError):
        return None
    if not isinstance(head, dict) or head.get("format") != _FORMAT or head.get("address") != address:
        return None
    texts = all(isinstance(head.get(key), str) for key in ("fetched_at", "sha256"))
    maybe = all(isinstance(head.get(key), (str, type(None))) for key in ("etag", "last_modified"))
    return head if texts and maybe and all(_is_table(head.get(key)) for key in ("republished", "versions")) else None


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _prune(kept: Path) -> None:
    """Let go of the oldest copies: every question to a REST registry leaves one."""
    heads = list(kept.parent.glob("*.json"))
    if len(heads) <= MAX_COPIES:
        return
    with contextlib.suppress(OSError):  # another process tidies up, too
        heads.sort(key=lambda path: path.stat().st_mtime)
        for path in heads[: len(heads) - MAX_COPIES]:
            if path != kept:
                path.unlink(missing_ok=True)
                path.with_suffix(".body").unlink(missing_ok=True)
