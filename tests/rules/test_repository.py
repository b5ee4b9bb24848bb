"""Repositories that make git run programs when it only reads; real git shows that they do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cowork.rules.places import Places
from cowork.rules.readonly import is_readonly
from tests.rules.places import places


@pytest.fixture
def at(tmp_path: Path) -> Places:
    found = places(tmp_path)
    project = Path(found.cwd)
    git(project, "init", "-q")
    (project / "a.txt").write_text("one\n")
    git(project, "add", ".")
    git(project, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "first")
    (project / "a.txt").write_text("two\n")
    return found


def git(project: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=project, check=True, capture_output=True)


def configured(key: str, value: str) -> Callable[[Path], None]:
    return lambda project: git(project, "config", key, value)


def hooked(project: Path) -> None:
    hook = project / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)


def included(project: Path) -> None:
    (project / "more").write_text("[core]\n\tfsmonitor = touch ran\n")
    git(project, "config", "include.path", "../more")


def planted(project: Path) -> None:
    """No `.git`: the working directory is the repository, of files like any other."""
    for item in (project / ".git").iterdir():
        item.rename(project / item.name)
    (project / ".git").rmdir()
    (project / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = touch ran;\n"
    )


def nested(project: Path) -> None:
    """A repository in the repository, with a configuration of its own."""
    inner = project / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    git(inner, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "first", "--allow-empty")
    git(project, "-c", "advice.addEmbeddedRepo=false", "add", "inner")
    git(inner, "config", "core.fsmonitor", "touch ../ran")


RUNNING = [
    (configured("core.fsmonitor", "touch ran"), "git status"),
    (configured("diff.external", "touch ran;"), "git diff"),
    (hooked, "git status"),
    (included, "git status"),
    (planted, "git status"),
    (nested, "git status"),
]


@pytest.mark.parametrize(("prepare", "command"), RUNNING, ids="fsmonitor external hook include planted nested".split())
def test_a_repository_that_runs_something_is_not_only_read(at: Places, prepare: Callable[[Path], None], command: str) -> None:
    project = Path(at.cwd)
    assert is_readonly(command, at).allowed
    prepare(project)
    found = is_readonly(command, at)
    assert not found.allowed
    assert "repository" in found.reason
    subprocess.run(command, shell=True, cwd=project, capture_output=True, check=False)
    assert (project / "ran").exists()


@pytest.mark.parametrize(
    "text",
    [
        "[core] fsmonitor = touch ran\n",
        "[CORE]\n\tFsMonitor = x\n",
        '[filter "x"]\n\tclean = x\n',
        '[remote "x"]\n\turl = a\n\tuploadpack = x\n',
        "[extensions]\n\tpartialClone = origin\n",
        "[gpg]\n\tprogram = x\n",
        '[includeIf "gitdir:/"]\n\tpath = x\n',
        "[core]\n\tbare = false ; \\\n\thooksPath = x\n",
        "\ufeff[core]\n\tbare = false\n",
        "\udcff",
    ],
)
def test_a_configuration_that_is_not_surely_harmless_counts_as_one_that_runs_something(at: Places, text: str) -> None:
    with (Path(at.cwd) / ".git" / "config").open("ab") as stream:
        stream.write(text.encode("utf-8", "surrogateescape"))
    assert not is_readonly("git status", at).allowed
    assert is_readonly("ls", at).allowed


def test_the_usual_configurations_are_harmless(at: Places, tmp_path: Path) -> None:
    project = Path(at.cwd)
    for key in ("user.name", "remote.origin.url", "branch.main.remote", "branch.main.merge", "pull.rebase", "core.autocrlf"):
        git(project, "config", key, "input")
    git(project, "worktree", "add", "-q", str(tmp_path / "tree"))
    for place in (project, project / "sub", tmp_path / "tree"):
        place.mkdir(exist_ok=True)
        found = is_readonly("git status", Places(str(place), at.home, str(place)))
        assert found.allowed, found.reason


def test_a_worktree_obeys_the_configuration_it_shares(at: Places, tmp_path: Path) -> None:
    git(Path(at.cwd), "worktree", "add", "-q", str(tmp_path / "tree"))
    git(Path(at.cwd), "config", "core.fsmonitor", "touch ran")
    assert not is_readonly("git status", Places(str(tmp_path / "tree"), at.home, str(tmp_path / "tree"))).allowed
