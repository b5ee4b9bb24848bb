"""Archives that mean harm: each holds a valid pack, and one thing that must not reach the disk.

Every table maps an id to a builder of the archive's bytes. `HOSTILE_*` are to be refused. `HARMLESS_*` hold exactly the pack,
perhaps below one top directory. `ODD_*` may be refused or read, but what is read is the pack (and files of `EXTRA` beside it):
never a part of it, never another file, never for ever.
"""

from __future__ import annotations

import io
import lzma
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping

from tests.install.hostile_git import PACK
from tests.install.raw_objects import deflate_of_zeros
from tests.install.raw_zip import STORED, Member, end_record, many_members, raw_zip, zip64_end

Build = Callable[[], bytes]
Files = Mapping[str, bytes | str]

TOP = "notes-1.0/"
EXTRA = ("extra.md",)
MANY = 100_001
GIBI = 1024 * 1024 * 1024
_PADDING = bytes(1024)
_LINK, _FIFO, _DEVICE, _SOCKET = (kind | 0o777 for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK))


def zip_of(files: Files, top: str = "", *, executable: Iterable[str] = (), comment: bytes = b"") -> bytes:
    """A benign zip of files below `top`, as common tools write it; the same files give the same bytes."""
    target, runnable = io.BytesIO(), set(executable)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for path, content in files.items():
            info = zipfile.ZipInfo(top + path, (2025, 1, 1, 0, 0, 0))
            info.external_attr = (0o100755 if path in runnable else 0o100644) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def targz_of(files: Files, top: str = "repo-abc/", *, executable: Iterable[str] = ()) -> bytes:
    """A benign gzipped tar of files below `top`, as code hosts give it out; the same files give the same bytes."""
    return gzipped(tar_of(files, top, executable=executable) + _PADDING)


def tar_of(files: Files, top: str = "", *, executable: Iterable[str] = ()) -> bytes:
    """The members of a tar file, without its end."""
    runnable = set(executable)
    return b"".join(
        tar_member(
            top + path, content.encode() if isinstance(content, str) else content, mode=0o755 if path in runnable else 0o644
        )
        for path, content in files.items()
    )


def tar_member(
    name: str,
    content: bytes = b"",
    *,
    kind: bytes = tarfile.REGTYPE,
    link: str = "",
    mode: int = 0o644,
    size: int | None = None,
) -> bytes:
    """One member: its header, with further headers where the name needs them, and its content."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.size = kind, link, mode, len(content) if size is None else size
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape") + _blocks(content)


def gzipped(content: bytes) -> bytes:
    """One gzip member."""
    compressor = zlib.compressobj(1, zlib.DEFLATED, 31)
    return compressor.compress(content) + compressor.flush()


def gzipped_zeros(head: bytes, size: int) -> bytes:
    """A gzip member that unfolds to `head` and so many zeros (whole MiB). Its checksum is wrong: nobody should get that far."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = compressor.compress(head) + compressor.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + start + deflate_of_zeros(size) + bytes(8)


def _blocks(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


# -- zip -----------------------------------------------------------------------------------------------------------------------


def _members(top: str = "") -> list[Member]:
    return [Member((top + path).encode(), content.encode()) for path, content in PACK.items()]


def _zip(*more: Member, **options: bytes) -> Build:
    return lambda: raw_zip([*_members(), *more], **options)


def _zip_named(*names: str | bytes, flags: int = 0x800) -> Build:
    return _zip(*(Member(name.encode() if isinstance(name, str) else name, flags=flags) for name in names))


def _zip_bomb() -> bytes:
    zeros = deflate_of_zeros(GIBI)
    return raw_zip([*_members(), Member(b"zeros.md", b"", packed=zeros, size=GIBI)])


def _zip_lying_bomb() -> bytes:
    """Ten bytes, says the directory; a gigabyte, says the stream."""
    return raw_zip([*_members(), Member(b"extra.md", bytes(10), packed=deflate_of_zeros(GIBI))])


def _zip_overlapping() -> bytes:
    """A thousand names for the same 10 MiB."""
    kernel = Member(b"zeros.md", bytes(10 * 1024 * 1024))
    packed, crc = kernel.body(), zlib.crc32(kernel.content)
    kernel.packed = packed
    copies = (Member(b"z%d.md" % number, b"", packed=packed, size=len(kernel.content), crc=crc, at=0) for number in range(1000))
    return raw_zip([kernel, *copies, *_members()])


def _zip_many() -> bytes:
    body, directory = many_members(MANY)
    return body + directory + end_record(MANY, len(directory), len(body))


def _zip_many_hidden() -> bytes:
    """The end record tells of a small directory; that of zip64, which readers believe, of a large one."""
    body, directory = many_members(300_000, name_of="%x")
    large = zip64_end(300_000, len(directory), len(body))
    return body + directory + large + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, 50, 0xFFFFFFFF, 0)


