"""Persona templates: strict where a twin depends on it, tolerant of what real files leave out or add."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import InvalidInput
from cowork.formats.persona import parse
from tests.formats.samples import PERSONA, REMOVE, changed, persona

WHERE = Path("/personas/tester.json")
TASK = "cognitiveOffload.proactiveTasks.0"


def test_a_full_template_is_read() -> None:
    template = parse(persona(), path=WHERE)

    assert (template.id, template.version, template.category) == ("tester", "1.0.0", "engineering")
    assert (template.role.autonomy_level, template.role.personality_id) == ("specialist", "technical")
    assert (template.heartbeat.enabled, template.heartbeat.interval_minutes, template.heartbeat.stagger_offset) == (True, 30, 5)
    task = template.cognitive_offload.proactive_tasks[0]
    assert (task.id, task.frequency_minutes, task.priority, task.enabled, task.evidence) == (
        "look",
        60,
        1,
        True,
        ["git-activity"],
    )
    assert [skill.skill_id for skill in template.skills] == ["my-skill"]


SOULS = {
    "an object in a text": ('{"name": "Twin", "strengths": ["x"]}', {"name": "Twin", "strengths": ["x"]}),
    "an object": ({"name": "Twin"}, {"name": "Twin"}),
    "a plain text": ("A calm twin", {"name": "A calm twin"}),
    "a text that is JSON but no object": ("[1, 2]", {"name": "[1, 2]"}),
    "a text that is nearly JSON": ('{"name": ', {"name": '{"name": '}),
    "an empty text": ("", {"name": ""}),
    "a text nested without end": ("[" * 100_000, {"name": "[" * 100_000}),
}


@pytest.mark.parametrize(("soul", "read"), SOULS.values(), ids=SOULS)
def test_a_soul_may_be_an_object_json_in_a_text_or_plain_text(soul: Any, read: dict[str, Any]) -> None:
    assert parse(changed(PERSONA, "role.soul", soul), path=WHERE).role.soul == read


def test_without_a_soul_there_is_an_empty_one() -> None:
    assert parse(changed(PERSONA, "role.soul", REMOVE), path=WHERE).role.soul == {}


def test_a_template_without_heartbeat_and_tasks_but_with_playbooks_is_read() -> None:
    document = changed(PERSONA, "heartbeat", REMOVE)
    playbooks = [{"id": "p", "name": "P", "description": "d"}]
    document["cognitiveOffload"] = {"primaryCategories": ["documentation"], "examplePlaybooks": playbooks}

    template = parse(document, path=WHERE)

    assert (template.heartbeat.enabled, template.heartbeat.interval_minutes) == (False, 60)
    assert template.cognitive_offload.proactive_tasks == []
    assert template.cognitive_offload.model_dump(by_alias=True)["examplePlaybooks"] == playbooks


def test_a_template_without_any_offload_is_read() -> None:
    assert parse(changed(PERSONA, "cognitiveOffload", REMOVE), path=WHERE).cognitive_offload.proactive_tasks == []


def test_a_task_without_priority_comes_last_and_is_on() -> None:
    document = changed(changed(PERSONA, f"{TASK}.priority", REMOVE), f"{TASK}.enabled", REMOVE)

    task = parse(document, path=WHERE).cognitive_offload.proactive_tasks[0]

    assert (task.priority, task.enabled) == (99, True)


def test_unknown_fields_are_kept_at_every_level() -> None:
    document = changed(PERSONA, "toolRestrictions", {"deny": ["Bash"]})
    document = changed(document, "heartbeat.activeHours", {"startHour": 8})
    document = changed(document, "cognitiveOffload.proactiveTasks.0.minSignalStrength", 0.5)
    document = changed(document, "role.companyId", "c")

    kept = parse(document, path=WHERE).model_dump(by_alias=True)

    assert kept["toolRestrictions"] == {"deny": ["Bash"]}
    assert kept["heartbeat"]["activeHours"] == {"startHour": 8}
    assert kept["cognitiveOffload"]["proactiveTasks"][0]["minSignalStrength"] == 0.5
    assert kept["role"]["companyId"] == "c"


BROKEN = {
    "no object": (None, [], "the document"),
    "no id": ("id", REMOVE, "id"),
    "an id that climbs": ("id", "../x", "id"),
    "an id with an underscore": ("id", "a_b", "id"),
    "an id that ends in a dash": ("id", "a-", "id"),
    "an unknown category": ("category", "legal", "category"),
    "no capabilities": ("role.capabilities", [], "role.capabilities"),
    "unknown autonomy": ("role.autonomyLevel", "boss", "role.autonomyLevel"),
    "no system prompt": ("role.systemPrompt", "", "role.systemPrompt"),
    "a soul that is a list": ("role.soul", [], "role.soul"),
    "a heartbeat of no minutes": ("heartbeat.intervalMinutes", 0, "heartbeat.intervalMinutes"),
    "a heartbeat in text": ("heartbeat.intervalMinutes", "30", "heartbeat.intervalMinutes"),
    "a stagger before the start": ("heartbeat.staggerOffset", -1, "heartbeat.staggerOffset"),
    "a frequency of zero": (f"{TASK}.frequencyMinutes", 0, f"{TASK}.frequencyMinutes"),
    "a frequency below zero": (f"{TASK}.frequencyMinutes", -60, f"{TASK}.frequencyMinutes"),
    "a frequency in text": (f"{TASK}.frequencyMinutes", "hourly", f"{TASK}.frequencyMinutes"),
    "half a minute": (f"{TASK}.frequencyMinutes", 0.5, f"{TASK}.frequencyMinutes"),
    "no frequency": (f"{TASK}.frequencyMinutes", REMOVE, f"{TASK}.frequencyMinutes"),
    "an offload category nobody knows": (f"{TASK}.category", "cooking", f"{TASK}.category"),
    "a task without a prompt": (f"{TASK}.promptTemplate", "", f"{TASK}.promptTemplate"),
    "a primary category nobody knows": ("cognitiveOffload.primaryCategories", ["x"], "cognitiveOffload.primaryCategories.0"),
    "a skill without an id": ("skills", [{"reason": "r"}], "skills.0.skillId"),
    "no skills": ("skills", REMOVE, "skills"),
    "no tags": ("tags", REMOVE, "tags"),
}


@pytest.mark.parametrize(("path", "value", "place"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_names_file_and_field(path: str | None, value: Any, place: str) -> None:
    document = value if path is None else changed(PERSONA, path, value)

    with pytest.raises(InvalidInput) as caught:
        parse(document, path=WHERE)

    assert caught.value.code == "persona.invalid"
    assert caught.value.message.startswith(f"{WHERE}: {place}: ")
    assert caught.value.details["field"] == place
