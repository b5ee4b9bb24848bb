"""Profiles of CSV and TSV files: what is missing, mixed, doubled or far out in them, and what changed since the last look.

Values of texts are never told, and of columns that look as if they were about persons none at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from cowork.core.clock import rfc3339
from cowork.twins.evidence import data_drift, previous
from cowork.twins.evidence.artifacts import Artifact, find
from cowork.twins.evidence.columns import Column, Profile
from cowork.twins.evidence.findings import CannotCollect, Fact, Findings
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.reading import NotRead, read_start
from cowork.twins.evidence.tables import NotTable, Table, open_table
from cowork.twins.evidence.wording import count, listed, text

NAME = "data-profile"
MOST_FILES = 30
MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 50_000
MOST_CELLS = 500_000
"""Of a table."""
MANY_NULLS = 0.2
"""From which share of missing values on a column is told."""
FEW_OUTLIERS = 0.05
"""Up to which share values far out are outliers; where they are more, the column is just not shaped like a bell."""
_FEWEST_ROWS = 10
_TABLES = (".csv", ".tsv")
_NOT_READ = {".parquet": "Parquet", ".csv.gz": "compressed CSV", ".tsv.gz": "compressed TSV"}
_KEY = re.compile(r"(?:.*[_ -])?(?:id|key|uuid|guid)|[a-z]+(?:Id|ID|Key)")
_ROWS_AT_ONCE = 5000


@dataclass(frozen=True)
class _Profiled:
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


def collect(look: Look) -> Findings:
    """What breaks readers first (broken rows, drift, doubled keys, mixed types), then what misleads them, then the profiles.

    Raises CannotCollect when there is no CSV or TSV file.
    """
    artifacts = find(look, lambda _, name: name.casefold().endswith((*_TABLES, *_NOT_READ)), 10 * MOST_FILES)
    others = _not_read(artifacts)
    tables = [artifact for artifact in artifacts if artifact.name.casefold().endswith(_TABLES)]
    if not tables:
        hint = (
            f"{'; '.join(others)}: export it as CSV" if others else "Parquet and other formats are not read: export it as CSV"
        )
        raise CannotCollect("there is no CSV or TSV file in the workspace", hint)
    profiled, refused = _all_profiled(look, tables)
    known = previous.recall(look.root, NAME)
    previous.remember(look.root, NAME, {one.name: [_entry(one)] for one in profiled})
    facts: list[tuple[int, Fact]] = [(0, fact) for fact in refused]
    for one in profiled:
        facts += _facts(one)
        if before := _before(one, known.get(one.name, [])):
            changes = data_drift.drift(one.where, one.columns, one.rows, before, named=one.table.named)
            facts += [(1, fact) for fact in changes]
    facts.sort(key=lambda item: item[0])
    partly = [one.where for one in profiled if not one.complete]
    left_out = [*others, *([f"rows beyond the first of {listed(partly)}"] if partly else [])]
    figures = _figures(profiled, [fact for _, fact in facts])
    return Findings(_summary(figures), tuple(fact for _, fact in facts), figures, left_out=tuple(left_out))


def _not_read(artifacts: list[Artifact]) -> list[str]:
    """Which files of formats that are not read there are, counted."""
    found = []
    for ending, format in _NOT_READ.items():
        number = sum(artifact.name.casefold().endswith(ending) for artifact in artifacts)
        if number:
            found.append(f"{count(number, f'{format} file')}: not read")
    return found


def _all_profiled(look: Look, tables: list[Artifact]) -> tuple[list[_Profiled], list[Fact]]:
    """The tables that could be read, the last written first, and facts of those that could not."""
    profiled: list[_Profiled] = []
    refused: list[Fact] = []
    for index, artifact in enumerate(tables):
        if index >= MOST_FILES or look.remaining_s < 0.2 * look.seconds:
            look.left_out[f"tables, for want of time or beyond the latest {MOST_FILES}"] = len(tables) - index
            break
        try:
            data, cut = read_start(look.root, artifact.name, MOST_BYTES)
            profiled.append(_profiled(look, artifact, data, cut))
        except NotRead as error:
            look.left_out[error.why] = look.left_out.get(error.why, 0) + 1
        except NotTable as error:
            where = text(artifact.name, 80)
            refused.append(
                Fact(f"{where} cannot be read as a table: {text(str(error))}", {"kind": "unreadable", "file": where})
            )
    return profiled, refused


def _profiled(look: Look, artifact: Artifact, data: bytes, cut: bool) -> _Profiled:
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
    return _Profiled(
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


def _entry(one: _Profiled) -> dict[str, Any]:
    return {"digest": one.digest, "at": one.at, **data_drift.entry(one.columns, one.rows)}


def _before(one: _Profiled, entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The last entry of another content that is no later."""
    return next((entry for entry in reversed(entries) if entry["digest"] != one.digest and entry["at"] <= one.at), None)


