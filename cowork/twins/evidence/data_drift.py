"""What changed in a table since it was profiled last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cowork.twins.evidence.columns import Profile
from cowork.twins.evidence.findings import Fact
from cowork.twins.evidence.wording import listed, many, text

NULL_POINTS = 5.0
"""By how many per cent points the missing values of a column have to change to be told."""
MEAN_SHIFT = 0.5
"""By how many standard deviations a mean has to move: a medium effect, Cohen, *Statistical Power Analysis* (1988)."""
MEDIAN_SHIFT = 1.0
"""By how many robust standard deviations (1.4826 MAD) a median has to move, where outliers hide it in the mean."""
ROWS_SHARE = 0.2
"""Which share of the rows has to be gone to be told."""
_FEWEST = 20


def entry(profiles: Sequence[Profile], rows: int) -> dict[str, Any]:
    """What is remembered of a table: no values, and of columns about persons no statistics either."""
    columns = {}
    for profile in profiles:
        known: dict[str, Any] = {"type": profile.type, "null_share": profile.null_share, "values": profile.values}
        if profile.spread:
            known |= {"mean": profile.spread.mean, "deviation": profile.spread.deviation}
            known |= {"median": profile.spread.median, "distance": profile.spread.distance}
        columns[profile.name] = known
    return {"rows": rows, "columns": columns}


def drift(where: str, profiles: Sequence[Profile], rows: int, before: Mapping[str, Any], *, named: bool) -> list[Fact]:
    """The changes, those that break readers of the table first. `named`: the columns have names of their own."""
    known = before.get("columns")
    if not isinstance(known, dict):
        return []
    found: list[tuple[str, str, dict[str, Any]]] = []
    now = {profile.name: profile for profile in profiles}
    was = {name: column for name, column in known.items() if isinstance(column, dict)}
    if removed := [text(name, 60) for name in was if name not in now]:
        what = many(len(removed), "column") if named else "columns, by their number"
        found.append(("columns removed", f"{what} removed: {listed(removed)}", {"columns": removed}))
    if added := [name for name in now if name not in was]:
        found.append(("columns added", f"{many(len(added), 'column')} added: {listed(added)}", {"columns": added}))
    pairs = [(now[name], was[name]) for name in now if name in was]
    found += [change for profile, column in pairs for change in _of_type(profile, column)]
    found += _of_rows(rows, before.get("rows"))
    found += [change for profile, column in pairs for change in _of_nulls(profile, column)]
    found += [change for profile, column in pairs for change in _of_mean(profile, column) or _of_median(profile, column)]
    since = text(str(before.get("at"))[:10])
    return [Fact(f"{where}: {words} (since {since})", {"kind": "drift", "change": kind, **data}) for kind, words, data in found]


def _of_type(now: Profile, was: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    before = was.get("type")
    if not isinstance(before, str) or before == now.type or "empty" in (before, now.type):
        return []
    data = {"column": now.name, "before": text(before, 20), "now": now.type}
    return [("type", f"the type of {now.name} changed from {text(before, 20)} to {now.type}", data)]


def _of_rows(rows: int, before: Any) -> list[tuple[str, str, dict[str, Any]]]:
    if not isinstance(before, int) or rows > before * (1 - ROWS_SHARE):
        return []
    return [("rows", f"it has {many(rows, 'row')}, it had {before}", {"before": before, "now": rows})]


def _of_nulls(now: Profile, was: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    share = _number(was.get("null_share"))
    if share is None or abs(now.null_share - share) * 100 < NULL_POINTS:
        return []
    words = (
        f"missing values of {now.name} {'rose' if now.null_share > share else 'fell'} from {share:.1%} to {now.null_share:.1%}"
    )
    return [("nulls", words, {"column": now.name, "before": share, "now": now.null_share})]


def _of_mean(now: Profile, was: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    mean, deviation, values = _number(was.get("mean")), _number(was.get("deviation")), _number(was.get("values"))
    if mean is None or not deviation or now.spread is None or min(values or 0, now.values) < _FEWEST:
        return []
    shift = (now.spread.mean - mean) / deviation
    if abs(shift) < MEAN_SHIFT:
        return []
    words = f"the mean of {now.name} moved by {shift:+.1f} standard deviations, from {mean:.6g} to {now.spread.mean:.6g}"
    return [("mean", words, {"column": now.name, "before": mean, "now": now.spread.mean, "shift": round(shift, 2)})]


def _of_median(now: Profile, was: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    median, distance, values = _number(was.get("median")), _number(was.get("distance")), _number(was.get("values"))
    if median is None or not distance or now.spread is None or min(values or 0, now.values) < _FEWEST:
        return []
    if abs(now.spread.median - median) < MEDIAN_SHIFT * 1.4826 * distance:
        return []
    words = f"the median of {now.name} moved from {median:.6g} to {now.spread.median:.6g}"
    return [("median", words, {"column": now.name, "before": median, "now": now.spread.median})]


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
