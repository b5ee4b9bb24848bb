"""What a file is by its bytes: programs, bytecode, archives, media, or text that only claims to be."""

from __future__ import annotations

from collections.abc import Iterator

from cowork.install.scan.kinds import is_text, names_text, suffix_of
from cowork.install.scan.rule import Hit, Rule, Severity

BINARY = Rule("scan.binary", "A pack brings no programs", "ship the source, or name a package that brings the program")
BYTECODE = Rule("scan.bytecode", "A pack brings no bytecode", "ship the source: bytecode may differ from the source beside it")
ARCHIVE = Rule("scan.nested_archive", "A pack brings no archives", "ship the files as files, so that they can be read")
OFFICE = Rule("scan.office_document", "Documents that are archives are worth a look", "ship a text form, or say what it is for")
OPAQUE = Rule("scan.opaque_file", "Files of a pack can be read", "ship a text form, or say in the README what it is")
POLYGLOT = Rule("scan.polyglot", "A file is what its name says", "give the file the name of what it is, or remove it")
NOT_UTF8 = Rule("scan.not_utf8", "Text is UTF-8", "save the file as UTF-8")
RULES = (BINARY, BYTECODE, ARCHIVE, OFFICE, OPAQUE, POLYGLOT, NOT_UTF8)

_PROGRAMS = {
    b"\x7fELF": "a program (ELF)",
    b"\xfe\xed\xfa\xce": "a program (Mach-O)",
    b"\xfe\xed\xfa\xcf": "a program (Mach-O)",
    b"\xce\xfa\xed\xfe": "a program (Mach-O)",
    b"\xcf\xfa\xed\xfe": "a program (Mach-O)",
    b"\xca\xfe\xba\xbe": "a program (Mach-O or Java)",
    b"dex\n03": "a program (Android)",
    b"\0asm": "a program (WebAssembly)",
    b"\x1bLua": "bytecode (Lua)",
    b"BC\xc0\xde": "bytecode (LLVM)",
}
_ARCHIVES = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "a zip archive",
    b"PK\x07\x08": "a zip archive",
    b"\x1f\x8b\x08": "gzip data",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ\0": "xz data",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"\x28\xb5\x2f\xfd": "zstd data",
    b"\x04\x22\x4d\x18": "lz4 data",
    b"LZIP": "lzip data",
    b"MSCF": "a cabinet archive",
    b"xar!": "a xar archive",
    b"!<arch>\n": "an ar archive",
    b"hsqs": "a squashfs image",
    b"070701": "a cpio archive",
    b"\x1f\x9d": "compressed data",
    b"\x5d\0\0\x80\0": "lzma data",
}
_MEDIA = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"wOFF",
    b"wOF2",
    b"OTTO",
    b"\0\1\0\0",
    b"\0\0\1\0",
    b"ID3",
    b"\xff\xfb",
    b"OggS",
    b"fLaC",
)
_OPAQUE = {b"%PDF-": "a PDF", b"SQLite format 3\0": "a database", b"\xd0\xcf\x11\xe0": "an old office document"}
_NAMES: dict[str, tuple[Rule, Severity]] = {
    **dict.fromkeys((".pyc", ".pyo", ".class"), (BYTECODE, "critical")),
    **dict.fromkeys(
        ".so .dll .dylib .exe .pyd .node .msi .scr .apk .ipa .dmg .app .deb .rpm .jar .war".split(), (BINARY, "critical")
    ),
    ".wasm": (BINARY, "warning"),
}
_DOCUMENTS = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".dotx", ".xltx", ".potx")
_WORDS = (b"BZh", b"LZIP", b"MSCF", b"xar!", b"hsqs")  # a text may begin like these
_ZIP_TAIL = 65_557
_HEAD = 4_096


def find(path: str, data: bytes) -> Iterator[Hit]:
    """What a file's bytes and the ending of its name say about it: the first thing that applies, from the worst on."""
    judged = _by_content(path, data) or _by_name(path) or _readable(path, data)
    if judged:
        rule, severity, message = judged
        yield Hit(rule, severity, 0, 1, message)


def program_or_archive(data: bytes) -> str | None:
    """What kind of program, bytecode or archive bytes are, by how they begin; None for anything else."""
    what = _starts(data, _PROGRAMS)
    if what or data[:2] != b"MZ":
        return what or _archive(data)
    at = int.from_bytes(data[0x3C:0x40], "little")
    return "a program (Windows)" if data[at : at + 4] == b"PE\0\0" or b"\0" in data[:64] else None


def _archive(data: bytes) -> str | None:
    what = _starts(data, _ARCHIVES)
    if (data.startswith(_WORDS) and b"\0" not in data[:1024]) or (what == "a cpio archive" and not data[:110].isalnum()):
        return None
    return what or ("a tar archive" if data[257:262] == b"ustar" else None)


def _starts(data: bytes, table: dict[bytes, str]) -> str | None:
    if not data.startswith(tuple(table)):
        return None
    return next(what for magic, what in table.items() if data.startswith(magic))


def _by_content(path: str, data: bytes) -> tuple[Rule, Severity, str] | None:
    what = program_or_archive(data)
    if what and what.endswith(("archive", "data", "image")):
        return _zip_document(path, data) or (ARCHIVE, "critical", f"this is {what}")
    if what:
        severity: Severity = "warning" if "WebAssembly" in what else "critical"
        return (BYTECODE if what.startswith("bytecode") else BINARY, severity, f"this is {what}")
    if data[2:4] == b"\r\n" and b"\0" in data[4:16]:
        return BYTECODE, "critical", "this is bytecode (Python)"
    if data.find(b"PK\x05\x06", max(0, len(data) - _ZIP_TAIL)) >= 0 and b"PK\x01\x02" in data:
        return ARCHIVE, "critical", "a zip archive hangs on the end of this file"
    return None


def _zip_document(path: str, data: bytes) -> tuple[Rule, Severity, str] | None:
    known = b"[Content_Types].xml" in data[:_HEAD] or data[30:38] == b"mimetype"
    if suffix_of(path) not in _DOCUMENTS or not known:
        return None
    if b"vbaProject.bin" in data:
        return OFFICE, "critical", "this document holds macros"
    return OFFICE, "warning", "this document is an archive that is not looked into"


def _by_name(path: str) -> tuple[Rule, Severity, str] | None:
    found = _NAMES.get(suffix_of(path))
    return None if found is None else (*found, "its name is that of a program or of bytecode")


def _readable(path: str, data: bytes) -> tuple[Rule, Severity, str] | None:
    opaque = _starts(data, _OPAQUE)
    if is_text(data) and not opaque:
        return _encoding(data)
    if names_text(path):
        return POLYGLOT, "critical", "the name promises text, but the content is binary"
    if opaque:
        return OPAQUE, "note", f"this is {opaque}, which is not looked into"
    media = data.startswith(_MEDIA) or data[4:8] == b"ftyp"
    return None if media else (OPAQUE, "warning", "this is binary data of an unknown kind")


def _encoding(data: bytes) -> tuple[Rule, Severity, str] | None:
    if data.isascii():
        return None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return NOT_UTF8, "warning", "the text is UTF-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return NOT_UTF8, "warning", f"line {line} is not UTF-8 (byte {error.start} of the file)"
    return None
