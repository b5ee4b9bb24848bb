"""Changing twins while they work: what is edited is written, and nothing else."""

from __future__ import annotations

import dataclasses
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from cowork.core.clock import millis
from cowork.core.errors import Conflict, CoworkError, Denied, InvalidInput, NotFound
from cowork.core.plan import Step
from cowork.twins import directory, states
from cowork.twins.activation import activate
from cowork.twins.editing import Edit, edit
from cowork.twins.store import addresses, claims, leases, roles
from cowork.twins.store.opening import reading, writing
from cowork.twins.twin import Twin
from tests.support import FakeClock, run_here

pytestmark = pytest.mark.usefixtures("installation")
FIRST = "2026-01-31T08:10:00.000Z"  # the anchor: activation at 08:05 and five minutes of stagger


def made(clock: FakeClock, **options: Any) -> Twin:
    return activate("tester", clock, **options)[0].twin


def edited(clock: FakeClock, *names: str, dry_run: bool = False, **changes: Any) -> Twin:
    edit(names or ("twin-tester",), Edit(**changes), clock, dry_run=dry_run)
    return roles.twins()[0]


def due(twin: Twin, task: str = "look") -> str:
    return next(one.due_at[11:16] for one in twin.tasks if one.id == task and one.due_at)


def ran(clock: FakeClock, twin: Twin, task: str = "look") -> None:
    """A heartbeat now, as the engine does it."""
    now = millis(clock.now())
    with reading() as connection:
        assert connection is not None
        moment = connection.execute("SELECT due_ms FROM twin_tasks WHERE id = ?", (task,)).fetchone()[0]
    taken = claims.take(twin.id, now, lambda *_: None, tasks=[(task, moment)], requests=[])
    with writing() as connection:
        claims.close_task(connection, taken, task, moment, now)
        claims.close(connection, taken, "done", now, {})


CHANGES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "name": ({"name": " A  twin "}, "display_name", "A twin"),
    "interval": ({"interval": 60}, "interval_minutes", 60),
    "provider": ({"provider": "anthropic"}, "provider", "anthropic"),
    "model": ({"model": "m"}, "model", "m"),
    "quiet hours": ({"quiet_hours": "22:00-7:00"}, "quiet_hours", "22:00-07:00"),
    "time zone": ({"timezone": "Asia/Tokyo"}, "timezone", "Asia/Tokyo"),
    "autonomy": ({"autonomy": "lead"}, "autonomy", "lead"),
    "prompt": ({"system_prompt": "Be brief."}, "system_prompt", "Be brief."),
    "capabilities": ({"capabilities": ("code", "test")}, "capabilities", ("code", "test")),
    "allowed": ({"allow": ("Read", "Read")}, "allow_rules", ("Read",)),
    "denied": ({"deny": ("Bash(rm *)",)}, "deny_rules", ("Bash(rm *)",)),
}


@pytest.mark.parametrize(("change", "field", "value"), CHANGES.values(), ids=CHANGES)
def test_what_is_edited_changes_and_the_rest_stays(clock: FakeClock, change: dict[str, Any], field: str, value: Any) -> None:
    before = made(clock)
    clock.advance(60)

    after = edited(clock, **change)

    assert getattr(after, field) == value
    assert after.updated_at == "2026-01-31T08:06:00.000Z"
    assert dataclasses.replace(after, **{field: getattr(before, field)}, updated_at=before.updated_at) == before


def test_a_dry_run_shows_old_and_new_and_writes_nothing(clock: FakeClock) -> None:
    before = made(clock)

    planned = edit(["twin-tester"], Edit(interval=60, model="m", enable=("dig",)), clock, dry_run=True)

    assert roles.twins() == [before]
    assert planned.plan == (
        Step("set", "twin-tester: minutes between heartbeats", "30 -> 60"),
        Step("set", "twin-tester: model", "none -> m"),
        Step("set", "twin-tester: dig: on", "no -> yes"),
    )
    assert edit(["twin-tester"], Edit(interval=60, model="m", enable=("dig",)), clock, dry_run=False).plan == planned.plan


