"""Context files: text the user hands over, and nothing that only looks like it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput
from cowork.prompts.context import MAX_BYTES, Document, read_document, read_text


def refusal(path: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read_document(path)
    assert path in caught.value.message
    assert caught.value.details == {"path": path}
    assert caught.value.hint
    return caught.value


def test_a_document_has_the_name_it_was_given_and_its_text(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("# Notes\n\nüber 👨\u200d💻\n", encoding="utf-8")

    assert read_document(str(path)) == Document(str(path), "# Notes\n\nüber 👨\u200d💻\n")


def test_a_byte_order_mark_is_not_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\xef\xbb\xbfx")

    assert read_document(str(tmp_path / "f")).text == "x"


def test_line_ends_of_windows_become_newlines(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"a\r\nb\r\n")

    assert read_document(str(tmp_path / "f")).text == "a\nb\n"


def test_an_empty_file_is_an_empty_text(tmp_path: Path) -> None:
    (tmp_path / "f").touch()

    assert read_document(str(tmp_path / "f")).text == ""


def test_a_link_to_a_text_is_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    (tmp_path / "link").symlink_to("f")

    assert read_document(str(tmp_path / "link")).text == "x"


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert refusal(str(tmp_path / "none")).code == "context.missing"
    (tmp_path / "dangling").symlink_to("none")
    assert refusal(str(tmp_path / "dangling")).code == "context.missing"
    (tmp_path / "file").touch()
    assert refusal(str(tmp_path / "file" / "below")).code == "context.missing"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert refusal(str(tmp_path)).code == "context.not_a_file"


def test_a_fifo_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    assert refusal(str(tmp_path / "fifo")).code == "context.not_a_file"


def test_a_device_without_end_is_refused() -> None:
    assert refusal("/dev/zero").code == "context.not_a_file"


@pytest.mark.parametrize(
    "raw",
    [b"\x7fELF\x01\x01\x00", b"text\x00more", "text".encode("utf-16"), b"caf\xe9", b"\xff", b"\xed\xa0\x80"],
    ids=["program", "nul", "utf-16", "latin-1", "invalid", "surrogate"],
)
def test_what_is_not_utf_8_text_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "f").write_bytes(raw)

    assert refusal(str(tmp_path / "f")).code == "context.binary"


def test_exactly_two_megabytes_are_read_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * MAX_BYTES)
    assert len(read_document(str(path)).text) == MAX_BYTES == 2 * 1024 * 1024

    path.write_bytes(b"x" * (MAX_BYTES + 1))
    assert refusal(str(path)).code == "context.too_large"


@pytest.mark.parametrize("name", ["with\x00nul", "x" * 300, "lone-\udcff-surrogate"], ids=["nul", "too long", "not UTF-8"])
def test_a_name_no_file_can_have_is_refused_like_any_other(tmp_path: Path, name: str) -> None:
    assert refusal(str(tmp_path / name)).code in ("context.missing", "context.unreadable")


def test_a_file_that_fails_while_it_is_read_is_refused() -> None:
    # a regular file that opens and then fails to read its first byte, whoever asks, root included
    assert refusal("/proc/self/mem").code == "context.unreadable"


def test_the_error_speaks_of_what_the_file_is_for(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="parameter file does not exist") as caught:
        read_text(str(tmp_path / "none"), kind="parameter")

    assert caught.value.code == "parameter.missing"
