"""Persona templates: strict where a twin depends on it; what real files leave out, add or get wrong is mended and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.core.files import parse_json
from cowork.formats.mender import MOST_NOTICES
from cowork.formats.persona import PersonaTemplate, parse
from cowork.formats.persona_mending import MOST_TASKS, YEAR, mend
from tests.formats.fuzz import JUNK, broken
from tests.formats.samples import PERSONA, REMOVE, changed, persona

WHERE = Path("/personas/tester.json")
TASK = "cognitiveOffload.proactiveTasks.0"


def read(document: Any) -> PersonaTemplate:
    """The template in a document that needs no mending."""
    template, notices = parse(document, path=WHERE)
    assert notices == ()
    return template


def mended(path: str, value: Any) -> tuple[PersonaTemplate, list[str]]:
    """The template with one field changed, and what was told of it, without the file's name."""
    template, notices = parse(changed(PERSONA, path, value), path=WHERE)
    assert {notice.code for notice in notices} <= {"persona.field"}
    assert all(notice.message.startswith(f"{WHERE}: ") for notice in notices)
    return template, [notice.message.removeprefix(f"{WHERE}: ") for notice in notices]


def test_a_full_template_is_read() -> None:
    template = read(persona())

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
    "a text with what is no JSON": ('{"a": NaN}', {"name": '{"a": NaN}'}),
    "a text with a number beyond all bounds": ('{"a": 1e999}', {"name": '{"a": 1e999}'}),
    "a text with half a character": ('{"a": "\\ud800"}', {"a": "\ufffd"}),
    "an object that nests too deep": ('{"a": ' * 70 + "1" + "}" * 70, {"name": '{"a": ' * 70 + "1" + "}" * 70}),
    "a text nested without end": ("[" * 100_000, {"name": "[" * 100_000}),
}


@pytest.mark.parametrize(("soul", "understood"), SOULS.values(), ids=SOULS)
def test_a_soul_may_be_an_object_json_in_a_text_or_plain_text(soul: Any, understood: dict[str, Any]) -> None:
    assert read(changed(PERSONA, "role.soul", soul)).role.soul == understood


def test_without_a_soul_there_is_an_empty_one() -> None:
    assert read(changed(PERSONA, "role.soul", REMOVE)).role.soul == {}


def test_a_template_without_heartbeat_and_tasks_but_with_playbooks_is_read() -> None:
    document = changed(PERSONA, "heartbeat", REMOVE)
    playbooks = [{"id": "p", "name": "P", "description": "d"}]
    document["cognitiveOffload"] = {"primaryCategories": ["documentation"], "examplePlaybooks": playbooks}

    template = read(document)

    assert (template.heartbeat.enabled, template.heartbeat.interval_minutes) == (False, 60)
    assert template.cognitive_offload.proactive_tasks == []
    assert template.cognitive_offload.model_dump(by_alias=True)["examplePlaybooks"] == playbooks


def test_a_template_without_any_offload_is_read() -> None:
    assert read(changed(PERSONA, "cognitiveOffload", REMOVE)).cognitive_offload.proactive_tasks == []


def test_a_task_without_priority_comes_last_and_is_on() -> None:
    document = changed(changed(PERSONA, f"{TASK}.priority", REMOVE), f"{TASK}.enabled", REMOVE)

    task = read(document).cognitive_offload.proactive_tasks[0]

    assert (task.priority, task.enabled) == (99, True)


def test_unknown_fields_are_kept_at_every_level() -> None:
    document = changed(PERSONA, "toolRestrictions", {"deny": ["Bash"]})
    document = changed(document, "heartbeat.activeHours", {"startHour": 8})
    document = changed(document, "cognitiveOffload.proactiveTasks.0.minSignalStrength", 0.5)
    document = changed(document, "role.companyId", "c")

    kept = read(document).model_dump(by_alias=True)

    assert kept["toolRestrictions"] == {"deny": ["Bash"]}
    assert kept["heartbeat"]["activeHours"] == {"startHour": 8}
    assert kept["cognitiveOffload"]["proactiveTasks"][0]["minSignalStrength"] == 0.5
    assert kept["role"]["companyId"] == "c"


