"""What is asked of twins, and their board, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.render.moments import minute
from cowork.render.screen import Screen
from cowork.render.views import twin_results

if TYPE_CHECKING:
    from cowork.twins.beats.replying import Reply
    from cowork.twins.cards import Board, Card, TaskList, TwinBoard
    from cowork.twins.requesting import Cancelled, Requested
    from cowork.twins.requests import Request

_COLUMNS = (("open", "ASKED"), ("working", "WORKING"), ("scheduled", "SCHEDULED"), ("done", "DONE"), ("failed", "FAILED"))
_MOST_CARDS = 8


def replied(data: Reply, screen: Screen) -> None:
    """What a twin answered, or when it will."""
    if data.request is not None:
        _left(data.request, screen, dry_run=data.dry_run)
        return
    if data.result is None:
        screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
        return
    screen.title(data.twin, data.result.id)
    twin_results.body(data.result, screen)


def requested(data: Requested, screen: Screen) -> None:
    """What was asked for when."""
    if data.coalesced:
        screen.text(f"{data.request.twin} was told this a moment ago ({data.request.id})")
        return
    _left(data.request, screen, dry_run=data.dry_run)


def _left(request: Request, screen: Screen, *, dry_run: bool) -> None:
    verb = "would ask" if dry_run else "asked"
    screen.text(f"{verb} {request.twin} ({request.id}): {request.title}")
    if request.wake_at is not None:
        screen.text(f"it attends to it at {minute(request.wake_at)}; at once: cowork twin beat {request.twin}")


def cancelled(data: Cancelled, screen: Screen) -> None:
    """What was taken back."""
    verb = "would take back" if data.dry_run else "took back"
    for item in data.items:
        screen.text(f"{verb} {item.id}: {item.title}")


def tasks(data: TaskList, screen: Screen) -> None:
    """A table of what is to be done."""
    if not data.items:
        screen.text("nothing to do")
        return
    rows = [
        (item.id, item.twin, item.title, item.kind, item.status, minute(item.wake_at), minute(item.due_at))
        for item in data.items
    ]
    screen.table(("ID", "TWIN", "TASK", "KIND", "STATUS", "WAKES", "DUE"), rows)
    if data.total > data.count:
        screen.text(f"{data.count} of {data.total}; more with --limit")


def board(data: Board, screen: Screen) -> None:
    """For each twin its columns, side by side."""
    if not data.items:
        screen.text("no twins yet; activate one with: cowork twin activate software-engineer")
    for item in data.items:
        _twin(item, screen)
    if data.total > data.count:
        screen.text(f"{data.count} of {data.total} twins; more with --limit, or name some")


def _twin(item: TwinBoard, screen: Screen) -> None:
    screen.title(item.display_name, f"{item.twin} · {item.status}")
    columns = [(title, getattr(item, name)) for name, title in _COLUMNS if getattr(item, name) or name in ("open", "done")]
    height = min(_MOST_CARDS, max(len(cards) for _, cards in columns))
    rows = [[_card(cards, row) for _, cards in columns] for row in range(height)]
    screen.table([f"{title} ({len(cards)})" for title, cards in columns], rows or [["-"] * len(columns)])


def _card(cards: tuple[Card, ...], row: int) -> str:
    if row >= len(cards):
        return ""
    card = cards[row]
    if row == _MOST_CARDS - 1 and len(cards) > _MOST_CARDS:
        return f"... and {len(cards) - row} more"
    named = card.result_id or ("" if card.kind == "proactive" else card.id)  # the id of a task says what its title says
    return f"{card.title} ({named})" if named else card.title
