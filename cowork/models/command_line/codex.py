"""The dialect of `codex exec --json`.

Messages come whole. The usage of a turn is that of the thread so far. An `error` may be one that is got over, such as a
connection that broke; `turn.failed` is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cowork.models.command_line import shapes
from cowork.models.command_line.events import (
    Event,
    Failed,
    Finished,
    SubagentEnded,
    SubagentStarted,
    Text,
    ToolEnded,
    ToolStarted,
    Used,
)

_NO_TOOLS = frozenset({"agent_message", "reasoning", "todo_list", "plan", "error", ""})
_OVER = {"completed": False, "shutdown": False, "errored": True, "not_found": True}  # states of subagents: whether it failed


def events(record: Mapping[str, Any]) -> Iterator[Event]:
    """What a record says."""
    kind = record.get("type")
    if kind in ("item.started", "item.completed"):
        yield from _item(shapes.mapping(record, "item"), completed=kind == "item.completed")
    elif kind == "turn.completed":
        yield Used(shapes.usage(shapes.mapping(record, "usage"), cached="cached_input_tokens"), total=True)
        yield Finished()
    elif kind == "turn.failed":
        yield Failed(shapes.string(shapes.mapping(record, "error"), "message") or "the turn failed", final=True)
    elif kind == "error":
        yield Failed(shapes.string(record, "message") or shapes.string(shapes.mapping(record, "error"), "message") or "error")


def _item(item: Mapping[str, Any], *, completed: bool) -> Iterator[Event]:
    kind, id = shapes.string(item, "type"), shapes.string(item, "id")
    if kind == "agent_message" and completed:
        yield Text(shapes.string(item, "text"), id)
    elif kind == "collab_tool_call":
        yield from _subagents(item, completed=completed)
    elif kind not in _NO_TOOLS:
        name = ".".join(part for part in (shapes.string(item, "server"), shapes.string(item, "tool")) if part) or kind
        failed = item.get("status") in ("failed", "declined")
        yield ToolEnded(id, failed) if completed else ToolStarted(id, name)


def _subagents(item: Mapping[str, Any], *, completed: bool) -> Iterator[Event]:
    """Subagents are threads. The call that spawns one is over long before it is."""
    threads = item.get("receiver_thread_ids")
    if completed and item.get("tool") == "spawn_agent" and isinstance(threads, list):
        parent, prompt = shapes.string(item, "sender_thread_id"), shapes.string(item, "prompt")
        for thread in threads:
            if isinstance(thread, str):
                yield SubagentStarted(thread, parent, prompt=prompt, background=True)
    for thread, state in shapes.mapping(item, "agents_states").items():
        status = state.get("status") if isinstance(state, dict) else None
        if isinstance(status, str) and status in _OVER:
            yield SubagentEnded(thread, _OVER[status])
