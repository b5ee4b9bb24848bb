"""What the store promises, whichever database it runs on; and that each of its statements is one that PostgreSQL knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pglast import parse_sql
from pglast.parser import ParseError

from cowork.core.errors import Conflict
from cowork.formats.facts import Triple
from cowork.twins import board, pruning, requesting
from cowork.twins.addresses import shown
from cowork.twins.serving.status import status
from cowork.twins.store import (
    addresses,
    claims,
    due,
    facts,
    feedback,
    leases,
    listing,
    memories,
    outbox,
    requests,
    results,
    roles,
    schedule,
    servers,
)
from cowork.twins.store.listing import Filter
from cowork.twins.store.opening import reading, writing
from cowork.twins.store.schema import steps
from cowork.twins.store.servers import Server
from tests.support import ROOT, FakeClock
from tests.twins.owners import finished
from tests.twins.samples import add_numbered, task, twin
from tests.twins.store.databases import DATABASES, Database

MINUTE = 60_000
START = 1_769_847_000_000  # the anchor of the sample twin
OWN = re.compile(r"^(PRAGMA|BEGIN|COMMIT|ROLLBACK|ATTACH|SELECT 1 FROM sqlite_master|--)|memories_search|sqlite_master", re.I)
"""Statements that only SQLite is told, and what it tells itself."""


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    made = DATABASES[request.param]()
    made.ready(home, monkeypatch)
    yield made
    for statement in {text for text in made.statements() if not OWN.search(text)}:
        _known_to_postgresql(statement)


def _known_to_postgresql(statement: str) -> None:
    try:
        parse_sql(statement)
    except ParseError as error:
        pytest.fail(f"PostgreSQL does not know: {statement}: {error}")


def admit(_others: int, _since: int | None) -> None:
    """Everybody is welcome."""


def take(name: str = "twin-a", now: int = START, **more: Any) -> leases.Taken:
    work: dict[str, Any] = {"tasks": [("one", START)], "requests": [], **more}
    return claims.take(f"id-of-{name}", now, admit, **work)


def finish(taken: leases.Taken, now: int) -> None:
    with writing() as connection:
        leases.holding(connection, taken)
        for task_id, moment in taken.tasks:
            claims.close_task(connection, taken, task_id, moment, now)
        claims.close(connection, taken, "done", now, {"provider": "p"})


def test_the_schema_is_one_that_postgresql_knows() -> None:
    for statement in steps(0):
        _known_to_postgresql(statement)


def test_the_parser_tells_what_postgresql_does_not_know() -> None:
    with pytest.raises(ParseError):
        parse_sql("INSERT OR REPLACE INTO agent_roles (id) VALUES ('x')")


@pytest.mark.parametrize("path", sorted((ROOT / "cowork" / "twins").rglob("*.py")), ids=lambda path: path.stem)
def test_what_is_sqlites_own_is_in_three_places(path: Path) -> None:
    words = re.compile(
        r"\bPRAGMA |sqlite_master|\bATTACH |INSERT OR |\browid\b|AUTOINCREMENT|json_extract|strftime\(|datetime\('"
        r"|IntegrityError|\\uffff"
    )
    if path.name not in ("sqlite.py", "searching.py", "shape.py"):
        assert not words.search(path.read_text())


def test_twins_come_back_as_they_were_stored(database: Database) -> None:
    given = [twin("twin-b"), twin("twin-a", provider="p", model="m", allow_rules=("Read",), quiet_hours="22:00-07:00")]

    for one in given:
        roles.add(one)

    assert roles.twins() == sorted(given, key=lambda one: one.name)
    assert roles.twins(["twin-a", "id-of-twin-b", "nobody"]) == roles.twins()
    assert roles.twins([]) == []
    assert roles.names() == {"twin-a", "twin-b"}


def test_names_are_given_once_and_numbered(database: Database) -> None:
    roles.add(twin("twin-a"))
    with pytest.raises(Conflict) as caught:
        roles.add(twin("twin-a", id="other"))
    assert caught.value.code == "twin.exists"

    named = add_numbered([twin("twin-a", id="x"), twin("twin-b", id="y"), twin("twin-a", id="z")])

    assert [one.name for one in named] == ["twin-a-2", "twin-b", "twin-a-3"]


def test_a_change_writes_what_is_different_and_nothing_else(database: Database) -> None:
    roles.add(twin("twin-a"))
    before = twin("twin-a")
    after = twin("twin-a", model="m", tasks=(task("one", frequency_minutes=90), task("three")))

    with writing() as connection:
        connection.execute("UPDATE twin_tasks SET due_ms = 7, last_run_ms = 5 WHERE id = 'one'")
        connection.execute("UPDATE agent_roles SET last_beat_ms = 9")
        roles.change_in(connection, before, after)

    with reading() as connection:
        assert connection is not None
        assert connection.execute("SELECT model, last_beat_ms FROM agent_roles").fetchall() == [("m", 9)]
        rows = connection.execute("SELECT id, frequency_minutes, due_ms, last_run_ms FROM twin_tasks ORDER BY id").fetchall()
    assert rows == [("one", 90, 7, 5), ("three", 60, START, None)]


def test_addresses_are_kept_as_they_are_and_shown_without_secrets(database: Database) -> None:
    roles.add(twin())
    with writing() as connection:
        told = [("", "slack://secret/token"), ("one", "env:ONE"), ("", "slack://secret/token")]
        addresses.add_in(connection, "id-of-twin-a", told)
        addresses.add_in(connection, "id-of-twin-a", told)
        assert sorted(addresses.of_in(connection, "id-of-twin-a")) == sorted(set(told))

    [stored] = roles.twins()
    assert (stored.deliver, stored.tasks[0].deliver, stored.tasks[1].deliver) == (
        (shown("slack://secret/token"),),
        ("env:ONE",),
        (),
    )

    with writing() as connection:
        addresses.remove_in(connection, "id-of-twin-a", [("one", "env:ONE")])
        assert addresses.of_in(connection, "id-of-twin-a") == [("", "slack://secret/token")]


def test_a_list_can_be_narrowed(database: Database) -> None:
    roles.add(twin("twin-a"))
    roles.add(twin("twin-b", status="paused", category="product", template_id="other"))

    def names(**wanted: str) -> list[str]:
        return [item.name for item in listing.items(Filter(**wanted))]

    assert names() == ["twin-a", "twin-b"]
    assert names(status="paused") == names(category="product") == names(template="other") == ["twin-b"]
    assert names(status="paused", category="engineering") == []


def test_work_is_claimed_once_and_scheduled_anew(database: Database) -> None:
    roles.add(twin())
    assert [(found.name, found.tasks) for found in due.due(START)] == [("twin-a", (("one", START),))]

    taken = take()
    with pytest.raises(Conflict) as caught:
        take()
    assert caught.value.code == "twin.busy"
    assert leases.renew(taken, START + 1)
    finish(taken, START + 2)

    assert due.due(START + 59 * MINUTE) == []
    assert due.due(START + 60 * MINUTE)[0].tasks == (("one", START + 60 * MINUTE),)
    assert take(now=START + 3).tasks == ()  # it was done
    assert listing.items()[0].last_beat_at == "2026-01-31T08:10:00.000Z"


def test_work_that_is_given_back_can_be_claimed_again(database: Database) -> None:
    roles.add(twin())
    taken = take()

    claims.give_back(taken, START + 1, "nothing came of it")

    assert not leases.renew(taken, START + 2)
    assert take(now=START + 3).tasks == (("one", START),)


def test_a_twin_goes_with_all_that_it_did(database: Database) -> None:
    roles.add(twin("twin-a"))
    roles.add(twin("twin-b"))
    take()

    with writing() as connection:
        connection.execute(
            "INSERT INTO memories (id, twin_id, kind, text, source, created_ms) VALUES ('m', 'id-of-twin-a', '', '', '', 1)"
        )
        roles.remove_in(connection, "id-of-twin-a")
        left = [connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in ("leases", "claims", "memories")]

    assert left == [0, 0, 0]
    assert roles.names() == {"twin-b"}
    assert due.mend_clock(START) == 0


def test_what_stands_can_be_counted(database: Database) -> None:
    roles.add(twin())

    with reading() as connection:
        assert connection is not None
        assert listing.standing(connection, "id-of-twin-a", 0) == (0, None, 0, 0)
        assert listing.standing(connection, "nobody", 0) == (0, None, 0, 0)
        assert roles.identities(connection)[0][:2] == ("id-of-twin-a", "twin-a")
        assert roles.damage(connection) == ""


def test_requests_are_asked_taken_back_and_closed(database: Database, clock: FakeClock) -> None:
    roles.add(twin())
    first, second = (requesting.request("twin-a", "task", title, clock).request.id for title in ("one", "two"))
    requesting.cancel([first], clock)

    with writing() as connection:
        assert [item.id for item in requests.open_of(connection, "id-of-twin-a")] == [second]
        assert [item.id for item in requests.unfinished_of(connection, "id-of-twin-a")] == [second]
        assert not requests.cancel_in(connection, first, START)
        requests.close(connection, second, "done", "r1", START)
    assert {item.id: item.status for item in requests.with_ids([first, second])} == {first: "cancelled", second: "done"}
    assert requests.open_ids(5) == []


def test_results_are_stored_found_listed_judged_and_told(database: Database, clock: FakeClock) -> None:
    roles.add(twin())
    with writing() as connection:
        addresses.add_in(connection, "id-of-twin-a", [("", "env:ONE")])
    finished(take(), START + 1)
    found = results.find("last")
    with writing() as connection:
        feedback.put(connection, found.id, "bad", "why", START)

    assert results.whole([found.id])[0].verdict == "bad"
    assert results.find(found.id[:-1]).id == found.id
    assert results.listed(twins=["twin-a"], since=START, kinds=["proactive"]).total == 1
    assert results.latest("id-of-twin-a", ["one"]) == []
    assert outbox.waiting(START) is None


def test_boards_schedulers_and_what_is_next_are_looked_at_and_old_things_go(database: Database, clock: FakeClock) -> None:
    roles.add(twin())
    servers.seen(Server(leases.owner(), START, START, None))
    take()

    assert len(servers.at_work(START)) == len(servers.running(START)) == 1
    assert board.board([], clock).total == 1
    assert board.tasks([], everything=True).total == 2
    assert status(clock).active == 1
    assert (schedule.next_due(START), schedule.next_after(START)) == (START, None)
    assert pruning.prune("2000-01-01", clock, dry_run=True).count == 0
    assert pruning.prune("2000-01-01", clock, dry_run=False).count == 0
    assert [pruning.once_a_day(clock), leases.reap(START)] == [0, 0]
    servers.gone(leases.owner())
    assert servers.running(START) == []


def test_memories_and_facts_are_kept_found_and_removed(database: Database) -> None:
    roles.add(twin())
    with writing() as connection:
        kept = memories.add(connection, "id-of-twin-a", "note", "We squash", "remember", START)
        assert memories.found(connection, kept.id[:3]) == memories.same(connection, "id-of-twin-a", "note", "We squash") == kept
        assert memories.from_source(connection, "id-of-twin-a", "remember") == kept
        memories.remove(connection, [kept])
        assert memories.of_twin(connection, "id-of-twin-a") == []
        facts.need_room(connection, 1)
        (fact,) = facts.add(connection, [Triple("a", "owns", "b")], START)
        assert facts.found(connection, fact.id) == facts.known(connection, Triple("a", "owns", "b")) == fact
        facts.remove(connection, [fact])
        assert facts.everything(connection) == []
