"""`cowork.lock`: what is installed, exactly. Canonical JSON, sorted, one lockfile for the user and one for each project."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from cowork.core import transactions
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import read_json
from cowork.core.text import did_you_mean, one_line, safe_json
from cowork.install.places import Place

VERSION = 1
_HASH = re.compile(r"h1:[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class Pin:
    """Why a pack stays as it is."""

    reason: str
    at: str


@dataclass(frozen=True)
class ScanSummary:
    """What the scanner found when the pack was installed, allowed findings apart."""

    critical: int
    warnings: int
    notes: int
    allowed: int


@dataclass(frozen=True)
class Earlier:
    """A tree that was installed before, for rollback."""

    version: str
    tree_hash: str
    commit: str | None
    at: str


@dataclass(frozen=True)
class Locked:
    """One installed pack.

    `source` is what was asked for and `origin` what it led to, both canonical; they differ for entries of a catalogue and
    plugins of a marketplace (`plugin` names the one). `path` is the directory inside the origin. `commit` and `ref` are those
    of a repository.
    """

    name: str
    version: str
    kind: str
    source: str
    origin: str
    url: str
    plugin: str | None
    path: str
    ref: str | None
    commit: str | None
    tree_hash: str
    files: int
    bytes: int
    executables: tuple[str, ...]
    capabilities: tuple[str, ...]
    approved_by: str
    scan: ScanSummary
    installed_at: str
    updated_at: str
    pinned: Pin | None = None
    history: tuple[Earlier, ...] = ()
    unknown: dict[str, Any] = field(default_factory=dict)
    """Keys that a later cowork wrote; they are kept."""

    def document(self) -> dict[str, Any]:
        """The entry as JSON."""
        known = asdict(self)
        extra = known.pop("unknown")
        del known["name"]
        return {**extra, **known}


def read(place: Place) -> dict[str, Locked]:
    """The installed packs by name, after finishing what a killed process had decided.

    Raises `file.*`, `lock.invalid` and `lock.newer` (InvalidInput): a lockfile that cannot be read is never taken for empty.
    """
    transactions.recover(place.extensions)
    try:
        document = read_json(place.lock, what="lockfile")
    except FileNotFoundError:
        return {}
    return parse(document, str(place.lock))


def parse(document: Any, shown: str) -> dict[str, Locked]:
    """The packs in a parsed lockfile. Raises `lock.invalid` naming the place, and `lock.newer`."""
    if not isinstance(document, dict) or not isinstance(document.get("packs"), dict):
        raise _invalid(shown, '"packs" must be an object')
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _invalid(shown, '"version" must be a number')
    if version > VERSION:
        hint = "update cowork, or move the file away and install anew"
        raise InvalidInput("lock.newer", f"{shown} is of version {version!r:.20}; this cowork reads {VERSION}", hint=hint)
    return {name: _entry(name, item, shown) for name, item in sorted(document["packs"].items())}


def content(packs: Mapping[str, Locked]) -> bytes:
    """The lockfile that says this."""
    document = {"version": VERSION, "packs": {name: packs[name].document() for name in sorted(packs)}}
    return safe_json(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)).encode() + b"\n"


def find(packs: Mapping[str, Locked], name: str, place: Place) -> Locked:
    """The entry of an installed pack. Raises `pack.not_installed` with a suggestion."""
    if name not in packs:
        raise NotFound(
            "pack.not_installed",
            f"'{name}' is not in the {place.scope}'s lockfile",
            cause=f"{place.lock} lists what was installed",
            hint=did_you_mean(name, packs, "see: cowork pack list"),
            details={"name": name, "scope": place.scope},
        )
    return packs[name]


def is_name(text: str) -> bool:
    """Whether a pack may be installed under this name: it becomes a directory."""
    from cowork.install.names import judge_name

    try:
        judge_name(text)
    except InvalidInput:
        return False
    return _NAME.fullmatch(text) is not None


_TEXTS = ("version", "kind", "source", "origin", "url", "path", "tree_hash", "approved_by", "installed_at", "updated_at")
_OPTIONAL = ("plugin", "ref", "commit")
_COUNTS = ("files", "bytes")
_LISTS = ("executables", "capabilities")


def _entry(name: str, item: Any, shown: str) -> Locked:
    where = f"packs.{one_line(name, 60)}"
    if not isinstance(item, dict) or not is_name(name):
        raise _invalid(shown, f"{where} is no entry of a pack")
    values: dict[str, Any] = {}
    for key, value in item.items():
        wrong = (
            (key in _TEXTS and not isinstance(value, str))
            or (key in _OPTIONAL and not isinstance(value, (str, type(None))))
            or (key in _COUNTS and (not isinstance(value, int) or isinstance(value, bool) or value < 0))
            or (key in _LISTS and not _texts(value))
        )
        if wrong:
            raise _invalid(shown, f"{where}.{key} has the wrong type")
        values[key] = tuple(value) if key in _LISTS else value
    lacking = [key for key in (*_TEXTS, *_OPTIONAL, *_COUNTS, *_LISTS, "scan") if key not in values]
    if lacking:
        raise _invalid(shown, f"{where} lacks {', '.join(lacking)}")
    if not _HASH.fullmatch(values["tree_hash"]):
        raise _invalid(shown, f"{where}.tree_hash is no tree hash")
    if values["commit"] is not None and not _COMMIT.fullmatch(values["commit"]):  # it is handed to git
        raise _invalid(shown, f"{where}.commit is no full commit")
    values["scan"] = _record(ScanSummary, values["scan"], int, shown, f"{where}.scan")
    pinned = values.get("pinned")
    values["pinned"] = None if pinned is None else _record(Pin, pinned, str, shown, f"{where}.pinned")
    values["history"] = _history(values.get("history", []), shown, f"{where}.history")
    known = {part.name for part in fields(Locked)} - {"unknown"}
    unknown = {key: values.pop(key) for key in list(values) if key not in known}
    values["name"] = name  # the key was judged; an entry that calls itself something else does not matter
    return Locked(**values, unknown=unknown)


def _history(value: Any, shown: str, where: str) -> tuple[Earlier, ...]:
    if not isinstance(value, list):
        raise _invalid(shown, f"{where} must be a list")
    found = []
    for number, item in enumerate(value):
        if not isinstance(item, dict) or not _HASH.fullmatch(str(item.get("tree_hash"))):
            raise _invalid(shown, f"{where}[{number}] is no earlier tree")
        commit = item.get("commit")
        found.append(
            Earlier(
                str(item.get("version", "")),
                item["tree_hash"],
                commit if isinstance(commit, str) else None,
                str(item.get("at", "")),
            )
        )
    return tuple(found)


def _record(kind: Any, value: Any, of: type, shown: str, where: str) -> Any:
    names = [part.name for part in fields(kind)]
    if not isinstance(value, dict) or any(type(value.get(name)) is not of for name in names):  # true is no number
        raise _invalid(shown, f"{where} must have {', '.join(names)}")
    return kind(**{name: value[name] for name in names})


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _invalid(shown: str, rule: str) -> InvalidInput:
    return InvalidInput(
        "lock.invalid",
        f"{shown} is not a lockfile: {rule}",
        cause="nothing is installed, updated or removed while it cannot be read",
        hint="restore it from version control or a backup; what was installed is still in the store",
        details={"path": shown},
    )
