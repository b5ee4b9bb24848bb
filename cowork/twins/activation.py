"""From persona templates to twins: one, many alike, or a whole team."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cowork.core.clock import Clock
from cowork.core.errors import CoworkError
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.formats.persona import PersonaTemplate
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.registry.skills import list_skills
from cowork.twins import addresses, blueprint, doubts, values
from cowork.twins.addresses import shown
from cowork.twins.heartbeat import how_often
from cowork.twins.store import addresses as stored_addresses
from cowork.twins.store import roles
from cowork.twins.store.opening import writing
from cowork.twins.templates import load_template
from cowork.twins.twin import Activation, Twin, TwinName
from cowork.twins.wanted import Wanted


def activate(template_id: str, clock: Clock, *, dry_run: bool = False, **options: Any) -> tuple[Activation, tuple[Notice, ...]]:
    """Create a twin as the `options` want it, which are the fields of `Wanted`. Returns and raises what `activate_all` does."""
    return activate_all([Wanted(template_id, **options)], clock, dry_run=dry_run)


def activate_all(
    wanted: Sequence[Wanted], clock: Clock, *, dry_run: bool = False, places: Sequence[str] = ()
) -> tuple[Activation, tuple[Notice, ...]]:
    """Create twins, all of them or none; those of one template are numbered. Missing skills are notices, never errors.

    `places` say where each of the wanted was read; an error then begins with its place. Raises `persona.*`, `twin.*`,
    `provider.not_found`, policy and database errors.
    """
    made, notices = [], dict[Notice, None]()
    for number, entry in enumerate(wanted):
        try:
            template, told = load_template(entry.persona)
            twins = _twins(template, entry, clock)
            made.append((entry, template, twins))
            notices.update(dict.fromkeys([*told, *doubts.of_activation(entry, twins)]))
        except CoworkError as error:
            if places:
                error.args = (f"{places[number]}: {error.message}",)
                error.message = error.args[0]
            raise
    _permit([_action(entry, template) for entry, template, _ in made], dry_run=dry_run)
    everyone = [twin for _, _, twins in made for twin in twins]
    if dry_run:
        stored = roles.numbered(everyone, roles.names())
    else:
        stored = _stored(everyone, [entry for entry, _, twins in made for _ in twins])
    plan, rest = list[Step](), iter(stored)
    for entry, template, twins in made:
        plan += _plan(entry, template, [next(rest) for _ in twins])
    notices.update(dict.fromkeys(_missing_skills([template for _, template, _ in made])))
    items = tuple(TwinName(twin.name, twin.display_name, twin.template_id) for twin in stored)
    return Activation(stored[0], items, len(items), dry_run, tuple(plan)), tuple(notices)


def _twins(template: PersonaTemplate, entry: Wanted, clock: Clock) -> list[Twin]:
    count = values.count(entry.count)
    for url in (*entry.deliver, *(url for _, url in entry.deliver_tasks)):
        addresses.checked_of_others(url, trust=entry.trust_addresses)
    return blueprint.copies_of(blueprint.twin_of(template, entry, clock.now()), count)


def _action(entry: Wanted, template: PersonaTemplate) -> Action:
    return Action("twin activate", what=template.id, heartbeat_s=blueprint.interval_of(template, entry) * 60)


def _permit(actions: Sequence[Action], *, dry_run: bool) -> None:
    """Ask for all of them before anything is logged as done: nothing is made unless everything is allowed."""
    if len(actions) > 1:
        for action in actions:
            gate.refuse(action, dry_run=dry_run)
    for action in actions:
        gate.require(action, dry_run=dry_run)


def _stored(twins: Sequence[Twin], entries: Sequence[Wanted]) -> list[Twin]:
    with writing() as connection:
        stored = roles.add_numbered_in(connection, twins)
        for twin, entry in zip(stored, entries, strict=True):
            if entry.deliver or entry.deliver_tasks:
                told = [("", url.strip()) for url in entry.deliver]
                told += [(task_id, url.strip()) for task_id, url in entry.deliver_tasks]
                stored_addresses.add_in(connection, twin.id, told)
    return stored


def _plan(entry: Wanted, template: PersonaTemplate, twins: Sequence[Twin]) -> list[Step]:
    made = f"twin of {template.id} {template.version}, waking every {twins[0].interval_minutes} minutes"
    interval = twins[0].interval_minutes
    tasks = [Step("enable", task.id, how_often(task.frequency_minutes, interval)) for task in twins[0].tasks if task.enabled]
    told = [Step("deliver", "all results", f"to {shown(url)}") for url in entry.deliver]
    told += [Step("deliver", f"results of {task_id}", f"to {shown(url)}") for task_id, url in entry.deliver_tasks]
    return [*(Step("create", twin.name, made) for twin in twins), *tasks, *told]


def _missing_skills(templates: Sequence[PersonaTemplate]) -> list[Notice]:
    installed = {skill.id for skill in list_skills()[0].items}
    return [
        Notice("twin.missing_skill", f"skill '{skill.skill_id}' is not installed: {one_line(skill.reason)}")
        for template in templates
        for skill in template.skills
        if skill.skill_id not in installed
    ]
