"""Telling a twin what to remember, and making it forget."""

from __future__ import annotations

from collections.abc import Sequence

from cowork.core.clock import Clock, millis, rfc3339
from cowork.core.plan import Step
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins.directory import find_twin
from cowork.twins.memory import LONGEST_TEXT, SAID, Forgotten, Memory, MemoryKind, Remembered
from cowork.twins.store import memories
from cowork.twins.store.opening import changing, reading, writing
from cowork.twins.told import Told


def remember(name: str, text: str, clock: Clock, *, kind: MemoryKind = "note", dry_run: bool) -> Remembered:
    """Let a twin remember a line of text; what it knows already is kept as it is.

    Raises `twin.not_found`, `twin.ambiguous`, `memory.*`, policy and database errors.
    """
    twin = find_twin(name)
    line = Told("memory").line(text, LONGEST_TEXT, "what it is to remember")
    gate.require(Action("twin remember", what=twin.name), dry_run=dry_run)
    now = clock.now()
    with changing(dry_run=dry_run) as connection:
        known = memories.same(connection, twin.id, kind, line) if connection else None
        if known:
            memory = known
        elif dry_run or connection is None:
            memory = Memory("", twin.name, kind, line, SAID, rfc3339(now))
        else:
            memory = memories.add(connection, twin.id, kind, line, SAID, millis(now))
    step = Step("keep", memory.twin, "it knows that already") if known else Step("remember", memory.twin, f"{kind}: {line}")
    return Remembered(memory, known is None, dry_run, (step,))


def forget(wanted: Sequence[str], *, dry_run: bool) -> Forgotten:
    """Make twins forget memories by their ids, all or none.

    Raises `memory.not_found`, `memory.ambiguous`, policy and database errors.
    """
    with reading() as connection:
        items = list(dict.fromkeys(memories.found(connection, name) for name in wanted))
    gate.require(Action("twin forget", what=", ".join(item.id for item in items), removes=True), dry_run=dry_run)
    if not dry_run:
        with writing() as connection:
            memories.remove(connection, items)
    plan = tuple(Step("forget", f"memory.{item.id}", f"{item.twin}: {item.text}") for item in items)
    return Forgotten(tuple(items), len(items), dry_run, plan)
