"""plugin.json of Claude Code: what loads, what is only warned about, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from cowork.formats.claude_plugin import Author, ClaudePlugin, parse
from cowork.formats.problem import RULES
from tests.formats.fuzz import broken

FULL: dict[str, Any] = {
    "$schema": "https://json.schemastore.org/claude-code-plugin-manifest.json",
    "name": "my-plugin",
    "displayName": "My Plugin",
    "version": "1.0.0",
    "description": "A plugin",
    "author": {"name": "Me", "email": "me@example.com", "url": "https://example.com"},
    "homepage": "https://example.com",
    "repository": "https://github.com/me/my-plugin",
    "license": "MIT",
    "keywords": ["a"],
    "metadata": {"x": 1},
    "defaultEnabled": False,
    "skills": ".",
    "commands": ["./commands", "./more/one.md"],
    "agents": "./agents/",
    "workflows": "./w",
    "outputStyles": ["./styles"],
    "hooks": {"PreToolUse": []},
    "mcpServers": "./mcp.json",
    "lspServers": ["./lsp.json", {"x": {}}],
    "experimental": {"themes": "./themes"},
    "userConfig": {"key": {"type": "string", "title": "Key", "description": "The key", "sensitive": True, "min": 1}},
    "channels": [{"server": "x"}],
    "dependencies": ["other", {"name": "third", "version": "^1"}],
}


def read(document: Any) -> tuple[ClaudePlugin | None, list[tuple[str, str, str]]]:
    plugin, problems = parse(document, file="plugin.json")
    assert all(problem.rule in RULES and problem.fix for problem in problems)
    return plugin, [(problem.where, problem.rule, problem.severity) for problem in problems]


def test_every_field_is_known() -> None:
    plugin, problems = read(FULL)

    assert problems == []
    assert plugin is not None
    assert plugin.author == Author(name="Me", email="me@example.com", url="https://example.com")
    assert (plugin.skills, plugin.commands, plugin.agents) == (["."], ["./commands", "./more/one.md"], ["./agents/"])
    assert (plugin.hooks, plugin.mcp_servers, plugin.lsp_servers) == (
        [{"PreToolUse": []}],
        ["./mcp.json"],
        ["./lsp.json", {"x": {}}],
    )
    assert [item.name for item in plugin.dependencies] == ["other", "third"]


def test_a_name_is_enough() -> None:
    plugin, problems = read({"name": "x"})

    assert plugin is not None
    assert (plugin.version, plugin.description, plugin.skills, plugin.commands, problems) == (None, "", [], None, [])


def test_an_author_may_be_a_text() -> None:
    plugin, problems = read({"name": "x", "author": "Me"})

    assert plugin is not None
    assert (plugin.author, problems) == (Author(name="Me"), [])


def test_unknown_keys_are_kept_and_warned_about_once() -> None:
    plugin, problems = read({"name": "x", "main": "index.js", "author": {"name": "Me", "twitter": "@me"}})

    assert plugin is not None
    assert plugin.model_extra == {"main": "index.js"}
    assert problems == [("$.main", "plugin.unknown_key", "warning"), ("$.author.twitter", "plugin.unknown_key", "warning")]


def test_a_name_that_is_not_kebab_case_is_warned_about() -> None:
    assert read({"name": "My_Plugin"})[1] == [("$.name", "plugin.name", "warning")]


@pytest.mark.parametrize(
    ("key", "value", "place", "rule"),
    [
        ("name", "my plugin", "$.name", "plugin.value"),
        ("name", "a/b", "$.name", "plugin.value"),
        ("name", "a:b", "$.name", "plugin.value"),
        ("name", "..", "$.name", "plugin.value"),
        ("name", "", "$.name", "plugin.value"),
        ("name", "a\x1b[2J", "$.name", "plugin.value"),
        ("name", None, "$.name", "plugin.type"),
        ("version", 1, "$.version", "plugin.type"),
        ("author", 5, "$.author", "plugin.type"),
        ("author", {"email": "x"}, "$.author.name", "plugin.required"),
        ("homepage", "example", "$.homepage", "plugin.value"),
        ("keywords", "a, b", "$.keywords", "plugin.type"),
        ("keywords", [1], "$.keywords[0]", "plugin.type"),
        ("commands", "commands", "$.commands", "plugin.path"),
        ("commands", "./commands/*.md", "$.commands", "plugin.path"),
        ("commands", ["./ok", "./../x"], "$.commands", "plugin.path"),
        ("commands", ".", "$.commands", None),
        ("agents", "/etc", "$.agents", "plugin.path"),
        ("agents", ".\\agents", "$.agents", "plugin.path"),
        ("agents", {"a": 1}, "$.agents", "plugin.type"),
        ("skills", "", "$.skills", "plugin.path"),
        ("hooks", "hooks.json", "$.hooks", "plugin.path"),
        ("hooks", 5, "$.hooks", "plugin.type"),
        ("mcpServers", ["../x.json"], "$.mcpServers", "plugin.path"),
        ("userConfig", {"k": {"type": "secret", "title": "t", "description": "d"}}, "$.userConfig.k.type", "plugin.value"),
        ("userConfig", {"k": {"type": "string", "title": "t"}}, "$.userConfig.k.description", "plugin.required"),
        ("dependencies", [5], "$.dependencies[0]", "plugin.type"),
        ("defaultEnabled", "yes", "$.defaultEnabled", "plugin.type"),
    ],
)
def test_a_known_field_of_the_wrong_kind_is_fatal(key: str, value: Any, place: str, rule: str | None) -> None:
    plugin, problems = read({"name": "x", key: value})

    if rule is None:
        assert (problems, plugin is not None) == ([], True)
    else:
        assert (problems, plugin) == ([(place, rule, "error")], None)


@pytest.mark.parametrize("document", [None, [], "x", 5])
def test_what_is_no_object_is_refused(document: Any) -> None:
    assert read(document) == (None, [("$", "plugin.type", "error")])


@given(broken(FULL))
@settings(deadline=None, max_examples=150)
def test_whatever_the_document_there_is_a_plugin_or_an_error(document: Any) -> None:
    plugin, problems = read(document)

    assert (plugin is None) == any(severity == "error" for _, _, severity in problems)
