"""Persona templates, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.render.screen import Screen

if TYPE_CHECKING:
    from cowork.twins.template_pages import PersonaCategories, PersonaList, PersonaPreview

_SOUL = {
    "role": "role",
    "personality": "character",
    "communicationStyle": "style",
    "focusAreas": "looks at",
    "strengths": "is good at",
}


def listing(data: PersonaList, screen: Screen) -> None:
    """A table of templates."""
    if not data.items:
        screen.text("no template fits; list them all with: cowork twin templates")
        return
    rows = [
        (
            item.id,
            item.category,
            item.autonomy,
            f"{item.interval_minutes} min",
            f"{item.tasks_enabled}/{item.tasks_total}",
            item.scope,
            item.description,
        )
        for item in data.items
    ]
    screen.table(("PERSONA", "CATEGORY", "AUTONOMY", "WAKES EVERY", "TASKS", "SCOPE", "WHAT IT DOES"), rows)


def categories(data: PersonaCategories, screen: Screen) -> None:
    """A table of categories."""
    screen.table(("CATEGORY", "PERSONAS"), [(item.name, item.count) for item in data.items])


def preview(data: PersonaPreview, screen: Screen) -> None:
    """The twin that would be made."""
    screen.title(f"{data.icon} {data.display_name}", f"would be {data.twin} · {data.id} {data.version}")
    screen.text(data.description)
    screen.blank()
    wakes = f"{data.interval_minutes} minutes, first after {data.stagger_minutes}"
    screen.facts(
        {
            "category": data.category,
            "autonomy": data.autonomy,
            "wakes every": wakes if data.heartbeat_enabled else f"{wakes} (the template leaves the heartbeat off)",
            "capabilities": data.capabilities,
            "takes over": data.offload,
            "personality": data.personality,
            **{label: data.soul.get(key) for key, label in _SOUL.items()},
            "from": f"{data.scope}: {data.path}",
            "linked by": data.packs,
            "hides": data.hides,
        }
    )
    _tasks(data, screen)
    if data.skills:
        screen.section("Recommended skills")
        rows = [("here" if skill.installed else "missing", skill.id, skill.reason) for skill in data.skills]
        screen.table(("", "SKILL", "WHY"), rows)
    if data.system_prompt:
        screen.section("System prompt")
        screen.text(data.system_prompt)


def _tasks(data: PersonaPreview, screen: Screen) -> None:
    screen.section("Proactive tasks")
    if not data.tasks:
        screen.text("none: it works when it is asked")
        return
    rows = [
        (
            "on" if task.enabled else "off",
            task.id,
            task.priority,
            f"{task.frequency_minutes} min",
            task.evidence,
            task.description,
        )
        for task in data.tasks
    ]
    screen.table(("", "TASK", "PRIORITY", "EVERY", "EVIDENCE", "WHAT IT DOES"), rows)
    for task in data.tasks:
        if task.prompt:
            screen.section(task.name)
            screen.text(task.prompt)
