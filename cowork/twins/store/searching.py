"""Finding words in what twins remember. The one place that knows how SQLite does it: another database has its own way.

The index holds what the table `memories` holds; both are written in one transaction. Where this Python's SQLite has no FTS5
the index is not made, and words are looked for one by one.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence

MOST_WORDS = 300
"""Words of one question that are looked for; more only take time."""
_FILL = "INSERT INTO memories_search (id, twin_id, text) SELECT id, twin_id, text FROM memories"
MAKE = "CREATE VIRTUAL TABLE memories_search USING fts5 (id UNINDEXED, twin_id, text)"


def words(text: str) -> list[str]:
    """The words of a text that can be looked for, each once, in their order."""
    found = dict.fromkeys(word.lower() for word in re.findall(r"[^\W_]+", text) if len(word) > 1)
    return list(found)[:MOST_WORDS]


def prepare(connection: sqlite3.Connection) -> bool:
    """Make the index of what is remembered, unless it is there. Whether there is one: not where SQLite cannot."""
    if _indexed(connection):
        return True
    try:
        connection.execute(MAKE)
    except sqlite3.OperationalError as error:
        if not is_missing(error):
            raise
        return False
    connection.execute(_FILL)
    return True


def refill(connection: sqlite3.Connection) -> None:
    """Make the index say what its table says."""
    if _indexed(connection):
        connection.execute("DELETE FROM memories_search")
        connection.execute(_FILL)
    else:
        prepare(connection)


def is_missing(error: sqlite3.Error) -> bool:
    """Whether this SQLite was built without the index."""
    return "no such module" in str(error)


def remember(connection: sqlite3.Connection, rows: Iterable[tuple[str, str, str]]) -> None:
    """Put memories, each as its id, its twin's id and its text, into the index; they are in their table already."""
    if _indexed(connection):
        connection.executemany("INSERT INTO memories_search (id, twin_id, text) VALUES (?, ?, ?)", rows)
    else:
        prepare(connection)


def forget(connection: sqlite3.Connection, twin_id: str, memory_id: str) -> None:
    """Take a memory out of the index."""
    if _indexed(connection):
        mine = _phrase(twin_id)
        connection.execute("DELETE FROM memories_search WHERE twin_id MATCH ? AND id = ?", (mine, memory_id))


def forget_all(connection: sqlite3.Connection, twin_id: str) -> None:
    """Take everything that a twin remembers out of the index, as long as it is in its table."""
    if _indexed(connection):
        mine = "SELECT id FROM memories WHERE twin_id = ?"
        connection.execute(f"DELETE FROM memories_search WHERE twin_id MATCH ? AND id IN ({mine})", (_phrase(twin_id), twin_id))


def find(connection: sqlite3.Connection, twin_id: str, wanted: Sequence[str], *, every: bool) -> list[str]:
    """The ids of a twin's memories that hold words, best first, newest first on ties.

    `wanted` are words as `words` gives them: with `every` all of them must occur, each as the beginning of a word; otherwise
    one is enough, and long words are found in other forms, too: `dependencies` in `dependency`.
    """
    starts = list(wanted) if every else list(dict.fromkeys(map(_beginning, wanted)))
    if not starts:
        return []
    if _indexed(connection):
        try:
            return _ranked(connection, twin_id, starts, every)
        except sqlite3.OperationalError as error:
            if not is_missing(error):  # another Python made the index: its table can be read
                raise
    return _counted(connection, twin_id, starts, every)


def _beginning(word: str) -> str:
    """A word without an ending that it may have; at least four letters of it."""
    return word[: max(4, len(word) - 3)]


def _indexed(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'memories_search'").fetchone() is not None


def _ranked(connection: sqlite3.Connection, twin_id: str, starts: Sequence[str], every: bool) -> list[str]:
    joined = (" AND " if every else " OR ").join(f"{_phrase(start)} *" for start in starts)
    rows = connection.execute(
        "SELECT m.id FROM memories_search JOIN memories m ON m.id = memories_search.id "
        "WHERE memories_search MATCH ? AND m.twin_id = ? "
        "ORDER BY bm25(memories_search, 0.0, 0.0, 1.0), m.created_ms DESC, m.id",
        (f"twin_id : {_phrase(twin_id)} AND text : ({joined})", twin_id),
    )
    return [str(row[0]) for row in rows]


def _counted(connection: sqlite3.Connection, twin_id: str, starts: Sequence[str], every: bool) -> list[str]:
    """As `_ranked`, with what every database can: the more of the words are in a text, the better it is."""
    rows = connection.execute("SELECT id, text FROM memories WHERE twin_id = ? ORDER BY created_ms DESC, id", (twin_id,))
    found = []
    for memory_id, text in rows:
        inside = words(str(text))
        count = sum(any(word.startswith(start) for word in inside) for start in starts)
        if count == len(starts) or (count and not every):
            found.append((-count, str(memory_id)))
    return [memory_id for _, memory_id in sorted(found, key=lambda item: item[0])]


def _phrase(text: str) -> str:
    """A text as FTS5 takes it for words alone, whatever of its language is in it."""
    return '"' + text.replace('"', '""').replace("\0", " ") + '"'
