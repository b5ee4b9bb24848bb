"""MCP server files: both shapes, every transport, and one bad entry that harms no other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.formats.mcp_json import McpServer, parse
from cowork.formats.problem import RULES
from tests.formats.fuzz import broken

SERVERS: dict[str, Any] = {
    "local": {"command": "node", "args": ["${CLAUDE_PLUGIN_ROOT}/x.js"], "env": {"KEY": "${KEY}"}, "note": 1},
    "remote": {"type": "http", "url": "https://example.com/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}},
    "events": {"type": "sse", "url": "${BASE}/sse"},
    "bare": {"url": "https://example.com"},
}


def read(document: Any, **options: Any) -> tuple[tuple[McpServer, ...], list[tuple[str, str]]]:
    servers, problems = parse(document, file=".mcp.json", **options)
    assert all(problem.rule in RULES and problem.fix and problem.severity == "error" for problem in problems)
    return servers, [(problem.where, problem.rule) for problem in problems]


@pytest.mark.parametrize("document", [SERVERS, {"mcpServers": SERVERS}], ids=["bare", "wrapped"])
def test_both_shapes_and_every_transport(document: Any) -> None:
    servers, problems = read(document)

    assert problems == []
    assert [(server.name, server.transport) for server in servers] == [
        ("local", "stdio"),
        ("remote", "http"),
        ("events", "sse"),
        ("bare", "http"),
    ]
    assert servers[0] == McpServer(
        "local", "stdio", "node", ("${CLAUDE_PLUGIN_ROOT}/x.js",), {"KEY": "${KEY}"}, None, {}, {"note": 1}
    )


def test_agent_plugins_always_wrap_their_servers() -> None:
    assert read(SERVERS, wrapped=True) == ((), [("$.mcpServers", "mcp.type")])
    assert len(read({"mcpServers": SERVERS}, wrapped=True)[0]) == 4


@pytest.mark.parametrize(
    ("entry", "place", "rule"),
    [
        ("x", "$.bad", "mcp.type"),
        ({}, "$.bad", "mcp.command"),
        ({"type": "stdio", "url": "https://x"}, "$.bad", "mcp.command"),
        ({"type": "http"}, "$.bad", "mcp.url"),
        ({"type": "http", "url": "file:///etc/passwd"}, "$.bad", "mcp.url"),
        ({"type": "carrier-pigeon", "command": "x"}, "$.bad.type", "mcp.value"),
        ({"type": ["stdio"], "command": "x"}, "$.bad.type", "mcp.value"),
        ({"command": "x", "args": "a b"}, "$.bad.args", "mcp.type"),
        ({"command": "x", "env": {"A": 1}}, "$.bad.env", "mcp.type"),
        ({"url": "https://x", "headers": []}, "$.bad.headers", "mcp.type"),
    ],
)
def test_a_bad_entry_is_left_out_and_the_others_stay(entry: Any, place: str, rule: str) -> None:
    servers, problems = read({"a": {"command": "x"}, "bad": entry, "z": {"command": "y"}})

    assert [server.name for server in servers] == ["a", "z"]
    assert problems == [(place, rule)]


@pytest.mark.parametrize("document", [None, [], "x", {"mcpServers": []}])
def test_what_is_no_object_of_servers_has_none(document: Any) -> None:
    servers, problems = read(document)

    assert servers == ()
    assert [rule for _, rule in problems] == ["mcp.type"]


@given(broken({"mcpServers": SERVERS}), st.booleans())
@settings(deadline=None, max_examples=150)
def test_whatever_the_document_there_are_servers_and_problems(document: Any, wrapped: bool) -> None:
    servers, _ = read(document, wrapped=wrapped)

    assert all(isinstance(server, McpServer) and (server.command or server.url) for server in servers)
