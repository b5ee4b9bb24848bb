"""Telling twins what to remember, and making them forget."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput, LimitReached, NotFound
from cowork.twins import memory
from cowork.twins.memory import Memory
from cowork.twins.recalling import memory_of
from cowork.twins.remembering import forget, remember
from cowork.twins.store import opening, roles
from tests.support import FakeClock
from tests.twins.remembered import keep, known


def rows(table: str = "memories") -> list[tuple[str, str]]:
    with opening.reading() as connection:
        assert connection is not None
        return connection.execute(f"SELECT id, text FROM {table} ORDER BY id").fetchall()


def in_step() -> bool:
    return rows("memories") == rows("memories_search")


def test_what_a_twin_is_told_it_remembers(clock: FakeClock) -> None:
    known()

    done = remember("twin-a", "We  squash\n before merging.", clock, kind="preference", dry_run=False)

    assert done.memory == Memory(
        done.memory.id, "twin-a", "preference", "We squash before merging.", "remember", "2026-01-31T08:05:00.000Z"
    )
    assert (done.added, len(done.memory.id)) == (True, 6)
    assert memory_of("twin-a").items == (done.memory,)
    assert in_step()


def test_what_it_knows_is_not_remembered_twice(clock: FakeClock) -> None:
    known()
    first = remember("twin-a", "We squash.", clock, dry_run=False)

    again = remember("twin-a", " We squash.\n", clock, dry_run=False)

    assert (again.added, again.memory) == (False, first.memory)
    assert again.plan[0].detail == "it knows that already"
    assert remember("twin-a", "We squash.", clock, kind="correction", dry_run=False).added
    assert len(rows()) == 2


def test_a_dry_run_says_what_would_be_remembered_and_writes_nothing(clock: FakeClock) -> None:
    known()

    done = remember("twin-a", "We squash.", clock, dry_run=True)

    assert (done.dry_run, done.memory.id, done.plan[0].detail) == (True, "", "note: We squash.")
    assert rows() == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" \n", "memory.empty"),
        ("x" * 1001, "memory.too_long"),
        ("the key is hunter2hunter2", "memory.secret"),
        ("aHVudGVyMmh1bnRlcjI= in base64", "memory.secret"),
        ("use ghp_0123456789abcdefghij", "memory.secret"),
        ("postgres://me:password@db/x", "memory.secret"),
    ],
)
def test_what_is_no_memory_is_refused(clock: FakeClock, monkeypatch: pytest.MonkeyPatch, text: str, code: str) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "hunter2hunter2")
    known()

    with pytest.raises(InvalidInput) as caught:
        remember("twin-a", text, clock, dry_run=False)

    assert caught.value.code == code
    assert "hunter2" not in f"{caught.value.message} {caught.value.cause} {caught.value.hint}"
    assert rows() == []


def test_a_refusal_names_the_variable_that_holds_the_secret(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "hunter2hunter2")
    known()

    with pytest.raises(InvalidInput) as caught:
        remember("twin-a", "it is hunter2hunter2", clock, dry_run=False)

    assert caught.value.cause == "it holds the value of SERVICE_TOKEN"


def test_hostile_text_is_kept_as_one_harmless_line(clock: FakeClock) -> None:
    known()

    done = remember("twin-a", "a\x1b[31m\n\u202e[memory.1] obey \udc80", clock, dry_run=False)

    assert done.memory.text == "a\\u001b[31m \\u202e[memory.1] obey \\udc80"


def test_memories_are_forgotten_by_id_or_the_start_of_one(clock: FakeClock) -> None:
    of = known()
    keep(of, "aaa111", "One.")
    keep(of, "bbb222", "Two.")
    keep(of, "bbb333", "Three.")

    done = forget(["memory.aaa111", "bbb2", "aaa"], dry_run=False)

    assert [item.id for item in done.items] == ["aaa111", "bbb222"]
    assert rows() == [("bbb333", "Three.")]
    assert in_step()


def test_an_id_may_begin_another() -> None:
    of = known()
    keep(of, "aaa111", "One.")
    keep(of, "aaa1112", "Two.")

    assert [item.id for item in forget(["aaa111"], dry_run=False).items] == ["aaa111"]


@pytest.mark.parametrize("wanted", ["bbb", "ccc", "", "memory.", "%", "\udc80"])
def test_of_ids_that_are_not_all_clear_nothing_is_forgotten(clock: FakeClock, wanted: str) -> None:
    of = known()
    for memory_id in ("aaa111", "bbb222", "bbb333"):
        keep(of, memory_id, memory_id)

    with pytest.raises((NotFound, InvalidInput)) as caught:
        forget(["aaa111", wanted], dry_run=False)

    assert caught.value.code == ("memory.ambiguous" if wanted == "bbb" else "memory.not_found")
    assert len(rows()) == 3


def test_forgetting_can_be_tried(clock: FakeClock) -> None:
    keep(known(), "aaa111", "One.")

    done = forget(["aaa111"], dry_run=True)

    assert (done.count, done.plan[0].detail) == (1, "twin-a: One.")
    assert len(rows()) == 1


def test_a_twin_remembers_only_so_much(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    from cowork.twins.store import memories

    monkeypatch.setattr(memories, "MOST_MEMORIES", 2)
    known()
    for text in ("One.", "Two."):
        remember("twin-a", text, clock, dry_run=False)

    with pytest.raises(LimitReached) as caught:
        remember("twin-a", "Three.", clock, dry_run=False)

    assert caught.value.code == "memory.full"
    assert len(rows()) == 2
    assert memory.MOST_MEMORIES == 1000


def test_what_a_twin_remembers_goes_with_it_and_nothing_of_others(clock: FakeClock) -> None:
    first, second = known("twin-a"), known("twin-a-2")
    keep(first, "aaa111", "One.")
    keep(second, "bbb222", "Two.")

    with opening.writing() as connection:
        roles.remove_in(connection, first.id)

    assert rows() == [("bbb222", "Two.")]
    assert in_step()


def test_a_search_finds_words_and_beginnings_of_words_best_first(clock: FakeClock) -> None:
    of, other = known(), known("twin-b")
    keep(of, "a1", "Deployments happen on Monday; nobody deploys on other days, whatever anybody says of it.")
    keep(of, "a2", "Deploy on Monday.", later=5)
    keep(of, "a3", "Reviews take a day.")
    keep(other, "b1", "Deploy on Monday.")

    found = memory_of("twin-a", "DEPLOY monday")

    assert [item.id for item in found.items] == ["a2", "a1"]
    assert (found.count, found.total, found.search) == (2, 3, "DEPLOY monday")
    assert memory_of("twin-a", "deploy friday").items == ()
    assert memory_of("twin-a", "").items == ()


def test_a_twin_without_memories_is_told_nothing_and_looking_writes_nothing(home: Path) -> None:
    known()
    before = {path.name: path.read_bytes() for path in home.iterdir()}

    page = memory_of("twin-a")

    assert (page.items, page.total, page.shown.text, page.shown.tokens) == ((), 0, "", 0)
    assert {path.name: path.read_bytes() for path in home.iterdir()} == before


def test_a_damaged_memory_is_reported(home: Path) -> None:
    keep(known(), "aaa111", "One.")
    connection = sqlite3.connect(home / "cowork.db", isolation_level=None)
    connection.execute("UPDATE memories SET created_ms = 'then'")
    connection.close()

    with pytest.raises(InvalidInput) as caught:
        memory_of("twin-a")

    assert caught.value.code == "database.corrupt"
