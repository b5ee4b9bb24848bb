"""The house's own rules: size of files and functions, one place for each thing, docs that are true."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.tools import events_page
from tests.tools.cli_page import page
from tests.tools.transcripts import differences

CODE = sorted((ROOT / "cowork").rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 300, 60


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_and_its_functions_fit(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, f"{node.name} does not fit a screen"


def test_only_rendering_and_the_hook_protocol_print() -> None:
    allowed = {"cowork/__main__.py", "cowork/hooks/fast.py"}
    for path in CODE:
        name = str(path.relative_to(ROOT))
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        ]
        assert not calls or name in allowed or name.startswith("cowork/render/"), name


def test_docs_of_the_command_line_are_those_of_the_program() -> None:
    assert (ROOT / "docs" / "cli.md").read_text() == page(), "run: make docs"


def test_docs_of_events_are_those_of_the_program() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == events_page.page(), "run: make docs"


def test_links_in_the_documents_lead_somewhere() -> None:
    for document in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document}: {target}"


def test_nothing_of_the_machine_is_in_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    words = re.compile(r"/root/|/home/\w|/work/|files\.pythonhosted|pypi\.org|registry\.npmjs|deb\.debian")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and name != "tests/contract/test_house.py":
            found = words.search(path.read_text(errors="replace"))
            assert not found, f"{name}: {found and found.group()}"


def test_every_pinned_version_is_pinned_once() -> None:
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and line[0] != "#"]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.]+", pin) for pin in pins)
    names = [re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins]
    assert len(names) == len(set(names))


PAGES = (
    *("README", "docs/debate", "docs/patterns", "docs/providers", "docs/packs", "docs/admin-policies", "docs/agents"),
    *("docs/tasks", "docs/loop-walk", "docs/testing-loops"),
)


@pytest.mark.parametrize("name", [f"{page}.md" for page in PAGES])
def test_transcripts_are_what_the_program_says(name: str) -> None:
    assert differences(ROOT / name) == [], f"run: python -m tests.tools.transcripts {name}"
