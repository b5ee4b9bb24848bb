"""Commits as they are read from git."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.twins.evidence.history import Changed, parsed, recent
from tests.twins.evidence.histories import History, look

NAMES = st.text(st.characters(exclude_characters="\0\n", exclude_categories=["Cs"]), min_size=1, max_size=12)
PATHS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
FILES = st.lists(st.tuples(PATHS, st.none() | st.integers(0, 999), st.none() | PATHS), max_size=4)


def _told(header: tuple[str, str], files: list[tuple[str, int | None, str | None]], number: int) -> bytes:
    """A commit as git writes it with -z: a header, and files after a newline, a renamed one with both its names."""
    author, subject = header
    fields = ["", f"{number:040x}", "", str(number), author, "a@b", subject, ""]
    told = "\0".join(fields) + "\0" + ("\n" if files else "")
    for path, count, was in files:
        counts = "-\t-" if count is None else f"{count}\t{count}"
        told += f"{counts}\t{path}\0" if was is None else f"{counts}\t\0{was}\0{path}\0"
    return told.encode()


@settings(max_examples=50)
@given(st.lists(st.tuples(st.tuples(NAMES, st.one_of(NAMES, st.just("1\t2\tname"), st.just("a" * 40))), FILES), max_size=4))
def test_any_history_is_read_as_it_was_told(
    history: list[tuple[tuple[str, str], list[tuple[str, int | None, str | None]]]],
) -> None:
    said = b"".join(_told(header, files, number) for number, (header, files) in enumerate(history))
    found = list(parsed(said))
    assert [(commit.author, commit.subject) for commit in found] == [header for header, _ in history]
    expected = [[Changed(path, count, count, was) for path, count, was in files] for _, files in history]
    assert [list(commit.changes) for commit in found] == expected


@given(st.binary(max_size=300))
def test_nothing_that_git_could_say_is_too_much(said: bytes) -> None:
    list(parsed(said))


def test_moves_binaries_merges_and_strange_names_are_read_from_a_real_repository(tmp_path: Path) -> None:
    history = History(tmp_path / "r")
    strange = os.fsdecode(b"two\nlines\t\xff.txt")
    history.commit("Begin", {"a.txt": "line\n" * 20, "image": b"\0\1\2"}, days_ago=3)
    history.git("checkout", "-q", "-b", "side")
    history.commit("1\t2\tlooks like a file", {strange: "x\ny\n", "image": b"\0\3"}, days_ago=2, author="Grace")
    history.git("checkout", "-q", "main")
    history.git("mv", "a.txt", "b.txt")
    history.commit("Move", days_ago=1.5)
    history.git("merge", "-q", "--no-ff", "-m", "Merge side", "side", days_ago=1)

    with look(history.root) as seen:
        found = recent(seen)
    assert (found.words, found.within_window, found.cut) == ("the last 14 days", True, False)
    told = [(commit.subject, commit.author, commit.merge, set(commit.changes)) for commit in found.commits]
    assert told == [
        ("Merge side", "Ada", True, set()),
        ("Move", "Ada", False, {Changed("b.txt", 0, 0, "a.txt")}),
        ("1\t2\tlooks like a file", "Grace", False, {Changed("image", None, None), Changed(strange, 2, 0)}),
        ("Begin", "Ada", False, {Changed("a.txt", 20, 0), Changed("image", None, None)}),
    ]


def test_when_nothing_is_recent_the_last_commits_count(tmp_path: Path) -> None:
    history = History(tmp_path / "r")
    for number in range(3):
        history.commit(f"Old {number}", days_ago=400 - number)

    with look(history.root) as seen:
        found = recent(seen)
    assert [commit.subject for commit in found.commits] == ["Old 2", "Old 1", "Old 0"]
    assert (found.words, found.within_window) == ("the last 3 commits, since 2024-12-27", False)


def test_a_part_of_a_repository_has_the_commits_that_touched_it(tmp_path: Path) -> None:
    history = History(tmp_path / "r")
    history.commit("Elsewhere", {"a": "1"}, days_ago=2)
    history.commit("Here", {"part/b": "1", "a": "2"}, days_ago=1)

    with look(history.root / "part") as seen:
        found = recent(seen)
    assert [(commit.subject, [change.path for change in commit.changes]) for commit in found.commits] == [("Here", ["b"])]
