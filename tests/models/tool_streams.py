"""Answers with calls of tools, as servers stream them, well or oddly; and requests that offer tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pytest_httpserver import HTTPServer

from cowork.models.chat import ChatReply, ChatRequest, Message, ToolCall, ToolDefinition
from cowork.models.errors import MalformedError, ProviderError
from tests.agent.scripted_wire import Called, events
from tests.models.styles import ANTHROPIC, Style, ask, event, failure, openai_stop

STREAM = "text/event-stream"
BASH = ToolDefinition("Bash", "Run a command.", {"type": "object", "properties": {"command": {"type": "string"}}})
READ = ToolDefinition(
    "Read", "Read a file.", {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
)
WITH_TOOLS = ChatRequest("List the files.", system="Be brief.", max_tokens=321, tools=(BASH, READ))


def conversation(*messages: Message, tools: Sequence[ToolDefinition] = (BASH, READ)) -> ChatRequest:
    return ChatRequest(system="Be brief.", messages=messages, tools=tuple(tools))


def tool_call(id: str, name: str = "Bash", **arguments: Any) -> ToolCall:
    return ToolCall(id, name, arguments, json.dumps(arguments))


def stream(style: Style, text: str, *calls: Called, stop: str | None = None, piece: int = 7) -> bytes:
    """A whole answer by the rules of the protocol."""
    return b"".join(events(style.name, text, calls, stop, piece))


def openai_calls(*deltas: Any, stop: str = "tool_calls") -> bytes:
    """A stream whose deltas hold these `tool_calls`, each a list."""
    choices = [{"index": 0, "delta": {"tool_calls": delta}, "finish_reason": None} for delta in deltas]
    return b"".join(event({"model": "m-1", "choices": [choice]}) for choice in choices) + openai_stop(stop) + event("[DONE]")


def piece(index: int | None = None, id: str | None = None, name: str | None = None, arguments: Any = None) -> dict[str, Any]:
    """One entry of a delta's `tool_calls`, with only the keys that are given."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    found = {key: value for key, value in (("index", index), ("id", id)) if value is not None}
    return {**found, "function": function}


def anthropic_events(*told: tuple[str, dict[str, Any]], stop: str = "tool_use") -> bytes:
    """A stream that holds these events after its start."""
    begun = ANTHROPIC.begun().split(b"\n\n")[0] + b"\n\n"
    ended = [
        ("message_delta", {"delta": {"stop_reason": stop, "stop_sequence": None}, "usage": {"output_tokens": 7}}),
        ("message_stop", {}),
    ]
    return begun + b"".join(event({"type": name, **data}, name) for name, data in [*told, *ended])


def opens(index: int, **block: Any) -> tuple[str, dict[str, Any]]:
    return "content_block_start", {"index": index, "content_block": {"type": "tool_use", "input": {}, **block}}


def writes(index: int, arguments: str) -> tuple[str, dict[str, Any]]:
    return "content_block_delta", {"index": index, "delta": {"type": "input_json_delta", "partial_json": arguments}}


def reply_to(
    httpserver: HTTPServer, style: Style, body: bytes | dict[str, Any], request: ChatRequest = WITH_TOOLS
) -> ChatReply:
    """The reply when the server answers with a stream, or with JSON."""
    answers(httpserver, style, body)
    return ask(style.open(httpserver.url_for("")), request=request)


def malformed(
    httpserver: HTTPServer, style: Style, body: bytes | dict[str, Any], request: ChatRequest = WITH_TOOLS
) -> ProviderError:
    """The MalformedError when the server answers so."""
    answers(httpserver, style, body)
    return failure(style.open(httpserver.url_for("")), MalformedError, request=request)


def answers(httpserver: HTTPServer, style: Style, body: bytes | dict[str, Any]) -> None:
    expected = httpserver.expect_request(style.path, method="POST")
    if isinstance(body, bytes):
        expected.respond_with_data(body, content_type=STREAM)
    else:
        expected.respond_with_json(body)


def sent(httpserver: HTTPServer) -> Any:
    """The body of the first request."""
    return httpserver.log[0][0].get_json()
