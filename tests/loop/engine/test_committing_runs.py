"""Runs that commit what was done, in the user's own repository: what is in a commit, what they hear, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.loop.whole import DONE, Scene, scene

COMMITTING = ("Write a", "--auto-commit", "--retry-delay-ms", "0")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = scene(tmp_path, monkeypatch)
    made.calls({"write": {"path": "a.txt", "text": "a"}, "say": DONE})
    return made


def dirty(shop: Scene) -> None:
    """What a user is at: staged, changed, new, and a secret that nobody ignores."""
    (shop.project / "staged").write_text("mine\n")
    shop.git("add", "staged")
    (shop.project / "README").write_text("mine\n")
    (shop.project / ".env.local").write_text("KEY=canary\n")


@pytest.mark.parametrize("argv", [(), ("--dry-run",), ("--detach",)])
def test_work_of_the_user_is_in_no_commit_that_they_did_not_hear_of(shop: Scene, home: Path, argv: tuple[str, ...]) -> None:
    dirty(shop)
    before = shop.git("status", "--porcelain")

    ran = shop.run(*COMMITTING, *argv)

    error = ran.document["error"]
    assert (ran.code, error["code"]) == (5, "loop.dirty_tree")
    assert error["details"]["files"] == ["README", "staged", ".env.local"]
    assert "--allow-dirty" in error["hint"]
    assert not list((home / "sessions").glob("*"))
    assert (shop.git("status", "--porcelain"), shop.git("log", "--format=%s")) == (before, "begin")


def test_it_goes_along_when_they_say_so(shop: Scene) -> None:
    dirty(shop)

    ran = shop.run(*COMMITTING, "--allow-dirty")

    assert (ran.code, ran.data["commits"]) == (0, 1)
    assert {".env.local", "README", "a.txt", "staged"} <= set(shop.git("ls-files").splitlines())
    assert shop.git("status", "--porcelain") == ""


def test_the_file_of_tasks_and_what_the_program_writes_are_no_dirt(shop: Scene) -> None:
    shop.tasks("T-1", commit=False)
    (shop.project / ".cowork").mkdir()
    (shop.project / ".cowork" / "progress.md").write_text("# Progress\n")

    ran = shop.run("--tasks", "prd.json", *COMMITTING[1:])

    assert (ran.code, ran.data["commits"]) == (0, 1)
    assert shop.git("ls-files").splitlines() == ["README", "a.txt", "prd.json"]


def test_dirt_elsewhere_in_the_repository_is_in_no_commit_and_no_obstacle(shop: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.project / "part" / ".cowork").mkdir(parents=True)
    (shop.project / "README").write_text("mine\n")
    monkeypatch.chdir(shop.project / "part")

    ran = shop.run(*COMMITTING)

    assert (ran.code, ran.data["commits"]) == (0, 1)
    assert shop.git("show", "--name-only", "--format=", "HEAD") == "part/a.txt"
    assert (shop.project / "README").read_text() == "mine\n"


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_where_nothing_can_be_committed_nobody_begins_to_work(
    shop: Scene, monkeypatch: pytest.MonkeyPatch, dry: tuple[str, ...]
) -> None:
    shop.git("checkout", "-q", "--detach")
    ran = shop.run(*COMMITTING, *dry)
    assert (ran.code, ran.document["error"]["code"]) == (5, "loop.detached_head")

    (shop.root / "bare" / ".cowork").mkdir(parents=True)
    monkeypatch.chdir(shop.root / "bare")
    ran = shop.run(*COMMITTING, *dry)
    assert (ran.code, ran.document["error"]["code"]) == (4, "loop.no_repository")
    assert "--no-auto-commit" in ran.document["error"]["hint"]
    assert shop.asked() == []


@pytest.mark.parametrize("argv", [("x", "--allow-dirty"), ("--tasks", "prd.json", "--parallel", "2", "--allow-dirty")])
def test_that_dirt_may_go_along_is_not_said_in_vain(shop: Scene, argv: tuple[str, ...]) -> None:
    shop.tasks("T-1")
    ran = shop.run(*argv)
    assert (ran.code, ran.document["error"]["code"]) == (2, "loop.bad_option")


def test_a_run_that_is_gone_on_with_commits_what_it_had_begun(shop: Scene) -> None:
    """What differs from the last commit then is its own work."""
    shop.calls({"write": {"path": "half", "text": "1"}, "say": "Half."}, {"write": {"path": "a.txt", "text": "a"}, "say": DONE})
    assert shop.run(*COMMITTING, "--max-iterations", "1").code == 8

    again = shop.program("loop", "resume", "--max-iterations", "9", "--json")

    assert (again.code, again.data["commits"]) == (0, 1)
    assert shop.git("ls-files").splitlines() == ["README", "a.txt", "half"]


@pytest.mark.parametrize("staged", [False, True])
def test_a_commit_that_is_refused_is_told_of_at_the_end_and_what_was_staged_for_it_is_not_any_more(
    shop: Scene, staged: bool
) -> None:
    (shop.project / "README").write_text("mine\n")
    if staged:
        shop.git("add", "README")
    hook = shop.project / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho lint says no >&2\nexit 1\n")
    hook.chmod(0o755)

    ran = shop.run(*COMMITTING, "--allow-dirty")

    assert (ran.code, ran.data["commits"]) == (0, 0)
    (note,) = ran.data["notes"]
    assert note.startswith("task is not committed: lint says no")
    assert note.endswith("stays staged)") == staged
    assert shop.git("diff", "--cached", "--name-only").splitlines() == (["README", "a.txt"] if staged else [])
    assert (shop.project / "a.txt").read_text() == "a"


def test_what_could_not_be_committed_goes_with_the_next_commit_and_is_still_told_of(shop: Scene) -> None:
    shop.tasks({"id": "T-1", "title": "x"}, {"id": "T-2", "title": "y"})
    hook = shop.project / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\ntest -e {shop.root}/once || {{ touch {shop.root}/once; exit 1; }}\n")
    hook.chmod(0o755)
    shop.calls(*({"write": {"path": f"{n}.txt", "text": n}, "say": DONE} for n in "12"))

    ran = shop.run("--tasks", "prd.json", *COMMITTING[1:])

    assert (ran.code, ran.data["commits"], [note[:20] for note in ran.data["notes"]]) == (0, 1, ["T-1 is not committed"])
    assert shop.git("status", "--porcelain") == ""


def test_a_recording_in_the_project_is_no_change_and_in_no_commit(shop: Scene) -> None:
    shop.calls({"say": DONE}, {"write": {"path": "a.txt", "text": "a"}, "say": DONE})

    ran = shop.run(*COMMITTING, "--require-diff", "--record", "tape.jsonl")

    assert (ran.code, ran.data["iterations"], ran.data["commits"]) == (0, 2, 1)
    assert shop.git("show", "--name-only", "--format=", "HEAD") == "a.txt"
    assert "tape.jsonl" not in json.loads((shop.project / "tape.jsonl").read_text().splitlines()[1])["changes"]


@pytest.mark.parametrize(("record", "code"), [("gone/below/tape", "loop.no_directory"), (".git", "loop.not_a_file")])
def test_where_nothing_can_be_recorded_nothing_is_begun_and_no_directory_made(shop: Scene, record: str, code: str) -> None:
    ran = shop.run("Write a", "--record", record)
    assert (ran.code, ran.document["error"]["code"]) == (4, code)
    assert not (shop.project / "gone").exists()
    assert shop.asked() == []
