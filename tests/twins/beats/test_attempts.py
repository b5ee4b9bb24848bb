"""Work that cannot be stored, or that fails by a bug, is paid for three times at most."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import CoworkError
from cowork.twins.beats import beating
from cowork.twins.beats import work as working
from cowork.twins.beats.asking import Speaker
from cowork.twins.beats.work import Answer
from cowork.twins.store import ids, opening, results
from tests.support import FakeClock
from tests.twins.beating import beat, only, stored
from tests.twins.samples import task

SPEAKER = Speaker("anthropic", None)
DUE = "2026-01-31T08:05:00.000Z"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A model that answers with what no database takes; how often it was asked."""
    asked = []

    async def answer(*_args: Any) -> Answer:
        asked.append(1)
        return Answer("# task: first\nhalf \ud83d an emoji\0\n\n# task: second\n\U0001f600 whole", None, "model", "\udc00")

    monkeypatch.setattr(working, "_answer", answer)
    return asked


def test_an_answer_that_no_encoding_has_is_stored_without_what_is_wrong_with_it(
    workspace: Path, clock: FakeClock, answers: list[int]
) -> None:
    stored(workspace, clock)

    first, second = only(beat(clock, speaker=SPEAKER)).results

    assert first.text == "half \ufffd an emoji\ufffd [unverified]"
    assert second.text == "\U0001f600 whole [unverified]"
    assert results.find(first.id) == first
    assert answers == [1]


@pytest.mark.parametrize(
    "error",
    [UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "half"), sqlite3.IntegrityError("UNIQUE"), KeyError("a bug")],
    ids=repr,
)
def test_what_cannot_be_stored_is_given_up_after_three_times(
    workspace: Path, clock: FakeClock, answers: list[int], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    stored(workspace, clock, tasks=(task("first", evidence=(), due_at=DUE),))

    def refuses(*_args: Any) -> None:
        with opening.writing():
            raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beating, "finish", refuses)
        for _ in range(3):
            _fails(clock)

    (result,) = _given_up(clock)

    assert len(answers) == 3, "it is not paid for again"
    assert (result.status, result.notes) == (
        "failed",
        ("it was begun 3 times and never came to its end; it is not begun again for this time",),
    )


def _fails(clock: FakeClock) -> None:
    with pytest.raises((CoworkError, OSError, ValueError, KeyError)):
        beat(clock, speaker=SPEAKER)


def _given_up(clock: FakeClock) -> tuple[Any, ...]:
    with pytest.raises(CoworkError) as caught:
        beat(clock, speaker=SPEAKER)
    assert caught.value.code == "twin.failed"
    return only(caught.value.data).results


@pytest.mark.parametrize("error", [CoworkError("database.full", "no room"), OSError("too many open files")], ids=repr)
def test_what_may_pass_is_no_attempt(
    workspace: Path, clock: FakeClock, answers: list[int], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    stored(workspace, clock)

    def refuses(*_args: Any) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beating, "finish", refuses)
        for _ in range(4):
            _fails(clock)

    assert [result.made_by for result in only(beat(clock, speaker=SPEAKER)).results] == ["model", "model"]


def test_ids_that_are_taken_are_passed_over_wherever_they_are_given(
    workspace: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(workspace, clock, "twin-a")
    stored(workspace, clock, "twin-b")
    drawn = iter(f"{number // 2:08x}" for number in range(1000))  # each of them twice
    monkeypatch.setattr(ids, "token_hex", lambda _size: next(drawn))

    made = [result.id for item in beat(clock).items for result in item.results]

    assert len(set(made)) == len(made) == results.listed().total == 4
    assert {results.find(result_id).id for result_id in made} == set(made)


def test_rows_that_contradict_what_is_there_are_not_told_as_damage(clock: FakeClock, workspace: Path) -> None:
    stored(workspace, clock)
    with pytest.raises(CoworkError) as caught, opening.writing() as connection:
        connection.execute("INSERT INTO beats SELECT 'x', 'nobody', '', '', '', '', '', '', 0, 0, 0, 0")

    assert caught.value.code == "database.refused"
