"""Opening, creating and migrating `cowork.db`."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cowork.core.errors import Conflict, CoworkError, InvalidInput
from cowork.twins.store import health, opening, roles
from tests.twins.samples import twin


@contextlib.contextmanager
def other_connection(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def test_the_database_is_in_the_home_and_private(home: Path) -> None:
    roles.add(twin())

    assert opening.database_path() == home / "cowork.db"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "cowork.db").stat().st_mode) == 0o600


def test_the_database_is_private_even_in_a_home_that_is_not(home: Path) -> None:
    home.mkdir(mode=0o755)

    roles.add(twin())

    assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}


def test_readers_and_a_writer_work_side_by_side(home: Path) -> None:
    roles.add(twin())

    with other_connection(home / "cowork.db") as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM agent_roles")
        assert roles.names() == {"twin-a"}


@pytest.mark.parametrize(
    "raw",
    [b"this is not a database, whatever its name says " * 50, b"SQLite format 3\x00" + b"\xff" * 5000],
    ids=["text", "damaged"],
)
def test_a_corrupt_file_is_reported_by_name_and_left_as_it_is(home: Path, raw: bytes) -> None:
    home.mkdir()
    (home / "cowork.db").write_bytes(raw)

    for use in (roles.twins, roles.names, lambda: roles.add(twin())):
        with pytest.raises(InvalidInput, match=str(home / "cowork.db")) as caught:
            use()
        assert caught.value.code == "database.corrupt"
        assert caught.value.hint.startswith("restore a copy: cowork twin restore")
    assert (home / "cowork.db").read_bytes() == raw
    assert health.check().status == "fail"


def test_a_database_cut_short_is_reported(home: Path) -> None:
    roles.add(twin(system_prompt="x" * 100_000))
    raw = (home / "cowork.db").read_bytes()
    (home / "cowork.db").write_bytes(raw[: len(raw) // 2])

    with pytest.raises(InvalidInput) as caught:
        roles.twins()

    assert caught.value.code == "database.corrupt"


def test_a_directory_in_its_place_is_reported(home: Path) -> None:
    (home / "cowork.db").mkdir(parents=True)

    for use in (roles.twins, lambda: roles.add(twin())):
        with pytest.raises(CoworkError, match=str(home / "cowork.db")):
            use()


def test_a_home_that_cannot_be_made_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("COWORK_HOME", str(tmp_path / "file" / "home"))

    assert roles.twins() == []
    with pytest.raises(CoworkError) as caught:
        roles.add(twin())
    assert caught.value.code == "file.not_writable"


@pytest.mark.parametrize("leftover", ["empty file", "empty database"])
def test_a_file_without_a_schema_holds_no_twins_and_reading_adds_none(home: Path, leftover: str) -> None:
    home.mkdir()
    path = home / "cowork.db"
    path.touch()
    if leftover == "empty database":
        with other_connection(path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    before = path.read_bytes()

    assert roles.twins() == []
    assert roles.names() == set()
    assert path.read_bytes() == before

    roles.add(twin())
    assert roles.names() == {"twin-a"}


def test_a_database_of_a_newer_version_is_not_touched(home: Path) -> None:
    roles.add(twin())
    with other_connection(home / "cowork.db") as connection:
        connection.execute("UPDATE schema_version SET version = ?", (opening.VERSION + 1,))

    for use in (roles.twins, lambda: roles.add(twin("twin-b"))):
        with pytest.raises(InvalidInput, match="written by a newer cowork") as caught:
            use()
        assert (caught.value.code, caught.value.hint) == ("database.newer", "upgrade cowork")
    with other_connection(home / "cowork.db") as connection:
        assert connection.execute("SELECT count(*) FROM agent_roles").fetchone() == (1,)


def test_while_another_process_writes_the_database_is_locked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT_S", 0.05)
    roles.add(twin())

    with other_connection(home / "cowork.db") as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Conflict, match=f"{home / 'cowork.db'} is locked") as caught:
            roles.add(twin("twin-b"))
        writer.execute("ROLLBACK")

    assert (caught.value.code, caught.value.exit_code) == ("database.locked", 5)
    roles.add(twin("twin-b"))
    assert roles.names() == {"twin-a", "twin-b"}


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_while_another_process_creates_the_database_it_is_locked(
    home: Path, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT_S", 0.05)
    home.mkdir()

    with other_connection(home / "cowork.db") as writer:
        writer.execute(f"BEGIN {lock}")
        with pytest.raises(Conflict) as caught:
            roles.add(twin())

    assert caught.value.code == "database.locked"


def test_a_writer_waits_for_the_process_that_creates_the_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()

    with other_connection(home / "cowork.db") as writer:
        writer.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(time, "sleep", lambda _: writer.execute("ROLLBACK"))  # it finishes while we wait
        roles.add(twin())

    assert roles.names() == {"twin-a"}


def test_what_is_written_survives_only_when_the_block_ends_well() -> None:
    roles.add(twin())

    with pytest.raises(KeyError), opening.writing() as connection:
        connection.execute("DELETE FROM agent_roles")
        raise KeyError

    assert roles.names() == {"twin-a"}


def test_tasks_go_with_their_twin() -> None:
    roles.add(twin())

    with opening.writing() as connection:
        connection.execute("DELETE FROM agent_roles")
        assert connection.execute("SELECT count(*) FROM twin_tasks").fetchone() == (0,)
