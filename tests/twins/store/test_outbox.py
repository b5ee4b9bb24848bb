"""The outbox: what is queued for whom, who has it, and what becomes of it whatever happens to processes and clocks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cowork.core.clock import from_millis, millis
from cowork.core.errors import CoworkError
from cowork.twins.delivering import not_before
from cowork.twins.store import opening, outbox
from cowork.twins.store.outbox import AGAIN_MS, MOST_ATTEMPTS, REST_MS, SENDING_MS, Parcel
from cowork.twins.store.results import listed
from tests.support import FakeClock
from tests.twins.parcels import deliveries, evidence, publish, result, states, telling

DAY = 86_400


def take(clock: FakeClock, most: int = 50) -> list[Parcel]:
    return outbox.take(millis(clock.now()), most, not_before)


def test_without_a_database_nothing_waits_and_none_is_made(clock: FakeClock, home: Path) -> None:
    assert (outbox.waiting(0), take(clock), outbox.due(0, 5), outbox.unsuccessful((), 5)) == (None, [], [], [])
    assert not home.exists()


def test_results_go_to_the_addresses_of_the_twin_and_of_their_task(clock: FakeClock) -> None:
    twin = telling("json://all", tasks={"one": "json://one", "two": "json://two"})

    publish(twin, result(task="one"), clock=clock)

    assert sorted(parcel.url for parcel in take(clock)) == ["json://all", "json://one"]


def test_an_address_of_twin_and_task_is_told_once(clock: FakeClock) -> None:
    twin = telling("json://all", tasks={"one": "json://all"})

    publish(twin, result(task="one"), clock=clock)

    assert len(take(clock)) == 1


@pytest.mark.parametrize("kind", ["ask", "skill"])
def test_who_asks_at_once_has_the_answer_already(kind: str, clock: FakeClock) -> None:
    (asked,) = publish(telling("json://all"), result(kind=kind), clock=clock)

    assert states(asked) == []


@pytest.mark.parametrize("kind", ["proactive", "task", "mention", "wake"])
def test_what_was_asked_for_later_is_told(kind: str, clock: FakeClock) -> None:
    (asked,) = publish(telling("json://all"), result(kind=kind, task="q1"), clock=clock)

    assert states(asked) == ["waiting"]


class TestNothingNew:
    def test_the_same_findings_are_told_once_a_day(self, clock: FakeClock) -> None:
        twin = telling("json://all")
        found = [publish(twin, result(f"Words {hour}.", evidence(f"{hour} hours old")), clock=clock)[0] for hour in range(3)]
        clock.advance(DAY)
        found += publish(twin, result("Words.", evidence("27 hours old")), clock=clock)

        assert states(*found) == ["waiting", "skipped", "skipped", "waiting"]
        assert deliveries(found[2].id)[0].problem == f"nothing new since {found[0].id}"

    def test_what_was_so_before_something_else_is_news_again(self, clock: FakeClock) -> None:
        twin = telling("json://all")
        found = []
        for colour in ("red", "green", "red", "red"):
            found += publish(twin, result("", evidence(f"main is {colour}")), clock=clock)
            clock.advance(60)

        assert states(*found) == ["waiting", "waiting", "waiting", "skipped"]

    def test_another_text_is_told(self, clock: FakeClock) -> None:
        found = publish(telling("json://all"), result("One."), result("Two."), clock=clock)

        assert states(*found) == ["waiting", "waiting"]

    def test_it_is_judged_task_by_task_twin_by_twin_and_address_by_address(self, clock: FakeClock) -> None:
        first, second = telling("json://all"), telling("json://all", name="twin-b")
        found = [*publish(first, result(), result(task="two"), clock=clock), *publish(second, result(), clock=clock)]
        with opening.writing() as connection:
            connection.execute(
                "INSERT INTO addresses (id, twin_id, task_id, url) VALUES ('new', ?, '', 'json://b')", [first.id]
            )
        found += publish(first, result(), clock=clock)

        assert sorted(states(*found[:3])) == ["waiting"] * 3
        assert sorted(states(found[3])) == ["skipped", "waiting"]

    def test_what_failed_for_good_was_not_told(self, clock: FakeClock) -> None:
        twin = telling("json://all")
        publish(twin, result(), clock=clock)
        with opening.writing() as connection:
            connection.execute("UPDATE deliveries SET state = 'failed'")

        assert states(*publish(twin, result(), clock=clock)) == ["waiting"]

    def test_what_people_asked_for_is_told_each_time(self, clock: FakeClock) -> None:
        found = [result(kind="task", task=f"q{number}") for number in range(2)]

        assert states(*publish(telling("json://all"), *found, clock=clock)) == ["waiting", "waiting"]

    def test_machines_that_wake_for_the_same_reason_are_told_once(self, clock: FakeClock) -> None:
        found = [result(kind="wake", task=f"q{number}", title=title) for number, title in enumerate(("CI", "CI", "Deploy"))]

        assert states(*publish(telling("json://all"), *found, clock=clock)) == ["waiting", "skipped", "waiting"]


class TestTaking:
    def test_what_was_taken_is_not_taken_again_until_its_process_is_surely_gone(self, clock: FakeClock) -> None:
        publish(telling("json://all"), result(), clock=clock)
        assert len(take(clock)) == 1

        clock.advance(SENDING_MS / 1000 - 1)
        assert take(clock) == []
        clock.advance(2)
        (again,) = take(clock)
        assert again.attempts == 2

    def test_one_that_takes_its_process_down_each_time_fails_for_good(self, clock: FakeClock) -> None:
        (found,) = publish(telling("json://all"), result(), clock=clock)

        tries = 0
        while take(clock):
            tries += 1
            clock.advance(SENDING_MS / 1000 + 1)

        assert tries == MOST_ATTEMPTS
        assert states(found) == ["failed"]

    def test_what_a_process_says_after_it_lost_a_delivery_does_not_count_unless_it_was_made(self, clock: FakeClock) -> None:
        (found,) = publish(telling("json://all"), result(), clock=clock)
        (late,) = take(clock)
        clock.advance(SENDING_MS / 1000 + 1)
        take(clock)

        outbox.failed(late, "too slow", millis(clock.now()))
        outbox.give_back(late, millis(clock.now()))
        assert states(found) == ["sending"]

        outbox.sent(late, millis(clock.now()))
        assert states(found) == ["sent"]

    def test_what_was_not_tried_waits_a_little_and_has_lost_no_try(self, clock: FakeClock) -> None:
        publish(telling("json://all"), result(), clock=clock)
        (parcel,) = take(clock)

        again = outbox.give_back(parcel, millis(clock.now()))

        assert again == outbox.waiting(millis(clock.now())) == millis(clock.now()) + REST_MS
        clock.advance(REST_MS / 1000)
        assert take(clock)[0].attempts == 1

    def test_what_was_tried_least_goes_first(self, clock: FakeClock) -> None:
        twin = telling("json://all")
        (old,) = publish(twin, result("old"), clock=clock)
        outbox.failed(take(clock)[0], "no", millis(clock.now()))
        clock.advance(AGAIN_MS[0] / 1000)
        (new,) = publish(twin, result("new"), clock=clock)

        assert [parcel.result_id for parcel in take(clock)] == [new.id, old.id]

    def test_only_so_many_are_taken_and_those_in_quiet_hours_do_not_count(self, clock: FakeClock) -> None:
        asleep, awake = telling("json://a", quiet_hours="08:00-10:00", timezone="UTC"), telling("json://b", name="twin-b")
        publish(asleep, *(result(f"{number}") for number in range(4)), clock=clock)
        publish(awake, *(result(f"{number}") for number in range(4)), clock=clock)

        assert [parcel.twin for parcel in take(clock, 3)] == ["twin-b"] * 3
        assert [parcel.twin for parcel in take(clock, 3)] == ["twin-b"]

    def test_what_falls_into_quiet_hours_waits_for_their_end(self, clock: FakeClock) -> None:
        twin = telling("json://a", quiet_hours="08:00-10:00", timezone="UTC")
        (found,) = publish(twin, result(), clock=clock)

        assert take(clock) == []
        assert deliveries(found.id)[0].next_at == "2026-01-31T10:00:00.000Z"
        clock.advance(2 * 3600)
        assert len(take(clock)) == 1

    def test_a_clock_that_was_ahead_holds_nothing_back(self, clock: FakeClock) -> None:
        ahead = FakeClock(clock.now() + timedelta(days=300))
        publish(telling("json://a"), result(), clock=ahead)

        assert outbox.waiting(millis(clock.now())) == millis(clock.now())
        assert len(take(clock)) == 1


class TestFailing:
    def test_it_is_tried_for_most_of_a_day_and_then_no_more(self, clock: FakeClock) -> None:
        (found,) = publish(telling("json://a"), result(), clock=clock)
        began, waits = clock.now(), []
        while parcels := take(clock):
            now = millis(clock.now())
            again = outbox.failed(parcels[0], "no", now)
            if again is not None:
                waits.append(again - now)
                assert deliveries(found.id)[0].next_at == from_millis(again)
                clock.advance((again - now) / 1000)

        assert tuple(waits) == AGAIN_MS
        assert timedelta(hours=18) < clock.now() - began < timedelta(days=1)
        (told,) = deliveries(found.id)
        assert (told.status, told.attempts, told.problem, told.next_at) == ("failed", MOST_ATTEMPTS, "no", None)
        assert outbox.waiting(millis(clock.now())) is None

    def test_it_can_be_tried_again_from_the_beginning(self, clock: FakeClock) -> None:
        twin = telling("json://a")
        first, second, third = publish(twin, result("1"), result("2"), result("3"), clock=clock)
        for parcel in take(clock):
            outbox.failed(parcel, "no", millis(clock.now()))
        with opening.writing() as connection:
            connection.execute("UPDATE deliveries SET state = 'failed', attempts = 7 WHERE result_id = ?", (first.id,))
            connection.execute("UPDATE deliveries SET state = 'sent' WHERE result_id = ?", (third.id,))

        assert {parcel.result_id for parcel in outbox.unsuccessful((), 9)} == {first.id, second.id}
        assert outbox.retry(millis(clock.now()), [first.id]) == 1
        assert [(parcel.result_id, parcel.attempts) for parcel in take(clock)] == [(first.id, 1)]
        assert outbox.retry(millis(clock.now()), ()) == 1  # what is being sent is not begun a second time
        assert [parcel.result_id for parcel in take(clock)] == [second.id]


def test_a_removed_address_is_told_nothing_more(clock: FakeClock) -> None:
    (found,) = publish(telling("json://a"), result(), clock=clock)
    with opening.writing() as connection:
        connection.execute("DELETE FROM addresses")

    assert take(clock) == []
    assert states(found) == []


def test_results_and_what_is_to_be_told_of_them_are_stored_together_or_not_at_all(clock: FakeClock) -> None:
    twin, found = telling("json://a"), result()
    with opening.writing() as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'no room'); END")

    with pytest.raises(CoworkError):
        publish(twin, found, clock=clock)

    assert listed().total == 0
