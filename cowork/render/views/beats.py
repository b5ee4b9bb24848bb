"""Heartbeats and their results, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.core.text import counted
from cowork.render.moments import minute
from cowork.render.screen import Screen
from cowork.render.views import twin_results
from cowork.render.views.told_once import ToldOnce
from cowork.twins.reading import without_title
from cowork.twins.results import bottom_line

if TYPE_CHECKING:
    from cowork.twins.beats.report import Beat, BeatReport
    from cowork.twins.results import Result
    from cowork.twins.serving.served import Served
    from cowork.twins.serving.service import Service
    from cowork.twins.serving.status import TwinsStatus

_WHOLE = 3
"""As many twins' results are shown whole; of more, the bottom lines."""


def report(data: BeatReport, screen: Screen) -> None:
    """What the twins found, or that there was nothing to do."""
    if data.dry_run and data.plan:
        screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
    elif data.nothing_due:
        following = f"; the next is at {minute(data.next_due_at)}" if data.next_due_at else ""
        screen.text(f"nothing is due{following}")
    for number, beat in enumerate(data.items):
        if number:
            screen.blank()
        _beat(beat, screen, whole=data.count <= _WHOLE)


def _beat(beat: Beat, screen: Screen, *, whole: bool) -> None:
    who = f"{beat.provider}/{beat.model}" if beat.model else "no model"
    screen.title(beat.twin, f"{beat.status} · {who}{' · rehearsal' if beat.rehearsal else ''} · {beat.seconds:.1f} s")
    if beat.reason and beat.status != "done":
        screen.text(beat.reason)
    once = ToldOnce()
    for result in beat.results:
        if whole:
            text(result, screen, once)
        else:
            screen.text(f"{result.id}  {result.title}")
            screen.text(bottom_line(result.text), style="dim", indent=2)
    if beat.results and not whole:
        screen.text("see: cowork twin results show ID")


def text(result: Result, screen: Screen, once: ToldOnce) -> None:
    """A result's text below its name; of a digest what was not shown with another."""
    screen.section(f"{result.title}  ({result.id})")
    whole = without_title(result)
    shown = once.shortened(result.title, whole) if result.made_by == "evidence" else whole
    twin_results.body(result, screen, shown)


def served(data: Served, screen: Screen) -> None:
    """What a scheduler did, or would begin with."""
    if data.dry_run:
        screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
        return
    cut = f", {data.cut_off} cut off and given back" if data.cut_off else ""
    failed = f", {data.failed} failed" if data.failed else ""
    degraded = f", {data.degraded} not whole" if data.degraded else ""
    left = f", {counted(data.left, 'twin')} with something to do still" if data.left else ""
    screen.text(f"{counted(data.beats, 'heartbeat')}, {counted(data.results, 'result')}{degraded}{failed}{cut}{left}")


def status(data: TwinsStatus, screen: Screen) -> None:
    """Schedulers, who is at work, what comes next."""
    if not data.schedulers:
        screen.text("no scheduler runs; start one with: cowork twin serve, or see: cowork twin install-service")
    for item in data.schedulers:
        screen.text(f"scheduler {item.pid} on {item.host}, since {minute(item.started_at)}, seen {minute(item.seen_at)}")
    if data.at_work:
        screen.section("At work")
        busy = [(item.twin, item.kind, str(item.pid), minute(item.started_at)) for item in data.at_work]
        screen.table(("TWIN", "ON", "PROCESS", "SINCE"), busy)
    if data.upcoming:
        screen.section(f"Next of {data.active} active, {data.overdue} overdue")
        rows = [(item.twin, minute(item.due_at), "overdue" if item.overdue else "") for item in data.upcoming]
        screen.table(("TWIN", "DUE", ""), rows)


def service(data: Service, screen: Screen) -> None:
    """The text, to be written to a file as it is."""
    screen.raw(data.text)
