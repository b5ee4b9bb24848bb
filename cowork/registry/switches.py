"""Turning packs and skills on and off, with the policy's consent."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import NotFound
from cowork.core.plan import Step
from cowork.core.text import did_you_mean
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.registry import lookup, states
from cowork.registry.permission import about


@dataclass(frozen=True)
class Switched:
    """A pack, or a skill of it, that was turned on or off. `changed` is false when it was so already."""

    pack: str
    skill: str | None
    enabled: bool
    changed: bool
    dry_run: bool
    plan: tuple[Step, ...]


def switch_pack(name: str, clock: Clock, *, enabled: bool, dry_run: bool = False) -> Switched:
    """Turn a pack on or off. Raises `pack.not_found`, `policy.*`, `states.*` and `file.*` errors."""
    states.read_strict()  # a file that cannot be read is reported, not overwritten
    _, pack = lookup.find_pack(name)
    action = Action("pack enable" if enabled else "pack disable", removes=not enabled)
    gate.require(about(action, pack), dry_run=dry_run)
    changed = states.read_strict().packs.get(pack.name, True) != enabled
    plan = (Step("enable" if enabled else "disable", pack.name, f"in {states.path()}"),)
    if not dry_run:
        states.set_switch(pack.name, None, enabled=enabled, now=rfc3339(clock.now()))
    return Switched(pack.name, None, enabled, changed, dry_run, plan)


def switch_skill(pack_name: str, skill_id: str, clock: Clock, *, enabled: bool, dry_run: bool = False) -> Switched:
    """Turn one skill of a pack on or off. Raises `pack.not_found`, `skill.not_found`, `policy.*`, `states.*`, `file.*`."""
    held = states.read_strict()
    _, pack = lookup.find_pack(pack_name)
    skills = {skill["id"]: skill for skill in pack.body["skills"]}
    if skill_id not in skills:
        hint = did_you_mean(skill_id, skills, f"list them with: cowork skill list --pack {pack.name}")
        raise NotFound(
            "skill.not_found", f"the pack '{pack.name}' has no skill '{skill_id}'", hint=hint, details={"id": skill_id}
        )
    action = Action("skill enable" if enabled else "skill disable", removes=not enabled, what=skill_id)
    gate.require(about(action, pack), dry_run=dry_run)
    before = held.skills.get(pack.name, {}).get(skill_id, skills[skill_id]["enabled"])
    plan = (Step("enable" if enabled else "disable", f"{pack.name}/{skill_id}", f"in {states.path()}"),)
    if not dry_run:
        states.set_switch(pack.name, skill_id, enabled=enabled, now=rfc3339(clock.now()))
    return Switched(pack.name, skill_id, enabled, before != enabled, dry_run, plan)
