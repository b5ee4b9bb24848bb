"""What is kept no longer goes: a few rows at a time, each time in a transaction of its own, so that nobody waits for it.

Cut off in the middle, it goes on the next time; nothing is half gone.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from cowork.twins.store.opening import reading, writing

DAY_MS = 86_400_000
AT_ONCE = 200
"""Rows of one transaction."""
TRUSTED_MS = 7 * DAY_MS
_CITED = re.compile(r"[\w-]+\.\d+")
_UNJUDGED = "NOT EXISTS (SELECT 1 FROM feedback f WHERE f.result_id = x.id)"
_NEWER = (
    "EXISTS (SELECT 1 FROM results n WHERE n.twin_id = x.twin_id AND n.task_id = x.task_id AND n.due_ms > x.due_ms "
    "AND (n.made_by <> 'evidence' OR x.made_by = 'evidence'))"
)
_LOCKED_BEAT = "EXISTS (SELECT 1 FROM leases l WHERE l.beat_id = x.{column})"


@dataclass(frozen=True)
class Limits:
    """The moments before which things are kept no longer; None where they are kept for ever."""

    results: int | None
    evidence: int
    traces: int
    servers: int


@dataclass(frozen=True)
class Rule:
    """What of a table goes: rows `x` of which `condition` is true, in which each `?` is `before`. `key` names a row."""

    what: str
    table: str
    key: str
    condition: str
    before: int

    @property
    def values(self) -> list[int]:
        """The values of the marks in the condition."""
        return [self.before] * self.condition.count("?")


def rules(limits: Limits) -> list[Rule]:
    """What goes from which table, in this order. The latest result of each task stays, and the latest that a model made.

    A claim stays as long as its task may come to be due at its time again: when the clock is put back, or it is due still.
    """
    due = "EXISTS (SELECT 1 FROM twin_tasks t WHERE t.twin_id = x.twin_id AND t.id = x.task_id AND t.due_ms = x.due_ms)"
    claimed = _LOCKED_BEAT.format(column="beat_id")
    found = [
        Rule(
            "claims",
            "claims",
            "twin_id, task_id, due_ms",
            f"x.claimed_ms < ? AND x.due_ms < ? AND NOT {due} AND NOT {claimed}",
            limits.traces,
        ),
        Rule(
            "heartbeats",
            "beats",
            "id",
            f"x.started_ms < ? AND x.state <> 'running' AND NOT {_LOCKED_BEAT.format(column='id')}",
            limits.traces,
        ),
        Rule("deliveries", "deliveries", "id", "x.created_ms < ? AND x.state IN ('sent', 'skipped')", limits.traces),
        Rule("schedulers", "servers", "owner", "x.seen_ms < ?", limits.servers),
    ]
    if limits.results is not None:
        over = "x.updated_ms < ? AND x.state IN ('done', 'failed', 'cancelled')"
        old = f"x.created_ms < ? AND {_UNJUDGED} AND (x.kind <> 'proactive' OR {_NEWER})"
        found.append(Rule("requests", "requests", "id", over, limits.results))
        found.append(Rule("results", "results", "id", old, limits.results))
    return found


def count(limits: Limits) -> dict[str, int]:
    """How many rows of which table would go, and of how many results the evidence. Nothing is written."""
    with reading() as connection:
        if connection is None:
            return {}
        found = {
            rule.what: int(
                connection.execute(f"SELECT COUNT(*) FROM {rule.table} x WHERE {rule.condition}", rule.values).fetchone()[0]
            )
            for rule in rules(limits)
        }
        stripped = connection.execute(
            "SELECT COUNT(*) FROM results x WHERE x.created_ms < ? AND x.stripped = 0", (limits.evidence,)
        ).fetchone()[0]
    return {**found, "evidence": int(stripped)}


def remove(limits: Limits) -> Iterator[tuple[str, int]]:
    """Let go what is kept no longer, chunk by chunk: each time what it was, and how many. Raises `database.*`."""
    for rule in rules(limits):
        if not _is_any(rule):
            continue
        while gone := _remove_some(rule):
            yield rule.what, gone
            if gone < AT_ONCE:
                break
    while stripped := _strip_some(limits.evidence):
        yield "evidence", stripped


def _is_any(rule: Rule) -> bool:
    """Whether there is something to let go, found without waiting for who writes."""
    with reading() as connection:
        if connection is None:
            return False
        row = connection.execute(f"SELECT 1 FROM {rule.table} x WHERE {rule.condition} LIMIT 1", rule.values).fetchone()
    return row is not None


def _remove_some(rule: Rule) -> int:
    chosen = f"SELECT {rule.key} FROM {rule.table} x WHERE {rule.condition} LIMIT ?"
    with writing() as connection:
        gone = connection.execute(f"DELETE FROM {rule.table} WHERE ({rule.key}) IN ({chosen})", [*rule.values, AT_ONCE])
        return gone.rowcount


def _strip_some(before: int) -> int:
    """Of old results the evidence that no claim cites and the text does not name."""
    select = "SELECT id, text, evidence FROM results WHERE created_ms < ? AND stripped = 0 ORDER BY created_ms LIMIT ?"
    with reading() as connection:
        if connection is None or connection.execute(select, (before, 1)).fetchone() is None:
            return 0
    with writing() as connection:
        rows = connection.execute(select, (before, AT_ONCE)).fetchall()
        for result_id, text, evidence in rows:
            kept = stripped(text, evidence)
            connection.execute("UPDATE results SET evidence = ?, stripped = 1 WHERE id = ?", (kept, result_id))
        return len(rows)


def stripped(text: str, evidence: str) -> str:
    """Evidence, as stored, with the items alone that a text names, and the summary of each collector."""
    cited = set(_CITED.findall(text))
    try:
        found = json.loads(evidence)
        for item in found:
            item["items"] = [one for one in item["items"] if one["id"] in cited or one["id"].endswith(".0")]
    except (ValueError, TypeError, KeyError, RecursionError):
        return evidence  # it is not as we wrote it: reading it says so
    return json.dumps(found)


def begin(now: int) -> bool:
    """Whether it is time to let things go, for this process alone: once a day. Raises `database.*`.

    Where that was not asked for TRUSTED_MS the clock may have jumped: then the answer is no, and tomorrow it is yes.
    """
    with reading() as connection:
        if connection is None or not _is_time(_last(connection), now):
            return False
    with writing() as connection:
        last = _last(connection)
        if not _is_time(last, now):
            return False
        connection.execute(
            "INSERT INTO upkeep (what, at_ms) VALUES ('prune', ?) ON CONFLICT (what) DO UPDATE SET at_ms = excluded.at_ms",
            (now,),
        )
    return last is not None and 0 <= now - last < TRUSTED_MS


def _last(connection: sqlite3.Connection) -> int | None:
    row = connection.execute("SELECT at_ms FROM upkeep WHERE what = 'prune'").fetchone()
    return None if row is None else int(row[0])


def _is_time(last: int | None, now: int) -> bool:
    return last is None or not 0 <= now - last < DAY_MS
