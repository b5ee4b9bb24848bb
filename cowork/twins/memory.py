"""What a twin remembers, as stored and as the verbs answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cowork.core.plan import Step

MemoryKind = Literal["correction", "preference", "note"]
KINDS: tuple[MemoryKind, ...] = ("correction", "preference", "note")
"""What was wrong, how it is wanted, what else there is to know: in the order in which they are recalled."""

Verdict = Literal["good", "bad"]
SAID = "remember"
"""The source of what somebody told a twin; other sources are `feedback RESULT`."""

LONGEST_TEXT = 1000
MOST_MEMORIES = 1000
"""Characters of a memory, and memories of a twin."""


@dataclass(frozen=True)
class Memory:
    """Something a twin remembers: a line of text. Claims cite it as `memory.<id>`.

    `source` is `remember`, or `feedback RESULT` for what it learned from the verdict on a result.
    """

    id: str
    twin: str
    kind: MemoryKind
    text: str
    source: str
    created_at: str


@dataclass(frozen=True)
class RecalledItem:
    """A memory or a fact as a prompt shows it; `id` is what claims cite: `memory.<id>` or `fact.<id>`. `kind` is a memory's
    kind, or fact.
    """

    id: str
    kind: str
    text: str


@dataclass(frozen=True)
class Recalled:
    """What a twin is told of what it knows. `text` is for the inside of a prompt's fence: a line for each item, which begins
    with its id; it is data, and empty when there is nothing.

    `tokens` of `budget_tokens`, estimated. `left_out` counts what had no room.
    """

    items: tuple[RecalledItem, ...]
    text: str
    tokens: int
    budget_tokens: int
    left_out: int


@dataclass(frozen=True)
class MemoryList:
    """What a twin remembers, newest first; or what was found, best first. `total` is how much it remembers.

    `shown` is what it would be told now, for its open requests and enabled tasks. At a heartbeat it is chosen for what is due,
    and for the evidence.
    """

    twin: str
    search: str | None
    items: tuple[Memory, ...]
    count: int
    total: int
    shown: Recalled


@dataclass(frozen=True)
class Remembered:
    """A memory, as kept or as it would be. `added`: it was not known before."""

    memory: Memory
    added: bool
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class Forgotten:
    """The memories that are gone, or would be."""

    items: tuple[Memory, ...]
    count: int
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class Feedback:
    """The verdict on a result, None once it was taken back. `before` is the one it had; `memory` is what the twin learned."""

    result_id: str
    twin: str
    title: str
    verdict: Verdict | None
    why: str
    before: Verdict | None
    memory: Memory | None
    dry_run: bool
    plan: tuple[Step, ...]
