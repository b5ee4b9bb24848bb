"""The personas we ship: each is what the sources list, and every one makes a good twin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowork.core.paths import data_dir
from cowork.formats.persona import PersonaTemplate, parse
from cowork.twins.activation import LONGEST_INTERVAL, SHORTEST_INTERVAL, activate
from cowork.twins.twin import Twin
from tests.content.persona_table import PERSONAS, PersonaRow, TaskRow
from tests.support import FakeClock

FILES = {path.stem: path for path in sorted(data_dir("personas").glob("*.json"))}
SHIPPED = {name: parse(json.loads(path.read_text(encoding="utf-8")), path=path).template for name, path in FILES.items()}

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
def test_every_task_rests_on_evidence_and_says_what_to_do_without(persona: PersonaTemplate) -> None:
    for task in persona.cognitive_offload.proactive_tasks:
        assert task.evidence, task.id
        assert task.description, task.id
        assert "not available" in task.prompt_template, task.id


@personas
def test_recommended_skills_say_why_and_are_never_required(persona: PersonaTemplate) -> None:
    assert persona.skills
    assert len({skill.skill_id for skill in persona.skills}) == len(persona.skills)
    assert all(skill.reason and not skill.required for skill in persona.skills)


@pytest.mark.parametrize("name", FILES)
def test_a_persona_can_be_activated(name: str) -> None:
    twin: Twin = activate(name, FakeClock())[0].twin

    assert twin.name == f"twin-{name}"
    assert len(twin.tasks) == len(SHIPPED[name].cognitive_offload.proactive_tasks)
