"""What SessionStart hooks export is read like a shell would, and nothing in it is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.hooks.exports import MAX_BYTES, read

BASE = {"PATH": "/bin", "HOME": "/h"}


def exported(tmp_path: Path, text: str) -> tuple[dict[str, str], list[str]]:
    errors: list[str] = []
    (tmp_path / "env").write_text(text)
    return read(str(tmp_path / "env"), BASE, errors), errors


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("export A=b", "b"),
        ("A=b", "b"),
        ("A=", ""),
        ('A="b c"', "b c"),
        ("A='$HOME \"x\"'", '$HOME "x"'),
        ('export A="$HOME/bin:${PATH}"', "/h/bin:/bin"),
        ("A=$MISSING!", "!"),
        ('A="a\\"b\\$c\\d"', 'a"b$c\\d'),
        ("A=a\\ b", "a b"),
        ("A='a'b\"c\"", "abc"),
        ("A='a'\\''b'", "a'b"),
    ],
)
def test_an_assignment_is_read(tmp_path: Path, line: str, value: str) -> None:
    assert exported(tmp_path, f"# about\n\n  {line}  \n") == ({"A": value}, [])


def test_later_lines_see_what_earlier_ones_set(tmp_path: Path) -> None:
    assert exported(tmp_path, "A=1\nPATH=$A:$PATH\nPATH=$PATH:2\n")[0] == {"A": "1", "PATH": "1:/bin:2"}


@pytest.mark.parametrize(
    "line",
    [
        "A=$(id)", "A=`id`", 'A="`id`"', 'A="$(id)"', "A=b; id", "A=b id", "A=b&", "A=${B:-id}", "A='open", "id", "unset A",
        "A-B=1", "A=$1", "A=<x", "=x",
    ],
)  # fmt: skip
def test_what_a_shell_would_have_to_run_is_left_out_and_told(tmp_path: Path, line: str) -> None:
    found, errors = exported(tmp_path, f"B=2\n{line}\nC=3\n")

    assert found == {"B": "2", "C": "3"}
    assert len(errors) == 1
    assert errors[0].startswith("line 2 of what SessionStart hooks export is left out")


def test_too_much_is_nothing(tmp_path: Path) -> None:
    found, errors = exported(tmp_path, "A=1\n" + "x" * MAX_BYTES)

    assert (found, len(errors)) == ({}, 1)


def test_a_file_that_was_taken_away_exports_nothing(tmp_path: Path) -> None:
    assert read(str(tmp_path / "none"), BASE, []) == {}
