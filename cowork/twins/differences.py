"""What is different between a twin as it is and as it is to be, in steps for a person."""

from __future__ import annotations

from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.twins.heartbeat import how_often
from cowork.twins.twin import Twin, TwinTask


def differences(before: Twin, after: Twin) -> list[Step]:
    """What is different, as steps: old -> new."""
    kept, steps = {task.id: task for task in before.tasks}, list[Step]()
    present = {task.id for task in after.tasks}
    for field, word in _WORDS.items():
        steps += _difference(before.name, word, getattr(before, field), getattr(after, field))
    if before.system_prompt != after.system_prompt:
        steps.append(_lengths(before.name, "system prompt", before.system_prompt, after.system_prompt))
    steps += [Step("remove", f"{before.name}: {old}", "the template has it no more") for old in kept if old not in present]
    for task in after.tasks:
        old = kept.get(task.id)
        if old is None:
            what = how_often(task.frequency_minutes, after.interval_minutes) if task.enabled else "it is off"
            steps.append(Step("add", f"{before.name}: {task.id}", what))
        else:
            target = f"{before.name}: {task.id}"
            steps += _texts(target, old, task)
            steps += _difference(target, "on", old.enabled, task.enabled)
            steps += _frequency(target, old, task, after.interval_minutes)
            steps += _difference(target, "priority", old.priority, task.priority)
            if task.enabled and old.due_at != task.due_at:
                steps += _difference(target, "due", old.due_at, task.due_at)
    return steps


_WORDS = {
    "display_name": "name",
    "status": "status",
    "interval_minutes": "minutes between heartbeats",
    "provider": "provider",
    "model": "model",
    "workspace": "workspace",
    "quiet_hours": "quiet hours",
    "timezone": "time zone",
    "autonomy": "autonomy",
    "capabilities": "capabilities",
    "allow_rules": "allowed",
    "deny_rules": "denied",
}


def _difference(target: str, word: str, old: object, new: object) -> list[Step]:
    return [] if old == new else [Step("set", f"{target}: {word}", f"{_told(old)} -> {_told(new)}")]


def _frequency(target: str, old: TwinTask, new: TwinTask, interval_minutes: int) -> list[Step]:
    steps = _difference(target, "minutes between runs", old.frequency_minutes, new.frequency_minutes)
    if new.frequency_minutes >= interval_minutes:
        return steps
    real = how_often(new.frequency_minutes, interval_minutes)
    return [Step(step.action, step.target, f"{step.detail} ({real})") for step in steps]


def _told(value: object) -> str:
    if isinstance(value, tuple):
        return one_line(", ".join(value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return one_line(str(value)) if value not in ("", None) else "none"


def _texts(target: str, old: TwinTask, new: TwinTask) -> list[Step]:
    steps = _difference(target, "name", old.name, new.name) + _difference(target, "evidence", old.evidence, new.evidence)
    if old.prompt_template != new.prompt_template:
        steps.append(_lengths(target, "prompt", old.prompt_template, new.prompt_template))
    return steps


def _lengths(target: str, what: str, old: str, new: str) -> Step:
    return Step("set", f"{target}: {what}", f"{len(old):,} -> {len(new):,} characters")
