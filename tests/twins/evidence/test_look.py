"""What a collector can see of a workspace, and what it never does to see it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from cowork.twins.evidence.findings import CannotCollect
from cowork.twins.evidence.look import Look, OutOfTime
from tests.prompts.repositories import armed
from tests.support import FakeClock
from tests.twins.evidence.histories import NOW, History, look


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "r")


def test_files_are_what_git_tracks_and_what_it_does_not_ignore(history: History) -> None:
    history.commit("Begin", {"a.py": "1", "sub/b.py": "2", "gone.py": "3", ".gitignore": "*.log\n"})
    history.write({"new.py": "4", "x.log": "5", "gone.py": None})

    with look(history.root) as seen:
        assert seen.files == (".gitignore", "a.py", "new.py", "sub/b.py")


def test_outside_git_files_are_those_that_no_gitignore_leaves_out(tmp_path: Path) -> None:
    for name in ("a.py", "b.log", "deep/c.py", "node_modules/d.js", ".gitignore"):
        path = tmp_path / "plain" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("*.log\n")

    with look(tmp_path / "plain") as seen:
        assert seen.files == (".gitignore", "a.py", "deep/c.py")
        assert (seen.in_git, seen.head, seen.entries) == (False, None, ())
        with pytest.raises(CannotCollect, match="not a git repository"):
            seen.need_commits()


def test_a_part_of_a_repository_is_a_workspace_of_its_own(history: History) -> None:
    history.commit("Begin", {"a.py": "1", "part/b.py": "2", "part/deep/c.py": "3"})

    with look(history.root / "part") as seen:
        assert (seen.files, seen.prefix) == (("b.py", "deep/c.py"), "part/")
        assert seen.read("b.py") == "2"
        assert seen.head == history.git("rev-parse", "HEAD")


def test_a_workspace_that_is_named_by_a_link_is_what_the_link_leads_to(history: History, tmp_path: Path) -> None:
    history.commit("Begin", {"a.py": "1", "part/b.py": "2"})
    (tmp_path / "link").symlink_to(history.root / "part")
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "c.py").write_text("3")
    (tmp_path / "also").symlink_to(tmp_path / "plain")

    with look(tmp_path / "link") as seen, look(tmp_path / "also") as plain:
        assert (seen.files, seen.prefix, seen.read("b.py")) == (("b.py",), "part/", "2")
        assert (plain.files, plain.read("c.py")) == (("c.py",), "3")


def test_names_may_hold_newlines_and_bytes_that_are_no_text(history: History) -> None:
    strange = os.fsdecode(b"bad-\xff.py")
    history.commit("Begin", {"two\nlines.py": "1", strange: "2", "tab\there": "3"})

    with look(history.root) as seen:
        assert seen.files == ("bad-\udcff.py", "tab\there", "two\nlines.py")
        assert [seen.read(name) for name in seen.files] == ["2", "3", "1"]


def test_links_are_not_followed_and_neither_are_links_on_the_way(history: History, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    history.commit("Begin", {"dir/secret.txt": "mine", "a.txt": "a"})
    (history.root / "link.txt").symlink_to(outside / "secret.txt")
    (history.root / "linked").symlink_to(outside)
    (history.root / "dir/secret.txt").unlink()
    (history.root / "dir").rmdir()
    (history.root / "dir").symlink_to(outside)  # tracked as a directory, now a link

    with look(history.root) as seen:
        for name in ("link.txt", "linked/secret.txt", "dir/secret.txt", "../outside/secret.txt", str(outside / "secret.txt")):
            assert seen.read(name) is None
        assert seen.left_out == {}


def test_what_is_no_regular_file_is_never_waited_for(history: History) -> None:
    os.mkfifo(history.root / "pipe")
    history.commit("Begin", {"a": "1"})

    with look(history.root) as seen:
        assert seen.read("pipe") is None
        assert seen.bytes("a") == b"1"


def test_binary_files_are_no_text_and_large_ones_are_counted(history: History) -> None:
    history.commit("Begin", {"image": b"\x89PNG\0\0", "large.py": "x" * 3000, "latin": b"caf\xe9"})

    with look(history.root) as seen:
        assert (seen.read("image"), seen.read("large.py", most=2048), seen.read("latin")) == (None, None, "caf�")
        assert seen.left_out == {"larger than 2 KiB": 1}


def test_a_repository_without_commits_says_so(history: History) -> None:
    history.write({"a.py": "1"})

    with look(history.root) as seen:
        assert (seen.files, seen.head) == (("a.py",), None)
        with pytest.raises(CannotCollect, match="no commits yet"):
            seen.need_commits()


def test_a_broken_head_is_not_taken_for_a_repository_without_commits(history: History) -> None:
    history.commit("Begin", {"a.py": "1"})
    (history.root / ".git/refs/heads/main").write_text("0123456789" * 4 + "\n")

    with look(history.root) as seen, pytest.raises(CannotCollect, match="cannot tell which commit"):
        seen.need_commits()


def test_a_bare_repository_has_no_files(tmp_path: Path) -> None:
    History(tmp_path / "r").git("init", "-q", "--bare", str(tmp_path / "bare"))

    with look(tmp_path / "bare") as seen, pytest.raises(CannotCollect, match="bare repository"):
        seen.need_commits()


def test_detached_and_shallow_repositories_are_read(history: History, tmp_path: Path) -> None:
    history.commit("One", {"a": "1"})
    last = history.commit("Two", {"a": "2"})
    history.git("clone", "-q", "--depth", "1", f"file://{history.root}", str(tmp_path / "shallow"))
    history.git("checkout", "-q", "--detach")

    with look(history.root) as seen, look(tmp_path / "shallow") as shallow:
        assert (seen.head, seen.shallow) == (last, False)
        assert (shallow.head, shallow.shallow) == (last, True)


def test_repositories_inside_are_no_files(history: History, tmp_path: Path) -> None:
    inner = History(tmp_path / "inner")
    inner.commit("Inner", {"x.py": "1"})
    history.commit("Begin", {"a.py": "1"})
    history.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.root), "sub")
    History(history.root / "nested").commit("Nested", {"y.py": "1"})

    with look(history.root) as seen, look(history.root / "sub") as below:
        assert seen.files == (".gitmodules", "a.py")
        assert below.files == ("x.py",)
        assert below.head == inner.git("rev-parse", "HEAD")


def test_a_sparse_checkout_knows_its_files_and_reads_those_that_are_there(history: History) -> None:
    history.commit("Begin", {"in/a.py": "1", "out/b.py": "2"})
    history.git("sparse-checkout", "set", "in")

    with look(history.root) as seen:
        assert seen.files == ("in/a.py", "out/b.py")
        assert [seen.read(name) for name in seen.files] == ["1", None]
        assert [entry.name for entry in seen.entries if entry.unwatched] == ["out/b.py"]


def test_nothing_that_a_repository_names_is_run(history: History, tmp_path: Path) -> None:
    history.commit("Begin", {"a.txt": "1\n", ".gitattributes": "* filter=evil diff=evil\n"})
    armed(history.root, tmp_path / "marker")
    history.write({"a.txt": "2\n"})

    with look(history.root) as seen:
        assert seen.files == (".gitattributes", "a.txt")
        seen.git("log", "-p", "-1")
        seen.git("status", "--porcelain")
        seen.git("blame", "--porcelain", "--", "a.txt")
        assert seen.need_commits()
    assert not (tmp_path / "marker").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_somebody_else_is_read_all_the_same(history: History) -> None:
    history.commit("Begin", {"a": "1"})
    for place in (history.root, history.root / ".git"):
        os.chown(place, 12345, 12345)
    plain = subprocess.run(["git", "log"], cwd=history.root, capture_output=True)
    assert b"dubious ownership" in plain.stderr

    with look(history.root) as seen:
        assert seen.need_commits() == seen.head
        assert seen.files == ("a",)


def test_without_the_program_git_files_are_walked_and_commits_are_not_there(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.commit("Begin", {"a.py": "1", ".gitignore": "*.log\n", "b.log": "x"})
    monkeypatch.setenv("PATH", str(tmp_path))

    with look(history.root) as seen:
        assert seen.files == (".gitignore", "a.py")
        with pytest.raises(CannotCollect, match="git is not installed") as caught:
            seen.need_commits()
    assert caught.value.hint == "install git"


def test_words_are_literal_paths_and_input_is_fed(history: History) -> None:
    history.commit("Begin", {"*.py": "1", "a.py": "2"})

    with look(history.root) as seen:
        assert seen.git("ls-files", "--", "*.py").text == "*.py"
        assert seen.git("hash-object", "--stdin", feed=b"1" * 200_000).text == _hash(history)


def _hash(history: History) -> str:
    history.write({"fed": "1" * 200_000})
    return history.git("hash-object", "fed")


def test_remotes_are_told(history: History) -> None:
    history.git("remote", "add", "origin", "https://example.org/a.git")

    with look(history.root) as seen:
        assert seen.git("remote").text == "origin"


def test_time_that_is_over_ends_a_look(history: History) -> None:
    history.commit("Begin", {"a": "1", "b": "2"})
    clock = FakeClock()
    with Look(history.root, NOW, 5, clock.monotonic) as seen:
        names = seen.files
        taken = []
        for name in seen.in_time(names, "files"):
            taken.append(name)
            clock.advance(6)

        assert (taken, seen.ran_out, seen.left_out) == (["a"], True, {"files: time ran out": 1})
        with pytest.raises(OutOfTime):
            seen.read("a")
        with pytest.raises(OutOfTime):
            seen.git("status")


def test_a_git_at_work_ends_when_the_look_is_ended(history: History) -> None:
    history.commit("Begin", {"a": "1"})
    with look(history.root) as seen:
        assert seen.head
        os.mkfifo(history.root / ".mailmap")  # git would wait for somebody to write to it
        began = time.monotonic()
        threading.Timer(0.2, seen.end).start()
        with pytest.raises(OutOfTime):
            seen.git("log", "--format=%aN")
        assert time.monotonic() - began < 5
