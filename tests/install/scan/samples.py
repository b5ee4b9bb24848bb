"""Files for the scanner, and what it says about them."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest

from cowork.install.scan.finding import Finding
from cowork.install.scan.report import ScanReport
from cowork.install.scan.scanner import scan
from cowork.install.tree import TreeFile

Content = str | bytes


def scan_files(root: Path, files: dict[str, Content]) -> ScanReport:
    """The report on these files, with nothing allowed."""
    tree = []
    for name, content in files.items():
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        tree.append(TreeFile(name, len(data)))
    return scan(root, tree, {})


class Scanner:
    """Scans one file at a time in a directory of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def findings(self, content: Content, name: str = "SKILL.md") -> tuple[Finding, ...]:
        return scan_files(self.root, {name: content}).findings

    def severities(self, rule: str, content: Content, name: str = "SKILL.md") -> list[str]:
        """How bad the findings of one rule are, in the order of their places."""
        return [item.severity for item in self.findings(content, name) if item.rule == f"scan.{rule}"]

    def worst(self, rule: str, content: Content, name: str = "SKILL.md") -> str | None:
        found = self.severities(rule, content, name)
        return min(found, key=("critical", "warning", "note").index) if found else None


@pytest.fixture
def scanner(tmp_path: Path) -> Scanner:
    return Scanner(tmp_path / "pack")


def letters(count: int, alphabet: str = string.ascii_letters + string.digits, seed: int = 7) -> str:
    """The same mix of characters every time: what a token is made of, and no token of anybody's."""
    return "".join(random.Random(seed).choices(alphabet, k=count))
