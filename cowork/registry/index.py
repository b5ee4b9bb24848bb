"""The index: one file a root under `cache/index/`, safe to delete, never trusted over the files' own stat.

A header with checksums, the heads of all packs, their bodies; a list reads the first two. An entry counts only while every
file it was made from has the same time, size and inode. The others are built anew and the file is replaced in one step, so
that two processes may do so at once. Nothing is written where there is no home yet: a read creates nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from cowork.core.errors import CoworkError
from cowork.core.paths import home
from cowork.core.transactions import JOURNAL, recover
from cowork.registry.roots import Root
from cowork.registry.stamps import stamp

if TYPE_CHECKING:
    from cowork.registry.entries import Body, Entry, Head

VERSION = 2
_HEADER = 8_192  # bytes kept for the header: version, root, and the length and checksum of each part
_SETTLED_NS = 20_000_000  # a file changed this recently may change again within one tick of its file system's clock


class Index:
    """The packs of one root: heads at once, bodies when asked for."""

    __slots__ = ("_bodies", "_file", "_place", "_raw", "_root", "heads")

    def __init__(self, root: Root, heads: dict[str, Head], bodies: dict[str, Body] | None = None) -> None:
        self._root = root
        self.heads = heads
        self._bodies = bodies
        self._file = -1
        self._raw: bytes | None = None
        self._place = (0, 0, 0)

    def keep_open(self, file: int, place: tuple[int, int, int]) -> None:
        """Take a descriptor of the index file, to read the bodies from offset, length and checksum `place` later.

        The file may be replaced meanwhile; what was opened stays what it was.
        """
        self._file, self._place = file, place

    @property
    def bodies(self) -> dict[str, Body]:
        """The bodies by directory; when that part of the file is damaged, the packs are read again."""
        if self._bodies is None:
            try:
                self._bodies = json.loads(self._raw_bodies())
            except (OSError, ValueError):
                self._bodies = _built_anew(self._root, list(self.heads))
        return self._bodies

    def may_hold(self, text: str) -> bool:
        """Whether a text occurs in any body. Saves reading thousands of bodies to find one skill in none of them."""
        if self._bodies is not None:
            return True
        try:
            return json.dumps(text).encode() in self._raw_bodies()
        except (OSError, ValueError):
            return True

    def _raw_bodies(self) -> bytes:
        if self._raw is None:
            offset, length, checksum = self._place
            raw = os.pread(self._file, length, offset)
            if zlib.crc32(raw) != checksum:
                raise ValueError("the bodies of the index are damaged")
            self._raw = raw
        return self._raw

    def __del__(self) -> None:
        if self._file >= 0:
            os.close(self._file)


def load(root: Root) -> Index:
    """The index of a root as the disk is now: what changed is read again, what went is gone."""
    directories = _directories(root)
    held = _read(root)
    stale = [item for item in directories if item not in held.heads or not _current(held.heads[item])]
    if not stale and len(directories) == len(held.heads):
        return held
    from cowork.registry.entries import build  # formats and pydantic: only where something is read anew

    kept = held.bodies if held.heads else {}
    fresh = {directory: build(Path(directory), root) for directory in stale}
    entries: dict[str, Entry] = {
        directory: fresh.get(directory) or (held.heads[directory], kept[directory]) for directory in directories
    }
    found = Index(
        root,
        {directory: head for directory, (head, _) in entries.items()},
        {directory: body for directory, (_, body) in entries.items()},
    )
    _write(root, found)
    return found


def _built_anew(root: Root, directories: list[str]) -> dict[str, Body]:
    """The bodies read from the packs themselves; the damaged index is put out of the way."""
    from cowork.registry.entries import build

    with contextlib.suppress(OSError):  # where it cannot be removed, it is read past again
        path_of(root).unlink()
    return {directory: build(Path(directory), root)[1] for directory in directories}


def path_of(root: Root) -> Path:
    """Where a root's index is kept."""
    name = f"{root.path}\0{root.scope}\0{root.single}".encode("utf-8", "surrogateescape")
    return home() / "cache" / "index" / f"{zlib.crc32(name):08x}{zlib.adler32(name):08x}.json"


def _directories(root: Root) -> list[str]:
    """The directories that may be packs, by name: no hidden or staging ones, no links."""
    if root.single:
        return [str(root.path)] if root.path.is_dir() else []
    try:
        items = list(os.scandir(root.path))
        if any(item.name == JOURNAL for item in items):
            _recover(root.path)
            items = list(os.scandir(root.path))
        names = sorted(item.name for item in items if item.name[0] != "." and item.is_dir(follow_symlinks=False))
    except OSError:
        return []  # a root that is not there holds no packs
    return [f"{root.path}/{name}" for name in names]


def _recover(place: Path) -> None:
    """Carry out what a killed installation had decided; where that cannot be, the next verb that changes packs says so."""
    with contextlib.suppress(CoworkError):
        recover(place)


def _current(head: Head) -> bool:
    return all(stamp(held[0]) == held for held in head["stamps"])


def _read(root: Root) -> Index:
    """What was kept; an index that is missing, damaged or of another version is empty."""
    try:
        file = os.open(path_of(root), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return Index(root, {})
    try:
        header = os.pread(file, _HEADER, 0)
        about = json.loads(header)
        (length, checksum), bodies = about["heads"], about["bodies"]
        raw = os.pread(file, length, _HEADER)
        if about["version"] == VERSION and about["root"] == str(root.path) and zlib.crc32(raw) == checksum:
            index = Index(root, json.loads(raw))
            index.keep_open(file, (_HEADER + length, bodies[0], bodies[1]))
            return index
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass  # it heals itself: the packs are read again
    os.close(file)
    return Index(root, {})


def _write(root: Root, index: Index) -> None:
    if not home().is_dir():
        return
    now = time.time_ns()
    settled = {
        directory: head
        for directory, head in index.heads.items()
        if all(now - held[1] > _SETTLED_NS for held in head["stamps"])
    }
    heads = json.dumps(settled, separators=(",", ":")).encode()
    bodies = json.dumps({directory: index.bodies[directory] for directory in settled}, separators=(",", ":")).encode()
    about = {
        "version": VERSION,
        "root": str(root.path),
        "heads": [len(heads), zlib.crc32(heads)],
        "bodies": [len(bodies), zlib.crc32(bodies)],
    }
    header = json.dumps(about).encode()
    if len(header) >= _HEADER:
        return  # a path as long as that is not worth an index
    from cowork.core.files import write_atomic

    try:
        write_atomic(path_of(root), header.ljust(_HEADER - 1) + b"\n" + heads + bodies)
    except CoworkError:
        return  # only speed is lost
