"""The personas we ship: each is what the sources list, and every one makes a good twin."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cowork.core.paths import data_dir
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.formats.persona import PersonaTemplate
from cowork.twins.activation import activate
from cowork.twins.twin import Twin
from cowork.twins.values import LONGEST_INTERVAL, SHORTEST_INTERVAL
from tests.content.persona_table import PERSONAS, PersonaRow, TaskRow
from tests.content.shipped_personas import FILES, SHIPPED, TASKS
from tests.support import FakeClock

TWIN_SKILLS = {"twin-status-report", "twin-pr-triage", "twin-meeting-prep", "twin-decision-prep"}
CAPABILITIES = set(
    "code review test design ops security research analyze plan document write communicate market manage product".split()
)
SENIORITY = set("junior mid senior staff principal distinguished director vp executive".split())
rows = pytest.mark.parametrize("row", PERSONAS, ids=lambda row: row.id)
personas = pytest.mark.parametrize("persona", SHIPPED.values(), ids=list(SHIPPED))


# --- what the sources list


@rows
def test_a_persona_is_the_one_the_sources_list(row: PersonaRow) -> None:
    persona = SHIPPED[row.id]

    assert (persona.category, persona.role.autonomy_level) == (row.category, row.autonomy)
    assert (persona.heartbeat.enabled, persona.heartbeat.interval_minutes, persona.heartbeat.stagger_offset) == (
        True,
        row.beat,
        row.stagger,
    )


@rows
def test_its_tasks_are_those_listed(row: PersonaRow) -> None:
    tasks = SHIPPED[row.id].cognitive_offload.proactive_tasks

    assert [TaskRow(task.id, task.name, task.frequency_minutes, task.priority, task.enabled) for task in tasks] == list(
        row.tasks
    )


@rows
def test_it_takes_over_the_work_listed(row: PersonaRow) -> None:
    assert tuple(SHIPPED[row.id].cognitive_offload.primary_categories) == row.offload


def test_there_are_ten_personas_and_thirty_one_tasks_and_no_others() -> None:
    assert set(SHIPPED) == {row.id for row in PERSONAS}
    assert (len(SHIPPED), len(TASKS)) == (10, 31)


# --- what holds for every persona


def extras(model: object) -> list[str]:
    """The names of fields the schema does not know, at every level."""
    found = list(getattr(model, "__pydantic_extra__", None) or ())
    for name in getattr(type(model), "model_fields", ()):
        value = getattr(model, name)
        for item in value if isinstance(value, list) else [value]:
            found += extras(item)
    return found


@personas
def test_a_template_has_no_unknown_fields(persona: PersonaTemplate) -> None:
    assert extras(persona) == []


@pytest.mark.parametrize("name", FILES)
def test_a_template_is_called_like_its_file(name: str) -> None:
    assert SHIPPED[name].id == name


@pytest.mark.parametrize("path", FILES.values(), ids=list(FILES))
def test_a_soul_is_an_object_written_as_a_text(path: Path) -> None:
    soul = json.loads(path.read_text(encoding="utf-8"))["role"]["soul"]

    assert isinstance(soul, str)
    assert list(json.loads(soul)) == ["name", "role", "personality", "communicationStyle", "focusAreas", "strengths"]


@personas
def test_a_heartbeat_can_be_set_as_it_stands(persona: PersonaTemplate) -> None:
    assert SHORTEST_INTERVAL <= persona.heartbeat.interval_minutes <= LONGEST_INTERVAL


@personas
def test_tasks_are_told_apart_by_id_and_by_urgency(persona: PersonaTemplate) -> None:
    tasks = persona.cognitive_offload.proactive_tasks

    assert len({task.id for task in tasks}) == len(tasks)
    assert [task.priority for task in tasks] == list(range(1, len(tasks) + 1))
    assert all(task.frequency_minutes >= persona.heartbeat.interval_minutes for task in tasks)


@personas
def test_its_tasks_do_the_work_it_says_it_takes_over(persona: PersonaTemplate) -> None:
    offload = persona.cognitive_offload

    assert {task.category for task in offload.proactive_tasks} <= set(offload.primary_categories)


@personas
def test_what_describes_it_are_words_known_to_readers(persona: PersonaTemplate) -> None:
    assert persona.role.capabilities
    assert set(persona.role.capabilities) <= CAPABILITIES
    assert persona.seniority_range
    assert set(persona.seniority_range) <= SENIORITY
    assert persona.category in persona.tags
    assert len(set(persona.tags)) == len(persona.tags)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", tag) for tag in persona.tags)
    assert re.fullmatch("#[0-9a-f]{6}", persona.color)


def test_no_two_personas_look_alike_in_a_gallery() -> None:
    for field in ("name", "description", "icon", "color"):
        assert len({getattr(persona, field) for persona in SHIPPED.values()}) == len(SHIPPED), field


@personas
def test_a_soul_says_something_under_every_key(persona: PersonaTemplate) -> None:
    soul = persona.role.soul

    assert soul["name"].endswith(" Twin")
    assert all(len(soul[key].split()) >= 5 for key in ("role", "personality", "communicationStyle"))
    assert all(len(soul[key]) >= 4 and len(set(soul[key])) == len(soul[key]) for key in ("focusAreas", "strengths"))


@personas
def test_recommended_skills_say_why_and_are_never_required(persona: PersonaTemplate) -> None:
    assert persona.skills
    assert len({skill.skill_id for skill in persona.skills}) == len(persona.skills)
    assert all(skill.reason and not skill.required for skill in persona.skills)


@personas
def test_recommended_skills_exist(persona: PersonaTemplate) -> None:
    packs = [json.loads(path.read_text(encoding="utf-8")) for path in data_dir("packs").glob(f"*/{FILE_NAME}")]
    known = {skill["id"] for pack in packs for skill in pack.get("skills", ())}

    assert {skill.skill_id for skill in persona.skills} - known == set()
    assert {skill.skill_id for skill in persona.skills} & TWIN_SKILLS


def test_the_skills_of_twins_are_all_recommended_by_somebody() -> None:
    assert {skill.skill_id for persona in SHIPPED.values() for skill in persona.skills} >= TWIN_SKILLS


def test_a_pack_with_a_digital_twin_names_one_of_them_which_recommends_its_skills() -> None:
    for path in data_dir("packs").glob(f"*/{FILE_NAME}"):
        pack = json.loads(path.read_text(encoding="utf-8"))
        persona = SHIPPED.get(pack.get("personaTemplateId") or "")
        assert (persona is None) == (not pack.get("personaTemplateId")), path.parent.name
        if persona is not None:
            named = {skill.skill_id for skill in persona.skills}
            assert len(named & {skill["id"] for skill in pack["skills"]}) >= 3, path.parent.name


@pytest.mark.parametrize("name", FILES)
def test_a_persona_can_be_activated(name: str) -> None:
    twin: Twin = activate(name, FakeClock())[0].twin

    assert twin.name == f"twin-{name}"
    assert len(twin.tasks) == len(SHIPPED[name].cognitive_offload.proactive_tasks)
