"""A session as one text to keep or hand on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from cowork.core.clock import Clock
from cowork.core.plain import to_plain
from cowork.core.text import one_line, printable
from cowork.loop.control.page import LoopPage, page
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
        content = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
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
        if teller := _TELLERS.get(event["type"]):
            yield from teller(event["data"])
    if found.message:
        yield from ("", f"Ended: {one_line(found.message, 500)}")


def _iteration(data: dict[str, Any]) -> list[str]:
    task = f", task {one_line(str(data['task']), 80)}" if data.get("task") else ""
    return [
        "",
        f"## Iteration {data['iteration']}{task}",
        "",
        f"{one_line(str(data.get('agent')))}, attempt {data.get('attempt')}",
    ]


def _message(data: dict[str, Any]) -> list[str]:
    return ["", printable(str(data.get("message") or "").strip())]


def _fact(text: Callable[[dict[str, Any]], str]) -> Callable[[dict[str, Any]], list[str]]:
    return lambda data: [f"- {one_line(text(data), 400)}"]


_TELLERS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "iteration.started": _iteration,
    "agent.completed": lambda data: [*_message(data), ""],
    "agent.failed": _fact(lambda data: f"{data.get('agent')} failed: {data.get('message')}"),
    "agent.limited": _fact(lambda data: f"{data.get('agent')} is rate limited until {data.get('until')}"),
    "agent.switched": _fact(lambda data: f"{data.get('after')} works instead of {data.get('before')}: {data.get('reason')}"),
    "check.completed": _fact(lambda data: f"check {data.get('command')}: {data.get('status')}"),
    "completion.rejected": _fact(
        lambda data: f"promised, and not done: {'; '.join(str(reason) for reason in data.get('reasons') or ())}"
    ),
    "completion.accepted": _fact(lambda data: f"done, proved by {data.get('by')}"),
    "task.completed": _fact(lambda data: f"task {data.get('task')} is done: {data.get('title')}"),
    "task.committed": _fact(lambda data: f"committed {data.get('commit')}: {data.get('message')}"),
    "task.blocked": _fact(lambda data: f"task {data.get('task')} asks: {data.get('question')}"),
    "task.answered": _fact(lambda data: f"answered about {data.get('task')}: {data.get('answer')}"),
    "task.skipped": _fact(lambda data: f"task {data.get('task')} is skipped: {data.get('reason')}"),
    "task.failed": _fact(lambda data: f"task {data.get('task')} is given up: {data.get('reason')}"),
    "merge.failed": _fact(lambda data: f"task {data.get('task')} is not merged: {data.get('message')}"),
    "stagnation.noticed": _fact(lambda data: f"the same {data.get('times')} times: {data.get('remedy')}"),
    "run.paused": _fact(lambda _: "paused"),
    "run.continued": _fact(lambda _: "goes on"),
    "run.resumed": _fact(lambda _: "resumed"),
    "iteration.completed": _fact(lambda data: f"{data.get('outcome')} after {data.get('seconds')} s"),
}
