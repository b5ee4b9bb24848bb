"""Following a changed template: what it says is taken over, what somebody edited stays."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest

from cowork.core.errors import Denied, NotFound
from cowork.core.plan import Step
from cowork.twins.activation import activate
from cowork.twins.editing import Edit, edit
from cowork.twins.store import roles
from cowork.twins.twin import Twin
from cowork.twins.upgrading import upgrade
from tests.core.installation import Installation
from tests.formats.samples import PERSONA, persona
from tests.support import FakeClock


def changed(**fields: Any) -> dict[str, Any]:
    """The sample template in its next version: other texts, another rhythm, a task less and a task more."""
    document = copy.deepcopy(PERSONA)
    look, dig = document["cognitiveOffload"]["proactiveTasks"]
    look |= {
        "promptTemplate": "Look again.",
        "frequencyMinutes": 120,
        "priority": 3,
        "evidence": ["todo-comments"],
        "enabled": False,
    }
    fresh = {**dig, "id": "sweep", "name": "Sweep", "enabled": True}
    document["cognitiveOffload"]["proactiveTasks"] = [look, fresh]
    document["heartbeat"] = {"enabled": True, "intervalMinutes": 60, "staggerOffset": 7}
    document["role"] |= {"systemPrompt": "You test well.", "capabilities": ["test", "review"], "autonomyLevel": "lead"}
    return {**document, "version": "1.1.0", "name": "Examiner", "icon": "🔬", **fields}


@pytest.fixture
def twin(clock: FakeClock, installation: Installation) -> Twin:
    return activate("tester", clock)[0].twin


def upgraded(clock: FakeClock, names: list[str] | None = None, *, dry_run: bool = False) -> Twin:
    upgrade(names or ["tester"], clock, dry_run=dry_run)
    return roles.twins()[0]


def test_a_template_that_did_not_change_changes_nothing(clock: FakeClock, twin: Twin) -> None:
    answer, notices = upgrade(["tester"], clock, dry_run=False)

    assert ([step.action for step in answer.plan], notices) == (["keep"], ())
    assert roles.twins() == [twin]


def test_what_was_not_edited_is_taken_over(clock: FakeClock, twin: Twin, installation: Installation) -> None:
    installation.write("personas/tester.json", changed())
    clock.advance(60)

    after = upgraded(clock)

    assert (after.template_version, after.display_name, after.icon, after.name) == (
        "1.1.0",
        "Examiner Twin",
        "🔬",
        "twin-tester",
    )
    assert (after.autonomy, after.capabilities, after.system_prompt) == ("lead", ("test", "review"), "You test well.")
    assert (after.interval_minutes, after.anchor_at) == (60, twin.anchor_at)
    sweep, look = after.tasks
    assert (look.prompt_template, look.evidence, look.frequency_minutes, look.priority) == (
        "Look again.",
        ("todo-comments",),
        120,
        3,
    )
    assert (look.enabled, sweep.id, sweep.enabled, sweep.due_at) == (False, "sweep", True, twin.anchor_at)
    assert after.template_digest != twin.template_digest
    assert activate("tester", clock)[0].twin.soul == after.soul
    assert upgrade(["tester"], clock, dry_run=False)[0].plan[0].action == "keep"


def test_what_was_edited_stays(clock: FakeClock, twin: Twin, installation: Installation) -> None:
    wanted = Edit(
        name="Mine",
        interval=45,
        disable=("look",),
        every=(("look", 90),),
        priorities=(("look", 7),),
        model="m",
        autonomy="intern",
        system_prompt="Mine.",
        capabilities=("code",),
        allow=("Read",),
        deliver=(("look", "env:A"), ("dig", "env:B")),
    )
    edit(["tester"], wanted, clock, dry_run=False)
    document = changed()
    document["cognitiveOffload"]["proactiveTasks"][0]["enabled"] = True
    installation.write("personas/tester.json", document)

    after = upgraded(clock)

    assert (after.display_name, after.interval_minutes, after.model, after.autonomy) == ("Mine", 45, "m", "intern")
    assert (after.system_prompt, after.capabilities, after.allow_rules) == ("Mine.", ("code",), ("Read",))
    look = next(task for task in after.tasks if task.id == "look")
    assert (look.enabled, look.frequency_minutes, look.priority, look.deliver) == (False, 90, 7, ("env:A",))
    assert look.prompt_template == "Look again."
    assert [task.id for task in after.tasks] == ["sweep", "look"]  # and the address of the task that went is gone

    edit(["tester"], Edit(autonomy="lead"), clock, dry_run=False)
    installation.write("personas/tester.json", changed(version="1.2.0"))
    assert upgraded(clock).system_prompt == "Mine."  # still


def test_a_template_may_change_without_its_version(clock: FakeClock, twin: Twin, installation: Installation) -> None:
    installation.write("personas/tester.json", persona(icon="🔬"))

    answer, _ = upgrade(None, clock, dry_run=True)
    assert answer.plan[0].detail == "tester 1.0.0, which was changed"
    assert roles.twins() == [twin]
    assert upgraded(clock).icon == "🔬"


def test_the_number_of_a_twin_stays_with_its_new_name(clock: FakeClock, installation: Installation) -> None:
    activate("tester", clock, count=2)
    installation.write("personas/tester.json", changed())

    upgrade(None, clock, dry_run=False)

    assert [one.display_name for one in roles.twins()] == ["Examiner Twin", "Examiner Twin 2"]


def test_a_twin_of_the_first_version_keeps_its_settings_and_takes_the_texts(
    clock: FakeClock, twin: Twin, installation: Installation
) -> None:
    old = {key: value for key, value in twin.soul.items() if key != "sourceTemplateValues"}
    with roles.writing() as connection:
        roles.change_in(connection, twin, dataclasses.replace(twin, soul=old, template_digest=""))
    installation.write("personas/tester.json", changed())

    after = upgraded(clock)

    assert (after.interval_minutes, after.display_name, after.system_prompt) == (30, "Tester Twin", "You test well.")
    look = next(task for task in after.tasks if task.id == "look")
    assert (look.enabled, look.frequency_minutes, look.prompt_template) == (True, 60, "Look again.")


def test_a_template_that_is_gone_is_an_error_for_a_named_twin_and_a_notice_for_all(
    clock: FakeClock, twin: Twin, installation: Installation
) -> None:
    (installation.root / "personas" / "tester.json").unlink()

    with pytest.raises(NotFound) as caught:
        upgrade(["tester"], clock, dry_run=False)
    assert (caught.value.code, caught.value.message) == ("twin.no_template", "the template 'tester' is gone")

    answer, notices = upgrade(None, clock, dry_run=False)
    assert [tuple(notice) for notice in notices] == [
        ("twin.no_template", "the template 'tester' is gone; its twins stay as they are")
    ]
    assert answer.plan == (Step("keep", "twin-tester", "its template is gone"),)


def test_the_policies_are_asked_for_the_templates_interval(
    clock: FakeClock, twin: Twin, installation: Installation, home: Any
) -> None:
    edit(["tester"], Edit(interval=60), clock, dry_run=False)
    edit(["tester"], Edit(interval=30), clock, dry_run=False)
    installation.write("personas/tester.json", changed(heartbeat={"enabled": True, "intervalMinutes": 10}))
    (home / "policies.json").write_text('{"agents": {"maxHeartbeatFrequencySec": 1200}}')

    with pytest.raises(Denied):
        upgrade(["tester"], clock, dry_run=False)
    assert roles.twins()[0].template_version == "1.0.0"
