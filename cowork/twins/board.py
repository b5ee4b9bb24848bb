"""The work of twins at a glance: what waits, what is under way, what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from cowork.core.clock import Clock, from_millis, millis
from cowork.twins.cards import Board, Card, TaskList, TwinBoard
from cowork.twins.directory import find_twins
from cowork.twins.store import boards
from cowork.twins.store.boards import Asked, Ended, OwnTask, Who
from cowork.twins.store.opening import reading

MOST_TWINS, MOST_TASKS = 50, 200
HOUR_MS = 3_600_000


def board(names: Sequence[str], clock: Clock, *, hours: int = 24, limit: int = MOST_TWINS) -> Board:
    """The boards of these twins, or of all that are not inactive, at most `limit`. Raises `twin.not_found`, `database.*`."""
    ids = _ids(names)
    now = millis(clock.now())
    with reading() as connection:
        if connection is None:
            return Board((), 0, 0)
        twins, total = boards.who(connection, ids, limit)
        shown = [twin.id for twin in twins]
        own, asked = _by_twin(boards.own_tasks(connection, shown)), _by_twin(boards.asked(connection, shown))
        ended = _by_twin(boards.ended(connection, shown, now - hours * HOUR_MS))
        under_way = boards.under_way(connection, shown, now)
    items = tuple(_board(twin, own[twin.id], asked[twin.id], ended[twin.id], under_way.get(twin.id)) for twin in twins)
    return Board(items, len(items), total)


def tasks(names: Sequence[str], *, everything: bool = False, limit: int = MOST_TASKS) -> TaskList:
    """What these twins, or all that are not inactive, have to do; with `everything` also what is over or turned off.

    Raises `twin.not_found`, `database.*`.
    """
    ids = _ids(names)
    with reading() as connection:
        items, total = boards.tasks(connection, ids, limit, everything=everything) if connection else ((), 0)
    return TaskList(items, len(items), total)


def _ids(names: Sequence[str]) -> list[str]:
    return [twin.id for twin in find_twins(names)] if names else []


class _Owned(Protocol):
    @property
    def twin_id(self) -> str: ...


_Row = TypeVar("_Row", bound=_Owned)


def _by_twin(rows: Iterable[_Row]) -> defaultdict[str, list[_Row]]:
    found: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.twin_id].append(row)
    return found


def _board(
    twin: Who, own: Sequence[OwnTask], asked: Sequence[Asked], ended: Sequence[Ended], under_way: dict[str, int] | None
) -> TwinBoard:
    """What a process is at that is gone waits for another: then `under_way` is None."""
    began = under_way or {}
    begun = [item for item in asked if item.status == "working" and under_way is not None]
    working = [Card(task.id, task.name, "proactive", None, from_millis(began[task.id]), "") for task in own if task.id in began]
    scheduled = [
        Card(task.id, task.name, "proactive", None, from_millis(task.due_ms) if twin.status == "active" else None, "")
        for task in own
        if task.enabled and task.id not in began
    ]
    over = [Card(item.task_id, item.title, item.kind, None, from_millis(item.created_ms), item.id) for item in ended]
    failed = {item.id for item in ended if item.status == "failed"}
    return TwinBoard(
        twin=twin.name,
        display_name=twin.display_name,
        status=twin.status,
        scheduled=tuple(scheduled),
        open=tuple(_card(item, _attended(twin, item)) for item in asked if item not in begun),
        working=(*working, *(_card(item, item.updated_ms) for item in begun)),
        done=tuple(card for card in over if card.result_id not in failed),
        failed=tuple(card for card in over if card.result_id in failed),
    )


def _attended(twin: Who, item: Asked) -> int | None:
    """When it is to be done, or else attended to."""
    return item.due_ms if item.due_ms is not None else item.wake_ms if twin.status == "active" else None


def _card(item: Asked, at: int | None) -> Card:
    return Card(item.id, item.title, item.kind, item.priority, None if at is None else from_millis(at), "")