MENDED = {
    "a category nobody knows": ("category", "legal", lambda t: t.category, "legal", "'legal' is not known; there are: eng"),
    "a number as version": ("version", 1.5, lambda t: t.version, "1.5", None),
    "no icon": ("icon", REMOVE, lambda t: t.icon, "", None),
    "a colour that is none": ("color", [1], lambda t: t.color, "", "[1] is not a text"),
    "no skills": ("skills", REMOVE, lambda t: t.skills, [], None),
    "skills that are no list": ("skills", {"a": 1}, lambda t: t.skills, [], "{'a': 1} is not a list"),
    "a skill by its id": ("skills", ["x", "x"], lambda t: [skill.skill_id for skill in t.skills], ["x"], None),
    "a skill without an id": ("skills", [{"reason": "r"}], lambda t: t.skills, [], "the skill is left out"),
    "no tags": ("tags", REMOVE, lambda t: t.tags, [], None),
    "a tag that is none": ("tags", ["a", 1], lambda t: t.tags, ["a"], "1 is not a text and is left out"),
    "a name of several lines": ("name", "A\x1b[2J\nB", lambda t: t.name, "A\\u001b[2J B", "it is shown as"),
    "a capability nobody knows": ("role.capabilities", ["fly"], lambda t: t.role.capabilities, ["fly"], "'fly' is not known"),
    "autonomy nobody knows": ("role.autonomyLevel", "boss", lambda t: t.role.autonomy_level, "intern", "'boss' is not one of"),
    "no autonomy": ("role.autonomyLevel", REMOVE, lambda t: t.role.autonomy_level, "specialist", None),
    "a soul that is a list": ("role.soul", [], lambda t: t.role.soul, {}, "neither an object nor a text"),
    "a heartbeat that is none": ("heartbeat", 5, lambda t: t.heartbeat.interval_minutes, 60, "5 is not an object"),
    "a heartbeat of no minutes": ("heartbeat.intervalMinutes", 0, lambda t: t.heartbeat.interval_minutes, 1, "0 is not from 1"),
    "a heartbeat in text": ("heartbeat.intervalMinutes", "30", lambda t: t.heartbeat.interval_minutes, 60, "'30' is not"),
    "a stagger before the start": ("heartbeat.staggerOffset", -1, lambda t: t.heartbeat.stagger_offset, 0, "-1 is not from 0"),
    "a heartbeat that is maybe on": ("heartbeat.enabled", 1, lambda t: t.heartbeat.enabled, False, "1 is not true or false"),
    "an unknown primary category": (
        "cognitiveOffload.primaryCategories", ["x"], lambda t: t.cognitive_offload.primary_categories, ["x"], "'x' is not known"
    ),
    "a frequency of zero": (f"{TASK}.frequencyMinutes", 0, lambda t: first(t).frequency_minutes, 1, "0 is not from 1"),
    "a frequency below zero": (f"{TASK}.frequencyMinutes", -60, lambda t: first(t).frequency_minutes, 1, "-60 is not from 1"),
    "a frequency in text": (f"{TASK}.frequencyMinutes", "x", lambda t: first(t).frequency_minutes, 15, "'x' is not a number"),
    "a frequency that is a truth": (f"{TASK}.frequencyMinutes", True, lambda t: first(t).frequency_minutes, 15, "True is not"),
    "half a minute": (f"{TASK}.frequencyMinutes", 0.5, lambda t: first(t).frequency_minutes, 1, None),
    "a minute and a half": (f"{TASK}.frequencyMinutes", 1.5, lambda t: first(t).frequency_minutes, 2, None),
    "a frequency of ages": (f"{TASK}.frequencyMinutes", 10**400, lambda t: first(t).frequency_minutes, YEAR, "is not from 1"),
    "no frequency": (f"{TASK}.frequencyMinutes", REMOVE, lambda t: first(t).frequency_minutes, 15, "is missing, 15 stands in"),
    "a priority in text": (f"{TASK}.priority", "high", lambda t: first(t).priority, 99, "'high' is not a number"),
    "a task without a name": (f"{TASK}.name", REMOVE, lambda t: first(t).name, "look", None),
    "an offload category nobody knows": (f"{TASK}.category", "cooking", lambda t: first(t).category, "cooking", "is not known"),
    "a task without a prompt": (f"{TASK}.promptTemplate", " ", lambda t: first(t).id, "dig", "it would never be due"),
    "a task without an id": (f"{TASK}.id", REMOVE, lambda t: first(t).id, "dig", "its id is not"),
    "a task with the id of another": (f"{TASK}.id", "dig", lambda t: len(tasks(t)), 1, "another one with the id dig"),
}  # fmt: skip


