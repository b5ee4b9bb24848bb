"""What twins remember, and what they all know, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.core.text import one_line
from cowork.render.screen import Screen

if TYPE_CHECKING:
    from cowork.twins.facts import FactAdded, FactList, FactsImported, FactsRemoved
    from cowork.twins.memory import Feedback, Forgotten, MemoryList, Recalled, Remembered

_MOST_STEPS = 20


def judged(data: Feedback, screen: Screen) -> None:
    """A verdict, and what is learned from it."""
    screen.title(one_line(data.title, 80), f"{data.result_id} · {data.twin}")
    changed(data, screen)


def remembered(data: Remembered, screen: Screen) -> None:
    """A memory with its id."""
    changed(data, screen)
    if data.memory.id:
        screen.text(f"its id is {data.memory.id}", style="dim")


def changed(data: Feedback | Remembered | Forgotten | FactAdded | FactsImported | FactsRemoved, screen: Screen) -> None:
    """What was done, or would be."""
    for step in data.plan[:_MOST_STEPS]:
        screen.text(f"{'would ' if data.dry_run else ''}{step.action} {step.target}: {step.detail}".rstrip(": "))
    if len(data.plan) > _MOST_STEPS:
        screen.text(f"and {len(data.plan) - _MOST_STEPS:,} more", style="dim")


def listing(data: MemoryList, screen: Screen) -> None:
    """What a twin remembers, and what it would be told."""
    if not data.total:
        screen.text(f'{data.twin} remembers nothing yet; tell it with: cowork twin remember {data.twin} "TEXT"')
    elif not data.items:
        screen.text(f"nothing of what {data.twin} remembers holds: {data.search}")
    else:
        rows = [(item.id, item.kind, item.created_at[:10], item.source, item.text) for item in data.items]
        screen.table(("MEMORY", "KIND", "SINCE", "FROM", "TEXT"), rows)
    _shown(data.shown, screen)


def facts(data: FactList, screen: Screen) -> None:
    """A table of facts."""
    if not data.items:
        text = f"no fact is about: {data.about}" if data.total else "no facts yet"
        screen.text(f"{text}; add one with: cowork twin facts add SUBJECT RELATION OBJECT")
        return
    rows = [(item.id, item.subject, item.relation, item.object) for item in data.items]
    screen.table(("FACT", "SUBJECT", "RELATION", "OBJECT"), rows)


def _shown(data: Recalled, screen: Screen) -> None:
    left_out = f", {data.left_out} left out" if data.left_out else ""
    screen.section(f"What a model would be told now: about {data.tokens} of {data.budget_tokens} tokens{left_out}")
    screen.text(data.text or "nothing", style="" if data.text else "dim")
