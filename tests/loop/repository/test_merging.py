"""Merging the worktrees of tasks into the project."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError
from cowork.loop.checking import CheckResult, check
from cowork.loop.repository import merging
from cowork.loop.repository.merging import Check, Merge, merge, recover
from cowork.loop.repository.worktrees import Worktree, create, remove, stranded
from tests.core.killing import Point, run_until
from tests.loop.repository.repositories import git, made, written

SESSION = "s1"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return made(tmp_path / "project")


def worked(project: Path, task: str, files: dict[str, str]) -> Worktree:
    """A task's worktree with files that nobody has committed yet."""
    tree = asyncio.run(create(project, SESSION, task))
    written(tree.path, files)
    return tree


def checks(*commands: str) -> Check:
    async def run(directory: Path) -> Sequence[CheckResult]:
        return await check(commands, directory, timeout_s=20, journalled=lambda _kind, _data: None, where={})

    return run


def merged(tree: Worktree, check: Check | None = None, target: str = "main") -> Merge:
    return asyncio.run(merge(tree, target=target, title="feat: it", check=check))


def is_untouched(project: Path, before: str) -> None:
    assert git(project, "rev-parse", "HEAD") == before
    assert git(project, "status", "--porcelain") == ""


def is_kept(tree: Worktree) -> None:
    """The worktree is on its branch, clean, with its work committed; nothing says that a merge is under way."""
    assert git(tree.path, "symbolic-ref", "--short", "HEAD") == tree.branch
    assert git(tree.path, "status", "--porcelain") == ""
    assert not tree.note.exists()


def test_what_is_left_is_committed_and_merged_with_a_merge_commit(project: Path) -> None:
    before = git(project, "rev-parse", "HEAD")
    tree = worked(project, "t1", {"new": "x", ".cowork/progress.md": "ours", "b/c.txt": "changed\n"})
    done = merged(tree)
    assert done == Merge("merged", git(project, "rev-parse", "HEAD"))
    assert git(project, "log", "-1", "--format=%P %s").split(" ", 2)[::2] == [before, "Merge t1: feat: it"]
    assert ((project / "new").read_text(), (project / "b/c.txt").read_text()) == ("x", "changed\n")
    assert git(project, "status", "--porcelain") == ""
    assert not (project / ".cowork").exists()
    assert asyncio.run(remove(tree)) is None


def test_merged_again_it_is_found_merged(project: Path) -> None:
    tree = worked(project, "t1", {"new": "x"})
    done = merged(tree)
    written(project, {"a.txt": "on"})
    git(project, "commit", "-qam", "on")
    assert merged(tree) == done


def test_nothing_to_merge_is_said(project: Path) -> None:
    assert merged(worked(project, "t1", {})) == Merge("empty")


def test_tasks_are_merged_one_at_a_time(project: Path) -> None:
    trees = [worked(project, f"t{number}", {f"new{number}": "x"}) for number in range(3)]

    async def all_of_them() -> list[Merge]:
        return await asyncio.gather(*(merge(tree, target="main", check=checks("true")) for tree in trees))

    assert [done.status for done in asyncio.run(all_of_them())] == ["merged"] * 3
    assert {"new0", "new1", "new2"} <= {path.name for path in project.iterdir()}
    assert len(git(project, "log", "--merges", "--format=%H").split()) == 3
    assert asyncio.run(stranded(project, SESSION)) == ()


def test_a_conflict_is_told_and_changes_nothing(project: Path) -> None:
    first, second = (worked(project, task, {"a.txt": task, "b/é c": task}) for task in ("t1", "t2"))
    assert merged(first).status == "merged"
    before = git(project, "rev-parse", "HEAD")
    done = merged(second)
    assert (done.status, done.files, done.commit) == ("conflict", ("a.txt", "b/é c"), None)
    assert done.message == "in conflict with main: a.txt, b/é c"
    is_untouched(project, before)
    is_kept(second)
    assert (second.path / "a.txt").read_text() == "t2"
    assert [item.branch for item in asyncio.run(stranded(project, SESSION))] == [second.branch]
    assert asyncio.run(remove(second)) == "it is not merged"


