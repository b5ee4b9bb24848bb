"""Verdicts on results, one for each."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from cowork.twins.memory import Verdict
from cowork.twins.store.roles import insert

_COLUMNS = "result_id verdict why created_ms".split()


class Given(NamedTuple):
    """The verdict on a result of a twin, None without one, and the reason, which may be empty."""

    twin_id: str
    verdict: Verdict | None
    why: str


def given(connection: sqlite3.Connection, result_id: str) -> Given | None:
    """The verdict on a result; None when there is no such result."""
    row = connection.execute(
        "SELECT s.twin_id, f.verdict, COALESCE(f.why, '') FROM results s LEFT JOIN feedback f ON f.result_id = s.id "
        "WHERE s.id = ?",
        (result_id,),
    ).fetchone()
    return Given(*row) if row else None


def put(connection: sqlite3.Connection, result_id: str, verdict: Verdict | None, why: str, now: int) -> None:
    """Replace the verdict on a result, or take it back, in a transaction that is under way."""
    connection.execute("DELETE FROM feedback WHERE result_id = ?", (result_id,))
    if verdict is not None:
        connection.execute(insert("feedback", _COLUMNS), (result_id, verdict, why, now))
