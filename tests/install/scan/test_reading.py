"""Reading what is to be scanned."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowork.install.scan.reading import read


@pytest.mark.parametrize("size", [0, 1, 9, 10])
def test_a_file_is_read_whole(tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(b"x" * size)
    assert read(str(tmp_path / "a"), 10) == b"x" * size


def test_of_a_larger_file_one_byte_more_than_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 99)
    assert read(str(tmp_path / "a"), 10) == b"x" * 11


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux has files of an unknown size there")
def test_a_file_whose_size_is_not_known_is_read_too() -> None:
    assert read("/proc/self/status", 100_000).startswith(b"Name:")
    assert len(read("/proc/self/status", 7)) == 8


def test_nobody_waits_for_a_fifo(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path, tmp_path / "nowhere"):
        with pytest.raises(OSError):
            read(str(path), 10)
