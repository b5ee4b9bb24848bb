"""The dialect of `opencode run --format json`.

Each step says its own usage, so steps are summed. A tool comes as one record when it is done. What a subagent does is not said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cowork.models.chat import Usage
from cowork.models.command_line import shapes
from cowork.models.command_line.events import Event, Failed, Finished, SubagentStarted, Text, ToolEnded, ToolStarted, Used
from cowork.models.sdk import is_count, reported

_LAST = frozenset({"stop", "length"})  # reasons of the last step


def events(record: Mapping[str, Any]) -> Iterator[Event]:
    """What a record says."""
    kind, part = record.get("type"), shapes.mapping(record, "part")
    if kind == "text" and part.get("synthetic") is not True:
        yield Text(shapes.string(part, "text"), shapes.string(part, "messageID"))
    elif kind == "tool_use":
        yield from _tool(part)
    elif kind == "tool_result":
        yield ToolEnded(shapes.string(part, "callID", "id"), shapes.mapping(part, "state").get("status") == "error")
    elif kind == "step_finish":
        usage, usd = _usage(shapes.mapping(part, "tokens")), shapes.money(part, "cost")
        yield Used(usage, key=shapes.string(part, "id", "messageID"), usd=usd)
        if shapes.string(part, "reason") in _LAST:
            yield Finished(reason=shapes.string(part, "reason"))
    elif kind == "error":
        yield _failure(shapes.mapping(record, "error"))


def _tool(part: Mapping[str, Any]) -> Iterator[Event]:
    id, name, state = shapes.string(part, "callID", "id"), shapes.string(part, "tool"), shapes.mapping(part, "state")
    if name == "task":
        wish = shapes.mapping(state, "input")
        kind, prompt = shapes.string(wish, "subagent_type"), shapes.string(wish, "prompt")
        yield SubagentStarted(id, kind=kind, description=shapes.string(wish, "description"), prompt=prompt)
    else:
        yield ToolStarted(id, name)
    if state.get("status") in ("completed", "error"):
        yield ToolEnded(id, state.get("status") == "error")


def _usage(tokens: Mapping[str, Any]) -> Usage:
    """What was read from a cache, or written to it, is counted beside the input; thoughts are counted beside the output."""
    cache, read, written = shapes.mapping(tokens, "cache"), tokens.get("input"), tokens.get("output")
    if not (is_count(read) and is_count(written)):
        return Usage()
    cached = shapes.count(cache, "read")
    return reported(read + cached + shapes.count(cache, "write"), written + shapes.count(tokens, "reasoning"), cached)


def _failure(error: Mapping[str, Any]) -> Failed:
    data = shapes.mapping(error, "data")
    message = shapes.string(data, "message") or shapes.string(error, "message", "name") or "it failed"
    return Failed(message, shapes.count(data, "statusCode") or None, final=True)
