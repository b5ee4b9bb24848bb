"""A fetched commit as the source of a pack: listed, and read blob by blob. Nothing is checked out."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.install.git_process import PIN, Git, stop
from cowork.install.tree import LARGEST_LISTING, MAX_FILE_BYTES, Entry, file_too_large, too_many

_KINDS = {b"100644": "file", b"100664": "file", b"100755": "file", b"120000": "symlink", b"160000": "submodule"}
_ASKED_AT_ONCE = 48
"""Objects that git looks for while we are at work on those before; their names fit into the smallest of pipes."""


class GitMaterial:
    """One commit of a repository. `ref` is the full name it was found under, `HEAD` when none was asked for."""

    def __init__(self, git: Git, url: str, commit: str, ref: str, notices: tuple[Notice, ...], deadline: float) -> None:
        self.url, self.commit, self.ref, self.notices = url, commit, ref, notices
        self._git = git
        self._deadline = deadline
        self._objects: dict[str, str] = {}
        self._entries: tuple[Entry, ...] | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything the commit holds. Raises `install.too_many_files` past the limit, however large the tree claims to be."""
        if self._entries is None:
            self._entries = tuple(self._list())
        return self._entries

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The files at `paths`, in their order. Raises `install.file_too_large` before reading one beyond the limit."""
        _ = self.entries
        process = self._git.start(["cat-file", "--batch"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdin is not None
        assert process.stdout is not None
        ahead = iter(paths)
        try:
            while asked := tuple(islice(ahead, _ASKED_AT_ONCE)):
                process.stdin.write("".join(f"{self._objects[path]}\n" for path in asked).encode())
                process.stdin.flush()
                for path in asked:
                    yield path, _answer(process.stdout, path)
        finally:
            stop(process)

    def _list(self) -> Iterator[Entry]:
        # ls-tree walks a tree as often as it is named, so a small repository can list without end: read as it comes, and stop.
        process = self._git.start(["ls-tree", "-r", "-z", "-l", "--full-tree", PIN], stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        rest, count = b"", 0
        try:
            while chunk := os.read(process.stdout.fileno(), 1 << 16):
                *records, rest = (rest + chunk).split(b"\0")
                for record in records:
                    count += 1
                    if count > LARGEST_LISTING:
                        raise too_many(LARGEST_LISTING)
                    yield self._entry(record)
                if len(rest) > 1 << 16 or time.monotonic() > self._deadline:
                    raise too_many(LARGEST_LISTING)
        finally:
            stop(process)

    def _entry(self, record: bytes) -> Entry:
        about, _, name = record.partition(b"\t")
        mode, _, object_id, size = about.split()
        path = name.decode("utf-8", "surrogateescape")
        self._objects[path] = object_id.decode()
        return Entry(path, int(size) if size.isdigit() else 0, _KINDS.get(mode, "other"), mode == b"100755")


def _answer(stream: IO[bytes], path: str) -> bytes:
    """The next object that `git cat-file` gives out, which is the file at `path`."""
    header = stream.readline().split()
    if len(header) != 3 or header[1] != b"blob":
        raise InvalidInput("install.git_objects", f"the repository lacks the file {path!r}", hint="try again")
    size = int(header[2])
    if size > MAX_FILE_BYTES:
        raise file_too_large(path)
    content = stream.read(size + 1)
    if len(content) != size + 1:
        raise InvalidInput("install.git_objects", f"the repository breaks off in {path!r}", hint="try again")
    return content[:-1]
