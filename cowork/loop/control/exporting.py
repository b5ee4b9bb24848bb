"""A session as one text to keep or hand on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cowork.core.clock import Clock
from cowork.core.plain import to_plain
from cowork.core.text import one_line, printable
from cowork.loop.control.page import LoopPage, page
from cowork.loop.control.telling import described
from cowork.sessions import journal, pages
from cowork.sessions.places import Workplace
from cowork.sessions.reading import Event

Style = Literal["markdown", "jsonl", "json"]


@dataclass(frozen=True)
class LoopExport:
    """A session as one text. `format`: markdown for people, jsonl its journal, json how it stands with its events."""

    session_id: str
    format: str
    content: str


def export(place: Workplace, style: Style, clock: Clock) -> LoopExport:
    """The session as text. Raises `session.journal_corrupt`."""
    events = journal.read(place.journal)
    found = page(place, events, clock.now())
    if style == "jsonl":
        content = pages.lines(events)
    elif style == "json":
        content = json.dumps({"session": to_plain(found), "events": events}, ensure_ascii=False, indent=2) + "\n"
    elif found.mode == "pattern":
        content = pages.export(place.session_id, "markdown").content
    else:
        content = "\n".join(_markdown(found, events)) + "\n"
    return LoopExport(place.session_id, style, content)


def _markdown(found: LoopPage, events: list[Event]) -> Iterator[str]:
    yield f"# loop: {one_line(found.task, 120)}"
    yield ""
    yield f"- session: {found.session_id}"
    yield f"- status: {found.status}" + (f" ({one_line(found.reason)})" if found.reason else "")
    yield f"- from {found.created_at} to {found.updated_at}"
    yield f"- iterations: {found.iteration}" + (f" of at most {found.max_iterations}" if found.max_iterations else "")
    if found.tasks_total is not None:
        yield f"- tasks: {found.tasks_done} of {found.tasks_total} done"
    yield f"- tokens: {found.tokens.input} in, {found.tokens.output} out ({found.tokens.source})"
    yield f"- cost: {'unknown' if found.cost.usd is None else f'${found.cost.usd:.4f}'}"
    yield from ("", "## Task", "", printable(found.task))
    for event in events:
        yield from _told(event)
    if found.message:
        yield from ("", f"Ended: {one_line(found.message, 500)}")


def _told(event: Event) -> Iterator[str]:
    kind, data = event["type"], event["data"]
    if kind == "iteration.started":
        task = f", task {one_line(str(data['task']), 80)}" if data.get("task") else ""
        yield from ("", f"## Iteration {data['iteration']}{task}", "")
        yield f"{one_line(str(data.get('agent')))}, attempt {data.get('attempt')}"
    elif kind == "agent.completed":
        yield from ("", printable(str(data.get("message") or "").strip()), "")
    elif kind not in _LEFT_OUT and (text := described(kind, data)):
        yield f"- {text}"


_LEFT_OUT = ("tasks.read", "task.selected", "iteration.retrying", "run.pausing", "run.stopping")
