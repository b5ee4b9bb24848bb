"""Heartbeats and their results, for a person."""

from __future__ import annotations

from cowork.render.screen import Screen
from cowork.twins.beats.report import Beat, BeatReport
from cowork.twins.results import Result

_WHOLE = 3
"""As many twins' results are shown whole; of more, the bottom lines."""


def report(data: BeatReport, screen: Screen) -> None:
    """What the twins found, or that there was nothing to do."""
    if data.dry_run and data.plan:
        screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
    elif data.nothing_due:
        following = f"; the next is at {data.next_due_at}" if data.next_due_at else ""
        screen.text(f"nothing is due{following}")
    for beat in data.items:
        _beat(beat, screen, whole=data.count <= _WHOLE)


def _beat(beat: Beat, screen: Screen, *, whole: bool) -> None:
    who = f"{beat.provider}/{beat.model}" if beat.model else "no model"
    screen.title(beat.twin, f"{beat.state} · {who}{' · rehearsal' if beat.rehearsal else ''} · {beat.seconds:.1f} s")
    if beat.reason and beat.state != "done":
        screen.text(beat.reason)
    for result in beat.results:
        if whole:
            text(result, screen)
        else:
            screen.text(f"{result.id}  {result.title}")
    if beat.results and not whole:
        screen.text("see: cowork twin results show ID")


def text(result: Result, screen: Screen) -> None:
    """A result's text below its name."""
    screen.section(f"{result.title}  ({result.id})")
    screen.text(result.text)