def tasks(template: PersonaTemplate) -> list[Any]:
    return list(template.cognitive_offload.proactive_tasks)


def first(template: PersonaTemplate) -> Any:
    return tasks(template)[0]


@pytest.mark.parametrize(("path", "value", "look", "found", "told"), MENDED.values(), ids=MENDED)
def test_what_can_be_mended_is_mended_and_told(path: str, value: Any, look: Any, found: Any, told: str | None) -> None:
    template, notices = mended(path, value)

    assert look(template) == found
    assert len(notices) == (told is not None)
    if told is not None:
        (notice,) = notices
        assert told in notice
        assert notice.startswith((f"{path}: ", f"{path}.", "cognitiveOffload.proactiveTasks."))


def test_tasks_and_notices_are_bounded() -> None:
    many = [{**PERSONA["cognitiveOffload"]["proactiveTasks"][0], "id": f"t{number}"} for number in range(MOST_TASKS + 50)]

    template, notices = mended("cognitiveOffload.proactiveTasks", many)

    assert len(tasks(template)) == MOST_TASKS
    assert len(notices) == MOST_NOTICES + 1
    assert notices[-1] == "30 more fields are mended and not listed"


@pytest.mark.parametrize("name", ["A", "a_b", "Senior-Engineer_2", "x" * 64])
def test_an_id_may_have_capitals_and_underscores(name: str) -> None:
    assert read(persona(id=name)).id == name


BROKEN = {
    "no object": (None, [], "the document"),
    "one that nests too deep": ("extra", json.loads("[" * 80 + "]" * 80), "the document"),
    "no id": ("id", REMOVE, "id"),
    "an id that climbs": ("id", "../x", "id"),
    "an id with a line break": ("id", "a\n", "id"),
    "an id that ends in a dash": ("id", "a-", "id"),
    "an id without end": ("id", "x" * 65, "id"),
    "no name": ("name", "", "name"),
    "a name that is a list": ("name", ["a"], "name"),
    "no description": ("description", " ", "description"),
    "no version": ("version", REMOVE, "version"),
    "no category": ("category", REMOVE, "category"),
    "no role": ("role", [], "role"),
    "no capabilities": ("role.capabilities", [], "role.capabilities"),
    "capabilities that are no texts": ("role.capabilities", [1], "role.capabilities"),
    "no system prompt": ("role.systemPrompt", "", "role.systemPrompt"),
}


@pytest.mark.parametrize(("path", "value", "place"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_names_file_and_field(path: str | None, value: Any, place: str) -> None:
    document = value if path is None else changed(PERSONA, path, value)

    with pytest.raises(InvalidInput) as caught:
        parse(document, path=WHERE)

    assert caught.value.code == "persona.invalid"
    assert caught.value.message.startswith(f"{WHERE}: {place}: ")
    assert caught.value.details["field"] == place


@given(broken(PERSONA))
@example({**PERSONA, "role": {**PERSONA["role"], "soul": "\ud800"}})
@example({**PERSONA, "heartbeat": {"intervalMinutes": float("inf")}})
@example({**PERSONA, "\ud800": {"__class__": 1, "model_fields": 2, "system_prompt": 3}})
def test_whatever_is_written_is_a_template_that_can_be_stored_or_a_typed_error(document: Any) -> None:
    try:
        kept = mend(document, path=WHERE)
        template, notices = parse(document, path=WHERE)
    except InvalidInput as error:
        assert error.code == "persona.invalid"
        assert error.message.startswith(f"{WHERE}: ")
        return
    assert notices == kept.notices
    json.dumps(template.role.soul, ensure_ascii=False).encode()
    json.dumps(kept.document, ensure_ascii=False).encode()
    assert parse(kept.document, path=WHERE).template == template, "what is mended needs no other mending"


@given(st.text() | JUNK.map(json.dumps) | st.integers(1, 5000).map(lambda size: "9" * size))
def test_any_text_can_be_a_soul(soul: str) -> None:
    assert isinstance(mended("role.soul", soul)[0].role.soul, dict)


@given(
    st.binary(max_size=200) | st.sampled_from([b"[" * 100_000, b'{"a": NaN}', b"9" * 5000, b'{"id": "a", "id": "b"}', b"1e999"])
)
def test_any_bytes_are_a_document_or_a_typed_error(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        mend(parse_json(raw, path=WHERE, what="persona template"), path=WHERE)
