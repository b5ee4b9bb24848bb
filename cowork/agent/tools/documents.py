"""A text file as it is edited: its text, and how it was written, so that it is written the same way again."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from cowork.agent.tools.base import ToolFailure, Workspace
from cowork.agent.tools.handles import explained, parent_of, refuse_kind, regular, shown
from cowork.agent.tools.kinds import LOOK, binary_kind

MOST_BYTES = 16 * 1024 * 1024
"""A larger file is not edited as a text."""
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Document:
    """A file's text without its byte order mark, with its line ends as they are."""

    real: Path
    text: str
    bom: bool

    @property
    def raw(self) -> bytes:
        """What is written to disk. Raises ToolFailure."""
        return (_BOM if self.bom else b"") + encoded(self.text)


def encoded(text: str) -> bytes:
    """A text in UTF-8. Raises ToolFailure for half a character."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ToolFailure(
            "The text holds half of a surrogate pair, which no file can hold. Write the whole character."
        ) from error


def load(workspace: Workspace, real: Path) -> Document:
    """A file that was read in this run and has not changed since. Raises ToolFailure."""
    with regular(real) as handle, explained(real):
        status = os.fstat(handle)
        refuse_unseen(workspace, real, (status.st_mtime_ns, status.st_size))
        if status.st_size > MOST_BYTES:
            raise ToolFailure(f"{shown(real)} is too large to be edited: {status.st_size} bytes. Change it with a program.")
        with os.fdopen(os.dup(handle), "rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    kind = binary_kind(raw[:LOOK])
    if kind is not None:
        raise ToolFailure(f"{shown(real)} is {kind}; only text can be edited.")
    try:
        text = raw.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ToolFailure(
            f"{shown(real)} is not UTF-8 (byte {error.start} is not); editing it would destroy it. "
            "Change it with a program that knows its encoding."
        ) from error
    return Document(real, text, raw.startswith(_BOM))


def refuse_unseen(workspace: Workspace, real: Path, stamp: tuple[int, int]) -> None:
    """Raises ToolFailure when a file was not read in this run, or has changed since."""
    seen = workspace.read.get(real)
    if seen is None:
        raise ToolFailure(f"{shown(real)} exists and was not read yet. Read it first, so that nothing unknown is lost.")
    if seen != stamp:
        raise ToolFailure(f"{shown(real)} changed since it was read. Read it again, then make the change anew.")


def save(workspace: Workspace, real: Path, raw: bytes) -> None:
    """Replace a file, or make a new one and its directories: whole or not at all, with the mode it had. Raises ToolFailure."""
    with explained(real), parent_of(real, make=True) as directory:
        mode = _mode_of(real, directory)
        temporary = f".{real.name[:200]}.{token_hex(6)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(temporary, flags, 0o666 if mode is None else mode, dir_fd=directory)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(raw)
                stream.flush()
                if mode is not None:
                    os.fchmod(stream.fileno(), mode)
                os.fsync(stream.fileno())
                status = os.fstat(stream.fileno())
            os.replace(temporary, real.name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=directory)
            raise
    workspace.read[real] = (status.st_mtime_ns, status.st_size)


def _mode_of(real: Path, directory: int) -> int | None:
    """The permissions of what is replaced; None when there is nothing. Raises ToolFailure for what may not be replaced."""
    try:
        status = os.stat(real.name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    refuse_kind(real, status.st_mode)
    if not os.access(real, os.W_OK):
        raise ToolFailure(f"{shown(real)} is read-only. The user has to make it writable.")
    return status.st_mode & 0o777


def stamp_of(real: Path) -> tuple[int, int] | None:
    """When a regular file was last changed, and its size; None when there is none. Raises ToolFailure."""
    with explained(real):
        try:
            status = os.lstat(real)
        except (FileNotFoundError, NotADirectoryError):
            return None
    refuse_kind(real, status.st_mode)
    return status.st_mtime_ns, status.st_size


class Plain:
    """A text with every line end as a newline, and the way back: where a place in it is in the text as it was written."""

    def __init__(self, text: str) -> None:
        self._written = text
        self._ends = [match.start() - number for number, match in enumerate(re.finditer("\r\n", text))]
        self.text = text.replace("\r\n", "\n")
        self._end = "\r\n" if 2 * len(self._ends) > self.text.count("\n") else "\n"

    def replaced(self, places: list[int], length: int, new: str) -> str:
        """The written text with `length` characters at each place of the plain one replaced; all else stays as it is."""
        new = new.replace("\n", self._end)
        out, at = [], 0
        for place in places:
            out += [self._written[at : self._back(place)], new]
            at = self._back(place + length)
        return "".join([*out, self._written[at:]])

    def _back(self, place: int) -> int:
        return place + bisect_left(self._ends, place)
