"""Twins made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cowork.twins.store import opening, roles
from cowork.twins.twin import Twin, TwinTask


def task(task_id: str, priority: int = 1, **changes: Any) -> TwinTask:
    fields: dict[str, Any] = {
        "id": task_id,
        "name": task_id.title(),
        "description": "",
        "category": "documentation",
        "frequency_minutes": 60,
        "priority": priority,
        "enabled": True,
        "evidence": ("git-activity", "todo-comments"),
        "prompt_template": "Look.\n'quoted' -- {{x}}",
        "due_at": "2026-01-31T08:10:00.000Z",
    }
    return TwinTask(**{**fields, **changes})


def twin(name: str = "twin-a", **changes: Any) -> Twin:
    fields: dict[str, Any] = {
        "id": f"id-of-{name}",
        "name": name,
        "display_name": "Ä 👨\u200d💻 'twin'; DROP TABLE agent_roles",
        "status": "active",
        "template_id": "tester",
        "template_version": "1.0.0",
        "category": "engineering",
        "icon": "🧪",
        "color": "#2563eb",
        "autonomy": "specialist",
        "capabilities": ("test", "review"),
        "interval_minutes": 30,
        "stagger_minutes": 5,
        "system_prompt": "You test.\n" * 100,
        "soul": {"name": "T", "deep": {"list": [1, 2.5, None, True, "ü"]}},
        "tasks": (task("one"), task("two", 2, enabled=False, evidence=())),
        "created_at": "2026-01-31T08:05:00.000Z",
        "updated_at": "2026-01-31T08:05:00.000Z",
        "anchor_at": "2026-01-31T08:10:00.000Z",
    }
    return Twin(**{**fields, **changes})


def add_numbered(given: Sequence[Twin]) -> list[Twin]:
    """Twins stored under names that are free, as activation does."""
    with opening.writing() as connection:
        return roles.add_numbered_in(connection, given)
