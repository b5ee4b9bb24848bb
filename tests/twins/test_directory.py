"""Listing and finding twins."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.clock import millis
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.text import natural
from cowork.twins import requesting
from cowork.twins.activation import activate
from cowork.twins.directory import find_twin, list_twins, page
from cowork.twins.serving.status import status
from cowork.twins.store import claims, due, roles
from cowork.twins.store.listing import Filter
from cowork.twins.twin import TwinItem, TwinList
from tests.support import FakeClock, run_here
from tests.twins.owners import anybody
from tests.twins.samples import task, twin

pytestmark = pytest.mark.usefixtures("installation")


def test_without_a_database_there_are_no_twins_and_none_is_made(home: Path) -> None:
    assert list_twins() == TwinList((), 0, 0)
    with pytest.raises(NotFound) as caught:
        find_twin("x")

    assert "cowork twin activate" in (caught.value.hint or "")
    assert not home.exists()


def test_twins_are_listed_by_name_with_what_matters(clock: FakeClock) -> None:
    activate("tester", clock, disable=["look"], display_name="A")
    activate("tester", clock, interval=60)

    activated, first_beat = "2026-01-31T08:05:00.000Z", "2026-01-31T08:10:00.000Z"
    assert list_twins() == TwinList(
        (
            TwinItem("twin-tester", "A", "active", "tester", "engineering", "specialist", 30, 0, 2, 0, None, None, activated),
            TwinItem(
                *("twin-tester-2", "Tester Twin", "active", "tester", "engineering", "specialist"),
                *(60, 1, 2, 0, None, first_beat, activated),
            ),
        ),
        2,
        2,
    )


def test_a_filter_that_fits_none_says_so_and_one_that_cannot_fit_is_refused(clock: FakeClock) -> None:
    activate("tester", clock, count=3)

    assert list_twins(Filter(status="paused")) == TwinList((), 0, 3)
    assert list_twins(Filter(category="Engineering")).count == 3
    assert list_twins(Filter(category="management")) == TwinList((), 0, 3)
    assert "none of 3 twins fits" in run_here("twin", "list", "--status", "paused").out
    for wanted, code in (("--category", "persona.unknown_category"), ("--template", "persona.not_found")):
        word = "enginering" if wanted == "--category" else "testr"
        error = run_here("twin", "list", wanted, word, "--json").document["error"]
        assert (error["exit"], error["code"]) == (3, code)
        assert "did you mean" in error["hint"]


def test_a_twin_is_found_by_name_id_and_display_name(clock: FakeClock) -> None:
    twin = activate("tester", clock, display_name="Backend Twin")[0].twin
    activate("tester", clock)

    for name in ("twin-tester", twin.id, "Backend Twin", "BACKEND twin"):
        assert find_twin(name) == twin


def test_a_name_comes_before_a_display_name(clock: FakeClock) -> None:
    activate("tester", clock, display_name="twin-tester-2")
    second = activate("tester", clock)[0].twin

    assert find_twin("twin-tester-2") == second


def test_a_display_name_of_several_twins_is_ambiguous(clock: FakeClock) -> None:
    activate("tester", clock)
    activate("tester", clock)

    with pytest.raises(InvalidInput, match="2 twins are called 'tester twin'") as caught:
        find_twin("tester twin")

    assert caught.value.code == "twin.ambiguous"
    assert caught.value.hint == "name it by one of: twin-tester, twin-tester-2"


def test_an_unknown_twin_is_not_found_with_a_suggestion(clock: FakeClock) -> None:
    activate("tester", clock)

    with pytest.raises(NotFound, match="there is no twin 'twin-testr'") as caught:
        find_twin("twin-testr")

    assert (caught.value.code, caught.value.hint) == ("twin.not_found", "did you mean 'twin-tester'?")


def test_a_page_and_a_list_say_the_same_moment_as_next_for_tasks_and_requests(home: Path, clock: FakeClock) -> None:
    roles.add(twin("twin-a", tasks=(task("one", due_at="2026-01-31T12:00:00.000Z"),)))
    requesting.request("twin-a", "task", "Look", clock, at_once=True)

    assert page("twin-a", clock).next_due_at == list_twins().items[0].next_due_at == "2026-01-31T08:05:00.000Z"


def test_a_twin_at_work_is_not_overdue(home: Path, clock: FakeClock) -> None:
    roles.add(twin("twin-a"))
    roles.add(twin("twin-b"))
    clock.moment += timedelta(hours=1)
    now = millis(clock.now())
    claims.take("id-of-twin-a", now, anybody, tasks=due.due(now)[0].tasks, requests=[])

    found = status(clock)
    assert (found.overdue, [(item.twin, item.overdue) for item in found.upcoming]) == (1, [("twin-b", True), ("twin-a", False)])
    assert [(item.twin, item.kind, item.pid) for item in found.at_work] == [("twin-a", "heartbeat", os.getpid())]


def test_twins_are_listed_as_people_count(clock: FakeClock) -> None:
    activate("tester", clock, count=11)

    names = [item.name for item in list_twins().items]
    assert names[:3] + names[-2:] == ["twin-tester", "twin-tester-2", "twin-tester-3", "twin-tester-10", "twin-tester-11"]


@given(st.lists(st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,2}", fullmatch=True)))
def test_every_name_has_a_place_of_its_own(names: list[str]) -> None:
    assert len({natural(name) for name in names}) == len(set(names))
