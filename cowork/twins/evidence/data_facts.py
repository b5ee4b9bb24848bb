"""Facts about a profiled table, each with its rank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cowork.twins.evidence.columns import Profile
from cowork.twins.evidence.data_table import Profiled
from cowork.twins.evidence.findings import Fact
from cowork.twins.evidence.wording import listed, many, text

MANY_NULLS = 0.2
"""From which share of missing values on a column is told."""
FEW_OUTLIERS = 0.05
"""Up to which share values far out are outliers; where they are more, the column is just not shaped like a bell."""
_FEWEST_ROWS = 10


def facts_of(one: Profiled) -> Iterator[tuple[int, Fact]]:
    """Facts about a table, each with its rank: 0 is the most urgent, 9 its profile."""

    def fact(kind: str, words: str, **data: Any) -> Fact:
        return Fact(f"{one.where}: {words}", {"kind": kind, "file": one.where, **data})

    if one.table.broken:
        yield 0, fact("broken", f"it cannot be read to its end ({text(one.table.broken)}), after {many(one.rows, 'row')}")
    if one.table.ragged:
        yield 0, fact("ragged", f"{many(one.table.ragged, 'row')} with too few or too many cells", rows=one.table.ragged)
    if one.doubled_keys:
        words = f"{many(one.doubled_keys, 'row')} with a value of {one.key} that was there before"
        yield 2, fact("doubled keys", words, column=one.key, rows=one.doubled_keys)
    for column in one.columns:
        yield from ((rank, fact(kind, words, **data)) for rank, kind, words, data in _of_column(column))
    if one.doubled:
        yield 4, fact("doubled rows", f"{many(one.doubled, 'row')} equal to an earlier one", rows=one.doubled)
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
        words = f"{many(spread.outliers, 'outlier')} in {column.name}: {bounds}, the median is {spread.median:.6g}"
        yield 6, "outliers", words, {**about, "outliers": spread.outliers, "median": spread.median}


def _profile(one: Profiled) -> str:
    types = listed([f"{column.name} {column.type}" for column in one.columns], 8)
    header = "" if one.table.named else ", without a header"
    first = "" if one.complete else "the first "
    return f"{first}{many(one.rows, 'row')}, {many(len(one.columns), 'column')}{header} ({one.table.encoding}): {types}"


def _data(one: Profiled) -> dict[str, Any]:
    return {
        "rows": one.rows,
        "complete": one.complete,
        "encoding": one.table.encoding,
        "delimiter": one.table.delimiter,
        "named": one.table.named,
        "columns": [column.data for column in one.columns],
    }
