"""marketplace.json: sources of every kind, and one bad entry that harms no other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from cowork.formats.marketplace import Marketplace, parse
from cowork.formats.problem import RULES
from tests.formats.fuzz import broken

SHA = "a" * 40
SOURCES: list[Any] = [
    "./plugins/one",
    "./",
    {"source": "github", "repo": "owner/repo.x", "ref": "main", "sha": SHA},
    {"source": "url", "url": "https://example.com/x.git"},
    {"source": "git-subdir", "url": "https://example.com/x.git", "path": "plugins/x", "ref": "v1"},
    {"source": "npm", "package": "@scope/x", "version": "1", "registry": "https://npm.example.com"},
    {"source": "archive", "url": "https://example.com/x.zip", "sha256": "b" * 64},
    {"source": "command", "command": ["fetch", "x"], "timeout": 5, "mode": "dir"},
]
FULL: dict[str, Any] = {
    "$schema": "https://anthropic.com/claude-code/marketplace.schema.json",
    "name": "my-market",
    "owner": {"name": "Me", "email": "me@example.com"},
    "description": "d",
    "version": "1.0.0",
    "metadata": {"pluginRoot": "./plugins", "anything": 1},
    "allowCrossMarketplaceDependenciesOn": ["other"],
    "renames": {"old": "new", "gone": None},
    "plugins": [
        {
            "name": f"p{at}",
            "source": source,
            "category": "dev",
            "tags": ["x"],
            "strict": at % 2 == 0,
            "relevance": {},
            "author": "Me",
        }
        for at, source in enumerate(SOURCES)
    ],
}


def read(document: Any) -> tuple[Marketplace | None, list[tuple[str, str, str]]]:
    market, problems = parse(document, file="marketplace.json")
    assert all(problem.rule in RULES and problem.fix for problem in problems)
    return market, [(problem.where, problem.rule, problem.severity) for problem in problems]


def test_every_field_and_every_source_is_known() -> None:
    market, problems = read(FULL)

    assert problems == []
    assert market is not None
    kinds = [entry.source.source for entry in market.entries]
    assert kinds == ["path", "path", "github", "url", "git-subdir", "npm", "archive", "command"]
    assert market.entries[0].source.model_dump() == {"source": "path", "path": "./plugins/one"}
    assert (market.entries[0].strict, market.entries[1].strict) == (True, False)
    assert market.head.renames == {"old": "new", "gone": None}


def test_an_entry_without_strict_is_strict() -> None:
    market, _ = read({**FULL, "plugins": [{"name": "x", "source": "./x"}]})

    assert market is not None
    assert market.entries[0].strict is True


@pytest.mark.parametrize(
    ("entry", "place", "rule"),
    [
        ("x", "$.plugins[1]", "marketplace.type"),
        ({"name": "x"}, "$.plugins[1].source", "marketplace.required"),
        ({"source": "./x"}, "$.plugins[1].name", "marketplace.required"),
        ({"name": "x", "source": "../x"}, "$.plugins[1].source.path", "plugin.path_escapes"),
        ({"name": "x", "source": "/etc"}, "$.plugins[1].source.path", "plugin.path_escapes"),
        ({"name": "x", "source": {"source": "svn", "url": "x"}}, "$.plugins[1].source", "marketplace.value"),
        ({"name": "x", "source": {"source": ["github"]}}, "$.plugins[1].source", "marketplace.value"),
        ({"name": "x", "source": 5}, "$.plugins[1].source", "marketplace.value"),
        ({"name": "x", "source": {"source": "github", "repo": "x"}}, "$.plugins[1].source.repo", "marketplace.value"),
        ({"name": "x", "source": {"source": "github"}}, "$.plugins[1].source.repo", "marketplace.required"),
        ({"name": "x", "source": {**SOURCES[2], "sha": "abc"}}, "$.plugins[1].source.sha", "marketplace.value"),
        ({"name": "x", "source": {**SOURCES[4], "path": "../x"}}, "$.plugins[1].source.path", "plugin.path_escapes"),
        ({"name": "x", "source": "./x", "strict": "no"}, "$.plugins[1].strict", "marketplace.type"),
        ({"name": "x", "source": "./x", "commands": "x"}, "$.plugins[1].commands", "plugin.path"),
        ({"name": "a b", "source": "./x"}, "$.plugins[1].name", "marketplace.value"),
    ],
)
def test_a_bad_entry_is_a_problem_and_the_others_stay(entry: Any, place: str, rule: str) -> None:
    good = [{"name": "a", "source": "./a"}, {"name": "b", "source": "./b"}]

    market, problems = read({**FULL, "plugins": [good[0], entry, good[1]]})

    assert market is not None
    assert [item.name for item in market.entries] == ["a", "b"]
    assert problems == [(place, rule, "error")]


def test_of_two_entries_with_a_name_the_first_counts() -> None:
    twice = [{"name": "a", "source": "./a"}, {"name": "a", "source": "./b"}]

    market, problems = read({**FULL, "plugins": twice})

    assert market is not None
    assert len(market.entries) == 1
    assert problems == [("$.plugins[1].name", "marketplace.duplicate", "error")]


@pytest.mark.parametrize(
    ("key", "value", "place", "rule"),
    [
        ("name", "a b", "$.name", "value"),
        ("owner", "Me", "$.owner", "type"),
        ("owner", {}, "$.owner.name", "required"),
        ("plugins", {}, "$.plugins", "type"),
        ("renames", {"a": 5}, "$.renames.a", "type"),
    ],
)
def test_a_bad_head_is_fatal(key: str, value: Any, place: str, rule: str) -> None:
    assert read({**FULL, key: value}) == (None, [(place, f"marketplace.{rule}", "error")])


def test_unknown_keys_are_warned_about_with_their_entry() -> None:
    market, problems = read({**FULL, "zzz": 1, "plugins": [{"name": "a", "source": {**SOURCES[3], "depth": 1}, "yyy": 1}]})

    assert market is not None
    assert problems == [
        ("$.zzz", "marketplace.unknown_key", "warning"),
        ("$.plugins[0].yyy", "marketplace.unknown_key", "warning"),
        ("$.plugins[0].source.depth", "marketplace.unknown_key", "warning"),
    ]


@given(broken(FULL))
@settings(deadline=None, max_examples=150)
def test_whatever_the_document_there_is_a_marketplace_or_an_error(document: Any) -> None:
    market, problems = read(document)

    assert market is not None or any(severity == "error" for _, _, severity in problems)