def _facts(one: _Profiled) -> Iterator[tuple[int, Fact]]:
    """Facts about a table, each with its rank: 0 is the most urgent, 9 its profile."""

    def fact(kind: str, words: str, **data: Any) -> Fact:
        return Fact(f"{one.where}: {words}", {"kind": kind, "file": one.where, **data})

    if one.table.broken:
        yield 0, fact("broken", f"it cannot be read to its end ({text(one.table.broken)}), after {count(one.rows, 'row')}")
    if one.table.ragged:
        yield 0, fact("ragged", f"{count(one.table.ragged, 'row')} with too few or too many cells", rows=one.table.ragged)
    if one.doubled_keys:
        words = f"{count(one.doubled_keys, 'row')} with a value of {one.key} that was there before"
        yield 2, fact("doubled keys", words, column=one.key, rows=one.doubled_keys)
    for column in one.columns:
        yield from ((rank, fact(kind, words, **data)) for rank, kind, words, data in _of_column(column))
    if one.doubled:
        yield 4, fact("doubled rows", f"{count(one.doubled, 'row')} equal to an earlier one", rows=one.doubled)
    if constant := [column.name for column in one.columns if column.is_constant and column.rows >= _FEWEST_ROWS]:
        yield 7, fact("constant", f"always the same value: {listed(constant)}", columns=constant)
    if personal := [column.name for column in one.columns if column.personal]:
        yield 7, fact("personal", f"looks personal, no value is told: {listed(personal)}", columns=personal)
    yield 9, fact("profile", _profile(one), **_data(one))


def _of_column(column: Profile) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    about = {"column": column.name}
    if column.type == "mixed":
        shares = ", ".join(f"{share:.1%} {kind}" for kind, share in sorted(column.shares.items(), key=lambda item: -item[1]))
        yield 3, "mixed", f"{column.name} has mixed types: {shares}", {**about, "shares": column.shares}
    if column.type == "empty" and column.rows:
        yield 5, "empty", f"{column.name} is empty", about
    elif column.null_share >= MANY_NULLS:
        words = f"{column.name} is missing in {column.null_share:.1%} of the rows"
        yield 5, "nulls", words, {**about, "nulls": column.nulls, "null_share": column.null_share}
    spread = column.spread
    if spread and spread.outliers and spread.outliers <= FEW_OUTLIERS * column.values:
        bounds = " to ".join(f"{value:.6g}" for value in dict.fromkeys((spread.outliers_least, spread.outliers_most)))
        words = f"{count(spread.outliers, 'outlier')} in {column.name}: {bounds}, the median is {spread.median:.6g}"
        yield 6, "outliers", words, {**about, "outliers": spread.outliers, "median": spread.median}


def _profile(one: _Profiled) -> str:
    types = listed([f"{column.name} {column.type}" for column in one.columns], 8)
    header = "" if one.table.named else ", without a header"
    first = "" if one.complete else "the first "
    return f"{first}{count(one.rows, 'row')}, {count(len(one.columns), 'column')}{header} ({one.table.encoding}): {types}"


def _data(one: _Profiled) -> dict[str, Any]:
    return {
        "rows": one.rows,
        "complete": one.complete,
        "encoding": one.table.encoding,
        "delimiter": one.table.delimiter,
        "named": one.table.named,
        "columns": [column.data for column in one.columns],
    }


def _figures(profiled: list[_Profiled], facts: list[Fact]) -> dict[str, Any]:
    cells = sum(one.rows * len(one.columns) for one in profiled)
    kinds = [str(fact.data["kind"]) for fact in facts]
    return {
        "files": len(profiled),
        "rows": sum(one.rows for one in profiled),
        "columns": sum(len(one.columns) for one in profiled),
        "null_share": round(sum(column.nulls for one in profiled for column in one.columns) / cells, 4) if cells else 0.0,
        "doubled_rows": sum(one.doubled for one in profiled),
        "drift": kinds.count("drift"),
        "mixed": kinds.count("mixed"),
        "outliers": kinds.count("outliers"),
        "personal_columns": sum(column.personal for one in profiled for column in one.columns),
        "unreadable": kinds.count("unreadable") + kinds.count("broken"),
    }


def _summary(figures: dict[str, Any]) -> str:
    size = f"{count(figures['rows'], 'row')} and {count(figures['columns'], 'column')} in {count(figures['files'], 'table')}"
    told = {
        "unreadable": "not to be read whole",
        "drift": "changes since the last look",
        "mixed": "columns of mixed types",
        "doubled_rows": "doubled rows",
        "outliers": "columns with outliers",
    }
    parts = [f"{figures[name]} {words}" for name, words in told.items() if figures[name]]
    return f"{size}: {figures['null_share']:.1%} of the cells missing{', ' if parts else ''}{', '.join(parts)}"
