"""Zip files written byte by byte, in which every field may say something else than the truth."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

STORED, DEFLATED = 0, 8
_DATE = 0x5A21  # 2025-01-01


@dataclass
class Member:
    """A member and what the archive says about it. What is None is the truth."""

    name: bytes
    content: bytes = b"evil\n"
    mode: int = 0o100644
    method: int = DEFLATED
    flags: int = 0
    extra: bytes = b""
    system: int = 3
    packed: bytes | None = None
    size: int | None = None
    packed_size: int | None = None
    crc: int | None = None
    local_name: bytes | None = None
    local_size: int | None = None
    at: int | None = None
    descriptor: bool = False

    def body(self) -> bytes:
        """The bytes as they stand in the archive."""
        if self.packed is not None:
            return self.packed
        if self.method != DEFLATED:
            return self.content
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
        return compressor.compress(self.content) + compressor.flush()

    def about(self, packed: int) -> tuple[int, int, int]:
        """Checksum, packed size and size as the directory gives them."""
        return (
            zlib.crc32(self.content) if self.crc is None else self.crc,
            packed if self.packed_size is None else self.packed_size,
            len(self.content) if self.size is None else self.size,
        )


def raw_zip(
    members: Iterable[Member], *, prefix: bytes = b"", suffix: bytes = b"", comment: bytes = b"", end: bytes | None = None
) -> bytes:
    """The archive, with anything before and after it, and perhaps another end record."""
    body, directory, count = bytearray(prefix), bytearray(), 0
    for member in members:
        offset = len(body) if member.at is None else member.at
        packed = member.body()
        if member.at is None:
            body += _local(member, packed)
        directory += _central(member, len(packed), offset)
        count += 1
    record = end_record(count, len(directory), len(body), comment) if end is None else end
    return bytes(body + directory + record + suffix)


def end_record(count: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    """The end of an archive; with the larger records where the numbers need them."""
    large = zip64_end(count, size, offset) if count > 0xFFFF else b""
    short = min(count, 0xFFFF)
    return large + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, short, short, size, offset, len(comment)) + comment


def zip64_end(count: int, size: int, offset: int) -> bytes:
    """The end record of zip64 and its locator, directly after the directory."""
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    return record + struct.pack("<4sIQI", b"PK\6\7", 0, offset + size, 1)


def many_members(count: int, *, name_of: str = "f%06d") -> tuple[bytes, bytes]:
    """So many empty members: their bytes and their directory."""
    body, directory = bytearray(), bytearray()
    for number in range(count):
        name = (name_of % number).encode()
        directory += (
            struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, _DATE, 0, 0, 0, len(name), 0, 0, 0, 0, 0, len(body)) + name
        )
        body += struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, _DATE, 0, 0, 0, len(name), 0) + name
    return bytes(body), bytes(directory)


def _local(member: Member, packed: bytes) -> bytes:
    crc, packed_size, size = member.about(len(packed))
    name = member.name if member.local_name is None else member.local_name
    size = size if member.local_size is None else member.local_size
    flags, tail = member.flags, b""
    if member.descriptor:
        flags, tail = flags | 8, struct.pack("<4s3I", b"PK\7\10", crc, packed_size, size)
        crc = packed_size = size = 0
    head = struct.pack("<4s5H3I2H", b"PK\3\4", 20, flags, member.method, 0, _DATE, crc, packed_size, size, len(name), 0)
    return head + name + packed + tail


def _central(member: Member, packed: int, offset: int) -> bytes:
    flags = member.flags | (8 if member.descriptor else 0)
    made_by = member.system << 8 | 20
    lengths = (len(member.name), len(member.extra), 0, 0, 0)
    fields = (made_by, 20, flags, member.method, 0, _DATE, *member.about(packed), *lengths, member.mode << 16, offset)
    return struct.pack("<4s6H3I5H2I", b"PK\1\2", *fields) + member.name + member.extra
