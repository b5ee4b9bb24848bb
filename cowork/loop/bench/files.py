"""A bench as files: the report as JSON, a row for each run as CSV, the accuracies as SVG."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields, replace
from pathlib import Path

from cowork.core.files import write_atomic
from cowork.core.plain import to_plain
from cowork.core.text import safe_json
from cowork.loop.bench.plot import svg
from cowork.loop.bench.results import BenchReport, Row

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_MODE = 0o644


def write_files(report: BenchReport, directory: Path | None) -> BenchReport:
    """Write `report.json`, `rows.csv` and `accuracy.svg` into a directory and return the report that names them.

    Without a directory nothing is written. Raises `file.not_writable`.
    """
    if directory is None:
        return report
    paths = (directory / "report.json", directory / "rows.csv", directory / "accuracy.svg")
    named = replace(report, files=tuple(map(str, paths)))
    document = json.dumps(to_plain(named), ensure_ascii=False, indent=2)
    for path, text in zip(paths, (safe_json(document) + "\n", table(named), svg(named)), strict=True):
        write_text(path, text)
    return named


def write_text(path: Path, text: str) -> None:
    """Write a file that others may read. Raises `file.not_writable`."""
    write_atomic(path, text.encode("utf-8", "backslashreplace"), mode=_MODE)


def table(report: BenchReport) -> str:
    """The rows as CSV (RFC 4180), with their arm's kind; what is not known is an empty cell.

    A spreadsheet takes a text that begins like a formula for one, so such a text gets a quote before it.
    """
    kinds = {arm.name: arm.kind for arm in report.arms}
    names = [field.name for field in fields(Row)]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["arm", "kind", *names[1:]])
    for row in report.rows:
        writer.writerow([_cell(row.arm), kinds[row.arm], *(_cell(getattr(row, name)) for name in names[1:])])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        value = "; ".join(map(str, value))
    if not isinstance(value, str):
        return str(value)
    text = value.replace("\x00", "")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
