"""The dialect of `claude --print --output-format stream-json`.

One message comes as several records with one id, each with the usage of the whole message; the `result` has the answer and
the total. What a subagent says carries the id of the tool call that sent for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cowork.models.chat import Usage
from cowork.models.command_line import shapes
from cowork.models.command_line.events import (
    Event,
    Failed,
    Finished,
    Named,
    SubagentEnded,
    SubagentStarted,
    Text,
    ToolEnded,
    ToolStarted,
    Used,
)

_BY_MODEL = ("inputTokens", "cacheReadInputTokens", "cacheCreationInputTokens", "outputTokens")
_SUBAGENTS = frozenset({"Task", "Agent"})  # the tool's name, before and now


def events(record: Mapping[str, Any]) -> Iterator[Event]:
    """What a record says."""
    kind = record.get("type")
    if kind == "assistant":
        yield from _said(record)
    elif kind == "user":
        yield from _results(record)
    elif kind == "system":
        yield from _told(record)
    elif kind == "result" and not shapes.string(record, "parent_tool_use_id"):
        yield from _ended(record)


def _said(record: Mapping[str, Any]) -> Iterator[Event]:
    message = shapes.mapping(record, "message")
    id, parent = shapes.string(message, "id"), shapes.string(record, "parent_tool_use_id")
    if "usage" in message:
        yield Used(_usage(message), key=id)
    content = message.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else shapes.objects(message, "content")
    if shapes.string(record, "error"):  # in place of an answer; the reason stands in the text
        yield Failed(" ".join(shapes.string(block, "text") for block in blocks) or shapes.string(record, "error"))
        return
    for block in blocks:
        if block.get("type") == "text":
            yield Text(shapes.string(block, "text"), id, parent)
        elif block.get("type") == "tool_use":
            yield _tool(block, parent)


def _tool(block: Mapping[str, Any], parent: str) -> Event:
    id, name = shapes.string(block, "id"), shapes.string(block, "name")
    if name not in _SUBAGENTS:
        return ToolStarted(id, name, parent)
    wish = shapes.mapping(block, "input")
    return SubagentStarted(
        id,
        parent,
        kind=shapes.string(wish, "subagent_type"),
        description=shapes.string(wish, "description"),
        prompt=shapes.string(wish, "prompt"),
        background=wish.get("run_in_background") is True,
    )


def _results(record: Mapping[str, Any]) -> Iterator[Event]:
    parent = shapes.string(record, "parent_tool_use_id")
    for block in shapes.objects(shapes.mapping(record, "message"), "content"):
        if block.get("type") == "tool_result":
            yield ToolEnded(shapes.string(block, "tool_use_id"), block.get("is_error") is True, parent)


def _told(record: Mapping[str, Any]) -> Iterator[Event]:
    if record.get("subtype") == "init" and shapes.string(record, "model"):
        yield Named(shapes.string(record, "model"))
    elif record.get("subtype") == "task_notification":
        yield SubagentEnded(shapes.string(record, "tool_use_id"), record.get("status") != "completed")
    elif record.get("subtype") == "api_retry":  # it tries again, for minutes
        yield Failed(shapes.string(record, "error") or "no connection", shapes.count(record, "error_status") or None)


def _ended(record: Mapping[str, Any]) -> Iterator[Event]:
    yield Used(_total(record), total=True, usd=shapes.money(record, "total_cost_usd"))
    text, subtype = shapes.string(record, "result"), shapes.string(record, "subtype")
    if record.get("is_error") is True or subtype.startswith("error"):
        errors = record.get("errors")
        said = "; ".join(item for item in errors if isinstance(item, str)) if isinstance(errors, list) else ""
        status = shapes.count(record, "api_error_status") or None
        yield Failed(text or shapes.whole(said) or subtype.replace("_", " ") or "it failed", status, final=True)
    else:
        yield Finished(text or None, shapes.string(record, "stop_reason") or None)


def _total(record: Mapping[str, Any]) -> Usage:
    """By model where that is said: `usage` leaves out what subagents used."""
    by_model = [part for part in shapes.mapping(record, "modelUsage").values() if isinstance(part, dict)]
    if not any(shapes.count(part, "outputTokens") for part in by_model):
        return _usage(record)
    read, cached, made, written = (sum(shapes.count(part, name) for part in by_model) for name in _BY_MODEL)
    return Usage(read + cached + made, written, "reported", cached)


def _usage(record: Mapping[str, Any]) -> Usage:
    cached = "cache_read_input_tokens"
    return shapes.usage(shapes.mapping(record, "usage"), beside=(cached, "cache_creation_input_tokens"), cached=cached)
