"""SARIF: what code hosts read."""

from __future__ import annotations

from typing import Any

import pytest

from cowork.formats.problem import RULES, Problem
from cowork.formats.sarif import sarif

PROBLEMS = [
    Problem("packs/my pack/cowork.plugin.json", "$.name", "manifest.value", "error", "is bad", "mend it", 3, 5),
    Problem("packs/x/SKILL.md", "line 2", "frontmatter.yaml", "warning", "is odd", "quote it", 2),
    Problem("/repo/a#b.md", "$", "skill.name", "note", "could be better", "rename it"),
]


def results(root: str | None = None) -> list[dict[str, Any]]:
    document = sarif(PROBLEMS, "1.2.3", root=root)
    assert (document["version"], document["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    [run] = document["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("cowork", "1.2.3")
    for result in run["results"]:
        rule = driver["rules"][result["ruleIndex"]]
        assert rule == {"id": result["ruleId"], "shortDescription": {"text": RULES[result["ruleId"]]}}
    return run["results"]


def place(result: dict[str, Any]) -> dict[str, Any]:
    return result["locations"][0]["physicalLocation"]


def test_levels_messages_and_regions() -> None:
    found = results()

    assert [result["level"] for result in found] == ["error", "warning", "note"]
    assert found[0]["message"]["text"] == "$.name: is bad. mend it"
    assert [place(result).get("region") for result in found] == [{"startLine": 3, "startColumn": 5}, {"startLine": 2}, None]


def test_addresses_are_relative_and_escaped() -> None:
    assert [place(result)["artifactLocation"]["uri"] for result in results()] == [
        "packs/my%20pack/cowork.plugin.json",
        "packs/x/SKILL.md",
        "file:///repo/a%23b.md",
    ]
    assert place(results("/repo")[2])["artifactLocation"]["uri"] == "a%23b.md"


@pytest.mark.parametrize("file", ["a\ud800b", "a\\b", "", "ä/ö"])
def test_odd_file_names_do_no_harm(file: str) -> None:
    document = sarif([Problem(file, "$", "file.corrupt", "error", "m", "f")], "1")
    uri = document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()


def test_no_problem_is_an_empty_run() -> None:
    [run] = sarif([], "1")["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
