"""What was done to twins, for a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cowork.core.plan import Step
from cowork.core.text import counted
from cowork.render.screen import Screen

if TYPE_CHECKING:
    from cowork.twins.keeping import BackedUp, Restored
    from cowork.twins.moving import TwinsExported, TwinsImported
    from cowork.twins.pruning import Pruned
    from cowork.twins.twin import TwinsChanged

_MOST_STEPS = 100


def changed(data: TwinsChanged, screen: Screen) -> None:
    """What is different now, or would be."""
    number = sum(item.changed for item in data.items)
    which = data.items[0].name if data.count == 1 else f"{number} of {counted(data.count, 'twin')}"
    removed = bool(data.items) and all(item.removed for item in data.items)
    said = "remove" if removed else "change"
    said = f"would {said}" if data.dry_run else f"{said}d"
    screen.title(f"{said} {which}" if number else f"nothing to change: {which}")
    _steps(data.plan, screen)


def exported(data: TwinsExported, screen: Screen) -> None:
    """The document itself, or where it was written."""
    if data.path is None and not data.dry_run:
        screen.raw(json.dumps(data.document, indent=2))
        return
    screen.title(f"{'would write' if data.dry_run else 'wrote'} {counted(data.count, 'twin')}", data.path or "")


def imported(data: TwinsImported, screen: Screen) -> None:
    """The twins that came in, or would."""
    screen.title(f"{'would create' if data.dry_run else 'created'} {counted(data.count, 'twin')}", data.path)
    _steps(data.plan, screen)


def backed_up(data: BackedUp, screen: Screen) -> None:
    """Where the copy is."""
    screen.title("would copy" if data.dry_run else "copied", data.path)
    _counts(data, screen)


def restored(data: Restored, screen: Screen) -> None:
    """What was put back, and where the former state is."""
    screen.title("would restore" if data.dry_run else "restored", data.path)
    _counts(data, screen)
    screen.facts({"kept": data.kept})


def pruned(data: Pruned, screen: Screen) -> None:
    """What went, or would, and what is kept."""
    screen.title("would let go" if data.dry_run else "let go", f"{data.count} rows")
    _steps(data.plan, screen)
    screen.facts({"results are kept since": data.results_since_at or "ever", "size of the database": f"{data.size:,} bytes"})


def _counts(data: BackedUp | Restored, screen: Screen) -> None:
    screen.facts({"twins": data.twins, "tasks": data.tasks, "results": data.results, "schema version": data.version})


def _steps(plan: Sequence[Step], screen: Screen) -> None:
    screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in plan[:_MOST_STEPS]])
    if len(plan) > _MOST_STEPS:
        screen.text(f"and {counted(len(plan) - _MOST_STEPS, 'more step')}")
