"""A twin and its tasks, as stored and as the `twin` verbs answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from cowork.core.plan import Step

Status = Literal["active", "paused", "inactive"]


@dataclass(frozen=True)
class TwinTask:
    """A proactive task of a twin. `frequency_minutes` is how often; lower `priority` goes first.

    `due_at` is the heartbeat at which it is done next, where it is enabled. `deliver`: further addresses for its results, with
    their secrets hidden.
    """

    id: str
    name: str
    description: str
    category: str
    frequency_minutes: int
    priority: int
    enabled: bool
    evidence: tuple[str, ...]
    prompt_template: str
    due_at: str | None = None
    last_run_at: str | None = None
    deliver: tuple[str, ...] = ()


@dataclass(frozen=True)
class Twin:
    """An activated persona. `soul` carries personality, cognitive offload and the template it came from.

    `anchor_at` is the heartbeat that all others are counted from: they are `interval_minutes` apart, however late one was.
    `template_digest` says what the template was like. An empty `provider` or `model` is the usual one, an empty `timezone`
    the machine's. `quiet_hours` is "22:00-07:00" or empty. `deliver` are addresses with their secrets hidden.
    """

    id: str
    name: str
    display_name: str
    status: str
    template_id: str
    template_version: str
    category: str
    icon: str
    color: str
    autonomy: str
    capabilities: tuple[str, ...]
    interval_minutes: int
    stagger_minutes: int
    system_prompt: str
    soul: dict[str, Any]
    tasks: tuple[TwinTask, ...]
    created_at: str
    updated_at: str
    anchor_at: str
    last_beat_at: str | None = None
    template_digest: str = ""
    provider: str = ""
    model: str = ""
    workspace: str = ""
    allow_rules: tuple[str, ...] = ()
    deny_rules: tuple[str, ...] = ()
    quiet_hours: str = ""
    timezone: str = ""
    deliver: tuple[str, ...] = ()


def free_name(base: str, taken: set[str]) -> str:
    """`base`, or the first of base-2, base-3, ... that is not taken."""
    number = 1
    while (name := numbered_name(base, number)) in taken:
        number += 1
    return name


def numbered_name(base: str, number: int) -> str:
    """The name of the first, second, ... twin that would be called `base`."""
    return base if number == 1 else f"{base}-{number}"


@dataclass(frozen=True)
class TwinItem:
    """A twin in a list; `tasks_enabled` of `tasks_total` tasks are on. It has a task or request to do at `next_due_at`.

    `open_requests` counts what people asked of it and it has not done yet.
    """

    name: str
    display_name: str
    status: str
    template_id: str
    category: str
    autonomy: str
    interval_minutes: int
    tasks_enabled: int
    tasks_total: int
    open_requests: int
    last_beat_at: str | None
    next_due_at: str | None
    created_at: str


@dataclass(frozen=True)
class TwinList:
    """Twins sorted by name; `total` is how many there are in all."""

    items: tuple[TwinItem, ...]
    count: int
    total: int


@dataclass(frozen=True)
class TwinPage(Twin):
    """A twin with how it stands.

    `next_beat_at` is its next heartbeat, `next_due_at` the one at which it has a task or request; None unless it is active.
    `open_requests` are waiting or worked on. `results_week` counts results of the last seven days, `results_total` all.
    """

    next_beat_at: str | None = None
    next_due_at: str | None = None
    open_requests: int = 0
    results_week: int = 0
    results_total: int = 0


@dataclass(frozen=True)
class TwinName:
    """Which twin: its name, what it is called, and the template it comes from."""

    name: str
    display_name: str
    template_id: str


@dataclass(frozen=True)
class Activation:
    """The activated twins, or with `dry_run` those that would be; the first of them in `twin`."""

    twin: Twin
    items: tuple[TwinName, ...]
    count: int
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class TwinChange:
    """A twin after a change; `changed` is False where it was like that before, `removed` when it is gone for good."""

    name: str
    display_name: str
    status: str
    changed: bool
    removed: bool = False


@dataclass(frozen=True)
class TwinsChanged:
    """The twins that were changed, or with `dry_run` would be, in the order they were named in."""

    items: tuple[TwinChange, ...]
    count: int
    dry_run: bool
    plan: tuple[Step, ...]
