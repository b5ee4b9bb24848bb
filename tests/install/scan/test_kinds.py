"""What the name and the bytes of a file say about its text."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.install.scan.kinds import decoded, is_text, kind_of, name_of, names_text, suffix_of

PATHS = (
    st.text(st.sampled_from("ab.É/İ-"), min_size=1).map(lambda text: str(PurePosixPath(text))).filter(lambda text: text != ".")
)


@given(PATHS)
def test_names_and_endings_are_those_of_a_path(path: str) -> None:
    assert name_of(path) == PurePosixPath(path).name.lower()
    assert suffix_of(path) == PurePosixPath(path).suffix.lower()


def test_what_the_name_of_a_file_says() -> None:
    kinds = {
        "a.md": "prose",
        "LICENSE": "prose",
        "readme.py": "script",
        "a.JSON": "json",
        "Makefile": "script",
        "a.yml": "yaml",
    }
    assert {name: kind_of(name) for name in kinds} == kinds


def test_a_picture_and_a_file_without_an_ending_promise_no_text() -> None:
    names = ("a.md", "run.sh", "NOTICE", "a.png", "tool")
    assert [name for name in names if names_text(name)] == ["a.md", "run.sh", "NOTICE"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfhi", "hi"),
        ("hi".encode("utf-16"), "hi"),
        (b"\xfe\xff\0h\0i", "hi"),
        (b"caf\xe9", "caf\udce9"),
    ],
)
def test_bytes_as_text(data: bytes, text: str) -> None:
    assert decoded(data) == text
    assert is_text(data)


def test_bytes_with_a_nul_are_no_text() -> None:
    assert not is_text(b"a\0b")
