"""Bringing twins up to their template: what the template says is taken over, what somebody edited stays.

A value counts as edited where it is not the one that the template had when the twin was made or upgraded last, which its soul
keeps. Texts and prompts of tasks cannot be edited, and are taken over.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from cowork.core.clock import Clock, millis, rfc3339
from cowork.core.errors import NotFound
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.formats.persona import PersonaTemplate
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins import blueprint, changing, directory, schedule
from cowork.twins.differences import differences
from cowork.twins.store import roles
from cowork.twins.templates import find_template
from cowork.twins.twin import Twin, TwinsChanged, TwinTask
from cowork.twins.values import LONGEST_INTERVAL, SHORTEST_INTERVAL

Find = Callable[[str], PersonaTemplate | None]


def upgrade(names: Sequence[str] | None, clock: Clock, *, dry_run: bool) -> tuple[TwinsChanged, tuple[Notice, ...]]:
    """Bring the twins with these names, or all, up to their templates; all of them or none.

    Of all twins, those whose template is gone are left as they are, with a notice. Raises `twin.not_found`,
    `twin.ambiguous`, `twin.no_template`, `persona.*`, policy and database errors.
    """
    now, notices = clock.now(), dict[Notice, None]()

    @cache
    def found(template_id: str) -> PersonaTemplate | None:
        try:
            return find_template(template_id)
        except NotFound:
            text = f"the template '{one_line(template_id, 60)}' is gone"
            if names is not None:
                hint = "its twins work on as they are; see: cowork twin templates"
                raise NotFound("twin.no_template", text, hint=hint, details={"persona": template_id}) from None
            notices[Notice("twin.no_template", f"{text}; its twins stay as they are")] = None
            return None

    def upgraded(twin: Twin) -> Twin:
        template = found(twin.template_id)
        if template is None or (template.version, blueprint.digest(template)) == (twin.template_version, twin.template_digest):
            return twin
        return dataclasses.replace(_upgraded(twin, template, millis(now)), updated_at=rfc3339(now))

    def decide(twin: Twin, _addresses: object) -> changing.Change:
        after = upgraded(twin)
        if after is not twin:
            return changing.Change(after, _plan(twin, after))
        return changing.Change(twin, ()) if found(twin.template_id) else changing.Change(twin, (), why="its template is gone")

    planned = [upgraded(twin) for twin in (roles.twins() if names is None else directory.find_twins(names))]
    beats = [twin.interval_minutes * 60 for twin in planned if twin.status == "active"]
    what = one_line(", ".join(names)) if names is not None else "all"
    gate.require(Action("twin upgrade", what=what, heartbeat_s=min(beats, default=None)), dry_run=dry_run)
    return changing.change(names, decide, dry_run=dry_run), tuple(notices)


def _upgraded(twin: Twin, template: PersonaTemplate, now: int) -> Twin:
    held = twin.soul.get(blueprint.VALUES)
    before: dict[str, Any] = held if isinstance(held, dict) else {}
    prompt, capabilities = template.role.system_prompt, tuple(template.role.capabilities)
    unedited = before.get("systemPrompt", blueprint.prompt_digest(twin.system_prompt))
    interval = _kept(before, "intervalMinutes", twin.interval_minutes, template.heartbeat.interval_minutes)
    after = dataclasses.replace(
        twin,
        display_name=_display_name(twin.display_name, before.get("displayName"), blueprint.usual_name(template)),
        template_version=template.version,
        template_digest=blueprint.digest(template),
        category=template.category,
        icon=template.icon,
        color=template.color,
        autonomy=_kept(before, "autonomyLevel", twin.autonomy, template.role.autonomy_level),
        capabilities=capabilities if before.get("capabilities") == list(twin.capabilities) else twin.capabilities,
        interval_minutes=interval if SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL else twin.interval_minutes,
        stagger_minutes=template.heartbeat.stagger_offset,
        system_prompt=prompt if unedited == blueprint.prompt_digest(twin.system_prompt) else twin.system_prompt,
    )
    recorded = before.get("tasks")
    values = recorded if isinstance(recorded, dict) else {}
    old = {task.id: task for task in twin.tasks}
    tasks = [_task(twin, after, old.get(task.id), task, values.get(task.id), now) for task in blueprint.tasks_of(template)]
    tasks.sort(key=lambda task: (task.priority, task.id))
    return dataclasses.replace(after, tasks=tuple(tasks), soul=blueprint.soul_of(template, tasks))


def _task(before: Twin, after: Twin, old: TwinTask | None, new: TwinTask, recorded: Any, now: int) -> TwinTask:
    if old is None:
        return schedule.at_next_beat(after, new, now)
    values = recorded if isinstance(recorded, dict) else {}
    task = dataclasses.replace(
        new,
        frequency_minutes=_kept(values, "frequencyMinutes", old.frequency_minutes, new.frequency_minutes),
        priority=_kept(values, "priority", old.priority, new.priority),
        enabled=_kept(values, "enabled", old.enabled, new.enabled),
        due_at=old.due_at,
        last_run_at=old.last_run_at,
        deliver=old.deliver,
    )
    if task.enabled and not old.enabled:
        return schedule.at_next_beat(after, task, now)
    moved = before.interval_minutes != after.interval_minutes or old.frequency_minutes != task.frequency_minutes
    return schedule.fitted(after, task, now) if moved and task.enabled else task


def _kept(before: dict[str, Any], key: str, present: Any, new: Any) -> Any:
    """The template's new value where the present one was its former one, else the present one."""
    return new if key in before and before[key] == present else present


def _display_name(present: str, former: object, new: str) -> str:
    """The name as the template has it now, with the number that it has, unless somebody gave it another."""
    found = re.fullmatch(rf"{re.escape(former)}( \d+)?", present) if isinstance(former, str) else None
    return f"{new}{found[1] or ''}" if found else present


def _plan(before: Twin, after: Twin) -> tuple[Step, ...]:
    same = before.template_version == after.template_version
    versions = (
        f"{after.template_version}, which was changed" if same else f"{before.template_version} -> {after.template_version}"
    )
    return (Step("upgrade", before.name, f"{before.template_id} {one_line(versions, 80)}"), *differences(before, after))
