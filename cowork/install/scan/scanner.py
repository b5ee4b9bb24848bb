"""The scanner: every file whole, every rule, nothing run, nothing asked of the network, the same answer every time.

What it finds is worth a look, and what it does not find proves nothing: text can always be written so that no rule knows it.
Whoever installs waits for it, so most files get a first look only, and what that does not need is not even loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cowork.install.scan.first_look import suspects
from cowork.install.scan.reading import read
from cowork.install.scan.report import ScanReport, report

if TYPE_CHECKING:
    from cowork.install.scan.finding import Finding
    from cowork.install.scan.second_look import SecondLook
    from cowork.install.tree import TreeFile

LARGEST = 8 * 1024 * 1024
"""A larger file is not read in part: that it could not be scanned is the finding."""

Allowed = Mapping[tuple[str, str], str]


def scan(root: Path, files: Sequence[TreeFile], allowed: Allowed | None = None) -> ScanReport:
    """What is worth a look in `files` below `root`. Raises nothing for what the files hold.

    `allowed` are the reasons by rule and digest; without it those of the user, or none when their file is corrupt.
    """

    @cache
    def rules() -> SecondLook:
        from cowork.install.scan.second_look import SecondLook

        return SecondLook(root, files, allowed, LARGEST)

    found: list[Finding] = []
    size = 0
    for file in sorted(files, key=lambda item: item.path):
        try:
            data = read(f"{root}/{file.path}", LARGEST)
        except OSError:
            found += rules().not_read(file.path, too_large=False)
            continue
        if len(data) > LARGEST:
            found += rules().not_read(file.path, too_large=True)
            continue
        size += len(data)
        modules = suspects(file.path, data)
        if modules:
            found += rules().findings(file.path, data, modules)
    return report(found, len(files), size)
