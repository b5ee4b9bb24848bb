"""Profiles of CSV and TSV files: what is missing, mixed, doubled or far out in them, and what changed since the last look.

Values of texts are never told, and of columns that look as if they were about persons none at all.
"""

from __future__ import annotations

from typing import Any

from cowork.twins.evidence import data_drift, previous
from cowork.twins.evidence.artifacts import Artifact, find, leave
from cowork.twins.evidence.data_facts import facts_of
from cowork.twins.evidence.data_table import Profiled, profile
from cowork.twins.evidence.findings import CannotCollect, Fact, Findings
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.reading import NotRead
from cowork.twins.evidence.tables import NotTable
from cowork.twins.evidence.wording import listed, many, text

NAME = "data-profile"
MOST_FILES = 30
_TABLES = (".csv", ".tsv")
_NOT_READ = {".parquet": "Parquet", ".csv.gz": "compressed CSV", ".tsv.gz": "compressed TSV"}


def collect(look: Look) -> Findings:
    """What breaks readers first (broken rows, drift, doubled keys, mixed types), then what misleads them, then the profiles.

    Raises CannotCollect when there is no CSV or TSV file.
    """
    artifacts = find(look, lambda _, name: name.casefold().endswith((*_TABLES, *_NOT_READ)), 10 * MOST_FILES)
    others = _not_read(artifacts)
    tables = [artifact for artifact in artifacts if artifact.name.casefold().endswith(_TABLES)]
    if not tables:
        hint = (
            f"{'; '.join(others)}: export it as CSV"
            if others
            else "export a table as CSV: Parquet and other formats are not read"
        )
        raise CannotCollect("there is no CSV or TSV file in the workspace", hint)
    profiled, refused = _all_profiled(look, tables)
    known = previous.recall(look.root, NAME)
    previous.remember(look.root, NAME, {one.name: [_entry(one)] for one in profiled})
    facts: list[tuple[int, Fact]] = [(0, fact) for fact in refused]
    for one in profiled:
        facts += facts_of(one)
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
            found.append(f"{many(number, f'{format} file')}: not read")
    return found


def _all_profiled(look: Look, tables: list[Artifact]) -> tuple[list[Profiled], list[Fact]]:
    """The tables that could be read, the last written first, and facts of those that could not."""
    profiled: list[Profiled] = []
    refused: list[Fact] = []
    for index, artifact in enumerate(tables):
        if index >= MOST_FILES or look.remaining_s < 0.2 * look.seconds:
            leave(look, f"tables, for want of time or beyond the latest {MOST_FILES}", len(tables) - index)
            break
        try:
            profiled.append(profile(look, artifact))
        except NotRead as error:
            if error.counts:
                leave(look, error.why)
        except NotTable as error:
            where = text(artifact.name, 80)
            refused.append(
                Fact(f"{where} cannot be read as a table: {text(str(error))}", {"kind": "unreadable", "file": where})
            )
    return profiled, refused


def _entry(one: Profiled) -> dict[str, Any]:
    return {"digest": one.digest, "at": one.at, **data_drift.entry(one.columns, one.rows)}


def _before(one: Profiled, entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The last entry of another content that is no later."""
    return next((entry for entry in reversed(entries) if entry["digest"] != one.digest and entry["at"] <= one.at), None)


def _figures(profiled: list[Profiled], facts: list[Fact]) -> dict[str, Any]:
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
    size = f"{many(figures['rows'], 'row')} and {many(figures['columns'], 'column')} in {many(figures['files'], 'table')}"
    parts = [
        f"{many(figures[name], what)}{also}"
        for name, what, also in (
            ("unreadable", "file", " not to be read whole"),
            ("drift", "change", " since the last look"),
            ("mixed", "column", " of mixed types"),
            ("doubled_rows", "doubled row", ""),
            ("outliers", "column", " with outliers"),
        )
        if figures[name]
    ]
    return f"{size}: {figures['null_share']:.1%} of the cells missing{', ' if parts else ''}{', '.join(parts)}"
