"""The prompts of the personas: what each asks for can be had, is ranked and bounded, and is said in words of its own."""

from __future__ import annotations

import json
import re
from itertools import combinations

import pytest

from cowork.formats.persona import PersonaTemplate, ProactiveTask
from cowork.twins.evidence.collectors import NAMES
from tests.content.shipped_personas import SHIPPED, TASKS

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

personas = pytest.mark.parametrize("persona", SHIPPED.values(), ids=list(SHIPPED))
tasks = pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))


@personas
def test_a_system_prompt_says_how_it_works_what_it_never_does_and_how_it_reports(persona: PersonaTemplate) -> None:
    prompt = persona.role.system_prompt
    works, never, reports = (prompt.index(f"\n\n{head}\n") for head in ("How you work", "What you never do", "How you report"))

    assert prompt.startswith("You are the digital twin of ")
    assert works < never < reports
    assert 300 <= len(prompt.split()) <= 460
    assert "evidence id" in prompt[works:never].casefold()
    assert "\n- Invent " in prompt[never:reports]
    guard = r"(instructions|orders|directions|commands|text) (found |hidden |embedded |that sit )?(in|inside|from)\b"
    assert re.search(guard, prompt[never:reports]), "nothing guards it against what it reads"


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
