"""What a persona template makes of a twin, and what of it the twin keeps so that a later template can be told from edits."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cowork.core.clock import rfc3339
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.paths import project_dir
from cowork.core.text import did_you_mean, one_line
from cowork.formats.persona import PersonaTemplate
from cowork.twins import values
from cowork.twins.addresses import shown
from cowork.twins.twin import Twin, TwinTask
from cowork.twins.wanted import Wanted

VALUES = "sourceTemplateValues"
"""Where a soul keeps what the template said of the things that people may change."""


def twin_of(template: PersonaTemplate, wanted: Wanted, now: datetime) -> Twin:
    """The twin that a template makes as it is wanted, under the name of the first. Raises `twin.*` and `provider.*`."""
    anchor = rfc3339(now + timedelta(minutes=template.heartbeat.stagger_offset))
    tasks = _tasks(template, wanted, anchor)
    return Twin(
        id=str(uuid.uuid4()),
        name=f"twin-{template.id}",
        display_name=usual_name(template) if wanted.display_name is None else values.display_name(wanted.display_name),
        status="active",
        template_id=template.id,
        template_version=template.version,
        category=template.category,
        icon=template.icon,
        color=template.color,
        autonomy=template.role.autonomy_level if wanted.autonomy is None else values.autonomy(wanted.autonomy),
        capabilities=tuple(template.role.capabilities),
        interval_minutes=interval_of(template, wanted),
        stagger_minutes=template.heartbeat.stagger_offset,
        system_prompt=template.role.system_prompt,
        soul=soul_of(template, tasks),
        tasks=tasks,
        created_at=rfc3339(now),
        updated_at=rfc3339(now),
        anchor_at=anchor,
        template_digest=digest(template),
        provider="" if wanted.provider is None else values.provider(values.said(wanted.provider, "a provider")),
        model="" if wanted.model is None else values.model(values.said(wanted.model, "a model")),
        workspace=_workspace(wanted),
        allow_rules=values.rules(wanted.allow),
        deny_rules=values.rules(wanted.deny),
        quiet_hours=values.quiet_hours(wanted.quiet_hours),
        timezone=values.timezone(wanted.timezone),
        deliver=tuple(shown(url) for url in wanted.deliver),
    )


def copies_of(twin: Twin, count: int) -> list[Twin]:
    """So many twins alike, the second called "... 2" and so on. Raises `twin.bad_name`."""
    values.display_name(twin.display_name if count == 1 else f"{twin.display_name} {count}")
    more = [
        dataclasses.replace(twin, id=str(uuid.uuid4()), display_name=f"{twin.display_name} {number}")
        for number in range(2, count + 1)
    ]
    return [twin, *more]


def interval_of(template: PersonaTemplate, wanted: Wanted) -> int:
    """Minutes between heartbeats. Raises `twin.bad_interval`."""
    suggested = template.heartbeat.interval_minutes
    return values.interval(suggested if wanted.interval is None else wanted.interval, suggested)


def usual_name(template: PersonaTemplate) -> str:
    """What a twin of the template is called unless somebody says otherwise."""
    return f"{template.name} Twin"


def digest(template: PersonaTemplate) -> str:
    """What tells one state of a template from another: SHA-256 of its JSON with sorted keys."""
    return _hash(json.dumps(template.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":")))


def known_tasks(ids: Iterable[str], wanted: Iterable[str], owner: str) -> None:
    """Refuse tasks that a template or twin does not have. Raises `twin.unknown_task` with a suggestion."""
    known = set(ids)
    for task_id in wanted:
        if task_id not in known:
            hint = did_you_mean(task_id, known, f"its tasks: {', '.join(sorted(known)) or 'none'}")
            text = f"{owner} has no task '{one_line(task_id, 60)}'"
            raise NotFound("twin.unknown_task", text, hint=hint, details={"task": task_id})


def not_both(enable: Iterable[str], disable: Iterable[str]) -> None:
    """Refuse tasks that are to be on and off. Raises `twin.unknown_task`."""
    both = sorted(set(enable) & set(disable))
    if both:
        raise InvalidInput("twin.unknown_task", f"task '{both[0]}' is both enabled and disabled", hint="name it once")


def _tasks(template: PersonaTemplate, wanted: Wanted, anchor: str) -> tuple[TwinTask, ...]:
    every, told = dict(wanted.every), dict[str, tuple[str, ...]]()
    for task_id, url in wanted.deliver_tasks:
        told[task_id] = (*told.get(task_id, ()), shown(url))
    named = (*wanted.enable, *wanted.disable, *every, *told)
    known_tasks((task.id for task in template.cognitive_offload.proactive_tasks), named, template.id)
    not_both(wanted.enable, wanted.disable)
    return tuple(
        dataclasses.replace(
            task,
            enabled=(task.enabled or task.id in wanted.enable) and task.id not in wanted.disable,
            frequency_minutes=values.frequency(every[task.id]) if task.id in every else task.frequency_minutes,
            due_at=anchor,
            deliver=told.get(task.id, ()),
        )
        for task in tasks_of(template)
    )


def tasks_of(template: PersonaTemplate) -> tuple[TwinTask, ...]:
    """The tasks of a template, most urgent first."""
    return tuple(
        TwinTask(
            id=task.id,
            name=task.name,
            description=task.description,
            category=task.category,
            frequency_minutes=task.frequency_minutes,
            priority=task.priority,
            enabled=task.enabled,
            evidence=tuple(task.evidence),
            prompt_template=task.prompt_template,
        )
        for task in sorted(template.cognitive_offload.proactive_tasks, key=lambda task: (task.priority, task.id))
    )


def soul_of(template: PersonaTemplate, tasks: Iterable[TwinTask]) -> dict[str, Any]:
    """The soul of a twin with these tasks: personality, what it takes over, recommended skills, and where it comes from."""
    return {
        **template.role.soul,
        "personalityId": template.role.personality_id,
        "cognitiveOffload": {
            "primaryCategories": list(template.cognitive_offload.primary_categories),
            "proactiveTasks": [{"id": task.id, "enabled": task.enabled} for task in tasks],
        },
        "recommendedSkills": [
            {"skillId": skill.skill_id, "reason": skill.reason, "required": skill.required} for skill in template.skills
        ],
        "sourceTemplateId": template.id,
        "sourceTemplateVersion": template.version,
        VALUES: values_of(template),
    }


def with_tasks(soul: dict[str, Any], tasks: Iterable[TwinTask]) -> dict[str, Any]:
    """A soul that says which of its tasks are on."""
    offload = soul.get("cognitiveOffload")
    told = [{"id": task.id, "enabled": task.enabled} for task in tasks]
    return {**soul, "cognitiveOffload": {**(offload if isinstance(offload, dict) else {}), "proactiveTasks": told}}


def values_of(template: PersonaTemplate) -> dict[str, Any]:
    """What a template says of the things that people may change; of the prompt its digest."""
    return {
        "displayName": usual_name(template),
        "intervalMinutes": template.heartbeat.interval_minutes,
        "autonomyLevel": template.role.autonomy_level,
        "capabilities": list(template.role.capabilities),
        "systemPrompt": prompt_digest(template.role.system_prompt),
        "tasks": {
            task.id: {"frequencyMinutes": task.frequency_minutes, "priority": task.priority, "enabled": task.enabled}
            for task in template.cognitive_offload.proactive_tasks
        },
    }


def prompt_digest(prompt: str) -> str:
    """What tells one prompt from another."""
    return _hash(prompt)[:16]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _workspace(wanted: Wanted) -> str:
    if wanted.workspace is None:
        return str(project_dir())
    return values.workspace(wanted.workspace, wanted.base or Path.cwd())