def test_what_is_like_that_already_is_not_written(clock: FakeClock) -> None:
    before = made(clock)
    clock.advance(60)

    answer = edit(["twin-tester"], Edit(interval=30), clock, dry_run=False)

    assert (answer.items[0].changed, [step.action for step in answer.plan]) == (False, ["keep"])
    assert roles.twins() == [before]


def test_several_twins_are_changed_or_none(clock: FakeClock) -> None:
    made(clock, count=3)

    with pytest.raises(CoworkError, match="there is no twin 'nobody'"):
        edit(["twin-tester", "nobody"], Edit(interval=60), clock, dry_run=False)
    assert {twin.interval_minutes for twin in roles.twins()} == {30}

    answer = edit(["@twin-tester", "tester-2", "twin-tester"], Edit(interval=60), clock, dry_run=False)

    assert [item.name for item in answer.items] == ["twin-tester", "twin-tester-2"]
    assert [twin.interval_minutes for twin in roles.twins()] == [60, 60, 30]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "twin.nothing_to_change"),
        ({"interval": 4}, "twin.bad_interval"),
        ({"enable": ("lok",)}, "twin.unknown_task"),
        ({"enable": ("look",), "disable": ("look",)}, "twin.unknown_task"),
        ({"every": (("look", 0),)}, "twin.bad_frequency"),
        ({"priorities": (("look", -1),)}, "twin.bad_priority"),
        ({"priorities": (("lok", 1),)}, "twin.unknown_task"),
        ({"deliver": (("lok", "env:A"),)}, "twin.unknown_task"),
        ({"no_deliver": (("", "env:A"),)}, "twin.no_such_address"),
        ({"system_prompt": " "}, "twin.bad_prompt"),
        ({"capabilities": ("Not one",)}, "twin.bad_capability"),
        ({"deny": ("Bash(",)}, "twin.bad_rule"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(clock: FakeClock, changes: dict[str, Any], code: str) -> None:
    before = made(clock)

    with pytest.raises(CoworkError) as caught:
        edited(clock, **changes)

    assert (caught.value.code, bool(caught.value.hint)) == (code, True)
    assert roles.twins() == [before]


def test_another_interval_keeps_the_anchor_and_puts_tasks_on_its_heartbeats(clock: FakeClock) -> None:
    twin = made(clock)
    clock.advance(5 * 60)
    ran(clock, twin)
    assert due(roles.twins()[0]) == "09:10"

    after = edited(clock, interval=25)

    assert after.anchor_at == FIRST
    assert due(after) == "09:25"  # 08:10 + 3 x 25, the first that is an hour after the last run
    assert due(edited(clock, interval=240)) == "12:10"


def test_another_interval_makes_nothing_due_that_is_not(clock: FakeClock) -> None:
    twin = made(clock, interval=240)
    clock.advance(5 * 60)
    ran(clock, twin)
    clock.advance(3 * 3600)  # it is 11:10, and the task would have been due at 09:10

    after = edited(clock, interval=25)

    assert due(after) == "11:30"  # the next heartbeat, not at once


def test_a_task_that_is_due_stays_due_when_the_interval_changes(clock: FakeClock) -> None:
    made(clock)
    clock.advance(3600)

    assert due(edited(clock, interval=60)) == "08:10"


def test_another_frequency_moves_that_task_alone(clock: FakeClock) -> None:
    twin = made(clock, enable=["dig"])
    clock.advance(5 * 60)
    ran(clock, twin)
    ran(clock, twin, "dig")

    after = edited(clock, every=(("look", 120),))

    assert (due(after), due(after, "dig")) == ("10:10", "08:10")
    assert after.tasks[1].due_at == "2026-02-01T08:10:00.000Z"


def test_a_task_that_is_turned_on_is_due_at_the_next_heartbeat(clock: FakeClock) -> None:
    made(clock)
    clock.advance(3600)  # 09:05

    after = edited(clock, enable=("dig",), disable=("look",), priorities=(("dig", 0),))

    assert [(task.id, task.enabled) for task in after.tasks] == [("dig", True), ("look", False)]
    assert due(after, "dig") == "09:10"
    assert after.soul["cognitiveOffload"]["proactiveTasks"] == [
        {"id": "look", "enabled": False},
        {"id": "dig", "enabled": True},
    ]


def test_addresses_come_and_go_and_are_never_shown(clock: FakeClock) -> None:
    twin = made(clock, deliver=["json://u:hunter2@localhost/"])
    more = (("", "env:A"), ("look", "json://v:hunter3@localhost/"))

    answer = edit([twin.name], Edit(deliver=more, no_deliver=(("", "json://…"),)), clock, dry_run=False)

    assert "hunter" not in str(answer)
    after = roles.twins()[0]
    assert (after.deliver, after.tasks[0].deliver) == (("env:A",), ("json://…",))
    assert edited(clock, no_deliver=(("", "all"), ("look", "all"))).deliver == ()
    with reading() as connection:
        assert connection is not None
        assert addresses.of_in(connection, twin.id) == []


def test_an_edit_and_a_heartbeat_at_the_same_time_lose_nothing_of_each_other(clock: FakeClock) -> None:
    twin = made(clock)
    clock.advance(5 * 60)
    now = millis(clock.now())
    taken = claims.take(twin.id, now, lambda *_: None, tasks=[("look", now)], requests=[])
    begun, go_on = threading.Event(), threading.Event()

    def beats() -> None:
        with writing() as connection:
            leases.holding(connection, taken)
            claims.close_task(connection, taken, "look", now, now)
            claims.close(connection, taken, "done", now, {})
            begun.set()
            go_on.wait(5)

    beating = threading.Thread(target=beats)
    beating.start()
    assert begun.wait(5)
    editing = threading.Thread(target=lambda: edit([twin.name], Edit(model="m", enable=("dig",)), clock, dry_run=False))
    editing.start()  # waits for the heartbeat to be stored
    go_on.set()
    beating.join(10)
    editing.join(10)

    after = roles.twins()[0]
    assert (after.model, after.last_beat_at, due(after), due(after, "dig")) == ("m", FIRST, "09:10", "08:10")
    assert after.tasks[0].last_run_at == FIRST


def test_the_policies_are_asked_for_the_new_interval(clock: FakeClock, home: Any) -> None:
    made(clock, interval=60)
    (home / "policies.json").write_text('{"agents": {"maxHeartbeatFrequencySec": 3600}}')

    with pytest.raises(Denied):
        edited(clock, interval=30)
    assert edited(clock, model="m").model == "m"


def test_a_paused_twin_is_resumed_without_a_flood(clock: FakeClock) -> None:
    twin = made(clock, enable=["dig"])
    clock.advance(5 * 60)
    ran(clock, twin)
    ran(clock, twin, "dig")
    states.pause(["tester"], clock, dry_run=False)
    assert roles.twins()[0].status == "paused"
    clock.advance(2 * 24 * 3600 + 7 * 60)  # 08:17, two days later: both would be due at once

    answer = states.resume(["@tester"], clock, dry_run=False)

    after = roles.twins()[0]
    assert (after.status, due(after), due(after, "dig")) == ("active", "08:40", "08:40")
    assert answer.items[0].changed
    assert not states.resume(["tester"], clock, dry_run=False).items[0].changed


def test_resuming_asks_whether_its_interval_is_allowed_still(clock: FakeClock, home: Any) -> None:
    made(clock)
    states.pause(["tester"], clock, dry_run=False)
    (home / "policies.json").write_text('{"agents": {"maxHeartbeatFrequencySec": 3600}}')

    with pytest.raises(Denied):
        states.resume(["tester"], clock, dry_run=False)
    assert roles.twins()[0].status == "paused"


def test_a_twin_at_work_is_purged_only_by_force_and_then_what_it_does_is_lost(clock: FakeClock) -> None:
    taken = claims.take(made(clock).id, millis(clock.now()), lambda *_: None, tasks=[], requests=[])

    for dry_run in (True, False):
        with pytest.raises(Conflict) as caught:
            states.deactivate(["tester"], clock, purge=True, dry_run=dry_run)
        assert (caught.value.code, caught.value.details) == ("twin.busy", {"twins": ["twin-tester"]})
        assert "--force" in str(caught.value.hint)

    assert states.deactivate(["tester"], clock, purge=True, force=True, dry_run=False).items[0].removed
    assert leases.loss(taken).code == "twin.gone"


def test_a_twin_that_is_let_go_keeps_what_it_did_unless_it_is_purged(clock: FakeClock) -> None:
    twin = made(clock)
    clock.advance(5 * 60)
    ran(clock, twin)

    states.deactivate(["tester"], clock, purge=False, dry_run=False)
    after = roles.twins()[0]
    assert (after.status, after.last_beat_at) == ("inactive", FIRST)

    planned = states.deactivate(["tester"], clock, purge=True, dry_run=True)
    assert (planned.items[0].removed, len(roles.twins())) == (True, 1)
    assert states.deactivate(["tester"], clock, purge=True, dry_run=False).plan == planned.plan
    with reading() as connection:
        assert connection is not None
        assert connection.execute("SELECT COUNT(*) FROM beats").fetchone() == (0,)
    assert roles.twins() == []


def test_the_page_of_a_twin_says_how_it_stands(clock: FakeClock) -> None:
    made(clock)
    clock.advance(10 * 60)

    page = directory.page("tester", clock)
    assert (page.next_beat_at, page.next_due_at) == ("2026-01-31T08:40:00.000Z", FIRST)
    assert (page.open_requests, page.results_week, page.results_total) == (0, 0, 0)

    states.pause(["tester"], clock, dry_run=False)
    page = directory.page("tester", clock)
    assert (page.next_beat_at, page.next_due_at) == (None, None)


def test_without_a_database_nothing_is_found_and_none_is_made(clock: FakeClock, home: Any) -> None:
    for change in (states.pause, states.resume):
        for dry_run in (True, False):
            with pytest.raises(CoworkError) as caught:
                change(["tester"], clock, dry_run=dry_run)
            assert caught.value.code == "twin.not_found"
            assert not (home / "audit.jsonl").exists(), "nothing was allowed of a twin that does not exist"
    with pytest.raises((InvalidInput, CoworkError)):
        edit(["tester"], Edit(model="m"), clock, dry_run=False)
    assert not (home / "audit.jsonl").exists()
    assert not (home / "cowork.db").exists()


def test_the_audit_log_names_the_twins_that_were_found(clock: FakeClock, home: Path) -> None:
    made(clock)

    for change in (
        lambda name: states.pause([name], clock, dry_run=False),
        lambda name: states.resume([name], clock, dry_run=False),
        lambda name: edit([name], Edit(model="m"), clock, dry_run=False),
        lambda name: states.deactivate([name], clock, purge=True, dry_run=False),
    ):
        with pytest.raises(NotFound):
            change("nobody")
        change("@tester")

    lines = [json.loads(line) for line in (home / "audit.jsonl").read_text().splitlines()][1:]
    assert [(line["verdict"], line["what"]) for line in lines] == [("allowed", "twin-tester")] * 4


def test_a_twin_at_work_is_purged_by_force_alone(clock: FakeClock) -> None:
    twin = made(clock)
    claims.take(twin.id, millis(clock.now()), lambda *_: None, tasks=[], requests=[])

    for dry_run in (True, False):
        with pytest.raises(Conflict) as caught:
            states.deactivate(["tester"], clock, purge=True, dry_run=dry_run)
        assert (caught.value.code, "--force" in str(caught.value.hint)) == ("twin.busy", True)
    assert states.deactivate(["tester"], clock, purge=True, dry_run=False, force=True).items[0].removed
    assert roles.twins() == []
    assert run_here("twin", "deactivate", "tester", "--force", "--json").code == 2
