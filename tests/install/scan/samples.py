"""Files for the scanner, and what it says about them."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest

from cowork.install.scan import scanner as scanning
from cowork.install.scan.finding import Finding
from cowork.install.scan.report import ScanReport
from cowork.install.scan.second_look import MODULES, SecondLook
from cowork.install.tree import TreeFile

Content = str | bytes


def scan_files(root: Path, files: dict[str, Content]) -> ScanReport:
    """The report on these files, with nothing allowed: the same as if every rule had looked at every file."""
    tree = []
    for name, content in files.items():
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        tree.append(TreeFile(name, len(data)))
    report = scanning.scan(root, tree, {})
    if all(file.size <= scanning.LARGEST for file in tree):
        assert list(report.findings) == thorough(root, tree)
    return report


def thorough(root: Path, files: list[TreeFile]) -> list[Finding]:
    """What all rules find in files, none left out by a first look."""
    rules = SecondLook(root, files, {}, scanning.LARGEST)
    read = [(file.path, (root / file.path).read_bytes()) for file in sorted(files, key=lambda item: item.path)]
    return [finding for path, data in read for finding in rules.findings(path, data, MODULES)]


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
