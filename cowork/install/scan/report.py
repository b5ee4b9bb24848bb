"""The answer of the scanner, in a module of its own: for most packs it is all that is ever said about findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cowork.install.scan.finding import Finding


class ScanReport(NamedTuple):
    """Findings sorted by file, line, column and rule. The three counts leave out what is allowed; `bytes` are those read."""

    findings: tuple[Finding, ...]
    files: int
    bytes: int
    critical: int
    warnings: int
    notes: int


def report(found: Sequence[Finding], files: int, size: int) -> ScanReport:
    """A report of findings, counted."""
    open_ = [item.severity for item in found if item.allowed is None]
    counts = (open_.count("critical"), open_.count("warning"), open_.count("note"))
    return ScanReport(tuple(found), files, size, *counts)
