"""Finding words in what twins remember, whatever SQLite can."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import CoworkError
from cowork.twins.recalling import memory_of
from cowork.twins.remembering import forget, remember
from cowork.twins.store import opening, roles, searching
from cowork.twins.store.schema import steps
from tests.support import FakeClock
from tests.twins.remembered import keep, known
from tests.twins.samples import twin
from tests.twins.test_remembering import in_step, rows

TEXTS = {"a1": "We deploy on Mondays", "a2": "Tests, then deployments: tests first", "a3": 'He said "NEAR(" AND left'}


def without_fts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if this SQLite had been built without FTS5: it looks for a module that it has not."""
    monkeypatch.setattr(searching, "MAKE", searching.MAKE.replace("fts5", "fts5_not_built_in"))


@pytest.fixture(scope="module", params=["with an index", "without one"])
def connection(request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """A database in which a twin remembers something, and another one too."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    for statement in steps(0):
        made.execute(statement)
    roles.write(made, twin(), twin("twin-a-2"))
    with pytest.MonkeyPatch.context() as context:
        if request.param == "without one":
            without_fts(context)
        assert searching.prepare(made) == (request.param == "with an index")
        for number, (memory_id, text) in enumerate(TEXTS.items()):
            hold(made, memory_id, text, number)
        for memory_id, moment in (("b1", 8), ("b2", 10), ("b3", 9)):
            hold(made, memory_id, "deploy tests", moment, "id-of-twin-a-2")
    yield made
    made.close()


def hold(connection: sqlite3.Connection, memory_id: str, text: str, moment: int, twin_id: str = "id-of-twin-a") -> None:
    row = (memory_id, twin_id, "note", text, "remember", moment)
    connection.execute("INSERT INTO memories VALUES (?, ?, ?, ?, ?, ?)", row)
    searching.remember(connection, [(memory_id, twin_id, text)])


def found(connection: sqlite3.Connection, text: str, *, every: bool) -> list[str]:
    return searching.find(connection, "id-of-twin-a", searching.words(text), every=every)


def test_all_words_must_occur_or_one_of_them(connection: sqlite3.Connection) -> None:
    assert found(connection, "deploy MON", every=True) == ["a1"]
    assert found(connection, "tests deploy", every=True) == ["a2"]
    assert found(connection, "tests mondays", every=False)[0] in ("a1", "a2")
    assert set(found(connection, "tests mondays", every=False)) == {"a1", "a2"}
    assert found(connection, "nothing", every=False) == []
    assert found(connection, "deploy_mondays __ x", every=True) == ["a1"]


def test_of_what_is_as_good_the_newest_comes_first(connection: sqlite3.Connection) -> None:
    assert searching.find(connection, "id-of-twin-a-2", ["deploy"], every=False) == ["b2", "b3", "b1"]


def test_of_a_question_without_words_nothing_is_found(connection: sqlite3.Connection) -> None:
    for text in ("", '"', "* ( ) ^ : -", "_ __", "\0"):
        assert found(connection, text, every=True) == found(connection, text, every=False) == []


@given(st.text() | st.text(alphabet='"*():^-+{} andornotNEAR_\0\n'), st.booleans())
def test_whatever_is_asked_is_no_syntax(connection: sqlite3.Connection, text: str, every: bool) -> None:
    assert set(found(connection, text, every=every)) <= set(TEXTS)


@given(st.sampled_from(sorted(TEXTS)))
def test_every_text_is_found_by_its_own_words(connection: sqlite3.Connection, memory_id: str) -> None:
    assert memory_id in found(connection, TEXTS[memory_id], every=True)
    assert found(connection, TEXTS[memory_id], every=False)[0] == memory_id


def test_what_work_is_about_is_found_in_other_forms_of_its_words() -> None:
    of = known()
    keep(of, "a1", "Check every dependency.")

    with opening.reading() as connection:
        assert connection is not None
        assert searching.find(connection, of.id, ["dependencies"], every=False) == ["a1"]
        assert searching.find(connection, of.id, ["dependencies"], every=True) == []


def test_a_question_has_a_bound() -> None:
    assert len(searching.words(" ".join(f"word{number}" for number in range(5000)))) == searching.MOST_WORDS


def test_without_the_module_everything_works_and_the_index_is_made_when_it_is_there(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as context:
        without_fts(context)
        of = known()
        first = remember("twin-a", "We deploy on Mondays.", clock, dry_run=False)
        assert [item.text for item in memory_of("twin-a", "deploy").items] == ["We deploy on Mondays."]
        forget([first.memory.id], dry_run=False)
        remember("twin-a", "Tests first.", clock, dry_run=False)
        with pytest.raises(sqlite3.OperationalError):
            sqlite3.connect(roles.database_path()).execute("SELECT * FROM memories_search")

    remember("twin-a", "Docs last.", clock, dry_run=False)

    assert len(rows()) == 2
    assert in_step()
    with opening.writing() as connection:
        roles.remove_in(connection, of.id)
    assert rows() == rows("memories_search") == []


def test_an_index_that_this_sqlite_cannot_read_is_not_left_behind(home: Path, clock: FakeClock) -> None:
    keep(known(), "a1", "We deploy on Mondays.")
    other = sqlite3.connect(home / "cowork.db", isolation_level=None)
    other.execute("PRAGMA writable_schema=ON")
    other.execute("UPDATE sqlite_master SET sql = replace(sql, 'fts5', 'fts6') WHERE name = 'memories_search'")
    other.close()

    assert [item.id for item in memory_of("twin-a", "monday").items] == ["a1"]
    for change in (lambda: remember("twin-a", "x", clock, dry_run=False), lambda: forget(["a1"], dry_run=False)):
        with pytest.raises(CoworkError) as caught:
            change()
        assert (caught.value.code, "FTS5" in (caught.value.hint or "")) == ("database.no_search", True)
    assert rows() == [("a1", "We deploy on Mondays.")]
