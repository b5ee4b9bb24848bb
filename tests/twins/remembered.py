"""Results, memories and facts as they are stored, made by hand."""

from __future__ import annotations

from typing import Any

from cowork.twins.results import Result
from cowork.twins.store import results, roles, searching
from cowork.twins.store.opening import writing
from cowork.twins.twin import Twin
from tests.twins.samples import twin

MADE_MS = 1_769_846_700_000  # 2026-01-31T08:05:00.000Z


def result(result_id: str = "r1", **changes: Any) -> Result:
    fields: dict[str, Any] = {
        "id": result_id,
        "twin": "",
        "task": f"task-of-{result_id}",
        "kind": "proactive",
        "title": "Pull requests",
        "status": "done",
        "made_by": "evidence",
        "text": "Nothing waits.",
        "evidence": (),
        "claims": (),
        "notes": (),
        "due_at": "2026-01-31T08:00:00.000Z",
        "created_at": "2026-01-31T08:05:00.000Z",
        "beat_id": "",
        "session_id": "",
    }
    return Result(**{**fields, **changes})


def known(name: str = "twin-a") -> Twin:
    """A twin, in the database."""
    made = twin(name)
    roles.add(made)
    return made


def saved(of: Twin, *found: Result) -> None:
    """Results of a twin, in the database."""
    with writing() as connection:
        results.save(connection, of.id, found)


def keep(of: Twin, memory_id: str, text: str, kind: str = "note", *, later: int = 0, source: str = "remember") -> None:
    """A memory with an id of one's choice, so many milliseconds younger than the first."""
    with writing() as connection:
        row = (memory_id, of.id, kind, text, source, MADE_MS + later)
        connection.execute("INSERT INTO memories VALUES (?, ?, ?, ?, ?, ?)", row)
        searching.remember(connection, [(memory_id, of.id, text)])


def fact(fact_id: str, subject: str, relation: str, object_: str, *, later: int = 0) -> None:
    """A fact with an id of one's choice."""
    with writing() as connection:
        row = (fact_id, subject, relation, object_, MADE_MS + later)
        connection.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", row)


def something_remembered() -> None:
    """A twin with a result and a memory, and a fact."""
    of = known("twin-tester")
    saved(of, result("r1"))
    keep(of, "facade", "Nobody merges on Friday.")
    fact("facade", "payments", "owned-by", "team-a")
