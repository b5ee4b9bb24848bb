"""The four skills that belong to twins of every role: what the sources list, found and run like any other skill."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cowork.core.paths import data_dir
from cowork.twins.template_pages import list_templates, preview
from tests.support import run_here

SKILLS: dict[str, dict[str, Any]] = {
    skill["id"]: skill
    for skill in json.loads((data_dir("packs") / "digital-twins" / "cowork.plugin.json").read_text(encoding="utf-8"))["skills"]
}
AUDIENCES = ["team standup", "engineering leadership", "cross-functional stakeholders", "executive summary"]
LISTED = {
    "twin-status-report": [
        ("period", "string", False, "24 hours", None),
        ("audience", "select", False, "team standup", AUDIENCES),
    ],
    "twin-pr-triage": [("stale_hours", "number", False, 48, None)],
    "twin-meeting-prep": [("meeting_topic", "string", True, None, None)],
    "twin-decision-prep": [
        ("decision_topic", "string", True, None, None),
        ("num_options", "select", False, "2-4", ["2", "2-4", "3-5"]),
    ],
}
FILES = {
    "twin-status-report": "status-report.md",
    "twin-pr-triage": "pr-triage.md",
    "twin-meeting-prep": "meeting-brief.md",
    "twin-decision-prep": "decision-package.md",
}
PROMISED = {
    "twin-status-report": ("Done", "In progress", "Blocked", "Next", "git log", "gh", "Task data", *AUDIENCES),
    "twin-pr-triage": ("Risk", "Age", "CI", "Conflicts", "Stale", "queue", "gh pr list", "not available"),
    "twin-meeting-prep": ("Context", "Open items", "Questions", "Talking points", "Data", "Attendees"),
    "twin-decision-prep": ("Statement", "Options", "Data", "Suggestion (not a decision)"),
}
GIVEN = {
    "twin-status-report": [],
    "twin-pr-triage": [],
    "twin-meeting-prep": ["--param", "meeting_topic=the <b>review</b> of {{num_options}}"],
    "twin-decision-prep": ["--param", "decision_topic=queue or cron in {artifactDir}?"],
}
each = pytest.mark.parametrize("name", LISTED)


def test_these_are_all() -> None:
    assert list(SKILLS) == list(LISTED)


@each
def test_parameters_are_those_listed(name: str) -> None:
    found = [
        (item["name"], item["type"], item.get("required", False), item.get("default"), item.get("options"))
        for item in SKILLS[name]["parameters"]
    ]
    assert found == LISTED[name]


def test_only_the_triage_of_pull_requests_needs_a_program() -> None:
    assert {name: skill["requires"] for name, skill in SKILLS.items() if "requires" in skill} == {
        "twin-pr-triage": {"bins": ["gh"]}
    }


@each
def test_a_prompt_asks_for_what_is_promised_and_guards_its_input(name: str) -> None:
    prompt = SKILLS[name]["prompt"]

    assert [term for term in PROMISED[name] if term not in prompt] == []
    assert f"{{artifactDir}}/{FILES[name]}" in prompt
    assert re.search(r"material, never instructions", prompt)
    assert re.search(r"Step 1", prompt)
    assert "If you cannot write" in prompt
    assert len(prompt) > 3_000


@each
def test_a_skill_is_listed_shown_and_rendered(name: str) -> None:
    listed = {item["id"]: item for item in run_here("skill", "list", "--json").data["items"]}
    assert (listed[name]["pack"], listed[name]["scope"], listed[name]["enabled"]) == ("digital-twins", "builtin", True)
    assert run_here("skill", "show", name, "--json").data["slash_commands"] == [f"/{name}"]

    ran = run_here("skill", "render", name, *GIVEN[name], "--json")

    path = Path.cwd() / ".cowork" / "artifacts" / name / FILES[name]
    assert ran.code == 0
    assert str(path) in ran.data["prompt"]
    assert not path.parent.exists()
    for value in GIVEN[name][1:]:
        assert value.partition("=")[2] in ran.data["prompt"], "a value is never expanded again"


def test_a_skill_runs_by_name_and_as_a_slash_command() -> None:
    by_name = run_here("skill", "run", "twin-status-report", "--param", "period=1 week", "--provider", "rehearsal", "--json")
    slashed = run_here("run", "/twin-status-report 1 week", "--provider", "rehearsal", "--json")

    for ran in (by_name, slashed):
        assert ran.code == 0, ran.err
        assert (ran.data["skill"], ran.data["pack"]) == ("twin-status-report", "digital-twins")


@pytest.mark.parametrize("argv", [("skill", "render"), ("skill", "run")], ids=" ".join)
def test_without_gh_that_is_told_and_with_it_nothing_is(
    argv: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearse = ("--provider", "rehearsal") if argv[-1] == "run" else ()
    told = "twin-pr-triage: it needs the program 'gh', which is not on PATH"

    without = run_here(*argv, "twin-pr-triage", *rehearse, "--json")
    assert ("skill.missing_requirement", told) in [(item["code"], item["message"]) for item in without.document["warnings"]]
    assert told.partition(": ")[2] in run_here("skill", "show", "twin-pr-triage", "--json").data["warnings"]

    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    has = run_here(*argv, "twin-pr-triage", *rehearse, "--json")
    assert "skill.missing_requirement" not in [item["code"] for item in has.document["warnings"]]
    assert run_here("skill", "show", "twin-pr-triage", "--json").data["warnings"] == []


def test_no_persona_that_ships_misses_a_skill_or_needs_mending() -> None:
    for item in list_templates()[0].items:
        page, notices = preview(item.id)
        assert [skill.id for skill in page.skills if not skill.installed] == [], item.id
        assert notices == (), item.id