def _zip_truncated() -> bytes:
    whole = zip_of(PACK)
    return whole[: len(whole) // 2]


def _zip_two_directories() -> bytes:
    """Two archives in one file: readers that start at the front and at the end see different files."""
    return zip_of({**PACK, "README.md": "the innocent one"}) + zip_of(PACK)


HOSTILE_ZIPS: dict[str, Build] = {
    "climb": _zip_named("../evil.md"),
    "climb-inside": _zip_named("docs/../../evil.md"),
    "absolute": _zip_named("/tmp/evil.md"),
    "drive": _zip_named("C:\\evil.md"),
    "drive-slash": _zip_named("C:/evil.md"),
    "backslash": _zip_named("..\\evil.md"),
    "double-slash": _zip_named("docs//evil.md"),
    "dot": _zip_named("./docs/./evil.md"),
    "dot-git": _zip_named(".git/config"),
    "dot-git-upper": _zip_named("vendored/.GIT/hooks/post-checkout"),
    "dot-git-zero-width": _zip_named(".g\u200cit/config"),
    "symlink": _zip(Member(b"passwd.md", b"/etc/passwd", mode=_LINK)),
    "symlink-within": _zip(Member(b"again.md", b"README.md", mode=_LINK)),
    "symlink-then-file": _zip(Member(b"up", b"..", mode=_LINK), Member(b"up/evil.md")),
    "fifo": _zip(Member(b"pipe.md", b"", mode=_FIFO)),
    "device": _zip(Member(b"zero.md", b"", mode=_DEVICE)),
    "socket": _zip(Member(b"socket.md", b"", mode=_SOCKET)),
    "case-collision": _zip_named("SKILL.md", "Skill.md"),
    "unicode-collision": _zip_named(*(unicodedata.normalize(form, "café.md") for form in ("NFC", "NFD"))),
    "duplicate": _zip_named("README.md"),
    "file-and-directory": _zip_named("notes", "notes/a.md"),
    "device-name": _zip_named("docs/aux.md"),
    "trailing-dot": _zip_named("docs./a.md"),
    "nul-in-name": _zip_named(b"good.md\0../../evil.md"),
    "control": _zip_named("\x1b[2Jclear.md"),
    "newline": _zip_named("new\nline.md"),
    "bidi": _zip_named("notes\u202edm.exe"),
    "invalid-utf8": _zip_named(b"caf\xe9.md"),
    "long-name": _zip_named("n" * 300),
    "deep": _zip_named("d/" * 200 + "deep.md"),
    "bomb": _zip_bomb,
    "overlapping": _zip_overlapping,
    "many-members": _zip_many,
    "many-members-hidden": _zip_many_hidden,
    "smaller-than-it-says": _zip(Member(b"extra.md", b"short", size=5_000)),
    "larger-than-it-says": _zip(Member(b"extra.md", b"x" * 5_000, size=10)),
    "packed-larger-than-it-says": _zip(Member(b"extra.md", bytes(range(256)), packed_size=10)),
    "wrong-checksum": _zip(Member(b"extra.md", crc=1)),
    "not-deflate": _zip(Member(b"extra.md", packed=b"\xff" * 40)),
    "two-names": _zip(Member(b"extra.md", local_name=b"../evil.md")),
    "offset-beyond-the-end": _zip(Member(b"extra.md", at=1 << 30)),
    "offset-into-another": _zip(Member(b"extra.md", at=7)),
    "encrypted": _zip(Member(b"extra.md", flags=0x1)),
    "encrypted-strongly": _zip(Member(b"extra.md", flags=0x41)),
    "unknown-method": _zip(Member(b"extra.md", method=99)),
    "deflate64": _zip(Member(b"extra.md", method=9)),
    "prefix": _zip(prefix=b"#!/bin/sh\necho evil\nexit\n"),
    "truncated": _zip_truncated,
    "end-only-cut": lambda: zip_of(PACK)[:-8],
    "directory-beyond-the-end": _zip(end=end_record(4, 400, 1 << 30)),
    "directory-larger-than-file": _zip(end=end_record(4, 1 << 30, 0)),
    "zip64-locator-to-nowhere": _zip(end=struct.pack("<4sIQI", b"PK\6\7", 0, 1 << 60, 1) + end_record(0xFFFF, 0, 0)),
    "several-disks": _zip(end=struct.pack("<4s4H2IH", b"PK\5\6", 3, 2, 4, 4, 200, 400, 0)),
    "empty": lambda: end_record(0, 0, 0),
    "only-directories": lambda: raw_zip([Member(b"docs/", b"", method=STORED, mode=stat.S_IFDIR | 0o755)]),
    "no-zip": lambda: b"PK\3\4" + b"not a zip at all" * 100,
    "nothing": lambda: b"",
}

ODD_ZIPS: dict[str, Build] = {
    "lying-bomb": _zip_lying_bomb,
    "packed-beyond-the-end": _zip(Member(b"extra.md", b"x", packed_size=1_000_000)),
    "trailing-bytes": _zip(suffix=b"something else\n" * 10),
    "two-directories": _zip_two_directories,
    "end-record-in-the-comment": _zip(comment=end_record(0, 0, 0)),
    "unicode-path-extra": _zip(
        Member(b"extra.md", extra=struct.pack("<2HBI", 0x7075, 15, 1, zlib.crc32(b"extra.md")) + b"../evil.md")
    ),
    "directory-that-climbs": _zip(Member(b"../", b"", method=STORED, mode=stat.S_IFDIR | 0o755)),
    "directory-with-content": _zip(Member(b"notes/", b"evil")),
    "symlink-of-another-system": _zip(Member(b"extra.md", b"/etc/passwd", mode=_LINK, system=0)),
    "old-code-page": _zip_named("extra.md"),
    "lzma": _zip(Member(b"extra.md", b"", method=14, packed=b"\x09\x04\x05\0\x5d\xff\xff\xff\xff" + bytes(20))),
    "local-size-differs": _zip(Member(b"extra.md", local_size=1)),
}

HARMLESS_ZIPS: dict[str, Build] = {
    "plain": lambda: zip_of(PACK),
    "top-directory": lambda: zip_of(PACK, TOP),
    "code-host": lambda: zip_of(PACK, TOP, comment=b"0" * 40),
    "with-directories": lambda: raw_zip([Member(b"docs/", b"", method=STORED, mode=stat.S_IFDIR | 0o755), *_members()]),
    "streamed": lambda: raw_zip([Member(item.name, item.content, descriptor=True) for item in _members()]),
    "stored": lambda: raw_zip([Member(item.name, item.content, method=STORED) for item in _members()]),
    "no-modes": lambda: raw_zip([Member(item.name, item.content, mode=0, system=0) for item in _members()]),
    "setuid": lambda: raw_zip([Member(item.name, item.content, mode=0o106755) for item in _members()]),
}


# -- tar -----------------------------------------------------------------------------------------------------------------------


def _tar(*more: bytes, top: str = "", end: bytes = _PADDING) -> Build:
    return lambda: gzipped(tar_of(PACK, top) + b"".join(more) + end)


def _tar_named(*names: str) -> Build:
    return _tar(*(tar_member(name, b"evil\n") for name in names))


def _tar_link(name: str, target: str, *more: bytes, kind: bytes = tarfile.SYMTYPE) -> Build:
    return _tar(tar_member(name, kind=kind, link=target), *more)


def pax(records: Mapping[str, str | bytes], *, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """A PAX header, which overrides what the header after it says."""
    lines = b""
    for key, value in records.items():
        record = b" " + key.encode() + b"=" + (value.encode() if isinstance(value, str) else value) + b"\n"
        length = len(record) + len(str(len(record)))
        lines += b"%d%b" % (length if len(str(length)) == len(str(len(record))) else length + 1, record)
    return tar_member("PaxHeaders/x", lines, kind=kind)


def _with_header_field(member: bytes, at: int, field: bytes) -> bytes:
    """A member with other bytes in its header, and the checksum that goes with them."""
    head = bytearray(member[:512])
    head[at : at + len(field)] = field
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + member[512:]


def _sized(size: bytes) -> Build:
    return _tar(_with_header_field(tar_member("extra.md", b"evil\n"), 124, size))


def _long_name(name: str) -> bytes:
    return tar_member("././@LongLink", name.encode() + b"\0", kind=tarfile.GNUTYPE_LONGNAME) + tar_member("good.md", b"evil\n")


def _tar_many() -> bytes:
    model = bytearray(tar_member("f000000"))
    model[148:156] = b" " * 8
    rest = sum(model) - sum(model[:7])
    members = []
    for number in range(MANY):
        name = b"f%06d" % number
        model[:7], model[148:156] = name, b"%06o\0 " % (rest + sum(name))
        members.append(bytes(model))
    return gzipped(b"".join([*members, _PADDING]))


def _tar_truncated() -> bytes:
    whole = targz_of(PACK, "")
    return whole[: len(whole) // 2]


def _tar_cut_inside() -> bytes:
    return gzipped(tar_of(PACK) + tar_member("extra.md", b"x" * 5_000)[:1_500])


def _tar_damaged_header() -> bytes:
    """The header in the middle has a wrong checksum: who stops there has half a pack and no error."""
    first, last = tar_member("cowork.plugin.json", PACK["cowork.plugin.json"].encode()), tar_member("README.md", b"Notes\n")
    return gzipped(first + last[:148] + b"000000\0 " + last[156:] + _PADDING)


def _tar_old_sparse() -> bytes:
    """GNU's old form: one hole of a terabyte."""
    member = _with_header_field(tar_member("extra.md", kind=tarfile.GNUTYPE_SPARSE), 257, b"ustar  \0")
    return _with_header_field(member, 483, b"\x80" + (1 << 40).to_bytes(11, "big"))


def _tar_new_sparse() -> bytes:
    records = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "../evil.md",
        "GNU.sparse.realsize": str(1 << 40),
    }
    return pax(records) + tar_member("extra.md", _blocks(b"1\n%d\n1\n" % (1 << 40)) + b"x")


def _pax_bomb() -> bytes:
    """A header that wants a gigabyte of memory."""
    return gzipped_zeros(tar_of(PACK) + tar_member("PaxHeaders/x", kind=tarfile.XHDTYPE, size=GIBI - 512), GIBI)


def _long_name_bomb() -> bytes:
    return gzipped_zeros(tar_of(PACK) + tar_member("././@LongLink", kind=tarfile.GNUTYPE_LONGNAME, size=GIBI - 512), GIBI)


def _links_through_links() -> list[bytes]:
    """Links so deep that resolving them exceeds the system's limit, and one that leaves by them."""
    members, path = [], ""
    for number in range(16):
        name = f"{number:x}" * 240
        members += [
            tar_member(path + name, kind=tarfile.DIRTYPE),
            tar_member(f"{path}l{number:x}", kind=tarfile.SYMTYPE, link=name),
        ]
        path += name + "/"
    out = tar_member("leave", kind=tarfile.SYMTYPE, link="/".join(f"l{number:x}" for number in range(16)) + "/../" * 16)
    return [*members, out, tar_member("leave/evil.md", b"evil\n")]


HOSTILE_TARS: dict[str, Build] = {
    "climb": _tar_named("../evil.md"),
    "climb-inside": _tar_named("docs/../../evil.md"),
    "absolute": _tar_named("/tmp/evil.md"),
    "drive": _tar_named("C:\\evil.md"),
    "backslash": _tar_named("..\\evil.md"),
    "double-slash": _tar_named("docs//evil.md"),
    "dot-git": _tar_named(".git/config"),
    "dot-git-upper": _tar_named("vendored/.GIT/hooks/post-checkout"),
    "dot-git-short": _tar_named("git~1/config"),
    "symlink": _tar_link("passwd.md", "/etc/passwd"),
    "symlink-within": _tar_link("again.md", "README.md"),
    "symlink-then-file": _tar_link("up", "..", tar_member("up/evil.md", b"evil\n")),
    "symlinks-through-symlinks": lambda: gzipped(tar_of(PACK) + b"".join(_links_through_links()) + _PADDING),
    "hardlink": _tar_link("passwd.md", "/etc/passwd", kind=tarfile.LNKTYPE),
    "hardlink-within": _tar_link("again.md", "README.md", kind=tarfile.LNKTYPE),
    "hardlink-then-file": _tar_link("x.md", "../x.md", tar_member("x.md", b"evil\n"), kind=tarfile.LNKTYPE),
    "fifo": _tar(tar_member("pipe.md", kind=tarfile.FIFOTYPE)),
    "character-device": _tar(tar_member("zero.md", kind=tarfile.CHRTYPE)),
    "block-device": _tar(tar_member("disk.md", kind=tarfile.BLKTYPE)),
    "case-collision": _tar_named("SKILL.md", "Skill.md"),
    "unicode-collision": _tar_named(*(unicodedata.normalize(form, "café.md") for form in ("NFC", "NFD"))),
    "duplicate": _tar_named("README.md"),
    "file-and-directory": _tar_named("notes", "notes/a.md"),
    "device-name": _tar_named("NUL"),
    "trailing-space": _tar_named("a.md "),
    "control": _tar_named("bell\x07.md"),
    "newline": _tar_named("new\nline.md"),
    "bidi": _tar_named("notes\u202edm.exe"),
    "invalid-utf8": _tar_named("caf\udce9.md"),
    "long-name": _tar_named("n" * 300),
    "deep": _tar_named("d/" * 200 + "deep.md"),
    "pax-path": _tar(pax({"path": "../evil.md"}), tar_member("good.md", b"evil\n")),
    "pax-path-absolute": _tar(pax({"path": "/tmp/evil.md"}), tar_member("good.md", b"evil\n")),
    "pax-path-with-nul": _tar(pax({"path": b"good.md\0../evil.md"}), tar_member("good.md", b"evil\n")),
    "pax-link": _tar(pax({"linkpath": "/etc/passwd"}), tar_member("good.md", kind=tarfile.SYMTYPE, link="README.md")),
    "pax-size-negative": _tar(pax({"size": "-512"}), tar_member("good.md", b"evil\n")),
    "pax-bomb": _pax_bomb,
    "pax-digits": _tar(tar_member("PaxHeaders/x", b"1" * 1_000_000, kind=tarfile.XHDTYPE), tar_member("good.md")),
    "long-name-header": _tar(_long_name("../evil.md")),
    "long-name-bomb": _long_name_bomb,
    "sparse": _tar(_tar_old_sparse()),
    "sparse-pax": _tar(_tar_new_sparse()),
    "negative-size": _sized(b"\xff" * 12),
    "negative-size-of-a-block": _sized(b"\xff" * 10 + b"\xfe\0"),
    "endless-size": _sized(b"\x80" + b"\x7f" * 11),
    "size-is-no-number": _sized(b"12 evil 12\0\0"),
    "bomb": lambda: gzipped_zeros(tar_of(PACK) + tar_member("zeros.md", size=GIBI), GIBI),
    "many-gzip-members": lambda: gzipped(tar_of(PACK) + tar_member("zeros.md", size=GIBI)) + gzipped(bytes(1 << 20)) * 1024,
    "many-members": _tar_many,
    "truncated": _tar_truncated,
    "cut-inside": _tar_cut_inside,
    "damaged-header": _tar_damaged_header,
    "wrong-checksum": lambda: targz_of(PACK, "")[:-8] + bytes(4) + targz_of(PACK, "")[-4:],
    "no-tar": lambda: gzipped(b"not a tar at all\n" * 100),
    "nothing-in-gzip": lambda: gzipped(b""),
    "only-the-end": lambda: gzipped(_PADDING),
    "not-gzip": lambda: lzma.compress(tar_of(PACK) + _PADDING),
    "only-gzip-magic": lambda: b"\x1f\x8b",
}

ODD_TARS: dict[str, Build] = {
    "no-end": _tar(end=b""),
    "members-after-the-end": _tar(_PADDING, tar_member("extra.md", b"x")),
    "lone-zero-block": _tar(bytes(512), tar_member("extra.md", b"x")),
    "zeros-after-the-end": lambda: gzipped_zeros(tar_of(PACK), GIBI),
    "bytes-after-gzip": lambda: targz_of(PACK, "") + b"something else",
    "unknown-type": _tar(tar_member("extra.md", b"x", kind=b"Z")),
    "contiguous": _tar(tar_member("extra.md", b"x", kind=tarfile.CONTTYPE)),
    "directory-that-climbs": _tar(tar_member("../up", kind=tarfile.DIRTYPE)),
    "directory-with-content": _tar(tar_member("notes", b"evil", kind=tarfile.DIRTYPE)),
    "pax-global-path": lambda: gzipped(pax({"path": "extra.md"}, kind=tarfile.XGLTYPE) + tar_of(PACK) + _PADDING),
}

HARMLESS_TARS: dict[str, Build] = {
    "plain": lambda: targz_of(PACK, ""),
    "top-directory": lambda: targz_of(PACK, TOP),
    "code-host": lambda: gzipped(pax({"comment": "0" * 40}, kind=tarfile.XGLTYPE) + tar_of(PACK, TOP) + _PADDING),
    "with-directories": lambda: gzipped(tar_member("docs", kind=tarfile.DIRTYPE, mode=0o755) + tar_of(PACK) + _PADDING),
    "setuid": lambda: gzipped(
        b"".join(tar_member(path, content.encode(), mode=0o6755) for path, content in PACK.items()) + _PADDING
    ),
    "two-gzip-members": lambda: gzipped(tar_of(PACK)) + gzipped(_PADDING),
}