def test_checks_judge_the_merged_tree_before_the_project_has_it(project: Path) -> None:
    first, second = worked(project, "t1", {"one": "x"}), worked(project, "t2", {"two": "x"})
    assert merged(first, checks("test -e one && ! test -e two")).status == "merged"
    before = git(project, "rev-parse", "HEAD")
    done = merged(second, checks("test -e one && test -e two", "echo x > a.txt; echo y > junk; exit 3", "exit 4"))
    assert (done.status, [result.status for result in done.checks]) == ("checks", [3, 4])
    is_untouched(project, before)
    assert git(second.path, "status", "--porcelain") == "?? junk"
    assert (second.path / "a.txt").read_text() == "one\n"
    assert merged(second, checks("true")).status == "merged"


def test_work_of_the_user_is_never_lost(project: Path) -> None:
    tree = worked(project, "t1", {"a.txt": "the agent's\n", "new": "the agent's", "x.log.d": "y"})
    written(project, {"a.txt": "the user's\n"})
    done = merged(tree)
    assert (done.status, done.message) == ("refused", "the project has changes that are not committed: a.txt")
    assert (project / "a.txt").read_text() == "the user's\n"
    git(project, "checkout", "-q", "--", "a.txt")
    written(project, {"new": "the user's"})  # that nobody tracks
    done = merged(tree)
    assert (done.status, "would be overwritten by merge" in done.message) == ("refused", True)
    assert (project / "new").read_text() == "the user's"
    (project / "new").unlink()
    is_untouched(project, git(project, "rev-parse", "HEAD"))
    is_kept(tree)
    assert merged(tree).status == "merged"


def test_an_ignored_file_of_the_user_is_not_written_over(project: Path) -> None:
    tree = worked(project, "t1", {})
    written(tree.path, {"env": "the agent's"})
    git(tree.path, "add", "-f", "env")
    written(project, {"env": "the user's secret"})
    assert merged(tree).status == "refused"
    assert (project / "env").read_text() == "the user's secret"


def test_edits_made_while_the_checks_run_are_not_lost(project: Path) -> None:
    tree = worked(project, "t1", {"a.txt": "the agent's\n"})
    done = merged(tree, checks(f"echo mine > {project}/a.txt"))
    assert (done.status, (project / "a.txt").read_text()) == ("refused", "mine\n")
    is_kept(tree)


def test_a_commit_made_while_the_checks_run_is_merged_with(project: Path) -> None:
    tree = worked(project, "t1", {"new": "x"})
    once = f"test -e {project}/on || (cd {project} && touch on && git add on && git commit -qm on)"
    assert merged(tree, checks(once, "test -e new")).status == "merged"
    assert ((project / "on").exists(), (project / "new").exists()) == (True, True)
    always = f"cd {project} && git commit -q --allow-empty -m on"
    done = merged(worked(project, "t2", {"two": "x"}), checks(always))
    assert (done.status, done.message) == ("error", "main moved on again and again while it was merged")


def test_it_is_merged_into_the_branch_that_was_meant(project: Path) -> None:
    tree = worked(project, "t1", {"new": "x"})
    git(project, "checkout", "-qb", "elsewhere")
    assert merged(tree).message == "the project is on elsewhere now, and no longer on main"
    git(project, "checkout", "-q", "--detach")
    assert merged(tree).message == "the project is on no branch now, and no longer on main"


def test_a_merge_of_the_users_own_is_left_alone(project: Path) -> None:
    git(project, "checkout", "-qb", "side")
    written(project, {"a.txt": "side\n"})
    git(project, "commit", "-qam", "side")
    git(project, "checkout", "-q", "main")
    written(project, {"a.txt": "main\n"})
    git(project, "commit", "-qam", "main")
    tree = worked(project, "t1", {"new": "x"})
    git(project, "merge", "side", ok=False)
    conflicted = (project / "a.txt").read_text()
    assert merged(tree).message == "a merge is under way in the project"
    asyncio.run(recover(project, SESSION))
    assert (project / ".git/MERGE_HEAD").exists()
    assert (project / "a.txt").read_text() == conflicted


def test_an_agent_may_commit_and_change_branches_as_it_likes(project: Path) -> None:
    tree = worked(project, "t1", {"one": "x"})
    git(tree.path, "checkout", "-qb", "my-idea")
    git(tree.path, "add", "-A")
    git(tree.path, "commit", "-qm", "one")
    written(tree.path, {"two": "x"})
    git(tree.path, "checkout", "-q", "--detach")
    assert merged(tree).status == "merged"
    assert ((project / "one").exists(), (project / "two").exists()) == (True, True)
    other = worked(project, "t2", {"three": "x"})
    git(other.path, "add", "-A")
    git(other.path, "commit", "-qm", "three")
    git(other.path, "checkout", "-q", "--orphan", "fresh")
    assert "does not hold it" in merged(other).message


