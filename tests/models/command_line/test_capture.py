"""What is kept of a stream: the end in memory, all of it on disk, no secret anywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.secrets import Redactor
from cowork.models.command_line import capture
from cowork.models.command_line.capture import IN_MEMORY, Capture

SECRET = "sk-canary-0123456789"
REDACTOR = Redactor({"ACME_KEY": SECRET})
NOTHING = Redactor({})


def test_what_is_held_in_memory_is_bounded(tmp_path: Path) -> None:
    kept = Capture(NOTHING, tmp_path / "log")
    for _ in range(100):
        kept.add(b"x" * 64_000)
        assert len(kept._tail) <= IN_MEMORY
    kept.close()
    assert (tmp_path / "log").stat().st_size == kept.total == 6_400_000


def test_what_is_short_makes_no_temporary_file_and_what_is_long_makes_one_with_all_of_it() -> None:
    kept = Capture(NOTHING)
    kept.add(b"a" * IN_MEMORY)
    assert kept.path is None
    kept.add(b"b")
    assert kept.path is not None
    kept.close(keep=True)
    assert kept.path.read_bytes() == b"a" * IN_MEMORY + b"b"
    assert kept.path.stat().st_mode & 0o777 == 0o600
    kept.path.unlink()


def test_the_disk_is_not_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "ON_DISK", 10)
    kept = Capture(NOTHING, tmp_path / "log")
    for _ in range(5):
        kept.add(b"1234")
    kept.close()
    assert (tmp_path / "log").read_bytes() == b"1234123412"


def test_a_disk_that_is_full_ends_nothing() -> None:
    kept = Capture(NOTHING, Path("/dev/full"))
    for _ in range(3):
        kept.add(b"some words\n")
    kept.close()
    assert kept.last_lines(100) == "some words\nsome words\nsome words"


class TestTheLastLines:
    def test_are_as_many_whole_ones_as_fit(self) -> None:
        kept = Capture(NOTHING)
        kept.add(b"first\n\n  second\r\nthird\n")
        assert kept.last_lines(100) == "first\nsecond\nthird"
        assert kept.last_lines(12) == "second\nthird"
        assert kept.last_lines(3) == "thi"
        assert Capture(NOTHING).last_lines(3) == ""

    def test_hold_nothing_that_drives_a_terminal(self) -> None:
        kept = Capture(NOTHING)
        kept.add(b"\x1b]0;title\x07\x1b[31mred\x1b[0m \x00\x07\xff\n")
        assert kept.last_lines(100) == "red \ufffd"


@given(st.data())
def test_no_cutting_lets_a_secret_through(data: st.DataObject) -> None:
    raw = f"é key={SECRET} and {SECRET}{SECRET}\n".encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(raw)), max_size=10)))
    kept = Capture(REDACTOR)
    for start, stop in zip([0, *cuts], [*cuts, len(raw)], strict=True):
        kept.add(raw[start:stop])
    assert kept.last_lines(1000) == "é key=[redacted:ACME_KEY] and [redacted:ACME_KEY][redacted:ACME_KEY]"
    kept.close()


def test_bytes_that_are_no_text_are_kept_as_they_are(tmp_path: Path) -> None:
    raw = os.urandom(300_000)
    kept = Capture(REDACTOR, tmp_path / "log")
    for start in range(0, len(raw), 777):
        kept.add(raw[start : start + 777])
    kept.close()
    assert (tmp_path / "log").read_bytes() == raw
