"""Copies of the database, faults of the disk, and the way from version 1."""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cowork.core.clock import millis
from cowork.core.errors import Conflict, CoworkError, InvalidInput
from cowork.twins import keeping
from cowork.twins.store import claims, copies, health, opening, roles
from cowork.twins.store.schema import MIGRATIONS
from tests.support import FakeClock
from tests.twins.samples import twin

COPY = Path("copy.db")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def back(clock: FakeClock, source: Path = COPY, *, force: bool = False) -> keeping.Restored:
    return keeping.restore(str(source), clock, force=force, dry_run=False)


def names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM agent_roles ORDER BY name")]


def test_a_copy_is_whole_private_and_one_file(clock: FakeClock, home: Path) -> None:
    roles.add(twin())

    made = keeping.backup(None, clock, dry_run=False)

    path = Path(made.path)
    assert (path.parent, made.twins, made.tasks, made.results) == (home / "backups", 1, 2, 0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    assert copies.examine(path) == copies.Contents(opening.VERSION, 1, 2, 0)
    assert keeping.backup(None, clock, dry_run=False).path != made.path


def test_a_file_that_is_there_is_not_replaced_by_a_copy(clock: FakeClock) -> None:
    roles.add(twin())
    COPY.write_text("mine")

    with pytest.raises(Conflict) as caught:
        keeping.backup(str(COPY), clock, dry_run=False)

    assert (caught.value.code, COPY.read_text()) == ("backup.exists", "mine")


def test_what_is_put_back_takes_the_place_of_what_there_is_which_is_kept(clock: FakeClock) -> None:
    roles.add(twin("twin-a"))
    keeping.backup(str(COPY), clock, dry_run=False)
    roles.add(twin("twin-b"))

    done = back(clock)

    assert roles.twins() == [twin("twin-a")]
    assert names(Path(done.kept or "")) == ["twin-a", "twin-b"]
    assert health.check().status == "ok"


def test_whoever_has_the_database_open_sees_the_state_before_or_after(clock: FakeClock, home: Path) -> None:
    roles.add(twin("twin-a"))
    keeping.backup(str(COPY), clock, dry_run=False)
    roles.add(twin("twin-b"))

    with closing(sqlite3.connect(home / "cowork.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        assert other.execute("SELECT COUNT(*) FROM agent_roles").fetchone() == (2,)
        back(clock)
        assert other.execute("SELECT COUNT(*) FROM agent_roles").fetchone() == (2,)
        other.execute("COMMIT")
        assert other.execute("SELECT COUNT(*) FROM agent_roles").fetchone() == (1,)


def test_while_a_twin_is_at_work_nothing_is_put_back_unless_it_is_forced(clock: FakeClock) -> None:
    roles.add(twin())
    keeping.backup(str(COPY), clock, dry_run=False)
    roles.add(twin("twin-b"))
    claims.take("id-of-twin-a", millis(clock.now()), lambda *_: None, tasks=[], requests=[])

    with pytest.raises(Conflict) as caught:
        back(clock)
    assert (caught.value.code, len(roles.twins())) == ("twin.busy", 2)

    back(clock, force=True)
    assert len(roles.twins()) == 1


@pytest.mark.parametrize("damage", ["text", "cut", "newer", "other"])
def test_a_copy_that_is_no_whole_copy_is_refused_and_nothing_changes(clock: FakeClock, damage: str) -> None:
    roles.add(twin(system_prompt="x" * 50_000))
    keeping.backup(str(COPY), clock, dry_run=False)
    if damage == "text":
        COPY.write_text("no database" * 100)
    elif damage == "cut":
        COPY.write_bytes(COPY.read_bytes()[:40_000])
    else:
        with closing(sqlite3.connect(COPY, isolation_level=None)) as connection:
            connection.execute("UPDATE schema_version SET version = 99" if damage == "newer" else "DROP TABLE schema_version")
    before = roles.twins()

    with pytest.raises(InvalidInput) as caught:
        back(clock)

    assert caught.value.code == ("database.newer" if damage == "newer" else "backup.corrupt")
    assert roles.twins() == before


def test_a_database_that_cannot_be_read_is_moved_aside(clock: FakeClock, home: Path) -> None:
    roles.add(twin())
    keeping.backup(str(COPY), clock, dry_run=False)
    (home / "cowork.db").write_bytes(b"broken" * 1000)

    done = back(clock)

    assert Path(done.kept or "").read_bytes() == b"broken" * 1000
    assert roles.twins() == [twin()]


def test_a_full_disk_has_a_name_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    roles.add(twin())
    connect = sqlite3.connect

    def small(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **options)
        connection.execute("PRAGMA max_page_count = 1")  # no more than there is
        return connection

    with monkeypatch.context() as patch, pytest.raises(CoworkError) as caught:
        patch.setattr(sqlite3, "connect", small)
        roles.add(twin("twin-b", system_prompt="x" * 1_000_000))

    assert (caught.value.code, "free some space" in (caught.value.hint or "")) == ("database.full", True)
    assert roles.twins() == [twin()]


def test_twins_of_version_1_are_kept_and_count_from_their_activation(home: Path) -> None:
    home.mkdir()
    with closing(sqlite3.connect(home / "cowork.db", isolation_level=None)) as connection:
        connection.executescript(MIGRATIONS[0])
        connection.execute("INSERT INTO schema_version VALUES (1)")
        role = (
            "i",
            "twin-a",
            "A",
            "active",
            "tester",
            "1.0.0",
            "engineering",
            "x",
            "#fff",
            "lead",
            '["test"]',
            30,
            5,
            "p",
            "{}",
        )
        created = "2026-01-31T08:05:00.000Z"
        connection.execute(f"INSERT INTO agent_roles VALUES ({', '.join('?' * 17)})", (*role, created, created))
        connection.execute("INSERT INTO twin_tasks VALUES ('i', 'look', 'Look', '', 'documentation', 60, 1, 1, '[]', 'Look.')")

    [kept] = roles.twins()

    assert (kept.name, kept.interval_minutes, kept.tasks[0].id) == ("twin-a", 30, "look")
    assert kept.anchor_at == kept.tasks[0].due_at == "2026-01-31T08:10:00.000Z"
    assert (kept.tasks[0].last_run_at, kept.template_digest) == (None, "")
    assert health.check().status == "ok"


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_many_that_read_a_database_of_version_1_at_once_all_see_it_migrated(home: Path, journal: str) -> None:
    home.mkdir()
    with closing(sqlite3.connect(home / "cowork.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
        connection.executescript(MIGRATIONS[0])
        connection.execute("INSERT INTO schema_version VALUES (1)")
    together = threading.Barrier(8)

    def read(_number: int) -> int:
        together.wait()
        with opening.reading() as connection:
            assert connection is not None
            return opening.version(connection, home / "cowork.db")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [opening.VERSION] * 8


HOSTILE = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON results BEGIN DELETE FROM agent_roles; END",
    "a view": "ALTER TABLE feedback RENAME TO other; CREATE VIEW feedback AS SELECT * FROM other",
    "a view that never ends": """DROP TABLE servers; DROP TABLE leases; DROP TABLE schema_version; CREATE VIEW leases AS
        WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i FROM n) SELECT i FROM n;
        CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (2)""",
    "a computed column": "ALTER TABLE facts ADD COLUMN x TEXT AS (hex(zeroblob(100000000)))",
    "a computed version": """DROP TABLE schema_version; CREATE TABLE schema_version (a, version AS (hex(zeroblob(400000000))));
        INSERT INTO schema_version (a) VALUES (1)""",
    "a constraint": "DROP TABLE servers; CREATE TABLE servers (owner TEXT CHECK (length(hex(zeroblob(400000000))) > 0))",
    "one more table": "CREATE TABLE extra (x)",
    "an index of something": "CREATE INDEX i ON facts (length(hex(zeroblob(1000))))",
    "another table for words": "DROP TABLE memories_search; CREATE TABLE memories_search (id, twin_id, text)",
    "a schema that lies": """PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = 'CREATE TABLE facts (x)' WHERE name = 'facts'""",
}


@pytest.mark.parametrize("statements", HOSTILE.values(), ids=HOSTILE)
def test_what_is_in_a_copy_of_others_beside_rows_is_refused_before_it_runs(clock: FakeClock, statements: str) -> None:
    roles.add(twin())
    keeping.backup(str(COPY), clock, dry_run=False)
    with closing(sqlite3.connect(COPY, isolation_level=None)) as connection:
        connection.executescript(statements)

    began = time.monotonic()
    with pytest.raises(InvalidInput) as caught:
        back(clock)

    assert caught.value.code == "backup.corrupt"
    assert time.monotonic() - began < 1.0
    assert [role.name for role in roles.twins()] == [twin().name]
