"""Worktrees of tasks."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import CoworkError
from cowork.loop.repository import readiness
from cowork.loop.repository.readiness import preflight
from cowork.loop.repository.worktrees import Stranded, Worktree, create, remove, slug, stranded
from tests.core.killing import Point, run_until
from tests.loop.repository.repositories import git, made, written

SESSION = "20260131-080500-3f9a1c"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return made(tmp_path / "project")


def created(project: Path, task: str = "T-1") -> Worktree:
    return asyncio.run(create(project, SESSION, task))


def code_of(project: Path, **more: Any) -> str:
    with pytest.raises(CoworkError) as caught:
        asyncio.run(preflight(project, **more))
    return caught.value.code


def test_a_project_is_ready_when_its_tree_is_clean(project: Path) -> None:
    written(project, {".cowork/progress.md": "x", ".cowork/sessions/x": "y", "z.log": "ignored"})
    ready = asyncio.run(preflight(project, workers=3))
    assert (ready.branch, ready.head) == ("main", git(project, "rev-parse", "HEAD"))


def test_what_is_in_the_way_is_named(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of(tmp_path) == "loop.no_repository"
    git(tmp_path, "init", "-q", "empty")
    assert code_of(tmp_path / "empty") == "loop.no_commit"
    written(project, {"new": "x"})
    assert code_of(project) == "loop.dirty_tree"
    (project / "new").unlink()
    (project / "a.txt").unlink()
    assert code_of(project) == "loop.dirty_tree"
    git(project, "checkout", "-q", "--", ".")
    git(project, "checkout", "-q", "--detach")
    assert code_of(project) == "loop.detached_head"
    git(project, "checkout", "-q", "main")
    (project / ".git/MERGE_HEAD").write_text(git(project, "rev-parse", "HEAD"))
    assert code_of(project) == "loop.under_way"
    (project / ".git/MERGE_HEAD").unlink()
    monkeypatch.setattr(readiness, "LEAST_ROOM_BYTES", 2**60)
    assert code_of(project) == "loop.no_room"


def test_a_worktree_begins_with_the_last_commit_on_a_branch_of_its_own(project: Path, home: Path) -> None:
    tree = created(project)
    assert tree.path == tree.directory == home / "sessions" / SESSION / "worktrees" / slug("T-1")
    assert git(tree.path, "symbolic-ref", "--short", "HEAD") == tree.branch == f"cowork/{SESSION}/{slug('T-1')}"
    assert (tree.path / "b/c.txt").read_text() == "two\n"
    assert git(project, "status", "--porcelain") == ""


def test_made_again_it_is_found_with_what_is_in_it(project: Path) -> None:
    tree = created(project)
    written(tree.path, {"a.txt": "half", "new": "x"})
    written(project, {"a.txt": "main went on\n"})
    git(project, "commit", "-qam", "on")
    assert created(project) == tree
    assert ((tree.path / "a.txt").read_text(), (tree.path / "new").read_text()) == ("half", "x")


def test_a_project_within_a_repository_has_its_directory_there(project: Path) -> None:
    tree = created(project / "b")
    assert tree.directory == tree.path / "b"
    assert (tree.directory / "c.txt").exists()


def test_several_are_made_at_once(project: Path) -> None:
    async def all_of_them() -> list[Worktree]:
        return await asyncio.gather(*(create(project, SESSION, f"t{number % 3}") for number in range(6)))

    assert len({tree.path for tree in asyncio.run(all_of_them())}) == 3


def test_a_directory_that_is_gone_comes_again_with_its_commits(project: Path) -> None:
    tree = created(project)
    written(tree.path, {"new": "x"})
    git(tree.path, "add", "-A")
    git(tree.path, "commit", "-qm", "x")
    shutil.rmtree(tree.path)
    assert (created(project).path / "new").read_text() == "x"


def test_what_stands_in_its_place_is_moved_aside(project: Path) -> None:
    tree = created(project)
    (tree.path / ".git").unlink()
    written(tree.path, {"precious": "x"})
    created(project)
    assert [path.read_text() for path in tree.path.parent.glob("*.aside.*/precious")] == ["x"]
    assert git(tree.path, "status", "--porcelain") == ""


def test_one_that_was_half_made_is_made_anew(project: Path) -> None:
    tree = created(project)
    (project / ".git/worktrees" / tree.path.name / "locked").write_text("initializing")
    (tree.path / "a.txt").unlink()
    created(project)
    assert (tree.path / "a.txt").exists()
    assert git(tree.path, "status", "--porcelain") == ""


CODE = """
import asyncio, sys
from pathlib import Path
from cowork.loop.repository.worktrees import create
armed()
asyncio.run(create(Path(sys.argv[1]), "s", sys.argv[2]))
"""


def test_killed_while_it_is_made_it_is_made_all_the_same(tmp_path: Path) -> None:
    """The git that was at work goes on alone: it is ended before anything is made anew."""
    project = made(tmp_path / "large", {f"{number}/{number}": "x" * 100 for number in range(500)})
    for count in range(1, 50):
        killed = run_until(Point("c_return", "fork_exec", count), CODE, str(project), f"t{count}")
        tree = asyncio.run(create(project, "s", f"t{count}"))
        assert git(tree.path, "status", "--porcelain") == ""
        assert git(tree.path, "symbolic-ref", "--short", "HEAD") == tree.branch
        if not killed:
            assert count > 3
            return
    raise AssertionError("it never came to its end")


def test_no_hook_of_the_project_runs_for_it(project: Path, tmp_path: Path) -> None:
    written(project, {".git/hooks/post-checkout": f"#!/bin/sh\ntouch {tmp_path}/ran\n"})
    (project / ".git/hooks/post-checkout").chmod(0o755)
    created(project)
    assert not (tmp_path / "ran").exists()


def test_it_is_removed_when_nothing_would_be_lost(project: Path) -> None:
    tree = created(project)
    written(tree.path, {"x.log": "ignored", ".cowork/progress.md": "ours"})
    assert asyncio.run(remove(tree)) is None
    assert not tree.path.exists()
    assert git(project, "branch", "--list", "cowork/*") == ""
    assert asyncio.run(remove(tree)) is None  # again


def test_it_is_kept_while_something_would_be_lost(project: Path) -> None:
    tree = created(project)
    written(tree.path, {"new": "x"})
    assert asyncio.run(remove(tree)) == "1 files in it are not committed"
    git(tree.path, "add", "-A")
    git(tree.path, "commit", "-qm", "x")
    assert asyncio.run(remove(tree)) == "it is not merged"
    git(tree.path, "checkout", "-q", "--detach")
    git(tree.path, "branch", "-f", tree.branch, "main")
    assert asyncio.run(remove(tree)) == "it is not merged"  # a commit that no branch holds
    assert (tree.path / "new").exists()
    git(project, "merge", "-q", git(tree.path, "rev-parse", "HEAD"))
    assert asyncio.run(remove(tree)) is None


def test_what_is_stranded_is_listed(project: Path) -> None:
    trees = [created(project, task) for task in ("clean", "dirty", "done", "gone")]
    written(trees[1].path, {"new": "x"})
    for tree in trees[2:]:
        written(tree.path, {"new": tree.task})
        git(tree.path, "add", "-A")
        git(tree.path, "commit", "-qm", "x")
    git(project, "worktree", "remove", "--force", str(trees[3].path))
    git(project, "branch", "cowork/another/session", trees[2].branch)
    assert asyncio.run(stranded(project, SESSION)) == (
        Stranded(trees[1].branch, trees[1].path, 0, 1),
        Stranded(trees[2].branch, trees[2].path, 1, 0),
        Stranded(trees[3].branch, None, 1, 0),
    )


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_slug_is_a_name_and_no_two_texts_have_one(one: str, other: str) -> None:
    assert slug(one).replace("-", "").isalnum()
    assert slug(one).isascii()
    assert not slug(one).startswith("-")
    assert (slug(one) == slug(other)) == (one.encode("utf-8", "replace") == other.encode("utf-8", "replace"))
