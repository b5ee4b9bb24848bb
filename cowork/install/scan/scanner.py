"""The scanner: every file whole, every rule, nothing run, nothing asked of the network, the same answer every time.

What it finds is worth a look, and what it does not find proves nothing: text can always be written so that no rule knows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cowork.core.files import read_regular
from cowork.install.scan import (
    access,
    allowances,
    autorun,
    contents,
    damage,
    domains,
    downloads,
    encoded,
    hidden,
    layout,
    markup,
    prompts,
    secrets,
)
from cowork.install.scan.finding import Finding, Hit, Rule, ScanReport
from cowork.install.scan.places import findings
from cowork.install.scan.rules import TOO_LARGE, UNREADABLE
from cowork.install.scan.text import Text
from cowork.install.tree import TreeFile

LARGEST = 8 * 1024 * 1024
"""A larger file is not read in part: that it could not be scanned is the finding."""

Allowed = Mapping[tuple[str, str], str]

_SHOWN_TEXT = (hidden, layout)
_ALL_TEXT = (downloads, damage, access, encoded, prompts, markup, secrets)


def scan(root: Path, files: Sequence[TreeFile], allowed: Allowed | None = None) -> ScanReport:
    """What is worth a look in `files` below `root`. Raises nothing for what the files hold.

    `allowed` are the reasons by rule and digest; without it those of the user, or none when their file is corrupt.
    """
    reasons = allowances.read().reasons if allowed is None else allowed
    declared = domains.declared_hosts(_manifests(root, files))
    found: list[Finding] = []
    size = 0
    for file in sorted(files, key=lambda item: item.path):
        data = _read(root / file.path)
        size += len(data) if isinstance(data, bytes) else 0
        found += _scan_file(file.path, data, root, declared, reasons)
    return report(found, len(files), size)


def report(found: Sequence[Finding], files: int, size: int) -> ScanReport:
    """A report of findings, counted."""
    open_ = [item.severity for item in found if item.allowed is None]
    counts = (open_.count("critical"), open_.count("warning"), open_.count("note"))
    return ScanReport(tuple(found), files, size, *counts)


def _scan_file(path: str, data: bytes | Rule, root: Path, declared: frozenset[str], reasons: Allowed) -> list[Finding]:
    if isinstance(data, Rule):
        digest = _digest(root / path)
        message = f"it is larger than {LARGEST:,} bytes and was not scanned" if data is TOO_LARGE else "it could not be scanned"
        return findings([Hit(data, "critical", 0, 1, message, "")], path, "", digest, reasons)
    raw = _decoded(data)
    return findings(_hits(path, data, raw, declared), path, raw, hashlib.sha256(data).hexdigest(), reasons)


def _hits(path: str, data: bytes, raw: str, declared: frozenset[str]) -> Iterator[Hit]:
    readable = contents.is_text(data)
    text = Text(path, raw, None if readable else "data")
    yield from contents.find(path, data)
    yield from autorun.find(path, raw)
    for module in _ALL_TEXT:  # in programs and pictures too: text hides there as well
        yield from module.find(text)
    if readable:
        for module in _SHOWN_TEXT:
            yield from module.find(text)
        yield from domains.find(text, declared)


def _decoded(data: bytes) -> str:
    """A file's text without a byte order mark; a byte that is no UTF-8 becomes one lone surrogate."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")


def _manifests(root: Path, files: Sequence[TreeFile]) -> Iterator[str]:
    for file in files:
        data = _read(root / file.path) if domains.is_manifest(file.path) else None
        if isinstance(data, bytes):
            yield _decoded(data)


def _read(path: Path) -> bytes | Rule:
    try:
        data = read_regular(path, LARGEST)
    except OSError:
        return UNREADABLE
    return data if len(data) <= LARGEST else TOO_LARGE


def _digest(path: Path) -> str:
    """The SHA-256 of a file of any size; empty when it cannot be read, and then nobody can allow it."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
