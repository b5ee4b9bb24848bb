"""Evidence that was collected before, under `cache/evidence/`: safe to delete, and never believed once anything changed.

A file a result, named after all it depends on: the collector, the code of this room, the workspace, and how that stands.
Nothing is written where there is no home yet: a read creates nothing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from cowork.core.errors import CoworkError
from cowork.core.files import read_regular, write_atomic
from cowork.core.paths import home
from cowork.twins.evidence.findings import Evidence, Item

MOST_ENTRIES = 500
"""How many results are kept; those that were not asked for longest go."""
_LARGEST = 512 * 1024


def directory() -> Path:
    """Where results are kept."""
    return home() / "cache" / "evidence"


def key(collector: str, root: Path, standing: str) -> str:
    """The name under which a result is kept: it changes with all that the result depends on."""
    parts = (collector, _code(), str(root), standing)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:40]


def get(name: str) -> Evidence | None:
    """What was kept under a key, marked as such; None when there is nothing, or nothing that is whole."""
    path = directory() / f"{name}.json"
    try:
        raw = read_regular(path, _LARGEST)
        checksum, _, body = raw.partition(b"\n")
        if int(checksum, 16) != zlib.crc32(body):
            return None
        fields = json.loads(body)
        items = tuple(Item(**item) for item in fields.pop("items"))
        found = Evidence(**fields, items=items)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    with contextlib.suppress(OSError):
        path.touch()  # it was asked for
    return dataclasses.replace(found, cached=True)


def put(name: str, evidence: Evidence) -> None:
    """Keep a result. Where that cannot be, nothing is lost but time."""
    place = directory()
    if not home().is_dir():
        return
    body = json.dumps(_plain(evidence), ensure_ascii=True).encode()
    if len(body) > _LARGEST - 16:
        return
    with contextlib.suppress(CoworkError, OSError):
        write_atomic(place / f"{name}.json", b"%08x\n%s" % (zlib.crc32(body), body), durable=False)
        _forget(place)


def _plain(evidence: Evidence) -> dict[str, Any]:
    return dataclasses.asdict(evidence)


def _forget(place: Path) -> None:
    kept = list(place.glob("*.json"))
    if len(kept) <= MOST_ENTRIES:
        return
    times = {path: path.stat().st_mtime_ns for path in kept if path.exists()}
    for path in sorted(times, key=times.__getitem__)[: len(times) - MOST_ENTRIES]:
        path.unlink(missing_ok=True)


@cache
def _code() -> str:
    """A digest of this room's code: what was collected by other code is collected anew, and nobody has to remember that."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
