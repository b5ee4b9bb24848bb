"""Agent Plugins 1.0.0: strict about what it knows, deaf to what it does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from cowork.formats.agent_plugin import SCHEMA, AgentPlugin, is_agent_plugin, parse
from cowork.formats.problem import RULES
from tests.formats.fuzz import broken

FULL: dict[str, Any] = {
    "$schema": SCHEMA,
    "name": "acme.tools-1",
    "version": "1.0.0",
    "description": "d",
    "author": {"name": "Me", "email": "me@example.com", "url": "https://example.com"},
    "homepage": "https://example.com",
    "repository": "https://example.com/x",
    "license": "MIT",
    "keywords": ["a"],
    "extensions": {"com.example": {"x": 1}},
}
LEAST = {"$schema": SCHEMA, "name": "x"}


def read(document: Any) -> tuple[AgentPlugin | None, list[tuple[str, str, str]]]:
    plugin, problems = parse(document, file="plugin.json")
    assert all(problem.rule in RULES and problem.fix for problem in problems)
    return plugin, [(problem.where, problem.rule, problem.severity) for problem in problems]


@pytest.mark.parametrize("document", [FULL, LEAST])
def test_what_the_format_allows(document: Any) -> None:
    plugin, problems = read(document)

    assert problems == []
    assert plugin is not None
    assert plugin.name == document["name"]


@pytest.mark.parametrize("name", ["a", "0", "a.b", "a-b.c", "a-.b", "x" * 64])
def test_good_names(name: str) -> None:
    assert read({**LEAST, "name": name})[1] == []


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", ".a", "a.", "a--b", "a..b", "a b", "a/b", "a_b", "x" * 65, "a\n"])
def test_bad_names(name: str) -> None:
    assert read({**LEAST, "name": name}) == (None, [("$.name", "agent_plugin.value", "error")])


def test_unknown_keys_and_odd_extensions_are_ignored_with_a_warning() -> None:
    plugin, problems = read({**LEAST, "skills": "./x", "extensions": [1]})

    assert plugin is not None
    assert plugin.extensions == {}
    assert problems == [
        ("$.extensions", "agent_plugin.extensions", "warning"),
        ("$.skills", "agent_plugin.unknown_key", "warning"),
    ]


@pytest.mark.parametrize(
    ("key", "value", "place", "rule"),
    [
        ("$schema", SCHEMA + "#", "$.$schema", "value"),
        ("$schema", SCHEMA.replace("1.0.0", "1.1.0"), "$.$schema", "value"),
        ("version", 1, "$.version", "type"),
        ("author", "Me", "$.author", "type"),
        ("author", {"name": "Me", "twitter": "@me"}, "$.author.twitter", "value"),
        ("keywords", "a", "$.keywords", "type"),
        ("keywords", [1], "$.keywords[0]", "type"),
        ("homepage", {}, "$.homepage", "type"),
    ],
)
def test_everything_else_is_fatal(key: str, value: Any, place: str, rule: str) -> None:
    assert read({**LEAST, key: value}) == (None, [(place, f"agent_plugin.{rule}", "error")])


def test_the_schema_makes_the_format() -> None:
    assert is_agent_plugin(LEAST)
    assert not any(map(is_agent_plugin, [{"name": "x"}, {"$schema": "x", "name": "x"}, [], None, {"$schema": [SCHEMA]}]))


@given(broken(FULL))
@settings(deadline=None, max_examples=150)
def test_whatever_the_document_there_is_a_plugin_or_an_error(document: Any) -> None:
    plugin, problems = read(document)

    assert (plugin is None) == any(severity == "error" for _, _, severity in problems)
