"""The twins in the database: what goes in comes out, all of it or nothing."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import Conflict, CoworkError, InvalidInput
from cowork.twins.store import health, opening, roles
from tests.core.killing import Point, run_until
from tests.twins.samples import add_numbered, task, twin


def test_without_a_database_there_is_nothing_and_nothing_is_made(home: Path) -> None:
    assert roles.twins() == []
    assert roles.names() == set()
    assert health.check().message == "none yet"
    assert not home.exists()


def test_a_twin_comes_back_as_it_was_stored() -> None:
    stored = twin()

    roles.add(stored)

    assert roles.twins() == [stored]


def test_twins_are_sorted_by_name_and_tasks_by_urgency() -> None:
    roles.add(twin("twin-b", tasks=(task("z", 2), task("b", 1), task("a", 2))))
    roles.add(twin("twin-a"))

    assert [item.name for item in roles.twins()] == ["twin-a", "twin-b"]
    assert [item.id for item in roles.twins()[1].tasks] == ["b", "a", "z"]
    assert roles.names() == {"twin-a", "twin-b"}


def test_a_name_is_given_once() -> None:
    roles.add(twin())

    with pytest.raises(Conflict, match="there is a twin 'twin-a' already") as caught:
        roles.add(twin(id="other"))

    assert caught.value.code == "twin.exists"
    assert len(roles.twins()) == 1


def test_a_twin_can_take_the_next_free_name() -> None:
    names = [add_numbered([twin("twin-a", id=str(number))])[0].name for number in range(3)]

    assert names == ["twin-a", "twin-a-2", "twin-a-3"]
    assert roles.names() == set(names)


def test_a_twin_whose_tasks_cannot_be_stored_is_not_stored_either() -> None:
    roles.add(twin("twin-a"))

    with pytest.raises(CoworkError):
        roles.add(twin("twin-b", tasks=(task("same"), task("same"))))

    assert roles.names() == {"twin-a"}


DAMAGE = {
    "a soul that is no JSON": "UPDATE agent_roles SET soul = '{'",
    "capabilities that are no list": "UPDATE agent_roles SET capabilities = '5'",
    "evidence that is a blob": "UPDATE twin_tasks SET evidence = x'ff'",
    "no version": "DELETE FROM schema_version",
    "a version in words": "UPDATE schema_version SET version = 'one'",
    "a version before the first": "UPDATE schema_version SET version = 0",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE)
def test_damaged_rows_are_reported_as_a_corrupt_database(statement: str) -> None:
    roles.add(twin())
    connection = sqlite3.connect(opening.database_path(), isolation_level=None)
    connection.execute(statement)
    connection.close()

    with pytest.raises(InvalidInput, match=str(opening.database_path())) as caught:
        roles.twins()

    assert caught.value.code == "database.corrupt"
    assert health.check().status == "fail"


def test_the_doctor_counts_the_twins() -> None:
    roles.add(twin())

    check = health.check()

    held = f"{opening.size():,} bytes, 1 twin with 2 tasks and 0 results"
    assert (check.status, check.message) == ("ok", f"{opening.database_path()}: whole, version {opening.VERSION}, {held}")


def test_the_doctor_sees_damage_that_reading_does_not(home: Path) -> None:
    roles.add(twin(system_prompt="x" * 200_000))
    connection = sqlite3.connect(opening.database_path(), isolation_level=None)
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute("CREATE INDEX by_status ON agent_roles(status)")
    connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'status)', 'template_id)') WHERE name = 'by_status'")
    connection.close()

    assert len(roles.twins()) == 1
    assert health.check().status == "fail"


ACTIVATE = """
import sys
from cowork.core.clock import SystemClock
from cowork.twins.activation import activate
print("ready", flush=True)
sys.stdin.readline()
print(activate("software-engineer", SystemClock())[0].twin.name)
"""


@pytest.mark.parametrize("database_exists", [False, True])
def test_processes_that_activate_one_persona_at_once_get_names_of_their_own(database_exists: bool) -> None:
    if database_exists:
        roles.add(twin())
    children = [
        subprocess.Popen([sys.executable, "-c", ACTIVATE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    answers = sorted(child.communicate(timeout=60)[0].strip() for child in children)

    expected = ["twin-software-engineer", *(f"twin-software-engineer-{number}" for number in range(2, 7))]
    assert answers == expected
    assert roles.names() - {"twin-a"} == set(expected)


STORE = """
from cowork.twins.store import roles
from tests.twins.samples import add_numbered, twin
armed()
add_numbered([twin("twin-b")])
"""
POINTS = [Point("c_call", "open"), Point("c_return", "open"), Point("c_return", "connect")]
POINTS += [Point("c_call", "Connection.execute", count) for count in range(1, 20)]
POINTS += [Point("c_return", "Connection.executemany"), Point("c_return", "Connection.close")]


def rows() -> dict[str, Any]:
    return {item.name: len(item.tasks) for item in roles.twins()}


@pytest.mark.parametrize("database_exists", [False, True])
def test_a_process_killed_at_any_point_leaves_a_database_with_the_whole_twin_or_none_of_it(
    database_exists: bool, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = set()
    for number, point in enumerate(POINTS):
        monkeypatch.setenv("COWORK_HOME", str(tmp_path / f"home-{number}"))
        if database_exists:
            roles.add(twin("twin-a"))
        before = rows()

        killed = run_until(point, STORE)

        after = rows()
        assert after in (before, {**before, "twin-b": 2})
        assert killed or after != before
        outcomes.add((killed, after == before))
        roles.add(twin("twin-c"))  # and it can still be written
        assert json.dumps(rows()) == json.dumps({**after, "twin-c": 2})
    assert outcomes >= {(True, True), (True, False)}, "the points miss the interesting part"
