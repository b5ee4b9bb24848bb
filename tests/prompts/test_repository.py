"""How a git repository stands, by real git, and what a repository cannot make it do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput
from cowork.prompts.repository import Change, GitState, git_state
from tests.prompts.repositories import armed, git, repository, write
from tests.support import run_program


def state_of(where: Path) -> GitState:
    state = git_state(where)
    assert state is not None
    return state


def test_a_directory_without_a_repository_has_no_state(tmp_path: Path) -> None:
    assert git_state(tmp_path) is None


def test_a_repository_without_commits_says_so(tmp_path: Path) -> None:
    state = state_of(repository(tmp_path / "r"))

    assert (state.branch, state.commit, state.commits, state.problems) == ("main", None, (), ())
    assert "There is no commit yet." in state.text


def test_branch_changes_and_commits_are_told(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1\n", "b": "1\n", "c": "c\n" * 40, "d": "1\n"})
    write(where, {"a": "2\n", "new/file": "x", "d": "2\n"})
    git(where, "add", "d")
    git(where, "rm", "-q", "b")
    git(where, "mv", "c", "e")

    state = state_of(where)

    assert state.branch == "main"
    assert set(state.changes) == {
        Change(".M", "a"), Change("D.", "b"), Change("M.", "d"), Change("R.", "e", "c"), Change("??", "new/"),
    }  # fmt: skip
    assert state.changed == 5
    assert [(one.author, one.subject, one.at) for one in state.commits] == [("Ada", "Begin", "2026-01-31T08:05:00+01:00")]
    assert state.commits[0].hash == state.commit == git(where, "rev-parse", "HEAD").strip()
    assert "renamed, staged: c -> e" in state.text
    assert "new: new/" in state.text


def test_changes_are_bounded_and_counted(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {f"f{number}": "1" for number in range(30)})
    write(where, {f"f{number}": "2" for number in range(30)})

    state = git_state(where, changes=10)

    assert state is not None
    assert (len(state.changes), state.changed) == (10, 30)
    assert "… and 20 more" in state.text


def test_only_so_many_commits_are_told_the_newest_first(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1"})
    for number in range(5):
        git(where, "commit", "-q", "--allow-empty", "-m", f"number {number}")

    state = git_state(where, commits=2)

    assert state is not None
    assert [one.subject for one in state.commits] == ["number 4", "number 3"]


def test_a_commit_without_a_message_is_a_commit(tmp_path: Path) -> None:
    where = repository(tmp_path / "r")
    git(where, "commit", "-q", "--allow-empty", "--allow-empty-message", "-m", "")
    git(where, "commit", "-q", "--allow-empty", "-m", "Go on")

    assert [one.subject for one in state_of(where).commits] == ["Go on", ""]


def test_no_branch_checked_out_is_told(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1"})
    git(where, "checkout", "-q", "--detach")

    state = state_of(where)

    assert state.branch is None
    assert f"No branch is checked out (at {state.commit[:10] if state.commit else ''})" in state.text


def test_what_a_branch_follows_is_told_with_the_distance(tmp_path: Path) -> None:
    origin = repository(tmp_path / "origin", {"a": "1"})
    git(tmp_path, "clone", "-q", str(origin), "clone")
    where = tmp_path / "clone"
    assert "even with origin/main" in state_of(where).text
    git(origin, "commit", "-q", "--allow-empty", "-m", "theirs")
    git(where, "fetch", "-q")
    git(where, "commit", "-q", "--allow-empty", "-m", "mine")
    git(where, "commit", "-q", "--allow-empty", "-m", "mine too")

    state = state_of(where)

    assert (state.upstream, state.ahead, state.behind) == ("origin/main", 2, 1)
    assert "2 ahead of and 1 behind origin/main" in state.text


def test_an_upstream_that_is_gone_is_no_failure(tmp_path: Path) -> None:
    origin = repository(tmp_path / "origin", {"a": "1"})
    git(tmp_path, "clone", "-q", str(origin), "clone")
    git(tmp_path / "clone", "update-ref", "-d", "refs/remotes/origin/main")

    state = state_of(tmp_path / "clone")

    assert (state.upstream, state.ahead, state.behind, state.problems) == ("origin/main", None, None, ())


def test_a_shallow_repository_says_that_there_is_more(tmp_path: Path) -> None:
    origin = repository(tmp_path / "origin", {"a": "1"})
    git(origin, "commit", "-q", "--allow-empty", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{origin}", "clone")

    state = state_of(tmp_path / "clone")

    assert state.shallow
    assert [one.subject for one in state.commits] == ["second"]
    assert "older ones were not fetched" in state.text


def test_a_further_working_tree_has_a_state_of_its_own(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1"})
    git(where, "worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    write(tmp_path / "other", {"new": "x"})

    assert (state_of(tmp_path / "other").branch, state_of(tmp_path / "other").changes) == ("other", (Change("??", "new"),))
    assert state_of(where).changes == ()


def test_packed_refs_and_a_split_index_are_read(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1", "b": "2"})
    git(where, "pack-refs", "--all")
    git(where, "gc", "-q")
    git(where, "update-index", "--split-index")

    state = state_of(where)

    assert (state.changes, state.problems, len(state.commits)) == ((), (), 1)


def test_a_repository_of_another_hash_is_read(tmp_path: Path) -> None:
    where = tmp_path / "r"
    where.mkdir()
    git(where, "init", "-q", "-b", "main", "--object-format=sha256")
    write(where, {"a": "1"})
    git(where, "add", "-A")
    git(where, "commit", "-qm", "Begin")

    state = state_of(where)

    assert (state.problems, len(state.commit or "")) == ((), 64)


def test_a_directory_inside_tells_of_the_whole_repository(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1", "sub/b": "1"})
    write(where, {"a": "2"})

    assert state_of(where / "sub").changes == (Change(".M", "a"),)


def test_names_and_messages_cannot_pose_as_lines_or_drive_a_terminal(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1"}, subject="evil \x1b[31m\u202e subject\n\nbody")
    write(where, {"two\nlines\x1b]0;x\x07": "x"})
    (Path(os.fsdecode(os.fsencode(where) + b"/caf\xe9"))).write_text("x")

    state = state_of(where)

    assert {change.path for change in state.changes} == {"two\\nlines\\u001b]0;x\\u0007", "caf\\udce9"}
    assert state.commits[0].subject == "evil \\u001b[31m\\u202e subject"
    assert all(letter.isprintable() or letter == "\n" for letter in state.text)


def test_a_hostile_repository_runs_nothing_and_is_told_all_the_same(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1\n", ".gitattributes": "* filter=evil diff=evil\n"})
    armed(where, tmp_path / "ran")
    write(where, {"a": "2\n", "new": "x"})
    subprocess.run(["git", "status"], cwd=where, capture_output=True)  # which fails over what it is made to run
    assert "run-me" in (tmp_path / "ran").read_text()  # so the repository is armed: git itself runs its programs
    (tmp_path / "ran").unlink()

    state = state_of(where)
    ran = run_program("context", "show", "--json", cwd=where)
    tree = run_program("context", "tree", "--json", cwd=where)

    assert not (tmp_path / "ran").exists()
    assert set(state.changes) == {Change(".M", "a"), Change("??", "new")}
    assert state.problems == ()
    assert (ran.code, tree.code) == (0, 0)


def test_a_submodule_of_a_hostile_repository_is_not_looked_into(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1"})
    inner = repository(where / "inner", {"b": "1"})
    git(where, "add", "inner")
    git(where, "commit", "-qm", "with a submodule")
    armed(inner, tmp_path / "ran")
    (inner / "b").write_text("2")

    state = state_of(where)

    assert not (tmp_path / "ran").exists()
    assert state.problems == ()


def test_reading_changes_nothing_in_the_repository(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1"})
    os.utime(where / "a", (1, 1))  # git would like to write down that it looked
    before = {path: path.stat().st_mtime_ns for path in sorted(where.rglob("*"))}

    assert state_of(where).changes == ()

    assert {path: path.stat().st_mtime_ns for path in sorted(where.rglob("*"))} == before


def test_a_repository_of_somebody_else_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = repository(tmp_path / "r", {"a": "1"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    assert state_of(where).problems == ()


@pytest.mark.parametrize("damage", ["HEAD", "index", "config", "objects"])
def test_a_damaged_repository_is_a_problem_in_words(tmp_path: Path, damage: str) -> None:
    where = repository(tmp_path / "r", {"a": "1"})
    if damage == "objects":
        for path in (where / ".git" / "objects").rglob("*"):
            if path.is_file():
                path.unlink()
    else:
        (where / ".git" / damage).write_bytes(b"\x00not git's\n")

    state = state_of(where)

    assert state.problems
    assert all(problem.isprintable() for problem in state.problems)
    assert state.problems[0] in state.text


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1"})
    (where / ".git" / "index").unlink()
    os.mkfifo(where / ".git" / "index")

    state = git_state(where, seconds=0.3)

    assert state is not None
    assert any("too long" in problem for problem in state.problems)


def test_what_a_configuration_includes_is_not_looked_at(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1"})
    os.mkfifo(tmp_path / "pipe")
    git(where, "config", "include.path", str(tmp_path / "pipe"))

    state = git_state(where, seconds=5)

    assert state is not None
    assert state.problems == ()


def test_without_git_the_state_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = repository(tmp_path / "r", {"a": "1"})
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))

    assert any("git" in problem for problem in state_of(where).problems)


def test_a_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, code in (("none", "context.missing"), ("file", "context.not_a_directory")):
        with pytest.raises(InvalidInput) as caught:
            git_state(tmp_path / name)
        assert caught.value.code == code
