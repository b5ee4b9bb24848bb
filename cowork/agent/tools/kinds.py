"""What a file is that is not text, told by how it begins."""

from __future__ import annotations

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a bitmap image"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive (or an office document, a wheel, a jar)"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"BZh", "bzip2-compressed data"),
    (b"\xfd7zXZ\x00", "xz-compressed data"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x7fELF", "an ELF program or library"),
    (b"MZ", "a Windows program or library"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O program or library"),
    (b"\xca\xfe\xba\xbe", "a Java class or a Mach-O program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x00asm", "a WebAssembly module"),
    (b"OggS", "an Ogg recording"),
    (b"ID3", "an MP3 recording"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
)
LOOK = 8192
"""How many bytes decide whether a file is text."""


def binary_kind(start: bytes) -> str | None:
    """What a file that starts so is, or None when it may be text. Short marks count only where a NUL shows it is no text."""
    nul = b"\0" in start
    for mark, kind in _BEGINNINGS:
        if start.startswith(mark) and (nul or len(mark) >= 5 or not _is_text(mark)):
            return kind
    if start[257:262] == b"ustar":
        return "a tar archive"
    return "binary data" if nul else None


def _is_text(mark: bytes) -> bool:
    return mark.isascii() and mark.decode().isprintable()
