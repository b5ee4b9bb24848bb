"""Reading a tar stream, strictly and in linear time.

The standard library's reader spends quadratic time on some extended headers (CVE-2024-6232) and skips damaged ones, so that
two readers see different files. This one knows what packs need (the pax interchange format of POSIX.1-2001, GNU long names)
and refuses the rest. https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

BLOCK = 512
_LARGEST_EXTENSION = 64 * 1024
_MOST_EXTENSIONS = 8
_KINDS = {b"0": "file", b"\0": "file", b"7": "file", b"1": "hardlink", b"2": "symlink", b"5": "directory"}


class TarError(Exception):
    """The stream is no tar file, is cut off, or uses what packs have no need for."""


class Member(NamedTuple):
    """A member's header. `kind`: file, directory, symlink, hardlink, other."""

    name: str
    size: int
    kind: str
    executable: bool


class Readable(Protocol):
    """What is read from."""

    def read(self, size: int) -> bytes:
        """At most `size` bytes, none at the end."""


def members(stream: Readable) -> Iterator[tuple[Member, Callable[[], bytes]]]:
    """Each member with a function that reads its content, to be called before the next one is asked for. Raises TarError."""
    extended: dict[str, str] = {}
    shared: dict[str, str] = {}
    extensions = 0
    while (header := _header(stream)) is not None:
        kind, size = header[156:157], _number(header[124:136])
        if kind in (b"x", b"g", b"L", b"K"):
            extensions += 1
            if size > _LARGEST_EXTENSION or extensions > _MOST_EXTENSIONS:
                raise TarError("an extended header is too large")
            content = _exactly(stream, size)
            if kind == b"g":
                shared |= _records(content)
            elif kind == b"x":
                extended |= _records(content)
            else:
                extended["path" if kind == b"L" else "linkpath"] = _text(content.split(b"\0", 1)[0])
            continue
        member = _member(header, size, {**shared, **extended})
        extended, extensions = {}, 0
        yield from _yielded(stream, member)


def _yielded(stream: Readable, member: Member) -> Iterator[tuple[Member, Callable[[], bytes]]]:
    """One member; what nobody read of its content is skipped."""
    done = False
    size = member.size if member.kind in ("file", "other") else 0

    def content() -> bytes:
        nonlocal done
        if done:
            raise TarError("the content was read already")
        done = True
        return _exactly(stream, size)

    yield member, content
    if not done:
        left = size + -size % BLOCK
        while left:
            chunk = stream.read(min(left, 1 << 16))
            if not chunk:
                raise TarError("it is cut off")
            left -= len(chunk)


def _member(header: bytes, size: int, extended: Mapping[str, str]) -> Member:
    name = _text(header[:100].split(b"\0", 1)[0])
    if header[257:263] == b"ustar\0":
        prefix = _text(header[345:500].split(b"\0", 1)[0])
        name = f"{prefix}/{name}" if prefix else name
    kind = _KINDS.get(header[156:157], "other")
    if any(key.startswith("GNU.sparse") for key in extended):
        kind = "other"
    if "size" in extended:
        if not extended["size"].isascii() or not extended["size"].isdigit() or len(extended["size"]) > 20:
            raise TarError("a size is no number")
        size = int(extended["size"])
    name = extended.get("path", name)
    if kind == "file" and name.endswith("/"):  # how directories were written before they had a type
        kind = "directory"
    return Member(name.rstrip("/") if kind == "directory" else name, size, kind, bool(_number(header[100:108]) & 0o111))


def _header(stream: Readable) -> bytes | None:
    """The next header, or None at the end: two blocks of zeros, or nothing more at all."""
    block = _read(stream, BLOCK)
    if not block or not any(block):
        return None
    if len(block) < BLOCK:
        raise TarError("it is cut off")
    total = sum(block) - sum(block[148:156]) + 8 * 32
    if _number(block[148:156]) != total:
        raise TarError("a header has a wrong checksum")
    return block


def _records(content: bytes) -> dict[str, str]:
    """The records of an extended header: length, blank, key, =, value, newline."""
    found = {}
    at = 0
    while at < len(content):
        blank = content.find(b" ", at, at + 8)
        digits = content[at:blank] if blank > at else b""
        if not digits.isdigit():
            raise TarError("an extended header is damaged")
        end = at + int(digits)
        key, equals, value = content[blank + 1 : end - 1].partition(b"=")
        if end > len(content) or content[end - 1 : end] != b"\n" or not equals or end <= blank + 2:
            raise TarError("an extended header is damaged")
        found[_text(key)] = _text(value)
        at = end
    return found


def _number(field: bytes) -> int:
    """An octal number, or GNU's binary one. Raises TarError for negative ones and for what is none."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip(b" ")
    if not digits:
        return 0
    if any(digit not in b"01234567" for digit in digits):
        raise TarError("a number in a header is damaged")
    return int(digits, 8)


def _exactly(stream: Readable, size: int) -> bytes:
    padded = size + -size % BLOCK
    content = _read(stream, padded)
    if len(content) != padded:
        raise TarError("it is cut off")
    return content[:size]


def _read(stream: Readable, size: int) -> bytes:
    parts = []
    while size:
        chunk = stream.read(min(size, 1 << 20))
        if not chunk:
            break
        parts.append(chunk)
        size -= len(chunk)
    return b"".join(parts)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
