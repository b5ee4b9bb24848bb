"""What was asked in a session and what was answered, in the order in which it happened, computed from the journal alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cowork.sessions import journal, places
from cowork.sessions.journal import Event


@dataclass(frozen=True)
class Exchange:
    """A prompt, and what came back: `answered` is empty while nothing did. `by` is who answered."""

    asked: str
    answered: str
    by: str
    at: str


@dataclass(frozen=True)
class Exchanges:
    """The last exchanges of a session, out of `count`."""

    session_id: str
    kind: str
    status: str
    items: tuple[Exchange, ...]
    count: int


def last_of(name: str, most: int) -> Exchanges:
    """The last `most` exchanges of a session, named by its id, a unique prefix of one, or `last`.

    Raises `session.not_found`, `session.ambiguous`, `session.journal_corrupt`.
    """
    place = places.find(name, list(places.places()), verb="session list")
    events = journal.read(place.journal)
    head = places.head_of(place, events)
    found = exchanges(events)
    return Exchanges(
        place.session_id,
        places.kind_of(head),
        places.status_of(place, events),
        tuple(found[len(found) - most :] if 0 < most < len(found) else found if most else ()),
        len(found),
    )


def exchanges(events: list[Event]) -> list[Exchange]:
    """Every exchange of a journal that begins with `run.started`."""
    head = events[0]["data"]
    if any(event["type"] == "bench.questions" for event in events):
        return list(_of_bench(events))
    if any(event["type"] == "agent.completed" for event in events):
        return list(_of_iterations(events))
    return [*_of_questions(events), _whole(head, events)]


def _whole(head: dict[str, Any], events: list[Event]) -> Exchange:
    """The task of an agent or a pattern, and how it ended; without an end, the last words of the main agent or a seat."""
    last = events[-1]
    result = last["data"].get("result") or {}
    answer = result.get("output") or result.get("answer")
    if not answer:
        texts = [
            event["data"].get("text", "")
            for event in events
            if event["type"] == "call.completed" or (event["type"] == "turn.completed" and event["data"].get("agent") == "main")
        ]
        answer = next((text for text in reversed(texts) if text.strip()), "")
    task = head.get("task") or (head.get("order") or {}).get("task") or ""
    return Exchange(str(task), str(answer), str(head.get("agent_name") or head.get("pattern") or ""), events[0]["at"])


def _of_questions(events: list[Event]) -> Iterator[Exchange]:
    """What an agent asked the user, and what the user said."""
    for event in events:
        if event["type"] == "question.asked":
            data = event["data"]
            yield Exchange(str(data.get("question", "")), str(data.get("answer") or ""), "user", event["at"])


def _of_iterations(events: list[Event]) -> Iterator[Exchange]:
    """The iterations of a working loop: the task, and the agent's final message; also what the user answered."""
    order = events[0]["data"].get("order") or {}
    titles: dict[str | None, str] = {}
    for event in events:
        data = event["data"]
        if event["type"] == "task.selected":
            titles[data.get("task")] = str(data.get("title", ""))
        elif event["type"] == "agent.completed":
            task = data.get("task")
            asked = titles.get(task) or str(order.get("task") or events[0]["data"].get("task") or "")
            asked = f"iteration {data.get('iteration')}, task {task}: {asked}" if task else asked
            yield Exchange(asked, str(data.get("message", "")), str(data.get("agent", "")), event["at"])
        elif event["type"] == "task.answered":
            yield Exchange(str(data.get("question", "")), str(data.get("answer", "")), "user", event["at"])


def _of_bench(events: list[Event]) -> Iterator[Exchange]:
    questions: dict[str, str] = {}
    for event in events:
        if event["type"] == "bench.questions":
            questions |= {str(item["id"]): str(item["question"]) for item in event["data"].get("items", ())}
        elif event["type"] == "bench.answered":
            row = event["data"].get("row") or {}
            asked = questions.get(str(row.get("question")), str(row.get("question")))
            yield Exchange(asked, str(row.get("answer") or ""), str(row.get("arm", "")), event["at"])
