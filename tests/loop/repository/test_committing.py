"""Commits of finished tasks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.loop.repository.committing import TEMPLATE, TRAILER, Commit, commit, message_of, type_of
from tests.loop.repository.repositories import git, made, written

VARIABLES = {"taskType": "feat", "taskId": "T-1", "taskTitle": "Add a parser"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return made(tmp_path / "tree")


def committed(tree: Path, template: str = TEMPLATE, *, key: str = "s1/T-1", timeout_s: float = 60.0, **more: str) -> Commit:
    return asyncio.run(commit(tree, template, {**VARIABLES, **more}, key=key, timeout_s=timeout_s))


def shown(tree: Path) -> list[str]:
    return git(tree, "-c", "core.quotePath=false", "show", "--name-only", "--format=", "HEAD").splitlines()


def hook(tree: Path, name: str, script: str) -> None:
    written(tree, {f".git/hooks/{name}": f"#!/bin/sh\n{script}\n"})
    (tree / ".git/hooks" / name).chmod(0o755)


def test_all_that_changed_is_committed_with_a_message(tree: Path) -> None:
    written(tree, {"a.txt": "x", "new/é.txt": "y"})
    (tree / "b/c.txt").unlink()
    made_now = committed(tree)
    assert made_now == Commit(git(tree, "rev-parse", "HEAD"), "feat: T-1 Add a parser")
    assert shown(tree) == ["a.txt", "b/c.txt", "new/é.txt"]
    assert git(tree, "log", "-1", "--format=%B") == f"feat: T-1 Add a parser\n\n{TRAILER}: s1/T-1"
    assert git(tree, "status", "--porcelain") == ""


def test_nothing_to_commit_is_no_failure(tree: Path) -> None:
    before = git(tree, "rev-parse", "HEAD")
    assert committed(tree) == Commit(None, "feat: T-1 Add a parser")
    assert git(tree, "rev-parse", "HEAD") == before


def test_the_programs_own_files_are_left_out_even_when_they_are_staged(tree: Path) -> None:
    ours = {".cowork/progress.md": "x", ".cowork/sessions/a/b": "x"}
    written(tree, {**ours, ".cowork/config.yaml": "x"})
    git(tree, "add", ".cowork/progress.md")
    assert committed(tree).hash
    assert shown(tree) == [".cowork/config.yaml"]
    assert git(tree, "diff", "--cached", "--name-only") == ".cowork/progress.md"
    assert committed(tree, key="s1/T-2") == Commit(None, "feat: T-1 Add a parser")


def test_ignored_files_of_the_program_are_no_obstacle(tree: Path) -> None:
    written(tree, {".gitignore": ".cowork\n", ".cowork/progress.md": "x", "y": "z"})
    assert committed(tree).failure is None
    assert shown(tree) == [".gitignore", "y"]


def test_a_repository_within_is_left_out_unless_it_is_a_submodule(tree: Path) -> None:
    made(tree / "embedded")
    git(tree, "init", "-q", "empty")
    written(tree, {'*[a]"\n:(top)é': "odd"})
    assert committed(tree).failure is None
    assert len(shown(tree)) == 1


def test_a_project_within_a_repository_commits_only_itself(tree: Path) -> None:
    written(tree, {"a.txt": "elsewhere", "sub/x": "1", "sub/.cowork/progress.md": "1", "staged": "1"})
    git(tree, "add", "staged")
    assert committed(tree / "sub").hash
    assert shown(tree) == ["sub/x"]
    assert (tree / "a.txt").read_text() == "elsewhere"
    assert git(tree, "diff", "--cached", "--name-only") == "staged"


def test_a_commit_is_made_once(tree: Path) -> None:
    written(tree, {"a.txt": "x"})
    first = committed(tree)
    written(tree, {"a.txt": "the user went on"})
    assert committed(tree) == Commit(first.hash, first.subject, earlier=True)
    assert committed(tree, key="s1/T-10").hash not in (None, first.hash)
    assert committed(tree).hash == first.hash  # also when it is not the last any more


def test_the_first_commit_of_a_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "tree")
    git(tmp_path / "tree", "config", "user.email", "ada@example.org")
    git(tmp_path / "tree", "config", "user.name", "Ada")
    written(tmp_path / "tree", {"x": "1"})
    assert committed(tmp_path / "tree").hash


def test_a_hook_that_refuses_is_an_answer(tree: Path) -> None:
    hook(tree, "pre-commit", "echo 'error: lint says no' >&2; exit 1")
    written(tree, {"a.txt": "x"})
    refused = committed(tree)
    assert (refused.hash, refused.failure) == (None, "error: lint says no")
    (tree / ".git/hooks/pre-commit").unlink()
    assert committed(tree).hash


def test_the_users_hooks_and_identity_count_and_nobody_is_asked(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_EDITOR", "sh -c 'sleep 600'")
    monkeypatch.setenv("GROQ_API_KEY", "gsk-canary-value-1234")
    hook(tree, "commit-msg", 'echo "Signed-off-by: Hook <h@example.org>" >> "$1"')
    git(tree, "config", "core.editor", "sleep 600")
    git(tree, "config", "commit.verbose", "true")
    written(tree, {"a.txt": "x"})
    hook(tree, "pre-commit", 'touch .git/ran; read x; test -z "$GROQ_API_KEY$GIT_ALLOW_PROTOCOL"')
    assert committed(tree).failure is None
    assert (tree / ".git/ran").exists()
    assert git(tree, "log", "-1", "--format=%an %(trailers:key=Signed-off-by,valueonly)") == "Ada Hook <h@example.org>"
    assert committed(tree).earlier


def test_a_signature_that_cannot_be_made_is_a_failure(tree: Path) -> None:
    git(tree, "config", "commit.gpgSign", "true")
    git(tree, "config", "gpg.program", "false")
    written(tree, {"a.txt": "x"})
    assert "gpg failed to sign the data" in (committed(tree).failure or "")


def test_a_hook_that_never_ends_is_ended(tree: Path) -> None:
    hook(tree, "pre-commit", "sleep 600")
    written(tree, {"a.txt": "x"})
    assert committed(tree, timeout_s=0.5).failure == f"git commit did not end within 0.5 s: {tree}"
    (tree / ".git/hooks/pre-commit").unlink()
    assert committed(tree).hash  # it left no lock


@pytest.mark.parametrize(
    ("begun", "words"),
    [
        (("checkout", "-q", "--detach"), "HEAD is detached: a commit would belong to no branch"),
        (("merge", "side"), "a merge is under way"),
        (("rebase", "side"), "a rebase is under way"),
        (("cherry-pick", "side"), "a cherry-pick is under way"),
    ],
)
def test_nothing_is_committed_into_what_somebody_has_begun(tree: Path, begun: tuple[str, ...], words: str) -> None:
    git(tree, "checkout", "-qb", "side")
    written(tree, {"a.txt": "side\n"})
    git(tree, "commit", "-qam", "side")
    git(tree, "checkout", "-q", "main")
    written(tree, {"a.txt": "main\n"})
    git(tree, "commit", "-qam", "main")
    git(tree, *begun, ok=False)
    written(tree, {"new": "x"})
    status = git(tree, "status", "--porcelain")
    assert committed(tree) == Commit(None, "feat: T-1 Add a parser", words)
    assert git(tree, "status", "--porcelain") == status


def test_where_there_is_no_repository_or_no_git(tmp_path: Path, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert committed(tmp_path).failure == "there is no git repository"
    monkeypatch.setenv("PATH", "/nowhere")
    assert committed(tree).failure == "git is not installed"


def test_a_lock_of_another_git_is_waited_for_and_never_removed(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cowork.loop.repository.git._LOOK_AGAIN_S", 0.01)
    (tree / ".git/index.lock").touch()
    written(tree, {"a.txt": "x"})
    assert "index.lock" in (committed(tree).failure or "")
    assert (tree / ".git/index.lock").exists()


def test_a_title_is_no_option_no_command_and_no_trailer(tree: Path) -> None:
    for number, title in enumerate(
        ["--amend", "$(touch /tmp/no) `x`", f"x\n\n{TRAILER}: s1/T-9", "# no comment", "\x1b[31m", ""]
    ):
        written(tree, {"a.txt": str(number)})
        found = committed(tree, "{{taskTitle}}", key=f"s1/{number}", taskTitle=title)
        assert found.failure is None
        assert git(tree, "log", "-1", "--format=%s") == found.subject
    assert git(tree, "log", "--format=%(trailers:key=Cowork-Task,valueonly,separator=%x20)").split() == [
        f"s1/{number}" for number in (5, 4, 3, 2, 1, 0)
    ]


def test_a_template_has_its_body_and_its_own_trailers() -> None:
    template = "{{ taskId }}: {{taskTitle}} {{unknown}}\r\n\r\nWhy: {{taskTitle}}\r\n\r\nReviewed-by: nobody"
    message = message_of(template, {**VARIABLES, "taskTitle": "{{taskId}}"}, "s/1")
    assert message == f"T-1: {{{{taskId}}}} {{{{unknown}}}}\n\nWhy: {{{{taskId}}}}\n\nReviewed-by: nobody\n{TRAILER}: s/1\n"


@pytest.mark.parametrize(
    ("labels", "kind"), [((), "chore"), (("Bug",), "fix"), (("ui", "feature"), "feat"), (("docs", "fix"), "docs")]
)
def test_labels_tell_the_type(labels: tuple[str, ...], kind: str) -> None:
    assert type_of(labels) == kind


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_any_message_has_one_subject_and_ends_with_the_trailer(template: str, title: str, key: str) -> None:
    message = message_of(template + "{{taskTitle}}", {"taskTitle": title}, key)
    lines = message.encode("utf-8", "replace").decode().split("\n")
    assert lines[0].strip()
    assert lines[1] == ""
    assert lines[-2].startswith(f"{TRAILER}: ")
