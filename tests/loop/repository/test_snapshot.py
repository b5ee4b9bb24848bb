"""Snapshots of a working tree."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError
from cowork.loop.repository import snapshot as snapshots
from cowork.loop.repository.snapshot import Snapshot, Snapshots
from tests.loop.repository.repositories import git, made, state, written

Change = Callable[[Path], object]


class Looking:
    """A tree that is looked at again and again."""

    def __init__(self, tree: Path, store: Path) -> None:
        self.tree, self.snapshots = tree, Snapshots(tree, store)

    def take(self) -> Snapshot:
        return asyncio.run(self.snapshots.take())

    def changes(self, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
        return asyncio.run(self.snapshots.changes(before, after))

    def patch(self, before: Snapshot, after: Snapshot) -> bytes:
        return asyncio.run(self.snapshots.patch(before, after))


@pytest.fixture(params=["git", "no git"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Looking:
    tree = made(tmp_path / "tree")
    if request.param == "no git":
        shutil.rmtree(tree / ".git")
    return Looking(tree, tmp_path / "store")


@pytest.fixture
def looking(tmp_path: Path) -> Looking:
    return Looking(made(tmp_path / "tree"), tmp_path / "store")


def same_size(tree: Path) -> None:
    found = (tree / "a.txt").stat()
    (tree / "a.txt").write_text("uno\n")
    os.utime(tree / "a.txt", ns=(found.st_atime_ns, found.st_mtime_ns))


CHANGES: dict[str, tuple[Change, set[str]]] = {
    "content": (lambda tree: (tree / "a.txt").write_text("changed\n"), {"a.txt"}),
    "content of the same size and time": (same_size, {"a.txt"}),
    "mode": (lambda tree: (tree / "a.txt").chmod(0o755), {"a.txt"}),
    "deletion": (lambda tree: (tree / "b/c.txt").unlink(), {"b/c.txt"}),
    "rename": (lambda tree: (tree / "a.txt").rename(tree / "z.txt"), {"a.txt", "z.txt"}),
    "new file": (lambda tree: (tree / "new.txt").write_text(""), {"new.txt"}),
    "new file in a new directory": (lambda tree: written(tree, {"x/y/z": "1"}), {"x/y/z"}),
    "odd names": (
        lambda tree: written(tree, {'q"\n\t*?[x]': "1", " :(top)x": "1", "-f": "1", "é": "1", "\udcff": "1", "b\\s": "1"}),
        {'q"\n\t*?[x]', " :(top)x", "-f", "é", "\udcff", "b\\s"},
    ),
    "a link": (lambda tree: (tree / "link").symlink_to("/etc/passwd"), {"link"}),
    "a file for a link": (lambda tree: ((tree / "a.txt").unlink(), (tree / "a.txt").symlink_to("b")), {"a.txt"}),
    "a directory for a file": (
        lambda tree: ((tree / "a.txt").unlink(), written(tree, {"a.txt/in": "1"})),
        {"a.txt", "a.txt/in"},
    ),
    "a file for a directory": (lambda tree: (shutil.rmtree(tree / "b"), (tree / "b").write_text("")), {"b", "b/c.txt"}),
    "a link for a directory": (
        lambda tree: (shutil.move(tree / "b", tree.with_name("moved")), (tree / "b").symlink_to(tree.with_name("moved"))),
        {"b", "b/c.txt"},
    ),
    "a binary file": (lambda tree: (tree / "b.bin").write_bytes(bytes(range(256)) * 100), {"b.bin"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_noticed_and_named(either: Looking, name: str) -> None:
    change, paths = CHANGES[name]
    before = either.take()
    assert either.take() == before
    change(either.tree)
    after = either.take()
    assert after.digest != before.digest
    assert set(either.changes(before, after)) == paths
    assert either.take().digest == after.digest


def test_what_is_undone_is_no_change(looking: Looking) -> None:
    before = looking.take()
    written(looking.tree, {"a.txt": "x", "new": "y"})
    assert looking.take().digest != before.digest
    written(looking.tree, {"a.txt": "one\n"})
    (looking.tree / "new").unlink()
    assert looking.take().digest == before.digest


def test_what_the_program_writes_itself_and_what_is_ignored_is_no_change(either: Looking) -> None:
    ours = {".cowork/progress.md": "1", ".cowork/sessions/x/y": "1", "node_modules/x.log": "1"}
    before = either.take()
    written(either.tree, ours)
    assert either.take().digest == before.digest
    written(either.tree, {".cowork/config.yaml": "1"})
    assert either.changes(before, either.take()) == (".cowork/config.yaml",)


def test_what_the_program_writes_is_no_change_though_it_is_tracked(looking: Looking) -> None:
    written(looking.tree, {".cowork/progress.md": "1"})
    git(looking.tree, "add", "-A", "-f")
    git(looking.tree, "commit", "-qm", "x")
    before = looking.take()
    written(looking.tree, {".cowork/progress.md": "2"})
    git(looking.tree, "add", "-A")
    assert looking.take().digest == before.digest


def test_a_commit_and_what_is_staged(looking: Looking) -> None:
    before = looking.take()
    written(looking.tree, {"a.txt": "x"})
    changed = looking.take()
    git(looking.tree, "add", "-A")
    assert looking.take().digest == changed.digest  # staging alone changes nothing
    git(looking.tree, "commit", "-qm", "x")
    after = looking.take()
    assert after.digest != changed.digest
    assert (after.tree, looking.changes(changed, after)) == (changed.tree, ())
    assert looking.changes(before, after) == ("a.txt",)


def test_looking_leaves_no_trace_in_the_repository(looking: Looking) -> None:
    git(looking.tree, "config", "core.splitIndex", "true")
    git(looking.tree, "config", "core.untrackedCache", "true")
    written(looking.tree, {"a.txt": "x", "new": "y", "staged": "z"})
    git(looking.tree, "add", "staged")
    left = state(looking.tree)
    before = looking.take()
    written(looking.tree, {"new": "yy"})
    left |= {str(looking.tree / "new"): state(looking.tree)[str(looking.tree / "new")]}
    looking.patch(before, looking.take())
    assert state(looking.tree) == left


def test_a_file_written_within_the_tick_of_the_index_is_noticed(looking: Looking) -> None:
    """Git tells such a file by the time of the index: a copy of the index that is younger would hide it."""
    git(looking.tree, "config", "core.trustctime", "false")  # which a fast machine's clock amounts to

    def at_that_time(name: str) -> None:
        os.utime(looking.tree / name, ns=(10**18, 10**18))

    at_that_time("a.txt")
    git(looking.tree, "add", "a.txt")
    at_that_time(".git/index")
    before = looking.take()
    written(looking.tree, {"a.txt": "uno\n"})
    at_that_time("a.txt")
    after = Looking(looking.tree, looking.snapshots._store.with_name("fresh")).take()
    assert after.tree != before.tree


def test_a_repository_before_its_first_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "tree")
    looking = Looking(tmp_path / "tree", tmp_path / "store")
    before = looking.take()
    assert before.head is None
    written(looking.tree, {"x": "1"})
    assert looking.changes(before, looking.take()) == ("x",)


def test_a_directory_of_a_repository_is_looked_at_alone(tmp_path: Path) -> None:
    top = made(tmp_path / "top")
    (top / "sub").mkdir()
    looking = Looking(top / "sub", tmp_path / "store")
    before = looking.take()
    written(top, {"a.txt": "elsewhere"})
    assert looking.take().digest == before.digest
    written(top, {"sub/x/y": "here"})
    after = looking.take()
    assert looking.changes(before, after) == ("x/y",)
    assert b"+here" in looking.patch(before, after)


def test_a_directory_that_its_repository_ignores_is_walked(tmp_path: Path) -> None:
    top = made(tmp_path / "top", {".gitignore": "*\n"})
    (top / "sub").mkdir()
    looking = Looking(top / "sub", tmp_path / "store")
    before = looking.take()
    written(top, {"sub/x": "here"})
    assert looking.changes(before, looking.take()) == ("x",)


def test_a_patch_makes_one_tree_the_other(looking: Looking, tmp_path: Path) -> None:
    shutil.copytree(looking.tree, tmp_path / "other")
    before = looking.take()
    written(looking.tree, {"a.txt": "x\n", 'né w/q"': "y", "empty": ""})
    (looking.tree / "b.bin").write_bytes(bytes(range(256)) * 40)
    (looking.tree / "b/c.txt").unlink()
    (looking.tree / "run").write_text("#!/bin/sh\n")
    (looking.tree / "run").chmod(0o755)
    after = looking.take()
    (tmp_path / "patch").write_bytes(looking.patch(before, after))
    git(tmp_path / "other", "apply", "--binary", str(tmp_path / "patch"))
    assert asyncio.run(Snapshots(tmp_path / "other", tmp_path / "store2").take()).tree == after.tree
    assert looking.patch(after, after) == b""


def test_snapshots_of_an_earlier_process_can_be_compared(looking: Looking) -> None:
    before = looking.take()
    written(looking.tree, {"new": "y\n"})
    again = Looking(looking.tree, looking.snapshots._store)
    after = again.take()
    assert again.changes(before, after) == ("new",)
    assert b"+y" in again.patch(before, after)


def test_large_and_closed_files_count_and_are_not_kept(looking: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "LARGEST_FILE_BYTES", 1000)
    before = looking.take()
    (looking.tree / "large").write_bytes(b"x" * 5000)
    one = looking.take()
    assert (looking.changes(before, one), looking.patch(before, one)) == (("large",), b"")
    (looking.tree / "large").write_bytes(b"y" * 5000)
    assert looking.changes(one, looking.take()) == ("large",)


def test_a_pipe_or_a_socket_hangs_nobody(either: Looking) -> None:
    before = either.take()
    os.mkfifo(either.tree / "pipe")
    (either.tree / "a.txt").unlink()
    os.mkfifo(either.tree / "a.txt")
    assert either.take().digest != before.digest


@pytest.mark.parametrize("kind", ["submodule", "embedded", "without a commit"])
def test_repositories_within_count(looking: Looking, tmp_path: Path, kind: str) -> None:
    inner = looking.tree / "in ner"
    if kind == "submodule":
        other = made(tmp_path / "other")
        git(looking.tree, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "in ner")
        git(looking.tree, "commit", "-qm", "module")
        git(inner, "config", "user.email", "ada@example.org")
        git(inner, "config", "user.name", "Ada")
    elif kind == "embedded":
        made(inner)
    else:
        git(looking.tree, "init", "-q", "in ner")
    before = looking.take()
    written(inner, {"new": "1\n"})
    after = looking.take()
    assert looking.changes(before, after) == ("in ner/new",)
    assert b"+++ b/in ner/new" in looking.patch(before, after)
    git(inner, "add", "-A")
    git(inner, "commit", "-qm", "x") if kind != "without a commit" else None
    assert looking.changes(before, looking.take()) == ("in ner/new",)


def test_nothing_of_the_repositorys_own_is_run(looking: Looking, tmp_path: Path) -> None:
    """An agent may have written its configuration, its hooks and its attributes."""
    ran = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\necho x >> {ran}\ncat\n")
    trap.chmod(0o755)
    for name in ("filter.bad.clean", "filter.bad.smudge", "core.fsmonitor", "diff.external", "diff.bad.textconv", "core.pager"):
        git(looking.tree, "config", name, str(trap))
    git(looking.tree, "config", "diff.bad.command", str(trap))
    (tmp_path / "more").write_text(f'[filter "worse"]\n\tprocess = {trap}\n\trequired = true\n')
    git(looking.tree, "config", "include.path", str(tmp_path / "more"))
    for hook in ("post-index-change", "post-checkout", "reference-transaction", "pre-commit"):
        shutil.copy(trap, looking.tree / ".git/hooks" / hook)
    before = looking.take()
    written(looking.tree, {".gitattributes": "*.txt filter=bad diff=bad\n*.w filter=worse\n", "a.txt": "x\n", "z.w": "y\n"})
    after = looking.take()
    assert looking.changes(before, after) == (".gitattributes", "a.txt", "z.w")
    assert b"+x" in looking.patch(before, after)
    assert not ran.exists()


def test_a_filter_of_the_users_own_configuration_is_theirs(looking: Looking) -> None:
    git(looking.tree, "config", "--global", "filter.up.clean", "tr a-z A-Z")
    before = looking.take()
    written(looking.tree, {".gitattributes": "*.up filter=up\n", "x.up": "shout\n"})
    assert b"+SHOUT" in looking.patch(before, looking.take())


def test_the_environment_of_an_outer_git_leads_nowhere_else(looking: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.abbrev")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "12")
    assert looking.take().head


def test_an_unfinished_merge_can_be_looked_at(looking: Looking) -> None:
    git(looking.tree, "checkout", "-qb", "side")
    written(looking.tree, {"a.txt": "side\n"})
    git(looking.tree, "commit", "-qam", "side")
    git(looking.tree, "checkout", "-q", "main")
    written(looking.tree, {"a.txt": "main\n"})
    git(looking.tree, "commit", "-qam", "main")
    git(looking.tree, "merge", "side", ok=False)
    before = looking.take()
    written(looking.tree, {"a.txt": "both\n"})
    assert looking.changes(before, looking.take()) == ("a.txt",)


def test_a_lock_that_a_killed_look_left_is_no_obstacle(looking: Looking) -> None:
    looking.take()
    Path(f"{looking.snapshots._index}.lock").touch()
    written(looking.tree, {"a.txt": "x"})
    assert looking.take().tree


def test_it_takes_no_longer_than_it_may(looking: Looking) -> None:
    looking.snapshots._timeout_s = 0.0
    with pytest.raises(CoworkError) as caught:
        looking.take()
    assert caught.value.code == "git.late"


def test_without_git_the_tree_is_walked(looking: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    before = looking.take()
    written(looking.tree, {"new": "y\n"})
    assert looking.changes(before, looking.take()) == ("new",)


def test_a_tree_of_too_many_files_is_refused(either: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (either.tree / ".git").exists():
        monkeypatch.setattr("cowork.loop.repository.walking.MOST_FILES", 2)
        with pytest.raises(CoworkError) as caught:
            either.take()
        assert caught.value.code == "loop.tree_too_large"


def test_a_repository_of_sha256(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(tmp_path / "tree")], check=True)
    looking = Looking(tmp_path / "tree", tmp_path / 'st"or:e')
    before = looking.take()
    written(looking.tree, {"x": "1"})
    assert looking.changes(before, looking.take()) == ("x",)
