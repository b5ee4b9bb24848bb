"""Editing twins. What is not edited is not written: another process may let the twin work meanwhile."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cowork.core.clock import Clock, millis, rfc3339
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins import addresses, blueprint, changing, directory, doubts, schedule, values
from cowork.twins.addresses import shown
from cowork.twins.differences import differences
from cowork.twins.twin import Twin, TwinsChanged, TwinTask

ALL_ADDRESSES = "all"


@dataclass(frozen=True)
class Edit:
    """What is to be different; None and empty stay as they are, an empty text is the usual again.

    `every` and `priorities` are pairs of a task and its number, `deliver` and `no_deliver` of a task, or "" for the whole
    twin, and an address; to remove one it may be named as it is shown, or `all`.
    """

    name: str | None = None
    interval: int | None = None
    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    every: tuple[tuple[str, int], ...] = ()
    priorities: tuple[tuple[str, int], ...] = ()
    provider: str | None = None
    model: str | None = None
    workspace: str | None = None
    deliver: tuple[tuple[str, str], ...] = ()
    no_deliver: tuple[tuple[str, str], ...] = ()
    quiet_hours: str | None = None
    timezone: str | None = None
    autonomy: str | None = None
    system_prompt: str | None = None
    capabilities: tuple[str, ...] | None = None
    allow: tuple[str, ...] | None = None
    deny: tuple[str, ...] | None = None


def edit(names: Sequence[str], wanted: Edit, clock: Clock, *, dry_run: bool) -> TwinsChanged:
    """Change twins, all of them or none.

    Raises `twin.nothing_to_change`, `twin.not_found`, `twin.ambiguous`, `twin.bad_*`, `twin.unknown_task`,
    `twin.no_such_address`, `twin.name_of_another`, policy and database errors.
    """
    if wanted == Edit():
        raise InvalidInput("twin.nothing_to_change", "nothing is to be different", hint="see: cowork twin edit --help")
    checked, now = _checked(wanted), clock.now()
    beat = None if checked.interval is None else checked.interval * 60
    gate.refuse(Action("twin edit", what=one_line(", ".join(names)), heartbeat_s=beat), dry_run=dry_run)
    what = one_line(", ".join(twin.name for twin in directory.find_twins(names)))  # of others nothing was allowed
    gate.require(Action("twin edit", what=what, heartbeat_s=beat), dry_run=dry_run)

    def edited(twin: Twin, held: list[tuple[str, str]]) -> changing.Change:
        after = _edited(twin, checked, millis(now))
        gone = [address for wish in checked.no_deliver for address in _meant(wish, held)]
        come = [address for address in checked.deliver if address not in held or address in gone]
        blueprint.known_tasks((task.id for task in twin.tasks), (task for task, _ in checked.deliver if task), twin.name)
        plan = [*differences(twin, after), *_moves(twin, "no longer deliver", gone), *_moves(twin, "deliver", come)]
        if after != twin or gone or come:
            after = dataclasses.replace(after, updated_at=rfc3339(now))
        return changing.Change(after, tuple(plan), tuple(come), tuple(gone))

    doubts.same_names([checked.name] if checked.name is not None else [], directory.find_twins(names))
    return changing.change(names, edited, dry_run=dry_run)


def _checked(wanted: Edit) -> Edit:
    """The edit with every value checked, whichever twin it is for."""
    blueprint.not_both(wanted.enable, wanted.disable)

    def given(field: str, check: object) -> object:
        value = getattr(wanted, field)
        return None if value is None else check(value)  # type: ignore[operator]

    fields = ("provider", "model", "quiet_hours", "timezone", "autonomy", "system_prompt", "capabilities", "interval")
    checked = {field: given(field, getattr(values, field)) for field in fields}
    checked |= {"name": given("name", values.display_name)}
    checked |= {"allow": given("allow", values.rules), "deny": given("deny", values.rules)}
    checked["workspace"] = given("workspace", lambda text: values.workspace(text, Path.cwd()))
    checked["every"] = tuple((task, values.frequency(minutes)) for task, minutes in wanted.every)
    checked["priorities"] = tuple((task, values.priority(number)) for task, number in wanted.priorities)
    checked["deliver"] = tuple((task, addresses.checked(url)) for task, url in wanted.deliver)
    return dataclasses.replace(wanted, **checked)  # type: ignore[arg-type]


def _edited(twin: Twin, wanted: Edit, now: int) -> Twin:
    new = {
        "display_name": wanted.name,
        "interval_minutes": wanted.interval,
        "allow_rules": wanted.allow,
        "deny_rules": wanted.deny,
        **{field: getattr(wanted, field) for field in ("provider", "model", "workspace", "quiet_hours", "timezone")},
        **{field: getattr(wanted, field) for field in ("autonomy", "system_prompt", "capabilities")},
    }
    after = dataclasses.replace(twin, **{field: value for field, value in new.items() if value is not None})
    every, priorities = dict(wanted.every), dict(wanted.priorities)
    named = (*wanted.enable, *wanted.disable, *every, *priorities)
    blueprint.known_tasks((task.id for task in twin.tasks), named, twin.name)
    tasks = []
    for task in twin.tasks:
        on = (task.enabled or task.id in wanted.enable) and task.id not in wanted.disable
        minutes, number = every.get(task.id, task.frequency_minutes), priorities.get(task.id, task.priority)
        changed = dataclasses.replace(task, enabled=on, frequency_minutes=minutes, priority=number)
        tasks.append(_placed(twin, after, task, changed, now))
    if [task.enabled for task in tasks] != [task.enabled for task in twin.tasks]:
        after = dataclasses.replace(after, soul=blueprint.with_tasks(twin.soul, tasks))
    return dataclasses.replace(after, tasks=tuple(sorted(tasks, key=lambda task: (task.priority, task.id))))


def _placed(before: Twin, after: Twin, old: TwinTask, new: TwinTask, now: int) -> TwinTask:
    """The changed task, due when it should be."""
    if new.enabled and not old.enabled:
        return schedule.at_next_beat(after, new, now)
    moved = before.interval_minutes != after.interval_minutes or old.frequency_minutes != new.frequency_minutes
    return schedule.fitted(after, new, now) if moved and new.enabled else new


def _meant(wish: tuple[str, str], held: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The addresses that are meant by one that is to go: as it is, as it is shown, or all."""
    task, text = wish
    found = [address for address in held if address[0] == task and text in (ALL_ADDRESSES, address[1], shown(address[1]))]
    if not found:
        there = ", ".join(sorted({shown(url) for owner, url in held if owner == task})) or "none"
        text = f"nothing is delivered to {shown(text) if '://' in text else one_line(text, 60)}"
        raise NotFound("twin.no_such_address", text, hint=f"its addresses: {there}")
    return found


def _moves(twin: Twin, action: str, moved: Sequence[tuple[str, str]]) -> list[Step]:
    return [Step(action, f"{twin.name}: {task or 'all results'}", shown(url)) for task, url in moved]
