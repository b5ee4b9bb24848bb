"""Waiting for another process to finish writing: told, once it takes long."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator

import pytest

from cowork.core import waiting
from cowork.core.errors import Conflict
from cowork.twins.store import opening, sqlite
from tests.support import run_here

WAITING = "waiting for another process to finish writing to the database ..."


@pytest.fixture
def other() -> Iterator[sqlite3.Connection]:
    """Another process that writes."""
    with opening.writing():
        pass
    connection = sqlite3.connect(opening.database_path(), isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "SILENT_S", 0.02)


def test_who_waits_long_is_told_once_and_then_goes_on(other: sqlite3.Connection) -> None:
    told = list[str]()

    def heard(text: str) -> None:
        told.append(text)
        threading.Thread(target=other.rollback).start()

    with waiting.heard_by(heard), opening.writing() as connection:
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (10_000,)
    assert told == [WAITING]
    with opening.writing():  # nobody listens, nobody is waited for
        pass
    assert told == [WAITING]


def test_waiting_ends(other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT_S", 0.05)

    with pytest.raises(Conflict) as caught, opening.writing():
        pass
    assert caught.value.code == "database.locked"


@pytest.mark.parametrize(("words", "told"), [([], True), (["--json"], False), (["--quiet"], False)])
def test_a_person_reads_it_on_stderr(
    other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, words: list[str], told: bool
) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT_S", 0.05)

    ran = run_here("twin", "facts", "add", "a", "b", "c", *words)

    assert ran.code == 5
    assert (WAITING in ran.err) == told
    assert WAITING not in ran.out
