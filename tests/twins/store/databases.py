"""The databases that the store runs on. A second one joins by an entry in DATABASES: the same tests run over each."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Protocol

import pytest

from cowork.twins.store import opening


class Database(Protocol):
    """A database of its own for each test, which notes the statements that it is told."""

    def ready(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the store use it."""

    def statements(self) -> list[str]:
        """What it was told so far, with the values in place."""


class Sqlite:
    """`cowork.db` in the home of the test."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def ready(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        connect = sqlite3.connect

        def noting(*args: object, **options: object) -> sqlite3.Connection:
            connection = connect(*args, **options)  # type: ignore[call-overload]
            connection.set_trace_callback(self.told.append)
            return connection

        monkeypatch.setattr(sqlite3, "connect", noting)
        assert opening.database_path() == home / "cowork.db"

    def statements(self) -> list[str]:
        return self.told


DATABASES = {"sqlite": Sqlite}
