"""What the mode `acceptEdits` still asks about, and what skills may write without."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.gates import gate_with


def allowed(workspace: Path, path: str) -> bool:
    """Whether a file is written while nobody is there to be asked."""
    judge = gate_with(workspace, None, lambda _event: None, mode="acceptEdits")
    return judge("Write", file_path=str(workspace / path), content="x").allowed


@pytest.mark.parametrize("path", ["notes.md", ".cowork/artifacts/twin-pr-triage/pr-triage.md", "sub/.cowork/artifacts/x.md"])
def test_files_and_artifacts_are_written(path: str, tmp_path: Path) -> None:
    assert allowed(tmp_path, path)


@pytest.mark.parametrize(
    "path",
    [
        ".cowork/hooks.json",
        ".cowork/Artifacts/x.md",
        ".cowork/artifacts/../hooks.json",
        ".cowork/artifacts/.claude/settings.json",
        ".cowork/artifacts/.cowork/hooks.json",
        ".cowork/extensions/.cowork/artifacts/x",
        ".COWORK/hooks.json",
        ".git/hooks/pre-commit",
    ],
)
def test_what_may_run_something_later_is_asked_about(path: str, tmp_path: Path) -> None:
    assert not allowed(tmp_path, path)


def test_artifacts_that_are_a_link_are_judged_by_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".cowork").mkdir()
    (tmp_path / ".cowork" / "artifacts").symlink_to(tmp_path / ".claude")

    assert not allowed(tmp_path, ".cowork/artifacts/settings.json")
