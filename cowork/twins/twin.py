"""A twin and its tasks, as stored and as the `twin` verbs answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cowork.core.plan import Step


@dataclass(frozen=True)
class TwinTask:
    """A proactive task of a twin. `frequency_minutes` is how often; lower `priority` goes first."""

    id: str
    name: str
    description: str
    category: str
    frequency_minutes: int
    priority: int
    enabled: bool
    evidence: tuple[str, ...]
    prompt_template: str


@dataclass(frozen=True)
class Twin:
    """An activated persona. `soul` carries personality, cognitive offload and the template it came from."""

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


def free_name(base: str, taken: set[str]) -> str:
    """`base`, or the first of base-2, base-3, ... that is not taken."""
    number = 1
    while (name := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return name


@dataclass(frozen=True)
class TwinItem:
    """A twin in a list; `tasks_enabled` of `tasks_total` tasks are on."""

    name: str
    display_name: str
    status: str
    template_id: str
    autonomy: str
    interval_minutes: int
    tasks_enabled: int
    tasks_total: int
    created_at: str


@dataclass(frozen=True)
class TwinList:
    """Twins sorted by name."""

    items: tuple[TwinItem, ...]
    count: int


@dataclass(frozen=True)
class Activation:
    """An activated twin, or with `dry_run` the twin that would be."""

    twin: Twin
    dry_run: bool
    plan: tuple[Step, ...]
