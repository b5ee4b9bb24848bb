"""Read: numbered lines of text, in little memory; everything that is no text file is refused with what it is."""

from __future__ import annotations

import os
import socket
import time
import tracemalloc
from pathlib import Path

import pytest

from tests.agent.tools.workshop import Workshop


def test_lines_are_numbered_from_one(shop: Workshop) -> None:
    shop.file("a.txt", "one\n\n  three\n")

    assert shop.call("Read", file_path="a.txt").text == "     1\tone\n     2\t\n     3\t  three"


def test_a_slice_starts_where_it_is_asked_to_and_says_how_to_go_on(shop: Workshop) -> None:
    shop.file("a.txt", "".join(f"line {number}\n" for number in range(1, 11)))

    text = shop.call("Read", file_path="a.txt", offset=4, limit=2).text

    assert text == "     4\tline 4\n     5\tline 5\n(There is more: read on with offset 6.)"
    assert shop.call("Read", file_path="a.txt", offset=10).text == "    10\tline 10"
    assert shop.call("Read", file_path="a.txt", offset=0, limit=1).text.startswith("     1\tline 1\n")


def test_beyond_the_end_it_says_how_long_the_file_is(shop: Workshop) -> None:
    shop.file("a.txt", "one\ntwo")

    assert "has only 2 lines" in shop.call("Read", file_path="a.txt", offset=3).text
    assert "has only 2 lines" in shop.call("Read", file_path="a.txt", offset=900).text


def test_an_empty_file_says_so(shop: Workshop) -> None:
    shop.file("a.txt")

    result = shop.call("Read", file_path="a.txt")

    assert (result.error, "is empty" in result.text) == (False, True)


def test_two_thousand_lines_are_shown_unless_more_are_asked_for(shop: Workshop) -> None:
    shop.file("a.txt", "x\n" * 2500)

    assert shop.call("Read", file_path="a.txt").text.endswith("  2000\tx\n(There is more: read on with offset 2001.)")
    assert shop.call("Read", file_path="a.txt", limit=2400).text.count("\n") == 2400


def test_a_long_line_is_cut(shop: Workshop) -> None:
    shop.file("a.txt", "é" * 5000 + "\nnext\n")

    first, second = shop.call("Read", file_path="a.txt").text.split("\n")

    assert (first.count("é"), first.endswith("[the line goes on]")) == (2000, True)
    assert second == "     2\tnext"


def test_a_result_is_never_larger_than_its_bound(shop: Workshop) -> None:
    shop.file("a.txt", f"{'x' * 1000}\n" * 1000)

    text = shop.call("Read", file_path="a.txt", offset=1, limit=1000).text

    assert 200_000 < len(text) < 257 * 1024
    shown = text.count("x\n")
    assert text.endswith(f"read on with offset {shown + 1}.)")


def test_windows_line_ends_and_bytes_that_are_no_text_do_not_get_in_the_way(shop: Workshop) -> None:
    shop.file("a.txt", b"one\r\ntwo\xff\r\n")

    assert shop.call("Read", file_path="a.txt").text == "     1\tone\n     2\ttwo\ufffd"


def test_line_ends_are_found_where_pieces_of_a_file_meet(shop: Workshop) -> None:
    for length in range(1024 * 1024 - 2, 1024 * 1024 + 3):
        shop.file("a.txt", "x" * length + "\r\nlast\n")

        assert shop.call("Read", file_path="a.txt", offset=2, limit=5).text == "     2\tlast"
        assert shop.call("Read", file_path="a.txt", offset=1, limit=1).text.count("\n") == 1


def test_a_huge_file_is_refused_as_a_whole_and_cheap_in_slices(shop: Workshop) -> None:
    path = shop.file("huge.log", "".join(f"line {number}\n" for number in range(1, 20_001)))
    os.truncate(path, 1024**3)

    assert "Read a part of it with offset and limit" in shop.fails("Read", file_path="huge.log")
    tracemalloc.start()
    started = time.monotonic()
    text = shop.call("Read", file_path="huge.log", offset=19_999, limit=2).text
    took, peak = time.monotonic() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert text == " 19999\tline 19999\n 20000\tline 20000\n(There is more: read on with offset 20001.)"
    assert (took < 1, peak < 16 * 1024**2) == (True, True)


