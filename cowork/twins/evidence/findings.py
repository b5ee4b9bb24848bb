"""What a collector finds, and the evidence that is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["ok", "partial", "unavailable"]

ANOTHER_WORKSPACE = "name another --workspace"
"""How hints say that it is the wrong directory; for a twin it is said differently."""


@dataclass(frozen=True)
class Fact:
    """One fact as a collector gives it: a line for people and models, and the same as data."""

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """What a collector gives. `summary` is one line with the figures that matter; `facts` are the most urgent first.

    `total` is how many facts there were before a bound cut them, None when all are here. `left_out` says what was not looked
    at and why ("3 files larger than 1 MiB"), empty when nothing was: it makes the evidence partial.
    """

    summary: str
    facts: tuple[Fact, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    total: int | None = None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """A fact with the id that claims refer to, `todo-comments.3`. Number 0 is the summary of its collector."""

    id: str
    text: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What a collector found in a workspace.

    `unavailable`: it could not run, for `reason`; `partial`: `reason` is what it left out.

    `items_total` counts what there was before a bound cut it. `commit` is the HEAD it was collected at, None outside git.
    `cached`: nothing had changed since `collected_at`.
    """

    collector: str
    status: Status
    summary: str
    reason: str
    hint: str
    figures: dict[str, Any]
    items: tuple[Item, ...]
    items_total: int
    commit: str | None
    collected_at: str
    seconds: float
    cached: bool


class CannotCollect(Exception):
    """A collector cannot run here, for a reason that is told, with the cheapest way to make it run as `hint`."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
