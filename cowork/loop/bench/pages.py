"""Benches as the `bench` verbs show them: computed from their journals, whatever state they are in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.loop.bench.engine import on_record, resumable
from cowork.loop.bench.files import table, write_text
from cowork.loop.bench.jobs import is_lost
from cowork.loop.bench.plot import svg
from cowork.loop.bench.record import bench_of, rows_of
from cowork.loop.bench.report import dry_run, report
from cowork.loop.bench.results import BenchItem, BenchList, BenchReport
from cowork.sessions import journal, places
from cowork.sessions.places import Workplace


def show_bench(name: str, *, csv: str | None = None, plot: str | None = None) -> BenchReport:
    """A bench by id, unique prefix of an id, or `last`; it may still be running.

    `csv` is a file for the rows, or `-` to have them in the report; `plot` a file for the picture. Raises `session.not_found`,
    `session.ambiguous`, `session.not_resumable`, `file.not_writable`.
    """
    place = places.find(name, places.of_kind("bench"), verb="bench list")
    events = journal.read(place.journal)
    places.head_of(place, events)
    found = report(place, bench_of(events), rows_of(events), places.status_of(place, events))
    if csv == "-":
        found = replace(found, csv=table(found))
    files = {path: text for path, text in ((csv, table), (plot, svg)) if path and path != "-"}
    for path, text in files.items():
        write_text(Path(path), text(found))
    return replace(found, files=tuple(files))


def list_benches() -> tuple[BenchList, tuple[Notice, ...]]:
    """Every bench, newest first; one that cannot be read is a notice, not a failure."""
    items, notices = [], []
    for place in places.of_kind("bench"):
        try:
            items.append(_item(place))
        except InvalidInput as error:
            notices.append(Notice(error.code, error.message))
    return BenchList(tuple(items), len(items)), tuple(notices)


def _item(place: Workplace) -> BenchItem:
    events = journal.read(place.journal)
    head = places.head_of(place, events)
    return BenchItem(
        bench_id=place.session_id,
        status=places.status_of(place, events),
        source=head["source"],
        arms=tuple(arm["name"] for arm in head["arms"]),
        questions=head["questions"],
        done=len(rows_of(events)),
        runs=head["runs"],
        rehearsal=head["rehearsal"],
        created_at=events[0]["at"],
        updated_at=events[-1]["at"],
    )


def resume_plan(name: str) -> BenchReport:
    """What `resume` would do; nothing is asked and nothing is written. Raises what `resume` raises before it asks."""
    bench, record = on_record(resumable(name))
    good = sum(not is_lost(row) for row in record.rows.values())
    kept = Step("keep", "runs", f"{good} of {bench.runs} on record, not made again")
    return dry_run(bench, verb="bench resume", kept=(kept,))