def test_a_hook_that_refuses_the_commit_keeps_the_branch(project: Path) -> None:
    tree = worked(project, "t1", {"new": "x"})
    written(project, {".git/hooks/pre-commit": "#!/bin/sh\necho error: no >&2; exit 1\n"})
    (project / ".git/hooks/pre-commit").chmod(0o755)
    assert merged(tree).message == "it cannot be committed: error: no"
    assert (tree.path / "new").read_text() == "x"


def test_a_project_within_a_repository(tmp_path: Path) -> None:
    top = made(tmp_path / "top")
    tree = worked(top / "b", "t1", {"b/new": "x", "b/.cowork/progress.md": "ours"})
    assert merged(tree, checks("test -e new")).status == "merged"
    assert (top / "b/new").exists()
    assert git(top, "status", "--porcelain") == ""


def test_cancelled_while_it_checks_it_leaves_nothing_half_done(project: Path) -> None:
    tree = worked(project, "t1", {"new": "x"})
    before = git(project, "rev-parse", "HEAD")

    async def cancelled() -> None:
        started = asyncio.create_task(merge(tree, target="main", check=checks("touch started; sleep 600")))
        while not (tree.path / "started").exists():
            await asyncio.sleep(0.01)
        started.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await started
        assert started.cancelled()

    asyncio.run(cancelled())
    (tree.path / "started").unlink()
    is_untouched(project, before)
    is_kept(tree)


def noted(tree: Worktree, project: Path) -> tuple[str, str]:
    """The state of a process that was killed just before it forwarded: the commits before and after."""
    git(tree.path, "add", "-A")
    git(tree.path, "commit", "-qm", "work")
    before, tip = git(project, "rev-parse", "HEAD"), git(tree.path, "rev-parse", "HEAD")
    git(tree.path, "checkout", "-q", "--detach", before)
    git(tree.path, "merge", "-q", "--no-ff", "-m", "merge", tip)
    after = git(tree.path, "rev-parse", "HEAD")
    note = {"task": tree.task, "target": "main", "before": before, "tip": tip, "merged": after}
    tree.note.write_text(json.dumps(note))
    return before, after


WORK = {"a.txt": "changed " * 1000, "d/e/new": "new " * 1000, "z": "z"}


@pytest.mark.parametrize("how_far", ["nothing", "one file", "part of a file", "all files", "index", "index, lock", "one, lock"])
def test_half_of_a_forwarding_is_undone(project: Path, how_far: str) -> None:
    """What a git leaves that is killed while it forwards: files, then the index, then the branch."""
    tree = worked(project, "t1", WORK)
    (tree.path / "b/c.txt").unlink()
    before, after = noted(tree, project)
    if how_far in ("one file", "all files", "one, lock"):
        written(project, {"a.txt": WORK["a.txt"]})
        (project / "b/c.txt").unlink()
    if how_far == "all files":
        written(project, WORK)
    if how_far == "part of a file":
        written(project, {"a.txt": WORK["a.txt"][:100], "d/e/new": ""})
    if how_far.startswith("index"):
        git(project, "read-tree", "-m", "-u", before, after)
    if how_far.endswith("lock"):
        (project / ".git/index.lock").touch()
        long_ago = time.time() - 30
        for path in (tree.note, project / ".git/index.lock"):
            os.utime(path, (long_ago, long_ago))
    asyncio.run(recover(project, SESSION))
    is_untouched(project, before)
    is_kept(tree)
    assert not (project / "d").exists()
    assert merged(tree).status == "merged"
    assert (project / "d/e/new").read_text() == WORK["d/e/new"]


def test_half_of_a_forwarding_that_the_user_went_on_with_is_left_to_them(project: Path) -> None:
    tree = worked(project, "t1", WORK)
    noted(tree, project)
    written(project, {"a.txt": "the user's", "z": WORK["z"], "new": "also theirs"})
    with pytest.raises(CoworkError) as caught:
        asyncio.run(recover(project, SESSION))
    assert (caught.value.code, caught.value.details["files"]) == ("loop.merge_unclear", ["a.txt"])
    assert ((project / "a.txt").read_text(), (project / "z").read_text()) == ("the user's", "z")
    git(project, "checkout", "-q", "--", "a.txt")
    asyncio.run(recover(project, SESSION))
    assert git(project, "status", "--porcelain") == "?? new"


