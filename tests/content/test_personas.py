"""The personas we ship: each is what the sources list, and every one makes a good twin."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from cowork.core.paths import data_dir
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.formats.persona import PersonaTemplate, ProactiveTask, parse
from cowork.twins.activation import LONGEST_INTERVAL, SHORTEST_INTERVAL, activate
from cowork.twins.evidence.collectors import NAMES
from cowork.twins.twin import Twin
from tests.content.persona_table import PERSONAS, PersonaRow, TaskRow
from tests.support import FakeClock

FILES = {path.stem: path for path in sorted(data_dir("personas").glob("*.json"))}
SHIPPED = {name: parse(json.loads(path.read_text(encoding="utf-8")), path=path).template for name, path in FILES.items()}

TASKS = {f"{persona.id}/{task.id}": task for persona in SHIPPED.values() for task in persona.cognitive_offload.proactive_tasks}
TWIN_SKILLS = {"twin-status-report", "twin-pr-triage", "twin-meeting-prep", "twin-decision-prep"}
CAPABILITIES = set(
    "code review test design ops security research analyze plan document write communicate market manage product".split()
)
SENIORITY = set("junior mid senior staff principal distinguished director vp executive".split())
ASKED_FOR_AS = {
    "git-activity": "git activity",
    "untested-changes": "(changes|changed) (made )?without tests",
    "todo-comments": "TODO|comment scan|debt markers",
    "dependency-manifests": "manifests",
    "doc-freshness": "documents older than|pages lag",
    "broken-links": "links (that lead nowhere|are broken)",
    "open-decisions": "decision records",
    "changes-since-tag": "changes since the last tag",
    "pull-requests": "pull requests",
    "issues": "open issues",
    "ci-runs": "CI runs",
    "test-reports": "test reports",
    "coverage-report": "coverage report",
    "data-profile": "profiles? of (the )?CSV|CSV files as profiled|data profiles",
}
"""How prompts word the evidence of each collector."""
NEVER_CONNECTED = re.compile(
    r"\b(airflow|amplitude|asana|bamboohr|confluence|databricks|datadog|digi-?key|gitlab|grafana|hubspot|intercom|jira|"
    r"looker|microsoft|mixpanel|mouser|new relic|notion|octopart|okta|opsgenie|pagerduty|prometheus|salesforce|sentry|slack|"
    r"snowflake|snyk|splunk|tableau|teams channel|trello|workday|zendesk)\b",
    re.IGNORECASE,
)
"""Products that no collector reads: a prompt that names one promises what cannot be kept."""

rows = pytest.mark.parametrize("row", PERSONAS, ids=lambda row: row.id)
personas = pytest.mark.parametrize("persona", SHIPPED.values(), ids=list(SHIPPED))
tasks = pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))


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
def test_a_system_prompt_says_how_it_works_what_it_never_does_and_how_it_reports(persona: PersonaTemplate) -> None:
    prompt = persona.role.system_prompt
    works, never, reports = (prompt.index(f"\n\n{head}\n") for head in ("How you work", "What you never do", "How you report"))

    assert prompt.startswith("You are the digital twin of ")
    assert works < never < reports
    assert 300 <= len(prompt.split()) <= 460
    assert "evidence id" in prompt[works:never].casefold()
    assert "\n- Invent " in prompt[never:reports]
    assert re.search(
        r"(instructions|orders|directions|commands|text) (found |hidden |embedded |that sit )?(in|inside|from)\b", prompt
    ), "nothing guards it against what it reads"


@tasks
def test_a_task_rests_on_evidence_that_a_collector_finds_and_its_prompt_asks_for(task: ProactiveTask) -> None:
    assert task.evidence
    assert len(set(task.evidence)) == len(task.evidence)
    assert set(task.evidence) <= set(NAMES)
    assert [name for name in task.evidence if not re.search(ASKED_FOR_AS[name], task.prompt_template, re.IGNORECASE)] == []


def test_every_collector_serves_a_task_and_prompts_have_a_word_for_it() -> None:
    assert {name for task in TASKS.values() for name in task.evidence} == set(NAMES) == set(ASKED_FOR_AS)


@tasks
def test_a_prompt_asks_for_claims_with_evidence_and_says_what_to_do_without(task: ProactiveTask) -> None:
    prompt = task.prompt_template

    assert re.search(r"evidence ids?\b", prompt, re.IGNORECASE)
    assert "exactly as given" in prompt
    assert '"not available: <why>"' in prompt


@tasks
def test_a_prompt_words_its_title_its_order_its_limit_and_its_end(task: ProactiveTask) -> None:
    prompt = task.prompt_template
    sections = [int(number) for number in re.findall(r"^(\d+)\. ", prompt, re.MULTILINE)]
    limits = [int(words) for words in re.findall(r"^At most (\d+) words\. ", prompt, re.MULTILINE)]

    assert f"Write, under the title {task.name}:\n1. Bottom line" in prompt
    assert sections == list(range(1, len(sections) + 1))
    assert len(sections) >= 3
    assert re.findall(r"^(\d+)\. Not available", prompt, re.MULTILINE) in ([], [str(len(sections))]), (
        "nothing is checked after it"
    )
    assert re.search(r"\branked\b", prompt)
    assert re.search(r"^(Rank|Order) ", prompt, re.MULTILINE), "it does not say what comes first"
    assert len(limits) == 1
    assert 250 <= limits[0] <= 400
    assert prompt.rpartition("\n\n")[2].startswith(f"At most {limits[0]} words. End with Decide next: ")


@tasks
def test_a_prompt_is_thorough_and_still_short(task: ProactiveTask) -> None:
    assert 200 <= len(task.prompt_template.split()) <= 330
    assert 8 <= len(task.description.split()) <= 25


def everything_said(persona: PersonaTemplate) -> str:
    return json.dumps(persona.model_dump(), ensure_ascii=False)


@personas
def test_nothing_is_named_as_if_it_were_connected(persona: PersonaTemplate) -> None:
    assert NEVER_CONNECTED.findall(everything_said(persona)) == []


@personas
def test_texts_hold_no_placeholders_and_no_typesetting(persona: PersonaTemplate) -> None:
    said = everything_said(persona)

    assert re.findall(r"\{\{|\$ARGUMENTS|\{\w+Dir\}|TODO:|[\u2013\u2014\u201c\u201d\u2018\u2019]", said) == []
    assert not any(line != line.rstrip() or "  " in line for line in persona.role.system_prompt.splitlines())


def shared(one: str, other: str, words: int = 7) -> float:
    """How much of the shorter text is in the other: the share of its runs of so many words."""

    def runs(text: str) -> set[tuple[str, ...]]:
        said = re.findall(r"\w+", text.casefold())
        return {tuple(said[at : at + words]) for at in range(len(said) - words + 1)}

    first, second = runs(one), runs(other)
    return len(first & second) / min(len(first), len(second))


def test_every_prompt_has_words_of_its_own() -> None:
    texts = {name: task.prompt_template for name, task in TASKS.items()}
    systems = {name: persona.role.system_prompt for name, persona in SHIPPED.items()}

    for prompts in (texts, systems):
        alike = {pair: round(shared(prompts[pair[0]], prompts[pair[1]]), 2) for pair in combinations(prompts, 2)}
        assert {pair: share for pair, share in alike.items() if share > 0.15} == {}


@personas
def test_recommended_skills_say_why_and_are_never_required(persona: PersonaTemplate) -> None:
    assert persona.skills
    assert len({skill.skill_id for skill in persona.skills}) == len(persona.skills)
    assert all(skill.reason and not skill.required for skill in persona.skills)


@personas
def test_recommended_skills_exist(persona: PersonaTemplate) -> None:
    packs = [json.loads(path.read_text(encoding="utf-8")) for path in data_dir("packs").glob(f"*/{FILE_NAME}")]
    known = {skill["id"] for pack in packs for skill in pack.get("skills", ())} | TWIN_SKILLS

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
