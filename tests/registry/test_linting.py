"""Hints: what each one is about, and that what we ship needs none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.paths import data_dir
from cowork.formats.cowork_plugin import ManifestView, problems
from cowork.formats.problem import RULES
from cowork.registry.linting import lint_pack, lint_paths
from tests.formats.fuzz import broken
from tests.formats.samples import MANIFEST, REMOVE, changed, manifest

GOOD = changed(
    changed(MANIFEST, "skills.0.parameters", [{"name": "what", "type": "string", "description": "What to do"}]),
    "skills.0.prompt",
    "Do {{what}}.\n\n## Result\nWhat was done.",
)


def hints(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = lint_pack(ManifestView(document, scope="personal", directory=Path("/packs/x")))
    assert all(problem.rule in RULES and problem.fix and problem.file == "/packs/x/cowork.plugin.json" for problem in found)
    return [(problem.where, problem.rule, problem.severity) for problem in found]


def test_a_good_pack_gets_no_hint() -> None:
    assert hints(GOOD) == []


PROMPT, PARAMETERS = "$.skills[0].prompt", "$.skills[0].parameters[0]"
CASES: dict[str, tuple[str, Any, list[tuple[str, str, str]]]] = {
    "a parameter nobody uses": (
        "skills.0.prompt",
        "## Do it",
        [(PARAMETERS, "prompt.unused_parameter", "warning")],
    ),
    "a placeholder nobody declared, once": (
        "skills.0.prompt",
        "## {{what}} {{who}} {{who}}",
        [(PROMPT, "prompt.undeclared_placeholder", "warning")],
    ),
    "a placeholder with a filter": ("skills.0.prompt", "## {{ what | default: 'x' }}", []),
    "shell variables and money are no placeholders": ("skills.0.prompt", "## {{what}} ${X:-y} $5.00 {{ }} {baseDir}", []),
    "no layout": ("skills.0.prompt", "Do {{what}} well", [(PROMPT, "prompt.no_output_structure", "note")]),
    "numbered": ("skills.0.prompt", "Do {{what}}:\n1. this\n2. that", []),
    "announced": ("skills.0.prompt", "Please provide: {{what}}", []),
    "a table": ("skills.0.prompt", "{{what}}\n| a | b |", []),
    "no description": (
        "skills.0.description",
        "my skill ",
        [("$.skills[0].description", "prompt.missing_description", "warning")],
    ),
    "blank description": ("skills.0.description", "  ", [("$.skills[0].description", "prompt.missing_description", "warning")]),
    "a parameter without description": (
        "skills.0.parameters.0.description",
        REMOVE,
        [(PARAMETERS, "parameter.no_description", "note")],
    ),
    "a default that cannot be chosen": (
        "skills.0.parameters.0",
        {"name": "what", "type": "select", "description": "d", "options": ["a"], "default": "b"},
        [(f"{PARAMETERS}.default", "parameter.default_not_option", "warning")],
    ),
    "no command": ("slashCommands", [], [("$.skills[0]", "command.missing_for_skill", "note")]),
    "nothing to ask": ("tryAsking", REMOVE, [("$.tryAsking", "pack.no_try_asking", "note")]),
    "an empty try-asking": ("tryAsking", [], [("$.tryAsking", "pack.no_try_asking", "note")]),
}


@pytest.mark.parametrize(("path", "value", "expected"), CASES.values(), ids=CASES)
def test_a_hint_names_its_place(path: str, value: Any, expected: list[tuple[str, str, str]]) -> None:
    assert hints(changed(GOOD, path, value)) == expected


@pytest.mark.parametrize("extra", [{"type": "guideline"}, {"invocation": {"userInvocable": False}}])
def test_what_no_user_calls_needs_no_command(extra: dict[str, Any]) -> None:
    document = {**GOOD, "slashCommands": [], "skills": [{**GOOD["skills"][0], **extra}]}

    assert hints(document) == []


def test_paths_are_linted_with_lines_and_bad_packs_get_their_errors(tmp_path: Path) -> None:
    for name, document in {"a": manifest(tryAsking=[]), "b": manifest(name="X Y"), "c": [1]}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "cowork.plugin.json").write_text(json.dumps(document, indent=1))

    report = lint_paths([tmp_path / "a", str(tmp_path / "b" / "cowork.plugin.json"), tmp_path / "c", tmp_path / "none"])

    assert (report.packs, report.errors) == (3, 3)
    assert report.warnings + report.notes == len(report.problems) - 3
    [asking] = [problem for problem in report.problems if problem.rule == "pack.no_try_asking"]
    assert json.loads((tmp_path / "a" / "cowork.plugin.json").read_text())["tryAsking"] == []
    assert '"tryAsking"' in (tmp_path / "a" / "cowork.plugin.json").read_text().splitlines()[(asking.line or 0) - 1]
    assert [problem.rule for problem in report.problems if problem.severity == "error"] == [
        "manifest.value",
        "manifest.type",
        "path.unknown_kind",
    ]


@pytest.mark.parametrize("path", ["nothing", "x" * 5000, "a\0b", "", "/dev/null"])
def test_a_path_without_a_pack_is_an_error_and_no_crash(path: str) -> None:
    report = lint_paths([path])

    assert [(problem.rule, problem.severity) for problem in report.problems] == [("path.unknown_kind", "error")]
    assert (report.packs, report.errors) == (0, 1)


def test_what_we_ship_gets_no_warning() -> None:
    report = lint_paths(sorted(data_dir("packs").glob("*/cowork.plugin.json")))

    assert [problem for problem in report.problems if problem.severity != "note"] == []


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_whatever_is_valid_can_be_linted(data: st.DataObject) -> None:
    document = data.draw(broken(MANIFEST))

    if not any(problem.severity == "error" for problem in problems(document, Path("x"))):
        hints(document)
