"""The dialect of `gemini --output-format stream-json`.

A message comes in pieces that have no id. A subagent is a tool with its name. An `error` is a warning, or is got over; how it
all ended stands in the `result`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cowork.models.command_line import shapes
from cowork.models.command_line.events import (
    Event,
    Failed,
    Finished,
    Named,
    SubagentStarted,
    Text,
    ToolEnded,
    ToolStarted,
    Used,
)

_SUBAGENTS = frozenset({"codebase_investigator", "cli_help", "generalist", "browser_agent", "invoke_agent"})


def events(record: Mapping[str, Any]) -> Iterator[Event]:
    """What a record says."""
    kind = record.get("type")
    if kind == "init" and shapes.string(record, "model") not in ("", "auto"):
        yield Named(shapes.string(record, "model"))
    elif kind == "message" and record.get("role") == "assistant":
        yield Text(shapes.string(record, "content"))
    elif kind in ("tool_use", "tool_call", "function_call"):
        yield _tool(record)
    elif kind in ("tool_result", "function_result"):
        yield ToolEnded(shapes.string(record, "tool_id", "id"), record.get("status") == "error")
    elif kind == "error" and record.get("severity") != "warning":
        yield Failed(_message(record))
    elif kind == "result":
        models = [name for name in shapes.mapping(shapes.mapping(record, "stats"), "models") if name]
        if len(models) == 1:  # the choice of "auto"
            yield Named(shapes.whole(models[0]))
        yield Used(shapes.usage(shapes.mapping(record, "stats"), cached="cached"), total=True)
        yield Failed(_message(record), final=True) if record.get("status") == "error" else Finished()


def _tool(record: Mapping[str, Any]) -> Event:
    id, name = shapes.string(record, "tool_id", "id"), shapes.string(record, "tool_name", "name")
    if name not in _SUBAGENTS:
        return ToolStarted(id, name)
    wish = shapes.mapping(record, "parameters")
    kind = shapes.string(wish, "agent_name") or name
    prompt = shapes.string(wish, "objective", "prompt", "request", "task", "question")
    return SubagentStarted(id, kind=kind, description=shapes.string(wish, "description"), prompt=prompt)


def _message(record: Mapping[str, Any]) -> str:
    return shapes.string(record, "message") or shapes.string(shapes.mapping(record, "error"), "message") or "it failed"
