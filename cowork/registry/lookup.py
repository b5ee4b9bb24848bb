"""Finding one pack or one skill, with a suggestion when there is none."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cowork.core.errors import Denied, InvalidInput, NotFound
from cowork.core.text import did_you_mean
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.formats.parameter import Parameter
from cowork.registry import entries, world
from cowork.registry.entries import SkillHead
from cowork.registry.requirements import missing
from cowork.registry.world import PackRecord, World


def find_pack(name: str) -> tuple[World, PackRecord]:
    """The pack that answers to `name`. Raises `pack.not_found`, or `pack.invalid` when it is there and cannot be used."""
    found = world.load()
    pack = found.named(name)
    if pack is None:
        for notice in found.notices:
            if f"/{name}/" in notice.message:
                raise InvalidInput("pack.invalid", f"the pack '{name}' cannot be used", cause=notice.message, hint=_check(name))
        known = [other.name for other in found.packs]
        hint = did_you_mean(name, known, "list them with: cowork pack list")
        raise NotFound("pack.not_found", f"there is no pack '{name}'", hint=hint, details={"name": name})
    return found, pack


def find_skill(skill_id: str) -> tuple[World, PackRecord, SkillHead]:
    """The skill that answers to an id.

    Raises `skill.not_found`; `skill.disabled` when it or its pack is off; `policy.pack_denied` when its pack is blocked, and
    `policy.unreadable` when all are because the policies cannot be read.
    """
    found = world.load()
    answering = found.answering(skill_id)
    if answering:
        return found, *answering[-1]
    hidden = _hidden(found, skill_id)
    if hidden is not None:
        raise _off(*hidden)
    known = [skill["id"] for pack in found.packs for skill in pack.body["skills"]]
    hint = did_you_mean(skill_id, known, "list them with: cowork skill list")
    raise NotFound("skill.not_found", f"there is no skill '{skill_id}'", hint=hint, details={"id": skill_id})


def owner(skill_id: str) -> PackRecord | None:
    """The pack whose skill answers to an id, or would if it were on: what the gate is asked about. None for no such skill."""
    found = world.load()
    answering = found.answering(skill_id)
    hidden = answering[-1] if answering else _hidden(found, skill_id)
    return hidden[0] if hidden else None


class SkillText(NamedTuple):
    """A skill's prompt with its parameters. `missing` says what it needs and is not here."""

    prompt: str
    parameters: tuple[Parameter, ...] = ()
    missing: tuple[str, ...] = ()


def skill_text(pack: PackRecord, skill: SkillHead) -> SkillText:
    """What a skill's own file says."""
    path = Path(skill["file"])
    if path.name == FILE_NAME:
        view, _ = entries.read_manifest(path, pack.root.scope, checked=True)
        for item in view.skills():
            if item["id"] == skill["id"]:
                return SkillText(str(item["prompt"]), view.parameters(item), missing(item.get("requires")))
    from cowork.registry.skill_directories import directory_text

    return SkillText(directory_text(path, pack.head["path"]))


def _hidden(found: World, skill_id: str) -> tuple[PackRecord, SkillHead] | None:
    """The skill of an id that is there and does not answer."""
    owner, colon, bare = skill_id.partition(":")
    for pack in reversed(found.packs):
        for skill in pack.body["skills"]:
            if skill["id"] == skill_id or (colon and pack.name == owner and skill["id"] == bare):
                return pack, skill
    return None


def _off(pack: PackRecord, skill: SkillHead) -> Exception:
    if pack.rule == "policy.unreadable":
        from cowork.policy import gate

        gate.policies_or_refuse()
    if pack.state == "blocked":
        return Denied(
            "policy.pack_denied",
            f"the admin policy does not allow the pack '{pack.name}'",
            cause=pack.rule,
            hint="ask the administrator of your organization",
            details={"pack": pack.name, "rule": pack.rule},
        )
    what = f"skill enable {pack.name} {skill['id']}" if pack.state == "active" else f"pack enable {pack.name}"
    return NotFound(
        "skill.disabled",
        f"the skill '{skill['id']}' is turned off",
        cause=f"its pack '{pack.name}' is {pack.state}" if pack.state != "active" else None,
        hint=f"turn it on with: cowork {what}",
        details={"id": skill["id"], "pack": pack.name},
    )


def _check(name: str) -> str:
    return f"see what is wrong with: cowork pack validate <path of {name}>"
