"""From a persona template to a twin."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import Denied, InvalidInput, NotFound
from cowork.core.plan import Step
from cowork.twins.activation import activate
from cowork.twins.store import roles
from cowork.twins.twin import TwinTask, free_name
from tests.core.installation import Installation
from tests.formats.samples import PERSONA, REMOVE, changed
from tests.support import FakeClock

pytestmark = pytest.mark.usefixtures("installation")


def test_a_twin_is_what_its_template_says(clock: FakeClock) -> None:
    done, _ = activate("tester", clock)

    twin = done.twin
    assert (twin.name, twin.display_name, twin.status) == ("twin-tester", "Tester Twin", "active")
    assert (twin.template_id, twin.template_version, twin.category, twin.icon, twin.color) == (
        "tester",
        "1.0.0",
        "engineering",
        "🧪",
        "#2563eb",
    )
    assert (twin.autonomy, twin.capabilities, twin.system_prompt) == ("specialist", ("test",), "You test.")
    assert (twin.interval_minutes, twin.stagger_minutes) == (30, 5)
    assert twin.created_at == twin.updated_at == "2026-01-31T08:05:00.000Z"
    assert not done.dry_run


def test_a_twin_has_the_tasks_of_its_template_most_urgent_first(clock: FakeClock, installation: Installation) -> None:
    installation.write("personas/tester.json", changed(PERSONA, "cognitiveOffload.proactiveTasks.0.priority", 5))

    first = "2026-01-31T08:10:00.000Z"
    assert activate("tester", clock)[0].twin.tasks == (
        TwinTask("dig", "Dig", "", "documentation", 1440, 2, False, (), "Dig deeper.", first),
        TwinTask("look", "Look", "Looks around", "review-preparation", 60, 5, True, ("git-activity",), "Look around.", first),
    )


def test_the_soul_holds_personality_offload_and_where_it_comes_from(clock: FakeClock) -> None:
    assert activate("tester", clock)[0].twin.soul == {
        "name": "Tester Twin",
        "focusAreas": ["tests"],
        "personalityId": "technical",
        "cognitiveOffload": {
            "primaryCategories": ["review-preparation"],
            "proactiveTasks": [{"id": "look", "enabled": True}, {"id": "dig", "enabled": False}],
        },
        "recommendedSkills": [{"skillId": "my-skill", "reason": "helps", "required": False}],
        "sourceTemplateId": "tester",
        "sourceTemplateVersion": "1.0.0",
        "sourceTemplateValues": {
            "displayName": "Tester Twin",
            "intervalMinutes": 30,
            "autonomyLevel": "specialist",
            "capabilities": ["test"],
            "systemPrompt": hashlib.sha256(b"You test.").hexdigest()[:16],
            "tasks": {
                "look": {"frequencyMinutes": 60, "priority": 1, "enabled": True},
                "dig": {"frequencyMinutes": 1440, "priority": 2, "enabled": False},
            },
        },
    }


def test_tasks_can_be_turned_on_and_off(clock: FakeClock) -> None:
    twin = activate("tester", clock, enable=["dig"], disable=["look"])[0].twin

    assert {task.id: task.enabled for task in twin.tasks} == {"look": False, "dig": True}
    assert twin.soul["cognitiveOffload"]["proactiveTasks"] == [{"id": "look", "enabled": False}, {"id": "dig", "enabled": True}]


@pytest.mark.parametrize("switch", ["enable", "disable"])
def test_an_unknown_task_is_refused_with_a_suggestion(clock: FakeClock, switch: str) -> None:
    with pytest.raises(NotFound, match="tester has no task 'lok'") as caught:
        activate("tester", clock, **{switch: ["lok"]})  # type: ignore[arg-type]

    assert (caught.value.code, caught.value.hint) == ("twin.unknown_task", "did you mean 'look'?")
    assert roles.twins() == []


def test_a_task_cannot_be_turned_on_and_off_at_once(clock: FakeClock) -> None:
    with pytest.raises(InvalidInput, match="'dig' is both enabled and disabled"):
        activate("tester", clock, enable=["dig"], disable=["dig"])


def test_an_unknown_persona_is_refused_with_a_suggestion(clock: FakeClock, home: Path) -> None:
    with pytest.raises(NotFound) as caught:
        activate("testre", clock)

    assert caught.value.hint == "did you mean 'tester'?"
    assert not home.exists()


def test_twins_of_one_template_are_numbered(clock: FakeClock) -> None:
    names = [activate("tester", clock)[0].twin.name for _ in range(3)]

    assert names == ["twin-tester", "twin-tester-2", "twin-tester-3"]
    assert [twin.name for twin in roles.twins()] == names
    assert len({twin.id for twin in roles.twins()}) == 3


@pytest.mark.parametrize(
    ("taken", "name"),
    [(set(), "a"), ({"b"}, "a"), ({"a"}, "a-2"), ({"a", "a-2", "a-4"}, "a-3"), ({"a-2"}, "a")],
)
def test_a_free_name_is_the_first_number_not_taken(taken: set[str], name: str) -> None:
    assert free_name("a", taken) == name


@pytest.mark.parametrize("minutes", [5, 6, 240])
def test_an_interval_from_five_minutes_to_four_hours_is_taken(clock: FakeClock, minutes: int) -> None:
    assert activate("tester", clock, interval=minutes)[0].twin.interval_minutes == minutes


@pytest.mark.parametrize("minutes", [-1, 0, 4, 241, 10**9])
def test_any_other_interval_is_refused(clock: FakeClock, minutes: int) -> None:
    with pytest.raises(InvalidInput, match=f"every 5 to 240 minutes, not every {minutes}") as caught:
        activate("tester", clock, interval=minutes)

    assert (caught.value.code, caught.value.hint) == ("twin.bad_interval", "for example --interval 30")
    assert roles.twins() == []


def test_a_template_that_wakes_too_seldom_is_activated_with_the_interval_that_is_suggested(
    clock: FakeClock, installation: Installation
) -> None:
    installation.write("personas/tester.json", changed(PERSONA, "heartbeat.intervalMinutes", 1440))

    with pytest.raises(InvalidInput) as caught:
        activate("tester", clock)
    assert caught.value.hint == "for example --interval 240"


def test_the_administrators_shortest_interval_holds(clock: FakeClock, home: Path) -> None:
    home.mkdir()
    (home / "policies.json").write_text(json.dumps({"agents": {"maxHeartbeatFrequencySec": 3601}}))

    with pytest.raises(Denied) as caught:
        activate("tester", clock)
    assert caught.value.code == "policy.heartbeat_too_frequent"
    assert "--interval 61" in (caught.value.hint or "")
    assert roles.twins() == []

    assert activate("tester", clock, interval=61)[0].twin.interval_minutes == 61


def test_without_readable_policies_nothing_is_activated(clock: FakeClock, home: Path) -> None:
    home.mkdir()
    (home / "policies.json").write_text("{")

    with pytest.raises(Denied) as caught:
        activate("tester", clock)

    assert caught.value.code == "policy.unreadable"
    assert {path.name for path in home.iterdir()} - {"cache"} == {"audit.jsonl", "policies.json"}


@pytest.mark.parametrize(
    ("given", "kept"), [("Backend Team Twin", "Backend Team Twin"), ("  Sarah's \n twin ", "Sarah's twin")]
)
def test_a_twin_can_be_named(clock: FakeClock, given: str, kept: str) -> None:
    twin = activate("tester", clock, display_name=given)[0].twin

    assert (twin.display_name, twin.name) == (kept, "twin-tester")


@pytest.mark.parametrize("name", ["", " \t", "x" * 81, "a\x1b[31mred", "a\u202eb", "a\udcffb"])
def test_a_name_that_cannot_be_shown_is_refused(clock: FakeClock, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        activate("tester", clock, display_name=name)

    assert caught.value.code == "twin.bad_name"
    assert roles.twins() == []


def test_a_missing_skill_is_a_notice_and_no_obstacle(clock: FakeClock, installation: Installation) -> None:
    skills = [{"skillId": "my-skill"}, {"skillId": "other", "reason": "would\nhelp\x1b"}]
    installation.write("personas/tester.json", changed(PERSONA, "skills", skills))

    _, notices = activate("tester", clock)

    assert [(notice.code, notice.message) for notice in notices] == [
        ("twin.missing_skill", "skill 'other' is not installed: would help\\u001b")
    ]
    assert len(roles.twins()) == 1


def test_what_is_mended_in_a_template_is_told(clock: FakeClock, installation: Installation) -> None:
    task = "cognitiveOffload.proactiveTasks.0"
    path = installation.write("personas/tester.json", changed(PERSONA, f"{task}.frequencyMinutes", "hourly"))

    done, notices = activate("tester", clock)

    assert done.twin.tasks[0].frequency_minutes == 15
    assert [notice.message for notice in notices] == [
        f"{path}: {task}.frequencyMinutes: 'hourly' is not a number, 15 stands in for it"
    ]


def test_a_pack_that_cannot_be_read_does_not_stop_a_twin(clock: FakeClock, installation: Installation) -> None:
    installation.write("packs/mine/cowork.plugin.json", "{")

    activate("tester", clock)

    assert [twin.name for twin in roles.twins()] == ["twin-tester"]


def test_the_plan_says_what_is_done(clock: FakeClock) -> None:
    assert activate("tester", clock)[0].plan == (
        Step("create", "twin-tester", "twin of tester 1.0.0, waking every 30 minutes"),
        Step("enable", "look", "every 60 minutes"),
    )


def test_a_dry_run_plans_what_the_real_run_does_and_writes_nothing(clock: FakeClock, home: Path) -> None:
    options: dict[str, Any] = {"interval": 60, "enable": ["dig"], "display_name": "T"}
    planned, notices = activate("tester", clock, dry_run=True, **options)

    assert planned.dry_run
    assert not home.exists()

    done, same_notices = activate("tester", clock, **options)
    assert done.plan == planned.plan
    assert notices == same_notices
    assert {**vars(done.twin), "id": ""} == {**vars(planned.twin), "id": ""}


def test_a_dry_run_beside_other_twins_knows_the_next_name_and_leaves_it_free(clock: FakeClock) -> None:
    activate("tester", clock)

    assert activate("tester", clock, dry_run=True)[0].twin.name == "twin-tester-2"
    assert [twin.name for twin in roles.twins()] == ["twin-tester"]


def test_a_template_without_tasks_makes_a_twin_without_tasks(clock: FakeClock, installation: Installation) -> None:
    document = changed(changed(PERSONA, "cognitiveOffload", REMOVE), "heartbeat", REMOVE)
    installation.write("personas/tester.json", document)

    twin = activate("tester", clock)[0].twin

    assert (twin.tasks, twin.interval_minutes) == ((), 60)
    assert roles.twins() == [twin]
