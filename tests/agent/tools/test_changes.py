"""Write, Edit and MultiEdit: what was not seen is not lost, and a change is whole or not there."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.agent.tools.workshop import TOOLS, Workshop


def content(shop: Workshop, name: str = "a.txt") -> bytes:
    return (shop.root / name).read_bytes()


# --- Write


def test_a_new_file_is_made_with_its_directories(shop: Workshop) -> None:
    assert "Created" in shop.call("Write", file_path="a/b/c.txt", content="hé\n").text

    assert content(shop, "a/b/c.txt") == "hé\n".encode()
    assert (shop.root / "a/b/c.txt").stat().st_mode & 0o777 == 0o666 & ~_umask()
    assert (shop.root / "a").stat().st_mode & 0o777 == 0o777 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_was_not_read_is_not_overwritten(shop: Workshop) -> None:
    shop.file("a.txt", "old")

    assert "was not read yet" in shop.fails("Write", file_path="a.txt", content="new")
    assert content(shop) == b"old"


def test_what_changed_since_it_was_read_is_not_overwritten(shop: Workshop) -> None:
    path = shop.file("a.txt", "old", read=True)
    path.write_text("new by another")

    assert "changed since" in shop.fails("Write", file_path="a.txt", content="mine")
    assert "changed since" in shop.fails("Edit", file_path="a.txt", old_string="new", new_string="x")
    assert content(shop) == b"new by another"


def test_a_change_of_the_same_size_is_seen_too(shop: Workshop) -> None:
    path = shop.file("a.txt", "old", read=True)
    path.write_text("new")
    os.utime(path, ns=(1, 1))

    assert "changed since" in shop.fails("Write", file_path="a.txt", content="mine")


def test_overwriting_keeps_the_mode_and_leaves_nothing_beside(shop: Workshop) -> None:
    path = shop.file("run.sh", "#!/bin/sh\n", read=True)
    path.chmod(0o776)
    shop.call("Read", file_path="run.sh")

    assert "Replaced" in shop.call("Write", file_path="run.sh", content="#!/bin/sh\nexit\n").text

    assert (stat.S_IMODE(path.stat().st_mode), os.listdir(shop.root)) == (0o776, ["run.sh"])


def test_one_may_go_on_after_writing(shop: Workshop) -> None:
    shop.call("Write", file_path="a.txt", content="one")
    shop.call("Write", file_path="a.txt", content="two")

    assert not shop.call("Edit", file_path="a.txt", old_string="two", new_string="three").error
    assert content(shop) == b"three"


def test_a_link_stays_and_its_target_is_written(shop: Workshop) -> None:
    shop.file("real.txt", "old")
    (shop.root / "link").symlink_to("real.txt")
    shop.call("Read", file_path="link")

    shop.call("Write", file_path="link", content="new")

    assert ((shop.root / "link").is_symlink(), content(shop, "real.txt")) == (True, b"new")


def test_a_link_that_leads_out_is_told_and_judged_as_what_it_leads_to(shop: Workshop, tmp_path: Path) -> None:
    (shop.root / "link").symlink_to(tmp_path / "outside")
    shop.workspace.judge = lambda path, access: None if path.is_relative_to(shop.root) else "outside"

    for tool in ("Write", "Edit", "MultiEdit"):
        touched = TOOLS[tool].touches({"file_path": "link"}, shop.workspace)
        assert [(touch.path, touch.access) for touch in touched] == [("link", "write"), (str(tmp_path / "outside"), "write")]
    assert shop.fails("Write", file_path="link", content="x") == "outside"
    assert not (tmp_path / "outside").exists()


def test_a_directory_swapped_for_a_link_after_judging_is_not_written_through(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "victim").mkdir()
    (shop.root / "dir").mkdir()

    def swap(path: Path, access: str) -> None:
        (shop.root / "dir").rmdir()
        (shop.root / "dir").symlink_to(tmp_path / "victim")

    shop.workspace.judge = swap

    assert shop.fails("Write", file_path="dir/a.txt", content="x")
    assert list((tmp_path / "victim").iterdir()) == []


def test_only_files_are_written(shop: Workshop) -> None:
    (shop.root / "dir").mkdir()
    os.mkfifo(shop.root / "pipe")
    shop.file("file", "x")

    assert "a directory" in shop.fails("Write", file_path="dir", content="x")
    assert "named pipe" in shop.fails("Write", file_path="pipe", content="x")
    assert "a character device" in shop.fails("Write", file_path="/dev/null", content="x")
    assert shop.fails("Write", file_path="file/inside", content="x")
    assert shop.fails("Write", file_path=" ", content="x")


def test_half_a_character_is_refused(shop: Workshop) -> None:
    assert "surrogate" in shop.fails("Write", file_path="a.txt", content="a\ud800")
    assert not (shop.root / "a.txt").exists()


def test_a_directory_that_may_not_be_written_says_so(shop: Workshop) -> None:
    assert shop.fails("Write", file_path="/proc/nothing", content="x")


# --- Edit


def test_one_occurrence_is_replaced_and_shown(shop: Workshop) -> None:
    shop.file("a.txt", "one\ntwo\nthree\n", read=True)

    text = shop.call("Edit", file_path="a.txt", old_string="two", new_string="2\n2").text

    assert content(shop) == b"one\n2\n2\nthree\n"
    assert "     2\t2\n     3\t2\n     4\tthree" in text


def test_several_occurrences_are_named_by_line(shop: Workshop) -> None:
    shop.file("a.txt", "x\ny\nx\nx", read=True)

    assert "occurs 3 times" in (text := shop.fails("Edit", file_path="a.txt", old_string="x", new_string="z"))
    assert "lines 1, 3, 4" in text
    assert content(shop) == b"x\ny\nx\nx"
    assert "3 replacements" in shop.call("Edit", file_path="a.txt", old_string="x", new_string="z", replace_all=True).text
    assert content(shop) == b"z\ny\nz\nz"


@pytest.mark.parametrize(
    ("old", "hint"),
    [("two  words", "blanks"), ("two\nwords", "blanks"), ("gone", "Copy it from"), ("two words\nmore", "line 2")],
)
def test_what_does_not_occur_is_an_error_with_a_hint(shop: Workshop, old: str, hint: str) -> None:
    shop.file("a.txt", "one\ntwo words\n", read=True)

    assert hint in shop.fails("Edit", file_path="a.txt", old_string=old, new_string="x")


def test_no_change_is_an_error(shop: Workshop) -> None:
    shop.file("a.txt", "one", read=True)

    assert "the same" in shop.fails("Edit", file_path="a.txt", old_string="one", new_string="one")


def test_what_was_not_read_is_not_edited(shop: Workshop) -> None:
    shop.file("a.txt", "one")

    assert "was not read yet" in shop.fails("Edit", file_path="a.txt", old_string="one", new_string="two")
    assert "does not exist" in shop.fails("Edit", file_path="b.txt", old_string="one", new_string="two")


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        (b"a\r\nb\r\nc\r\n", ("a\nb", "x\ny\nz"), b"x\r\ny\r\nz\r\nc\r\n"),
        (b"a\r\nb\r\nc\r\n", ("b\r\n", ""), b"a\r\nc\r\n"),
        (b"a\r\nb\r\nc\r\n", ("\nb\n", "\n"), b"a\r\nc\r\n"),
        (b"a\r\nb\r\nc", ("c", "c\nd"), b"a\r\nb\r\nc\r\nd"),
        (b"a\nb\nc\r\nd\n", ("b", "x\ny"), b"a\nx\ny\nc\r\nd\n"),  # mixed: what is not touched stays
        (b"a\nb\nc\r\nd\n", ("b\nc\nd", "x"), b"a\nx\n"),
        (b"a\r\nb\r\nc\n", ("c", "d"), b"a\r\nb\r\nd\n"),
        (b"a\rb\rc", ("b", "x"), b"a\rx\rc"),
        (b"\xef\xbb\xbfone\r\n", ("one", "two"), b"\xef\xbb\xbftwo\r\n"),
        ("naïve 😀 e\u0301".encode(), ("😀", "🎉🎉"), "naïve 🎉🎉 e\u0301".encode()),
        (b"no end", ("no", "an"), b"an end"),
    ],
)
def test_line_ends_marks_and_letters_stay(shop: Workshop, before: bytes, edit: tuple[str, str], after: bytes) -> None:
    shop.file("a.txt", before, read=True)

    shop.call("Edit", file_path="a.txt", old_string=edit[0], new_string=edit[1])

    assert content(shop) == after


def test_a_file_that_is_not_utf8_is_not_touched(shop: Workshop) -> None:
    shop.file("a.txt", b"caf\xe9 one", read=True)

    assert "not UTF-8" in shop.fails("Edit", file_path="a.txt", old_string="one", new_string="two")
    assert content(shop) == b"caf\xe9 one"


def test_a_file_that_is_too_large_is_not_edited(shop: Workshop) -> None:
    shop.file("a.txt", b"one\n" + b"x" * 17 * 1024**2)
    shop.call("Read", file_path="a.txt", offset=1, limit=1)

    assert "too large" in shop.fails("Edit", file_path="a.txt", old_string="one", new_string="two")


def test_overlapping_occurrences_are_replaced_from_the_left(shop: Workshop) -> None:
    shop.file("a.txt", "aaaa", read=True)

    shop.call("Edit", file_path="a.txt", old_string="aa", new_string="b", replace_all=True)

    assert content(shop) == b"bb"


# --- MultiEdit


def edits(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"old_string": old, "new_string": new} for old, new in pairs]


def test_edits_are_made_in_turn_each_in_what_the_last_one_left(shop: Workshop) -> None:
    shop.file("a.txt", "one\r\n", read=True)

    result = shop.call("MultiEdit", file_path="a.txt", edits=edits(("one", "two"), ("two", "three\nfour")))

    assert (content(shop), "2 replacements" in result.text) == (b"three\r\nfour\r\n", True)


def test_one_edit_that_fails_undoes_all(shop: Workshop) -> None:
    shop.file("a.txt", "one two two", read=True)

    text = shop.fails("MultiEdit", file_path="a.txt", edits=edits(("one", "1"), ("two", "2")))

    assert "Edit 2 of 2" in text
    assert "No edit was made" in text
    assert content(shop) == b"one two two"