def test_a_new_file_of_the_users_is_no_half_of_anything(project: Path) -> None:
    tree = worked(project, "t1", WORK)
    noted(tree, project)
    written(project, {"z": "the user's", "a.txt": WORK["a.txt"]})
    asyncio.run(recover(project, SESSION))
    assert git(project, "status", "--porcelain") == "?? z"
    assert (project / "z").read_text() == "the user's"


def test_a_lock_that_is_not_ours_stays(project: Path) -> None:
    tree = worked(project, "t1", WORK)
    noted(tree, project)
    (project / ".git/index.lock").touch()
    os.utime(project / ".git/index.lock", (1, 1))
    with contextlib.suppress(CoworkError):
        asyncio.run(recover(project, SESSION))
    assert (project / ".git/index.lock").exists()


def test_a_note_that_says_nothing_is_named(project: Path) -> None:
    tree = worked(project, "t1", WORK)
    tree.note.write_text('{"task": 1}')
    with pytest.raises(CoworkError) as caught:
        asyncio.run(recover(project, SESSION))
    assert str(tree.note) in caught.value.message


CODE = """
import asyncio, sys
from pathlib import Path
from cowork.loop.repository.merging import merge
from cowork.loop.repository.worktrees import create

async def work():
    tree = await create(Path(sys.argv[1]), "s1", sys.argv[2])
    (tree.path / sys.argv[2]).write_text("done")
    (tree.path / "a.txt").write_text(sys.argv[2])
    armed()
    return await merge(tree, target="main")
print(asyncio.run(work()))
"""


def test_killed_at_any_git_it_runs_it_is_merged_or_not(project: Path) -> None:
    """In turn just before a git starts, and while it runs: it then goes on alone."""
    for count in range(1, 100):
        task, event = f"t{count}", ("c_call", "c_return")[count % 2]
        before = git(project, "rev-parse", "HEAD")
        killed = run_until(Point(event, "fork_exec", count), CODE, str(project), task)
        tree = asyncio.run(create(project, SESSION, task))
        asyncio.run(recover(project, SESSION))
        assert git(project, "status", "--porcelain") == "", count
        assert not tree.note.exists()
        has_it = (project / task).exists()
        assert has_it == (git(project, "rev-parse", "HEAD") != before), count
        assert (tree.path / task).read_text() == "done"
        assert merged(tree).status == "merged"
        assert (project / "a.txt").read_text() == task
        assert len(git(project, "log", "--merges", "--format=%H").split()) == count  # never twice
        if not killed:
            assert count > 15
            return
    raise AssertionError("it never came to its end")


def test_killed_with_its_gits_at_any_moment_it_is_merged_or_not(project: Path) -> None:
    """As when the machine loses its power: no git goes on alone, and their locks stay."""
    for count in range(1, 13):
        task = f"t{count}"
        before = git(project, "rev-parse", "HEAD")
        running = subprocess.Popen([sys.executable, "-c", AT_ONCE, str(project), task], stdout=subprocess.PIPE)
        assert running.stdout is not None
        running.stdout.readline()
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(random.Random(count).uniform(0, 0.6))  # a moment that nobody chose
        if running.poll() is None:
            kill_all(running.pid)
        running.communicate()
        tree = asyncio.run(create(project, SESSION, task))
        asyncio.run(recover(project, SESSION))
        assert git(project, "status", "--porcelain") == "", count
        assert (project / task).exists() == (git(project, "rev-parse", "HEAD") != before), count
        assert (tree.path / task).read_text() == "done"
        done = merged(tree)
        assert done.status == "merged", f"{count}: {done}"
        assert len(git(project, "log", "--merges", "--format=%H").split()) == count


def kill_all(pid: int) -> None:
    """Kill a process, and its children: it is stopped first, so that there are no more of them."""
    os.kill(pid, signal.SIGSTOP)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for number in (pid, *map(int, children)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


AT_ONCE = CODE.replace("armed()", "print(flush=True)")


def test_killed_around_its_notes_it_is_merged_or_not(project: Path) -> None:
    for number, point in enumerate((Point("c_call", "replace"), Point("c_return", "replace"), Point("c_call", "replace", 2))):
        assert run_until(point, CODE, str(project), f"t{number}")
        asyncio.run(recover(project, SESSION))
        assert git(project, "status", "--porcelain") == ""
        assert merged(asyncio.run(create(project, SESSION, f"t{number}"))).status == "merged"
    assert merging.PATIENCE_S > 0
