"""Letting go of what twins did long ago: by hand, and by itself once a day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cowork.core import settings
from cowork.core.clock import Clock, from_millis, millis
from cowork.core.errors import InvalidInput
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins.moments import moment
from cowork.twins.store import opening, retention
from cowork.twins.store.retention import DAY_MS, Limits

TRACES_DAYS = 14
"""Claims, heartbeats and deliveries that were made are kept so long: longer than clocks are put back."""
EVIDENCE_DAYS = 30
"""All evidence of a result is kept so long; then what it cites."""
SERVERS_DAYS = 7
MOST_AT_ONCE = 20_000
"""Rows that go by themselves on one day: nobody who lets twins work waits long for it."""
_TOLD = {
    "claims": "older than {traces} days",
    "heartbeats": "older than {traces} days",
    "deliveries": "sent or skipped, older than {traces} days",
    "schedulers": "not seen for {servers} days",
    "requests": "over, older than {results}",
    "results": "without a verdict and not the last of their task, older than {results}",
    "evidence": "that its result does not cite, older than {evidence} days",
}


@dataclass(frozen=True)
class Pruned:
    """What went, or would: `claims`, `heartbeats`, `deliveries`, `schedulers`, `requests` and `results` count rows, `evidence`
    the results that keep what they cite alone.

    Results are kept since `results_since_at`, None for ever. `size` is what the database takes on the disk, in bytes; room that
    became free in it is used again.
    """

    claims: int
    heartbeats: int
    deliveries: int
    schedulers: int
    requests: int
    results: int
    evidence: int
    count: int
    results_since_at: str | None
    size: int
    dry_run: bool
    plan: tuple[Step, ...]


def prune(keep: str | None, clock: Clock, *, dry_run: bool) -> Pruned:
    """Let go what is kept no longer: results older than `keep` ("90d"), or else than the setting `twin_keep_days`.

    Raises `prune.bad_keep`, policy errors, `database.*`.
    """
    limits = _limits(keep, clock)
    since = None if limits.results is None else from_millis(limits.results)
    gate.require(Action("twin prune", what=f"before {since}" if since else "", removes=True), dry_run=dry_run)
    found = Counter(retention.count(limits)) if dry_run else Counter[str]()
    if not dry_run:
        for what, number in retention.remove(limits):
            found[what] += number
    told = {"traces": TRACES_DAYS, "servers": SERVERS_DAYS, "evidence": EVIDENCE_DAYS, "results": since or "ever"}
    gone = (Step("remove", f"{found[what]} {what}", text.format(**told)) for what, text in _TOLD.items() if found[what])
    plan = (*gone, Step("keep", "results", f"since {since}" if since else "for ever"))
    counts = {what: found[what] for what in _TOLD}
    return Pruned(**counts, count=found.total(), results_since_at=since, size=opening.size(), dry_run=dry_run, plan=plan)


def once_a_day(clock: Clock) -> int:
    """As `prune` by the setting, unless that was done within a day; how many rows went, about MOST_AT_ONCE at most.

    Raises `database.*`.
    """
    if not retention.begin(millis(clock.now())):
        return 0
    total = 0
    for _, gone in retention.remove(_limits(None, clock)):
        total += gone
        if total >= MOST_AT_ONCE:
            break
    return total


def _limits(keep: str | None, clock: Clock) -> Limits:
    now = millis(clock.now())
    return Limits(
        results=_results_since(keep, clock),
        evidence=now - EVIDENCE_DAYS * DAY_MS,
        traces=now - TRACES_DAYS * DAY_MS,
        servers=now - SERVERS_DAYS * DAY_MS,
    )


def _results_since(keep: str | None, clock: Clock) -> int | None:
    if keep is None:
        days = int(settings.one("twin_keep_days"))
        return millis(clock.now()) - days * DAY_MS if days else None
    found = moment(keep, clock.now(), "past")
    if found is None or found > clock.now():
        hint = "for example --keep 90d or --keep 2026-12-01"
        raise InvalidInput("prune.bad_keep", f"'{one_line(keep, 40)}' is no time in the past", hint=hint)
    return millis(found)
