"""Problems as SARIF 2.1.0, which code hosts and editors show beside the lines they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from cowork.formats.problem import RULES, Problem

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(
    problems: Iterable[Problem], version: str, *, root: str | None = None, titles: Mapping[str, str] = RULES
) -> dict[str, Any]:
    """One run of cowork `version`. Addresses are relative; absolute files below the directory `root` are made so.

    `titles` says of each rule what it asks for.
    """
    found = list(problems)
    rules = sorted({problem.rule for problem in found})
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "cowork",
                        "version": version,
                        "rules": [{"id": rule, "shortDescription": {"text": titles.get(rule, rule)}} for rule in rules],
                    }
                },
                "results": [_result(problem, rules, root) for problem in found],
            }
        ],
    }


def _result(problem: Problem, rules: list[str], root: str | None) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _address(problem.file, root)}}
    if problem.line is not None:
        region = {"startLine": problem.line}
        location["region"] = region if problem.column is None else {**region, "startColumn": problem.column}
    return {
        "ruleId": problem.rule,
        "ruleIndex": rules.index(problem.rule),
        "level": problem.severity,
        "message": {"text": f"{problem.where}: {problem.message}. {problem.fix}"},
        "locations": [{"physicalLocation": location, "logicalLocations": [{"fullyQualifiedName": problem.where}]}],
    }


def _address(file: str, root: str | None) -> str:
    path = PurePosixPath(file.replace("\\", "/"))
    if root is not None and path.is_absolute() and path.is_relative_to(root):
        path = path.relative_to(root)
    text = quote(str(path).encode("utf-8", "replace"))
    return f"file://{text}" if path.is_absolute() else text
