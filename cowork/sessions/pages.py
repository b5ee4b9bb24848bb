"""Sessions of every kind, as the `session` verbs answer them: computed from the journal alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.sessions import journal, places
from cowork.sessions.journal import Event
from cowork.sessions.places import Workplace


@dataclass(frozen=True)
class SessionEntry:
    """A session in a list. `kind`: agent, loop or bench. `what`: the agents, the pattern, or a bench's arms."""

    session_id: str
    kind: str
    what: str
    status: str
    task: str
    rehearsal: bool
    created_at: str
    updated_at: str


@dataclass(frozen=True)
class SessionEntries:
    """Sessions, newest first."""

    items: tuple[SessionEntry, ...]
    count: int


@dataclass(frozen=True)
class SessionCall:
    """A tool call of an agent: the verdict, who gave it and why, and whether it failed; `error` is null when it never ran."""

    agent: str
    tool: str
    verdict: str
    by: str
    rule: str | None
    reason: str
    arguments: dict[str, Any]
    error: bool | None
    seconds: float | None


@dataclass(frozen=True)
class SessionPage:
    """One session: how it stands, what it cost, its tool calls, and `answer`, null while there is none."""

    session_id: str
    kind: str
    what: str
    status: str
    task: str
    rehearsal: bool
    created_at: str
    updated_at: str
    events: int
    turns: int
    input_tokens: int
    output_tokens: int
    calls: tuple[SessionCall, ...]
    answer: str | None
    error: str | None
    path: str


@dataclass(frozen=True)
class SessionExport:
    """A session as one text: `format` markdown or jsonl."""

    session_id: str
    format: str
    content: str


def list_entries() -> tuple[SessionEntries, tuple[Notice, ...]]:
    """Every session; one that cannot be read is a notice, not a failure."""
    items, notices = [], []
    for place in places.places():
        try:
            page = page_of(place, journal.read(place.journal))
        except InvalidInput as error:
            notices.append(Notice(error.code, error.message))
            continue
        items.append(SessionEntry(**{name: getattr(page, name) for name in SessionEntry.__dataclass_fields__}))
    return SessionEntries(tuple(items), len(items)), tuple(notices)


def show(name: str) -> SessionPage:
    """One session by id, unique prefix of an id, or `last`. Raises `session.not_found`, `session.ambiguous`."""
    place = _find(name)
    return page_of(place, journal.read(place.journal))


def export(name: str, style: str) -> SessionExport:
    """One session as a text to keep or hand on. Raises what `show` raises."""
    from cowork.sessions.transcript import transcript

    place = _find(name)
    events = journal.read(place.journal)
    content = lines(events) if style == "jsonl" else transcript(page_of(place, events), events)
    return SessionExport(place.session_id, style, content)


def lines(events: list[Event]) -> str:
    """Events as NDJSON."""
    return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)


def page_of(place: Workplace, events: list[Event]) -> SessionPage:
    """The page of a journal. Raises `session.journal_corrupt`."""
    head = places.head_of(place, events)
    order = _order(head)
    about = head if order is None else order
    last = places.end_of(events) or events[-1]
    status = places.status_of(place, events)
    paid = ("turn.completed", "call.completed") if order is None else ("agent.completed",)
    usages = [event["data"].get("usage") or {} for event in events if event["type"] in paid]
    result = last["data"].get("result") or {}
    return SessionPage(
        session_id=place.session_id,
        kind=places.kind_of(head),
        what=_what(head),
        status=status,
        task=str(about.get("task") or about.get("tasks_file") or ""),
        rehearsal=bool(head.get("rehearsal")),
        created_at=events[0]["at"],
        updated_at=events[-1]["at"],
        events=len(events),
        turns=len(usages),
        input_tokens=sum(int(usage.get("input", 0)) for usage in usages),
        output_tokens=sum(int(usage.get("output", 0)) for usage in usages),
        calls=_calls(events),
        answer=result.get("output") or result.get("answer"),
        error=None if status in ("completed", "running") else last["data"].get("message") or None,
        path=str(place.path),
    )


def _order(head: dict[str, Any]) -> dict[str, Any] | None:
    """What a loop was told, None for other runs."""
    order = head.get("order")
    return order if isinstance(order, dict) else None


def _what(head: dict[str, Any]) -> str:
    if order := _order(head):
        return ", ".join(str(dict(agent).get("name")) for agent in order.get("agents") or ())
    return str(head.get("pattern") or head.get("agent_name") or "")


def _calls(events: list[Event]) -> tuple[SessionCall, ...]:
    ended = {
        (event["data"]["agent"], event["data"]["id"]): event["data"] for event in events if event["type"] == "tool.completed"
    }
    found = []
    for event in events:
        if event["type"] == "tool.judged":
            data = event["data"]
            done = ended.get((data["agent"], data["id"]))
            found.append(
                SessionCall(
                    agent=data["agent"],
                    tool=data["tool"],
                    verdict=data["verdict"],
                    by=data["by"],
                    rule=data["rule"],
                    reason=data["reason"],
                    arguments=data["arguments"],
                    error=done["error"] if done else None,
                    seconds=done["seconds"] if done else None,
                )
            )
    return tuple(found)


def _find(name: str) -> Workplace:
    return places.find(name, list(places.places()), verb="session list")
