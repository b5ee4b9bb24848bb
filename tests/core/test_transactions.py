"""Several renames as one step, whatever happens in between."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cowork.core import transactions
from cowork.core.errors import CoworkError
from cowork.core.transactions import Move, commit, pending, recover
from tests.core.killing import Point, run_until

CODE = """
import sys
from pathlib import Path
from cowork.core.transactions import Move, commit
base = Path(sys.argv[1])
work = base / "staging"
moves = [Move(work / "new", base / "place" / "pack", work / "aside"), Move(work / "lock.next", base / "cowork.lock")]
armed()
commit(base / "place", moves)
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for name, text in (("staging/new", "2"), ("place/pack", "1")):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(text)
    (tmp_path / "cowork.lock").write_text("1")
    (tmp_path / "staging" / "lock.next").write_text("2")
    return tmp_path


def moves(base: Path) -> list[Move]:
    work = base / "staging"
    return [Move(work / "new", base / "place" / "pack", work / "aside"), Move(work / "lock.next", base / "cowork.lock")]


def state(base: Path) -> tuple[str, str]:
    return (base / "place" / "pack" / "file").read_text(), (base / "cowork.lock").read_text()


def test_everything_moves_and_what_was_there_is_put_aside(base: Path) -> None:
    commit(base / "place", moves(base))
    assert state(base) == ("2", "2")
    assert (base / "staging" / "aside" / "file").read_text() == "1"
    assert not pending(base / "place")
    assert not (base / "staging" / "new").exists()


def test_recovering_where_nothing_is_pending_does_nothing(base: Path) -> None:
    assert recover(base / "place") is False
    assert not (base / "place" / ".lock").exists()


@pytest.mark.parametrize("count", range(1, 12))
@pytest.mark.parametrize("function", ["rename", "replace", "unlink", "fsync", "mkdir"])
def test_killed_anywhere_it_happened_entirely_or_not_at_all(base: Path, function: str, count: int) -> None:
    killed = run_until(Point("c_call", function, count), CODE, str(base))
    before = state(base) if not pending(base / "place") and (base / "place" / "pack").exists() else None
    recover(base / "place")
    assert state(base) in (("1", "1"), ("2", "2"))
    assert before in (None, state(base))
    assert not pending(base / "place")
    if not killed:
        assert state(base) == ("2", "2")


def test_recovering_twice_is_recovering_once(base: Path) -> None:
    assert run_until(Point("c_call", "rename", 1), CODE, str(base)) or sys.platform != "linux"
    recover(base / "place")
    assert recover(base / "place") is False
    assert state(base) == ("2", "2")


def test_a_journal_that_cannot_be_written_changes_nothing(base: Path) -> None:
    (base / "place" / transactions.JOURNAL).mkdir()
    with pytest.raises(CoworkError) as caught:
        commit(base / "place", moves(base))
    assert caught.value.code == "file.not_writable"
    assert state(base) == ("1", "1")
