"""Files on disk: never a part of one, never a silent default for a bad one."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError, InvalidInput
from cowork.core.files import ensure_dir, parse_json, read_json, read_regular, write_atomic
from tests.core.killing import Point, run_until

OLD, NEW = b"old " * 50_000, b"new " * 50_000
WRITE = """
import sys
from pathlib import Path
from cowork.core.files import write_atomic
armed()
write_atomic(Path(sys.argv[1]), b"new " * 50_000)
"""

WRITE_FOR_EVER = """
import sys
from pathlib import Path
from cowork.core.files import write_atomic
print(flush=True)
while True:
    write_atomic(Path(sys.argv[1]), b"new " * 50_000)
    write_atomic(Path(sys.argv[1]), b"old " * 50_000)
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_writing_replaces_the_whole_content(tmp_path: Path) -> None:
    path = tmp_path / "f"

    write_atomic(path, OLD)
    write_atomic(path, b"short")

    assert path.read_bytes() == b"short"


def test_a_written_file_is_private_whatever_the_umask_and_the_old_mode(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch(mode=0o644)
    held = os.umask(0)
    try:
        write_atomic(path, b"x")
    finally:
        os.umask(held)

    assert mode(path) == 0o600


def test_another_mode_can_be_asked_for(tmp_path: Path) -> None:
    write_atomic(tmp_path / "f", b"x", mode=0o644)

    assert mode(tmp_path / "f") == 0o644


def test_writing_makes_the_directories_above_and_keeps_them_private(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a" / "b" / "f", b"x")

    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


def test_nothing_but_the_file_is_left_in_its_directory(tmp_path: Path) -> None:
    write_atomic(tmp_path / "d" / "f", b"x")

    assert os.listdir(tmp_path / "d") == ["f"]


def test_a_failed_write_names_the_path_and_leaves_no_temporary(tmp_path: Path) -> None:
    target = tmp_path / "d" / "taken"
    (target / "inside").mkdir(parents=True)

    with pytest.raises(CoworkError) as caught:
        write_atomic(target, b"x")

    assert caught.value.code == "file.not_writable"
    assert str(target) in caught.value.message
    assert os.listdir(tmp_path / "d") == ["taken"]


@pytest.mark.parametrize("below", ["file/x", "file/x/y"])
def test_a_path_below_a_file_cannot_be_written(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_bytes(b"kept")

    with pytest.raises(CoworkError) as caught:
        write_atomic(tmp_path / below, b"x")

    assert caught.value.code == "file.not_writable"
    assert str((tmp_path / below).parent) in caught.value.message
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_a_file_in_the_place_of_a_directory_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CoworkError) as caught:
        ensure_dir(tmp_path / "file")

    assert caught.value.code == "file.not_writable"


POINTS = {
    Point("c_call", "open"): OLD,
    Point("c_return", "open"): OLD,  # the temporary file is there
    Point("c_call", "BufferedWriter.write"): OLD,
    Point("c_return", "BufferedWriter.write"): OLD,
    Point("c_return", "BufferedWriter.flush"): OLD,
    Point("c_return", "fchmod"): OLD,
    Point("c_return", "fsync"): OLD,
    Point("c_call", "replace"): OLD,
    Point("c_return", "replace"): NEW,
    Point("c_return", "fsync", 2): NEW,  # of the directory
}


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point.event}-{point.function}-{point.count}")
def test_a_writer_killed_at_any_point_leaves_the_old_or_the_new_content(tmp_path: Path, point: Point) -> None:
    path = tmp_path / "f"
    write_atomic(path, OLD)

    assert run_until(point, WRITE, str(path)), "it was not killed"

    assert path.read_bytes() == POINTS[point]


def test_a_reader_never_sees_a_part_while_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomic(path, OLD)
    writer = subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, str(path)], stdout=subprocess.PIPE)
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        seen = {path.read_bytes() for _ in range(300)}
    finally:
        writer.kill()
        writer.communicate()

    assert seen <= {OLD, NEW}


def test_json_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text('\ufeff{"a": [1, 2.5, "ü", null]}', encoding="utf-8")

    assert read_json(path, what="test file") == {"a": [1, 2.5, "ü", None]}


def test_what_a_missing_file_means_is_left_to_the_caller(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "none.json", tmp_path / "file" / "none.json"):
        with pytest.raises(FileNotFoundError):
            read_json(path, what="test file")


BAD_JSON = {
    "nothing": (b"", ":1:1", "Expecting value"),
    "cut off": (b'{"a":\n  [1,', ":2:6", "Expecting value"),
    "two documents": (b"{}\n{}", ":2:1", "Extra data"),
    "trailing comma": (b'{\n"a": 1,\n}', ":3:1", "Expecting property name"),
    "invalid UTF-8": (b'{"a": "\xff"}', "", "invalid start byte"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "", "can't decode"),
    "NaN": (b'{"a": NaN}', "", "NaN is not JSON"),
    "infinity": (b"[-Infinity]", "", "-Infinity is not JSON"),
    "a number beyond floats": (b"[1e999]", "", "1e999 is out of range"),
    "a number beyond ints": (b"1" * 10_000, "", "integer string conversion"),
    "100,000 levels": (b"[" * 100_000 + b"]" * 100_000, "", "recursion"),
}


@pytest.mark.parametrize(("raw", "place", "cause"), BAD_JSON.values(), ids=BAD_JSON)
def test_bad_json_is_refused_with_file_place_and_cause(tmp_path: Path, raw: bytes, place: str, cause: str) -> None:
    path = tmp_path / "f.json"
    path.write_bytes(raw)

    with pytest.raises(InvalidInput) as caught:
        read_json(path, what="test file")

    assert caught.value.code == "file.corrupt"
    assert caught.value.message == f"test file is not valid JSON: {path}{place}"
    assert cause in (caught.value.cause or "")
    assert path.read_bytes() == raw


def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_bytes(b'"' + b"x" * 8 + b'"')

    assert read_json(path, what="test file", limit=10) == "x" * 8
    with pytest.raises(InvalidInput, match=f"{path} is larger than 9 bytes") as caught:
        read_json(path, what="test file", limit=9)
    assert caught.value.code == "file.too_large"


def test_a_fifo_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    with pytest.raises(InvalidInput, match=str(tmp_path / "fifo")) as caught:
        read_json(tmp_path / "fifo", what="test file")

    assert (caught.value.code, caught.value.cause) == ("file.unreadable", "it is not a regular file")


@pytest.mark.parametrize("path", ["/dev/zero", "/"])
def test_what_is_no_regular_file_is_not_read(path: str) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        read_regular(Path(path), 10)


def test_a_regular_file_is_read_to_one_byte_over_the_limit(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abcdef")

    assert read_regular(tmp_path / "f", 3) == b"abcd"


def test_json_from_memory_is_judged_as_strictly() -> None:
    assert parse_json(b"[1]", path=Path("p"), what="text") == [1]
    with pytest.raises(InvalidInput, match="p:1:2"):
        parse_json(b"[", path=Path("p"), what="text")
