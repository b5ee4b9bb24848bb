"""Reading a file of a workspace without leaving it: name by name, no link followed, regular files only."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NOTHING_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}  # gone, or a link, also on the way; a socket


class NotRead(Exception):
    """A file was not read, for `why`. It `counts` when there is something that should have been read."""

    def __init__(self, why: str, *, counts: bool) -> None:
        super().__init__(why)
        self.why = why
        self.counts = counts


def read_below(root: Path, name: str, most: int) -> bytes:
    """The bytes of the regular file `name` below `root`. Raises NotRead, also for more than `most` bytes."""
    with _regular(root, name) as file:
        larger = os.fstat(file.fileno()).st_size > most
        data = b"" if larger else file.read(most + 1)
    if larger or len(data) > most:
        raise NotRead(f"larger than {most // 1024} KiB", counts=True)
    return data


def read_start(root: Path, name: str, most: int) -> tuple[bytes, bool]:
    """The first bytes of the regular file `name` below `root`, at most `most`, and whether there are more. Raises NotRead."""
    with _regular(root, name) as file:
        data = file.read(most + 1)
    return data[:most], len(data) > most


@contextlib.contextmanager
def _regular(root: Path, name: str) -> Iterator[BinaryIO]:
    parts = name.split("/")
    if "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise NotRead("not below the workspace", counts=False)
    try:
        with os.fdopen(_opened(root, parts), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise NotRead("not regular files", counts=False)
            yield file
    except OSError as error:
        raise NotRead("not readable", counts=error.errno not in _NOTHING_THERE) from error


def _opened(root: Path, parts: list[str]) -> int:
    held = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            deeper = os.open(part, _DIRECTORY, dir_fd=held)
            os.close(held)
            held = deeper
        return os.open(parts[-1], _FILE, dir_fd=held)
    finally:
        os.close(held)
