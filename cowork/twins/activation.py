"""From a persona template to a twin."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.text import did_you_mean, one_line
from cowork.formats.persona import PersonaTemplate
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.registry.skills import list_skills
from cowork.twins.store import roles
from cowork.twins.templates import load_template
from cowork.twins.twin import Activation, Twin, TwinTask, free_name

SHORTEST_INTERVAL, LONGEST_INTERVAL = 5, 240  # minutes; the specification's "5 min to 4 hours"
_LONGEST_NAME = 80


def activate(
    template_id: str,
    clock: Clock,
    *,
    display_name: str | None = None,
    interval: int | None = None,
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    dry_run: bool = False,
) -> tuple[Activation, tuple[Notice, ...]]:
    """Create a twin; several from one template are numbered. Missing skills are notices, never errors.

    Raises `persona.not_found`, `twin.bad_interval`, `twin.bad_name`, `twin.unknown_task`, policy and database errors.
    """
    template, mended = load_template(template_id)
    minutes = _interval(template, interval)
    action = Action("twin activate", what=template.id, heartbeat_s=minutes * 60)
    gate.require(action, dry_run=dry_run)
    twin = _twin(template, clock.now(), display_name, minutes, _tasks(template, enable, disable))
    notices = (*mended, *_missing_skills(template))
    [named] = [dataclasses.replace(twin, name=free_name(twin.name, roles.names()))] if dry_run else roles.add_numbered([twin])
    plan = (
        Step("create", named.name, f"twin of {template.id} {template.version}, waking every {minutes} minutes"),
        *(Step("enable", task.id, f"every {task.frequency_minutes} minutes") for task in named.tasks if task.enabled),
    )
    return Activation(named, dry_run, plan), notices


def _twin(
    template: PersonaTemplate, now: datetime, display_name: str | None, minutes: int, tasks: tuple[TwinTask, ...]
) -> Twin:
    anchor = rfc3339(now + timedelta(minutes=template.heartbeat.stagger_offset))
    return Twin(
        id=str(uuid.uuid4()),
        name=f"twin-{template.id}",
        display_name=_display_name(display_name, f"{template.name} Twin"),
        status="active",
        template_id=template.id,
        template_version=template.version,
        category=template.category,
        icon=template.icon,
        color=template.color,
        autonomy=template.role.autonomy_level,
        capabilities=tuple(template.role.capabilities),
        interval_minutes=minutes,
        stagger_minutes=template.heartbeat.stagger_offset,
        system_prompt=template.role.system_prompt,
        soul=_soul(template, tasks),
        tasks=tuple(dataclasses.replace(task, due_at=anchor) for task in tasks),
        created_at=rfc3339(now),
        updated_at=rfc3339(now),
        anchor_at=anchor,
    )


def _interval(template: PersonaTemplate, wanted: int | None) -> int:
    suggested = template.heartbeat.interval_minutes
    minutes = suggested if wanted is None else wanted
    if not SHORTEST_INTERVAL <= minutes <= LONGEST_INTERVAL:
        raise InvalidInput(
            "twin.bad_interval",
            f"a twin wakes every {SHORTEST_INTERVAL} to {LONGEST_INTERVAL} minutes, not every {minutes}",
            hint=f"for example --interval {min(max(suggested, SHORTEST_INTERVAL), LONGEST_INTERVAL)}",
            details={"interval": minutes},
        )
    return minutes


def _display_name(wanted: str | None, otherwise: str) -> str:
    if wanted is None:
        return otherwise
    name = " ".join(wanted.split())
    if not name or len(name) > _LONGEST_NAME or name != one_line(name, _LONGEST_NAME):
        raise InvalidInput(
            "twin.bad_name",
            f"a twin's name is 1 to {_LONGEST_NAME} visible characters",
            hint='for example --name "Backend Team Twin"',
        )
    return name


def _tasks(template: PersonaTemplate, enable: Sequence[str], disable: Sequence[str]) -> tuple[TwinTask, ...]:
    known = {task.id for task in template.cognitive_offload.proactive_tasks}
    for wanted in (*enable, *disable):
        if wanted not in known:
            hint = did_you_mean(wanted, known, f"its tasks: {', '.join(sorted(known))}")
            raise NotFound("twin.unknown_task", f"{template.id} has no task '{wanted}'", hint=hint, details={"task": wanted})
    both = sorted(set(enable) & set(disable))
    if both:
        raise InvalidInput("twin.unknown_task", f"task '{both[0]}' is both enabled and disabled", hint="name it once")
    return tuple(
        TwinTask(
            id=task.id,
            name=task.name,
            description=task.description,
            category=task.category,
            frequency_minutes=task.frequency_minutes,
            priority=task.priority,
            enabled=(task.enabled or task.id in enable) and task.id not in disable,
            evidence=tuple(task.evidence),
            prompt_template=task.prompt_template,
        )
        for task in sorted(template.cognitive_offload.proactive_tasks, key=lambda task: (task.priority, task.id))
    )


def _soul(template: PersonaTemplate, tasks: tuple[TwinTask, ...]) -> dict[str, object]:
    return {
        **template.role.soul,
        "personalityId": template.role.personality_id,
        "cognitiveOffload": {
            "primaryCategories": list(template.cognitive_offload.primary_categories),
            "proactiveTasks": [{"id": task.id, "enabled": task.enabled} for task in tasks],
        },
        "sourceTemplateId": template.id,
        "sourceTemplateVersion": template.version,
    }


def _missing_skills(template: PersonaTemplate) -> tuple[Notice, ...]:
    installed = {skill.id for skill in list_skills()[0].items}
    return tuple(
        Notice("twin.missing_skill", f"skill '{skill.skill_id}' is not installed: {one_line(skill.reason)}")
        for skill in template.skills
        if skill.skill_id not in installed
    )