def test_a_line_of_a_gigabyte_costs_little_memory(shop: Workshop) -> None:
    path = shop.file("huge.log", "x" * 10_000)
    os.truncate(path, 1024**3)

    tracemalloc.start()
    text = shop.call("Read", file_path="huge.log", offset=1, limit=1).text
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert text.startswith("     1\txxx")
    assert len(text) < 3000
    assert peak < 16 * 1024**2


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0", "a JPEG image"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04\x14\0", "a ZIP archive"),
        (b"\x7fELF\x02\x01\x01\0", "an ELF program"),
        (b"SQLite format 3\0", "an SQLite database"),
        ("\ufeffhi".encode("utf-16-le"), "text in UTF-16"),
        (b"plain\0not", "binary data"),
    ],
)
def test_what_is_no_text_is_refused_with_what_it_is(shop: Workshop, start: bytes, kind: str) -> None:
    shop.file("thing", start)

    assert kind in shop.fails("Read", file_path="thing")


@pytest.mark.parametrize("text", ["BMW builds cars", "MZ is a code", "ID3 is a tag", "GIF8 is a mark", "BZhang wrote this"])
def test_text_that_begins_like_a_picture_is_text(shop: Workshop, text: str) -> None:
    shop.file("a.txt", text)

    assert shop.call("Read", file_path="a.txt").text == f"     1\t{text}"


def test_what_is_no_file_is_refused_without_being_opened(shop: Workshop) -> None:
    os.mkfifo(shop.root / "pipe")
    (shop.root / "dir").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(shop.root / "socket"))

        started = time.monotonic()
        assert "named pipe" in shop.fails("Read", file_path="pipe")
        assert "a directory" in shop.fails("Read", file_path="dir")
        assert "a socket" in shop.fails("Read", file_path="socket")
        assert "a character device" in shop.fails("Read", file_path="/dev/zero")
        assert "a directory" in shop.fails("Read", file_path="/")
        assert time.monotonic() - started < 2


def test_a_missing_file_suggests_its_neighbour(shop: Workshop) -> None:
    shop.file("src/settings.py", "x")

    assert "Did you mean" in (text := shop.fails("Read", file_path="src/setings.py"))
    assert "settings.py" in text
    assert f"{shop.root} does" in shop.fails("Read", file_path="lib/deep/settings.py")


def test_links_that_lead_in_circles_end_in_words(shop: Workshop) -> None:
    (shop.root / "a").symlink_to("b")
    (shop.root / "b").symlink_to("a")

    assert "symbolic link" in shop.fails("Read", file_path="a")


@pytest.mark.parametrize("path", ["a\0b", "\0", " ", "x" * 5000, "a.txt/inside", "~nobody-there/x"])
def test_a_path_that_cannot_be_is_an_ordinary_failure(shop: Workshop, path: str) -> None:
    shop.file("a.txt", "x")

    assert shop.fails("Read", file_path=path)


def test_a_file_that_fails_while_it_is_read_says_why(shop: Workshop) -> None:
    # a regular file that opens and then fails to read its first byte, whoever asks, root included
    assert "/mem cannot be used: Input/output error" in shop.fails("Read", file_path="/proc/self/mem")


def test_a_read_is_remembered_by_the_real_path(shop: Workshop) -> None:
    path = shop.file("a.txt", "abc")
    (shop.root / "link").symlink_to("a.txt")

    shop.call("Read", file_path="link")

    assert shop.workspace.read == {path: (path.stat().st_mtime_ns, 3)}


def test_it_touches_the_link_and_its_target(shop: Workshop, tmp_path: Path) -> None:
    from tests.agent.tools.workshop import TOOLS

    (tmp_path / "outside").write_text("x")
    (shop.root / "link").symlink_to(tmp_path / "outside")

    touched = TOOLS["Read"].touches({"file_path": "link"}, shop.workspace)

    assert [(touch.path, touch.access) for touch in touched] == [("link", "read"), (str(tmp_path / "outside"), "read")]
    assert [touch.path for touch in TOOLS["Read"].touches({"file_path": "a\0b"}, shop.workspace)] == ["a\0b"]


def test_the_judge_is_asked_of_the_real_path_last(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    (shop.root / "link").symlink_to(tmp_path / "outside")
    shop.workspace.judge = lambda path, access: None if path.is_relative_to(shop.root) else f"{path} is outside ({access})"

    assert shop.fails("Read", file_path="link") == f"{tmp_path / 'outside'} is outside (read)"


def test_a_directory_that_becomes_a_link_after_it_was_judged_leads_nowhere(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.txt").write_text("canary")
    shop.file("dir/a.txt", "harmless")

    def swap(path: Path, access: str) -> None:
        (shop.root / "dir").rename(shop.root / "old")
        (shop.root / "dir").symlink_to(tmp_path / "secret")

    shop.workspace.judge = swap

    assert "canary" not in shop.fails("Read", file_path="dir/a.txt")
