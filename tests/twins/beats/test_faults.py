"""A database that is locked, full or read-only, and policies that cannot be read, in the middle of a heartbeat."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import Conflict, CoworkError, Denied
from cowork.twins.beats import beating
from cowork.twins.beats.asking import Speaker
from cowork.twins.store import due, opening, results
from tests.agent.scripted_model import scripted_model, turn
from tests.support import FakeClock, run_here
from tests.twins.beating import beat, stored
from tests.twins.samples import task

SAID = "The door is broken. " * 4000
SPEAKER = Speaker("anthropic", None)


@pytest.fixture
def speaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: FakeClock) -> Iterator[None]:
    """A twin with one task, and a model that says a lot of it."""
    stored(tmp_path, clock, tasks=(task("one", 1, evidence=(), due_at="2026-01-31T08:05:00.000Z"),))
    with scripted_model(lambda _request: turn(SAID, piece=100_000)) as model:
        for name, value in model.environment("anthropic").items():
            monkeypatch.setenv(name, value)
        yield


def before_storing(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Any]) -> None:
    """What happens when everything is said and nothing is stored."""
    finish = beating.finish

    def first(*args: Any) -> Any:
        happens()
        return finish(*args)

    monkeypatch.setattr(beating, "finish", first)


def kept(error: CoworkError, home: Path) -> str:
    session = error.details["session"]
    assert f"cowork session show {session}" in str(error.hint)
    return (home / "sessions" / session / "journal.jsonl").read_text()


@pytest.mark.usefixtures("speaks")
def test_on_a_full_disk_the_answer_is_in_the_journal_and_the_error_says_where(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    connect = sqlite3.connect

    def full(*args: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*args, **more)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        before_storing(patch, lambda: patch.setattr(sqlite3, "connect", full))
        with pytest.raises(CoworkError) as caught:
            beat(clock, speaker=SPEAKER)

    assert (caught.value.code, caught.value.cause) == ("database.full", "database or disk is full")
    assert SAID.strip()[:1000] in kept(caught.value, home)
    assert results.listed().total == 0
    assert len(beat(clock, speaker=SPEAKER).items) == 1, "once there is room it is done"
    assert results.listed().total == 1


@pytest.mark.usefixtures("speaks")
def test_a_database_that_is_locked_too_long_is_an_error_that_says_where_the_answer_is(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT_S", 0.01)
    other = sqlite3.connect(opening.database_path(), isolation_level=None, check_same_thread=False)
    with pytest.MonkeyPatch.context() as patch:
        before_storing(patch, lambda: other.in_transaction or other.execute("BEGIN IMMEDIATE"))
        with pytest.raises(Conflict) as caught:
            beat(clock, "twin-a", speaker=SPEAKER)
    other.close()

    assert (caught.value.code, caught.value.exit_code) == ("database.locked", 5)
    assert "The door is broken" in kept(caught.value, home)


@pytest.mark.usefixtures("speaks")
def test_a_database_that_is_locked_for_a_moment_is_waited_for(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT_S", 0.01)
    other = sqlite3.connect(opening.database_path(), isolation_level=None, check_same_thread=False)
    steps = iter([lambda: other.execute("BEGIN IMMEDIATE"), lambda: None, lambda: other.execute("ROLLBACK")])
    before_storing(monkeypatch, lambda: next(steps)())

    assert len(beat(clock, speaker=SPEAKER).items) == 1
    assert results.listed().total == 1
    other.close()


@pytest.mark.usefixtures("speaks")
def test_policies_that_cannot_be_read_let_no_twin_work(clock: FakeClock, home: Path) -> None:
    (home / "policies.json").write_text("{")

    with pytest.raises(Denied, match="the admin policy cannot be read"):
        beat(clock, speaker=SPEAKER)

    assert results.listed().total == 0
    assert [item.name for item in due.due(int(clock.now().timestamp() * 1000))] == ["twin-a"]


DAMAGE = {
    "corrupt": (b"no database at all " * 500, 4, "database.corrupt"),
    "newer": (None, 4, "database.newer"),
}


@pytest.mark.parametrize(("raw", "code", "name"), DAMAGE.values(), ids=DAMAGE)
def test_a_database_that_cannot_be_used_is_reported_by_every_verb(
    raw: bytes | None, code: int, name: str, tmp_path: Path, clock: FakeClock
) -> None:
    stored(tmp_path, clock)
    if raw is not None:
        for path in opening.database_path().parent.glob("cowork.db*"):
            path.write_bytes(raw)
    else:
        with opening.writing() as connection:
            connection.execute("UPDATE schema_version SET version = 99")

    for words in ("beat", "serve --once", "status", "board", "tasks", "results", "ask a well?", "assign a it", "wake a"):
        ran = run_here("twin", *words.split(), "--json")
        assert (ran.code, ran.document["error"]["code"]) == (code, name), words


def test_a_home_in_which_the_database_cannot_be_written_is_reported(tmp_path: Path, clock: FakeClock, home: Path) -> None:
    stored(tmp_path, clock)
    (home / "cowork.db-wal").mkdir()  # also for root, who may write everywhere else

    ran = run_here("twin", "beat", "--no-model", "--json")

    assert (ran.code, ran.document["error"]["code"]) == (1, "database.failed")
