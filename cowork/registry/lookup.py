"""Finding one pack or one skill, with a suggestion when there is none."""

from __future__ import annotations

from pathlib import Path

from cowork.core.errors import Denied, InvalidInput, NotFound
from cowork.core.text import did_you_mean
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.formats.parameter import Parameter
from cowork.registry import entries, world
from cowork.registry.entries import SkillHead
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

    Raises `skill.not_found`; `skill.disabled` when it or its pack is off; `policy.pack_denied` when its pack is blocked.
    """
    found = world.load()
    answering = found.answering(skill_id)
    if answering:
        return found, *answering[-1]
    for pack in reversed(found.packs):
        for skill in pack.body["skills"]:
            if skill["id"] == skill_id:
                raise _off(pack, skill)
    known = [skill["id"] for pack in found.packs for skill in pack.body["skills"]]
    hint = did_you_mean(skill_id, known, "list them with: cowork skill list")
    raise NotFound("skill.not_found", f"there is no skill '{skill_id}'", hint=hint, details={"id": skill_id})


def skill_text(pack: PackRecord, skill: SkillHead) -> tuple[str, tuple[Parameter, ...]]:
    """A skill's prompt and parameters, read from its own file."""
    path = Path(skill["file"])
    if path.name == FILE_NAME:
        view, _ = entries.read_manifest(path, pack.root.scope, checked=True)
        for item in view.skills():
            if item["id"] == skill["id"]:
                return str(item["prompt"]), view.parameters(item)
    from cowork.registry.skill_directories import directory_text

    return directory_text(path, pack.head["path"]), ()


def _off(pack: PackRecord, skill: SkillHead) -> Exception:
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
