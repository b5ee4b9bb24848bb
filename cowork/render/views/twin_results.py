"""Results of twins, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.render.moments import minute
from cowork.render.screen import Screen
from cowork.twins.reading import without_title

if TYPE_CHECKING:
    from cowork.twins.results import Result, ResultList


def listing(data: ResultList, screen: Screen) -> None:
    """Of each result its bottom line, or the whole ones where a format was asked for."""
    if data.text is not None:
        screen.raw(data.text)
        return
    if not data.items:
        screen.text("no results yet; let twins work: cowork twin beat --all")
        return
    for item in data.items:
        standing = _standing(item.status, item.unverified)
        screen.title(item.title, " · ".join(part for part in (item.id, item.twin, minute(item.created_at), standing) if part))
        screen.text(item.bottom_line, indent=2)
    if data.total > data.count:
        screen.text(f"{data.count} of {data.total}; more with --limit")


def detail(data: Result, screen: Screen) -> None:
    """A result's page."""
    screen.title(data.title, f"{data.twin} · {data.id} · {minute(data.created_at)} · {data.status}")
    body(data, screen)
    if data.evidence:
        screen.section("Rests on")
        rows = [
            (item.collector, item.status, item.summary if item.status != "unavailable" else item.reason)
            for item in data.evidence
        ]
        screen.table(("COLLECTOR", "", "WHAT IT FOUND"), rows)
    if data.deliveries:
        screen.section("Delivered")
        told = [
            (item.address, item.status, item.attempts, item.problem or minute(item.sent_at or item.next_at))
            for item in data.deliveries
        ]
        screen.table(("ADDRESS", "STATE", "TRIES", ""), told)
    if data.session_id:
        screen.text(f"every use of a tool: cowork session show {data.session_id}")


def body(data: Result, screen: Screen, shown: str | None = None) -> None:
    """A result's text, or what is to be shown of it, and what is to be said of it."""
    screen.text(without_title(data) if shown is None else shown)
    if data.unverified:
        count = (
            f"{data.unverified} of {len(data.claims)} claims rest"
            if data.unverified > 1
            else f"1 of {len(data.claims)} claims rests"
        )
        screen.text(f"{count} on no evidence")
    if data.made_by != "evidence" and data.notes:
        screen.bullets(data.notes)


def _standing(status: str, unverified: int) -> str:
    unsure = f"{unverified} unverified" if unverified else ""
    return ", ".join(part for part in ("" if status == "done" else status, unsure) if part)
