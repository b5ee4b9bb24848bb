"""What agents print for programs, put into words: what they said, and what they did as a line each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from cowork.core.errors import CoworkError
from cowork.core.text import one_line
from cowork.loop.agents import programs
from cowork.loop.agents.work import AgentSpec
from cowork.loop.engine.folding import apply
from cowork.loop.engine.state import LoopState
from cowork.models.command_line.dialects import DIALECTS, Dialect
from cowork.models.command_line.events import (
    Event,
    Failed,
    Finished,
    SubagentEnded,
    SubagentStarted,
    Text,
    ToolEnded,
    ToolStarted,
)
from cowork.sessions.reading import Event as Entry

Reader = Sequence[Dialect]


def readers(events: Iterable[Entry]) -> dict[int, Reader]:
    """How the logs of iterations are read, by their numbers; none for those that are words as they are."""
    found: dict[int, dict[str, Dialect]] = {}
    specs: dict[str, AgentSpec] = {}
    for event in events:
        data = event["data"]
        if event["type"] == "run.started" and "order" in data:
            specs = _specs(event)
        elif event["type"] in ("agent.started", "iteration.started") and data.get("agent") in specs:
            name = _dialect(specs[data["agent"]])
            if name is not None:
                found.setdefault(data["iteration"], {})[name] = DIALECTS[name]
    return {number: tuple(dialects.values()) for number, dialects in found.items()}


def words(text: str, reader: Reader) -> str:
    """A log in words. Lines that are no records stay as they are, and records that say nothing are left out."""
    lines: list[str] = []
    said, tools = "", dict[str, str]()
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            lines.append(line)
            continue
        events = next((told for dialect in reader if (told := list(dialect(record)))), [])
        for event in events:
            if isinstance(event, Finished) and event.text and event.text.strip() == said.strip():
                continue  # it says its last message again
            if shown := _shown(event, tools):
                lines.append(shown)
            said = event.text if isinstance(event, Text) else said
    return "".join(f"{line}\n" for line in lines)


def _shown(event: Event, tools: dict[str, str]) -> str:
    if isinstance(event, (Text, Finished)):
        return (event.text or "").rstrip("\n")
    if isinstance(event, ToolStarted):
        tools[event.id] = event.name
        return f"[{one_line(event.name, 100)}]"
    if isinstance(event, ToolEnded):
        return f"[{one_line(tools.get(event.id, 'a tool'), 100)} failed]" if event.failed else ""
    if isinstance(event, SubagentStarted):
        return f"[subagent {one_line(event.kind, 60)}: {one_line(event.description, 200)}]"
    if isinstance(event, SubagentEnded):
        return "[subagent failed]" if event.failed else ""
    return f"[failed: {one_line(event.message, 400)}]" if isinstance(event, Failed) else ""


def _specs(head: Entry) -> dict[str, AgentSpec]:
    state = LoopState()
    try:
        apply(state, head)
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}
    order = state.order
    return {} if order is None else {spec.name: spec for spec in (*order.agents, *order.task_agents.values())}


def _dialect(spec: AgentSpec) -> str | None:
    """What a command-line agent speaks, None for plain words, other kinds, and what is not known any more."""
    if spec.kind != "command":
        return None
    try:
        name = programs.command_of(spec).dialect
    except (CoworkError, AssertionError):
        return None
    return name if name in DIALECTS and name != "text" else None
