"""Archives as the source of a pack: their lists are judged first, then members are streamed under a cap of written bytes."""

from __future__ import annotations

import gzip
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Protocol

from cowork.core.errors import InvalidInput
from cowork.install.tar_stream import Member, TarError, members
from cowork.install.tree import LARGEST_LISTING, MAX_FILE_BYTES, MAX_TOTAL_BYTES, Entry, file_too_large, too_large, too_many

_MOST_UNPACKED_BYTES = 2 * MAX_TOTAL_BYTES
"""What a compressed stream may unfold to while it is listed, of which a pack may be a part."""
_LARGEST_DIRECTORY_BYTES = 12 * 1024 * 1024
_END_OF_ZIP = b"PK\x05\x06"


class Archive(Protocol):
    """An archive that was opened and listed."""

    entries: tuple[Entry, ...]

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The files at `paths` with their contents, in the archive's own order."""


def open_archive(path: Path) -> Archive:
    """The archive in a file, told by its content: zip, or tar with gzip.

    Raises InvalidInput `install.archive_*`, `install.too_many_files`, `install.too_large`, `install.path_collision`.
    """
    with path.open("rb") as stream:
        start = stream.read(4)
    if start[:2] == b"\x1f\x8b":
        return TarArchive(path)
    if start in (b"PK\x03\x04", b"PK\x05\x06"):
        return ZipArchive(path)
    raise _bad("unknown", "it is neither a zip nor a gzipped tar file")


class ZipArchive:
    """A zip file. Names, sizes and kinds come from its central directory, and reading holds it to them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _judge_directory(path)
        try:
            with zipfile.ZipFile(path) as archive:
                if len(archive.filelist) > LARGEST_LISTING:
                    raise too_many(LARGEST_LISTING)
                infos = [info for info in archive.infolist() if not info.is_dir()]
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError, ValueError, RecursionError) as error:
            raise _bad("damaged", str(error)) from error
        for info in infos:
            if info.flag_bits & 0x1:
                raise _bad("encrypted", f"{info.filename!r} is encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _bad(
                    "damaged", f"{info.filename!r} is packed by method {info.compress_type}, which not every system reads"
                )
        overlapping = _overlap(infos)
        if overlapping:
            raise _bad("bomb", f"{overlapping!r} shares its bytes with another member")
        self.entries = tuple(_of_zip(info) for info in infos)
        _refuse_twice(self.entries)

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The files at `paths`, each held to the size that the directory of the archive names."""
        wanted = set(paths)
        name = self._path.name
        try:
            with zipfile.ZipFile(self._path) as archive:
                for info in archive.infolist():
                    name = info.filename
                    if name in wanted and not info.is_dir():
                        with archive.open(info) as stream:
                            yield name, _read(stream, name, info.file_size)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error, ValueError) as error:
            raise _bad("damaged", f"{name!r}: {error}") from error


class TarArchive:
    """A gzipped tar file, read as a stream: once to list it, once to read from it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries = tuple(_of_tar(member) for member, _ in self._members() if member.kind != "directory")
        _refuse_twice(self.entries)

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The files at `paths`."""
        wanted = set(paths)
        for member, content in self._members():
            if member.kind == "file" and member.name in wanted:
                if member.size > MAX_FILE_BYTES:
                    raise file_too_large(member.name)
                yield member.name, content()

    def _members(self) -> Iterator[tuple[Member, Callable[[], bytes]]]:
        """Every member in turn. The unfolded bytes are counted as they come, members or not."""
        try:
            with gzip.open(self._path, "rb") as unpacked:
                counted = _Counted(unpacked)
                for number, (member, content) in enumerate(members(counted)):
                    if number >= LARGEST_LISTING:
                        raise too_many(LARGEST_LISTING)
                    yield member, content
                while counted.read(1 << 20):
                    pass  # to the end: only there gzip's checksum tells whether all of it was what was packed
        except (TarError, EOFError, OSError, zlib.error, ValueError) as error:
            raise _bad("damaged", str(error)) from error


class _Counted:
    """A stream that refuses to give more than the limit."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream
        self._left = _MOST_UNPACKED_BYTES

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(min(size, 1 << 20))
        self._left -= len(chunk)
        if self._left < 0:
            raise too_large()
        return chunk


def _judge_directory(path: Path) -> None:
    """Refuse a zip whose directory is too large to be read into memory. Its size stands in the end record."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - (1 << 16) - 22))
        tail = stream.read()
    at = tail.rfind(_END_OF_ZIP)
    if at < 0 or len(tail) < at + 22:
        raise _bad("damaged", "it has no end record")
    if b"PK\x06\x07" in tail[max(0, at - 20) : at]:  # zip64: for files and numbers of files beyond what a pack may have
        raise too_many(LARGEST_LISTING)
    if struct.unpack_from("<I", tail, at + 12)[0] > _LARGEST_DIRECTORY_BYTES:
        raise too_many(LARGEST_LISTING)


def _of_zip(info: zipfile.ZipInfo) -> Entry:
    mode = info.external_attr >> 16
    kind = "symlink" if stat.S_ISLNK(mode) else "file" if stat.S_IFMT(mode) in (0, stat.S_IFREG) else "other"
    if info.orig_filename != info.filename:  # zipfile cuts names at NUL and turns other separators into /
        return Entry(info.orig_filename, info.file_size, kind)
    return Entry(info.filename, info.file_size, kind, bool(mode & 0o111))


def _of_tar(member: Member) -> Entry:
    return Entry(member.name, member.size, member.kind, member.executable)


def _overlap(infos: list[zipfile.ZipInfo]) -> str | None:
    """A member whose packed bytes begin before those of the one before it end: how a small zip unfolds without end."""
    end = 0
    for info in sorted(infos, key=lambda item: item.header_offset):
        if info.header_offset < end:
            return info.filename
        name = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437", "replace")
        end = info.header_offset + 30 + len(name) + info.compress_size
    return None


def _refuse_twice(entries: tuple[Entry, ...]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.path in seen:
            raise InvalidInput(
                "install.path_collision",
                f"the archive holds {entry.path!r} twice",
                cause="which of them is meant depends on who reads it",
                hint="ask the author of the pack to build it anew",
                details={"path": entry.path, "other": entry.path},
            )
        seen.add(entry.path)


def _read(stream: IO[bytes], name: str, size: int) -> bytes:
    if size > MAX_FILE_BYTES:
        raise file_too_large(name)
    content = stream.read(size + 1)
    if len(content) != size:
        raise _bad("damaged", f"{name!r} is not as long as the archive says")
    return content


def _bad(what: str, cause: str) -> InvalidInput:
    return InvalidInput(
        f"install.archive_{what}", "the archive cannot be read", cause=cause, hint="ask the author of the pack to build it anew"
    )
