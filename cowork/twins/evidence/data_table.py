"""A table of the workspace, profiled: its columns, and rows and keys that are there twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from cowork.core.clock import rfc3339
from cowork.twins.evidence import previous
from cowork.twins.evidence.artifacts import Artifact
from cowork.twins.evidence.columns import Column, Profile
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.reading import read_start
from cowork.twins.evidence.tables import Table, open_table
from cowork.twins.evidence.wording import text

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 50_000
MOST_CELLS = 500_000
"""Of a table."""
_KEY = re.compile(r"(?:.*[_ -])?(?:id|key|uuid|guid)|[a-z]+(?:Id|ID|Key)")
_ROWS_AT_ONCE = 5000


@dataclass(frozen=True)
class Profiled:
    """A table that was read. `complete` says whether all of its rows were."""

    name: str
    at: str
    digest: str
    table: Table
    columns: list[Profile]
    rows: int
    doubled: int
    doubled_keys: int
    key: str
    complete: bool

    @property
    def where(self) -> str:
        """Its name as facts have it."""
        return text(self.name, 80)


def profile(look: Look, artifact: Artifact) -> Profiled:
    """The profile of a file, of its first rows where it is large or time is short. Raises NotRead and NotTable."""
    data, cut = read_start(look.root, artifact.name, MOST_BYTES)
    table = open_table(data, cut=cut, tabs=artifact.name.casefold().endswith(".tsv"))
    columns = [Column(name, comma=table.delimiter == ";") for name in table.header]
    key = _key_of(table.header) if table.named else None
    rows = doubled = doubled_keys = 0
    whole: set[int] = set()
    keys: set[str] = set()
    complete = not cut
    most = min(MOST_ROWS, MOST_CELLS // len(columns))
    for part in _parts(table.rows()):
        if rows >= most or look.remaining_s < 0.1 * look.seconds:
            complete = False
            break
        rows += len(part)
        for column, cells in zip(columns, zip(*part, strict=True), strict=True):
            column.add(cells)
        for row in part:
            seen = hash(tuple(row))
            doubled += seen in whole
            whole.add(seen)
            if key is not None and (own := row[key].strip()):
                doubled_keys += own in keys
                keys.add(own)
    at = rfc3339(datetime.fromtimestamp(artifact.mtime, UTC))
    profiles = [column.profile() for column in columns]
    name = table.header[key] if key is not None else ""
    digest = previous.digest(data)
    return Profiled(
        artifact.name, at, digest, table, profiles, rows, doubled, doubled_keys, name, complete and not table.broken
    )


def _parts(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    """The rows, some at a time."""
    while part := list(islice(rows, _ROWS_AT_ONCE)):
        yield part


def _key_of(header: tuple[str, ...]) -> int | None:
    """The column whose name says that it tells rows apart: the first of all, or one that is called so and nothing else."""
    for index, name in enumerate(header):
        if (index == 0 and _KEY.fullmatch(name)) or name.casefold() in ("id", "key", "uuid", "guid"):
            return index
    return None
