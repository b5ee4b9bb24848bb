"""Claiming: no task is done twice for one due time, none is lost, whatever happens to who claimed it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cowork.core.clock import from_millis, millis, parsed
from cowork.core.errors import Conflict
from cowork.twins import requesting
from cowork.twins.requests import Request
from cowork.twins.store import claims, due, leases, requests, results, roles
from cowork.twins.store.leases import LEASE_MS
from cowork.twins.store.opening import reading, writing
from tests.support import FakeClock
from tests.twins.owners import Owners, anybody, finished, played
from tests.twins.samples import task, twin

START = "2026-01-31T08:10:00.000Z"
NOW = millis(parsed(START))
HOUR = 3_600_000
TASK = ("one", NOW)


@pytest.fixture(autouse=True)
def owners() -> Iterator[Owners]:
    with played() as made:
        yield made


@pytest.fixture
def twin_id() -> str:
    stored = twin(tasks=(task("one", due_at=START), task("two", 2, due_at=START)), anchor_at=START)
    roles.add(stored)
    return stored.id


def take(twin_id: str, now: int = NOW, **how) -> leases.Taken:
    given = {"tasks": [TASK], "requests": [], **how}
    return claims.take(twin_id, now, anybody, **given)


def states() -> list[tuple[str, int, str, int]]:
    with reading() as connection:
        return connection.execute("SELECT task_id, due_ms, state, attempt FROM claims ORDER BY task_id, due_ms").fetchall()


def asked(twin_id: str, title: str, kind: str = "task") -> Request:
    made = requesting.new(roles.twins([twin_id])[0], kind, title, FakeClock(parsed(START)).now(), at_once=True)
    requests.add(twin_id, made)
    return made


def state_of(request_id: str) -> tuple[str, int] | None:
    found = requests.with_ids([request_id])
    return (found[0].status, found[0].attempt) if found else None


def test_what_is_claimed_and_done_is_scheduled_anew_and_never_claimed_again_for_that_time(twin_id: str) -> None:
    finished(take(twin_id), NOW + 5)

    assert states() == [("one", NOW, "done", 1)]
    assert [item.due_at for item in roles.twins()[0].tasks] == [from_millis(NOW + HOUR), START]
    assert take(twin_id).tasks == ()
    assert results.listed().total == 1


def test_while_a_twin_is_at_work_nobody_else_lets_it(twin_id: str, owners: Owners) -> None:
    taken = take(twin_id)
    owners.is_now(2)

    with pytest.raises(Conflict) as caught:
        take(twin_id)

    assert caught.value.code == "twin.busy"
    claims.give_back(taken, NOW, "")
    assert take(twin_id).tasks == (TASK,)


@pytest.mark.parametrize("end", ["its time is over", "it was killed", "its number is another's"])
def test_what_a_process_left_is_taken_over_and_counted(twin_id: str, owners: Owners, end: str) -> None:
    owners.is_now(1)
    lost = take(twin_id, requests=[asked(twin_id, "Paint it").id])
    if end != "its time is over":
        owners.kill(1)
    if end == "its number is another's":
        owners.reborn(1)
    owners.is_now(2)
    now = NOW + LEASE_MS if end == "its time is over" else NOW + 1

    taken = take(twin_id, now, requests=lost.requests)
    assert taken.tasks == (TASK,)
    assert taken.requests == lost.requests
    assert states() == [("one", NOW, "running", 2)]
    assert state_of(lost.requests[0]) == ("working", 2)
    with reading() as connection:
        assert connection.execute("SELECT state FROM beats WHERE id = ?", (lost.beat_id,)).fetchone() == ("lost",)


def test_who_lost_its_lease_stores_nothing_and_gives_nothing_back(twin_id: str, owners: Owners) -> None:
    lost = take(twin_id)
    owners.is_now(2)
    later = NOW + LEASE_MS
    taken = take(twin_id, later)

    with pytest.raises(Conflict) as caught:
        finished(lost, later)
    assert caught.value.code == "twin.lease_lost"
    claims.give_back(lost, later, "")
    assert not leases.renew(lost, later)
    assert results.listed().total == 0

    finished(taken, later + 1)
    with pytest.raises(Conflict):
        finished(lost, later + 2)
    assert results.listed().total == 1
    assert states() == [("one", NOW, "done", 2)]


def test_a_lease_that_nobody_took_meanwhile_is_still_ones_own(twin_id: str) -> None:
    taken = take(twin_id)
    later = NOW + 10 * LEASE_MS

    assert leases.renew(taken, later)
    finished(taken, later)
    assert results.listed().total == 1


def test_what_takes_its_process_down_three_times_is_given_up_and_then_due_again(twin_id: str, owners: Owners) -> None:
    request = asked(twin_id, "Paint it")
    begun = [take_and_die(twin_id, owners, pid, requests=[request.id]) for pid in (1, 2, 3, 4)]
    assert [(taken.tasks, taken.requests, taken.given_up) for taken in begun] == [
        ((TASK,), (request.id,), ()),
        ((TASK,), (request.id,), ()),
        ((TASK,), (), ()),  # the last time each is alone
        ((TASK,), (request.id,), ("one",)),
    ]
    owners.is_now(5)
    leases.reap(NOW)

    last = take(twin_id, requests=[request.id])

    assert set(last.given_up) == {"one", request.id}
    finished(last, NOW + 1)
    assert roles.twins()[0].tasks[0].due_at == from_millis(NOW + HOUR)


def take_and_die(twin_id: str, owners: Owners, pid: int, **how) -> leases.Taken:
    owners.is_now(pid)
    leases.reap(NOW)
    taken = take(twin_id, **how)
    owners.kill(pid)
    return taken


def test_of_several_that_share_a_heartbeat_only_the_one_that_is_to_blame_is_given_up(twin_id: str, owners: Owners) -> None:
    given_up: list[str] = []
    for pid in range(1, 10):
        owners.is_now(pid)
        leases.reap(NOW)
        due_now = due.due(NOW)
        if not due_now:
            break
        taken = take(twin_id, tasks=due_now[0].tasks)
        given_up += taken.given_up
        if TASK in taken.tasks and "one" not in taken.given_up:
            owners.kill(pid)  # it takes its process down whenever it is begun
        else:
            finished(taken, NOW)

    assert given_up == ["one"]
    assert states() == [("one", NOW, "done", 4), ("two", NOW, "done", 3)], "and the other one was done"
    assert due.due(NOW) == []


def test_a_process_that_ends_in_order_between_two_that_die_forgets_no_attempt(twin_id: str, owners: Owners) -> None:
    request = asked(twin_id, "Paint it")
    for pid in (1, 2):
        take_and_die(twin_id, owners, pid, requests=[request.id])
    owners.is_now(3)
    leases.reap(NOW)

    claims.give_back(take(twin_id), NOW, "told to end")

    assert states() == [("one", NOW, "open", 2)]
    assert state_of(request.id) == ("open", 2)
    assert take(twin_id).tasks == (TASK,)
    assert states() == [("one", NOW, "running", 3)]


def test_what_is_given_back_for_a_reason_that_comes_again_is_an_attempt(twin_id: str) -> None:
    request = asked(twin_id, "Paint it")

    claims.give_back(take(twin_id, requests=[request.id]), NOW, "a bug \ud800", counted=True)

    assert states() == [("one", NOW, "open", 1)]
    assert state_of(request.id) == ("open", 1)
    assert due.due(NOW)[0].requests == (request.id,)


def test_what_is_given_back_is_as_if_it_had_not_been_taken(twin_id: str) -> None:
    request = asked(twin_id, "Paint it")
    before = due.due(NOW)

    claims.give_back(take(twin_id, requests=[request.id]), NOW + 1, "told to end")

    assert states() == []
    assert state_of(request.id) == ("open", 0)
    assert due.due(NOW) == before
    assert roles.twins()[0].last_beat_at is None


def test_a_question_is_there_only_while_a_process_works_on_it(twin_id: str, owners: Owners) -> None:
    made = requesting.new(roles.twins()[0], "ask", "What is new?", parsed(START), at_once=True)

    taken = take(twin_id, tasks=[], asked=made, kind="ask")
    assert (taken.requests, state_of(made.id)) == ((made.id,), ("working", 1))
    claims.give_back(taken, NOW, "interrupted")
    assert state_of(made.id) is None

    owners.is_now(1)
    take(twin_id, tasks=[], asked=made, kind="ask")
    owners.kill(1)
    owners.is_now(2)
    leases.reap(NOW + 1)
    assert state_of(made.id) == ("cancelled", 1), "nobody waits for it any more"


def test_a_question_that_finds_the_twin_busy_leaves_no_trace(twin_id: str, owners: Owners) -> None:
    take(twin_id)
    owners.is_now(2)
    made = requesting.new(roles.twins()[0], "ask", "What is new?", parsed(START), at_once=True)

    with pytest.raises(Conflict):
        take(twin_id, tasks=[], asked=made, kind="ask")

    assert state_of(made.id) is None


def test_a_twin_that_is_paused_meanwhile_takes_no_heartbeat_but_answers(twin_id: str) -> None:
    _set(twin_id, "status", "paused")

    with pytest.raises(Conflict) as caught:
        take(twin_id)
    assert (caught.value.code, caught.value.hint) == ("twin.not_active", "see: cowork twin resume")
    assert take(twin_id, tasks=[], kind="ask").tasks == ()


def test_a_twin_that_is_paused_while_at_work_finishes_what_it_began(twin_id: str) -> None:
    taken = take(twin_id)
    _set(twin_id, "status", "paused")

    finished(taken, NOW + 1)

    assert results.listed().total == 1


def test_a_task_that_goes_while_it_is_worked_on_leaves_its_result(twin_id: str) -> None:
    taken = take(twin_id)
    with writing() as connection:
        connection.execute("DELETE FROM twin_tasks WHERE id = 'one'")

    finished(taken, NOW + 1)

    assert results.listed().total == 1
    assert [item.id for item in roles.twins()[0].tasks] == ["two"]


def test_a_frequency_that_is_changed_meanwhile_counts_from_then_on(twin_id: str) -> None:
    taken = take(twin_id)
    with writing() as connection:
        connection.execute("UPDATE twin_tasks SET frequency_minutes = 240")

    finished(taken, NOW + 1)

    assert roles.twins()[0].tasks[0].due_at == from_millis(NOW + 4 * HOUR)


def test_a_twin_that_is_purged_while_at_work_takes_everything_with_it(twin_id: str) -> None:
    taken = take(twin_id)
    with writing() as connection:
        connection.execute("DELETE FROM agent_roles WHERE id = ?", (twin_id,))

    assert not leases.renew(taken, NOW)
    with pytest.raises(Conflict) as caught:
        finished(taken, NOW + 1)
    assert caught.value.code == leases.loss(taken).code == "twin.gone"
    claims.give_back(taken, NOW, "")
    with pytest.raises(Conflict) as caught:
        take(twin_id)
    assert caught.value.code == "twin.gone"


def test_a_time_at_which_a_task_was_done_already_by_a_clock_ahead_is_passed_over(twin_id: str) -> None:
    """Else it would be due forever, and never done again."""
    for _ in range(3):
        moment = millis(parsed(roles.twins()[0].tasks[0].due_at))
        finished(take(twin_id, moment, tasks=[("one", moment)]), moment)
    _due(twin_id, NOW + HOUR)  # the clock was put back
    later = NOW + HOUR

    assert take(twin_id, later, tasks=[("one", later)]).tasks == ()

    assert roles.twins()[0].tasks[0].due_at == from_millis(NOW + 3 * HOUR)


def test_what_is_due_at_another_time_by_now_is_not_moved_by_who_comes_late(twin_id: str) -> None:
    finished(take(twin_id), NOW)

    claims.give_back(take(twin_id), NOW, "late")

    assert roles.twins()[0].tasks[0].due_at == from_millis(NOW + HOUR)


def test_the_tasks_under_way_can_be_seen(twin_id: str) -> None:
    assert claims.running(twin_id) == {}
    taken = take(twin_id, NOW + 3)

    assert claims.running(twin_id) == {"one": NOW + 3}
    finished(taken, NOW + 4)
    assert claims.running(twin_id) == {}


def _set(twin_id: str, column: str, value: object) -> None:
    with writing() as connection:
        connection.execute(f"UPDATE agent_roles SET {column} = ? WHERE id = ?", (value, twin_id))


def _due(twin_id: str, moment: int) -> None:
    with writing() as connection:
        connection.execute("UPDATE twin_tasks SET due_ms = ? WHERE twin_id = ? AND id = 'one'", (moment, twin_id))
