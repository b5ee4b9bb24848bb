"""Finding packs on disk.

A listing builds only what it shows: `discover` hands each manifest to a function of the caller's, because building every
object of every pack costs more than the start-up budget of a listing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cowork.core.errors import CoworkError, NotFound
from cowork.core.files import read_json
from cowork.core.paths import data_dir
from cowork.core.text import did_you_mean
from cowork.formats.cowork_plugin import FILE_NAME, ManifestView, validate

if TYPE_CHECKING:
    from cowork.core.health import Check
    from cowork.formats.pack import Pack, Scope, Skill

T = TypeVar("T")


def discover(build: Callable[[ManifestView], T]) -> list[T]:
    """What `build` makes of every pack, by pack name. One directory below a scope's root is one pack.

    Raises `pack.manifest_invalid` where a manifest cannot be used, naming the field and the rule.
    """
    paths = data_dir("packs").glob(f"*/{FILE_NAME}")
    named = [read_pack(path, "bundled", lambda view: (str(view.document["name"]), build(view))) for path in paths]
    return [built for _, built in sorted(named, key=lambda item: item[0])]


def read_pack(path: Path, scope: Scope, build: Callable[[ManifestView], T]) -> T:
    """What `build` makes of the manifest at `path`. Raises `file.*` and `pack.manifest_invalid`."""
    document = read_json(path, what="pack manifest")
    if scope != "bundled":  # what we ship is validated by our tests, everything else here
        validate(document, path=path)
    try:
        return build(ManifestView(document, scope=scope, directory=path.parent))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        validate(document, path=path)  # raises with the field and the rule
        raise CoworkError("pack.unreadable", f"cannot read pack {path}", cause=str(error)) from error


def find_pack(name: str) -> Pack:
    """The pack called `name`, whole. Raises `pack.not_found` with a suggestion."""
    for pack in discover(lambda view: view.pack() if view.document["name"] == name else None):
        if pack is not None:
            return pack
    raise no_pack(name)


def find_skill(skill_id: str) -> tuple[Pack, Skill]:
    """The skill with this id, and its pack. Raises `skill.not_found` with a suggestion."""
    for pack in discover(lambda view: view.pack() if _has_skill(view, skill_id) else None):
        if pack is not None:
            return pack, next(skill for skill in pack.skills if skill.id == skill_id)
    raise no_skill(skill_id)


def no_pack(name: str) -> NotFound:
    """The error for a pack that does not exist, with a suggestion."""
    known = discover(lambda view: str(view.document["name"]))
    hint = did_you_mean(name, known, "list them with: cowork pack list")
    return NotFound("pack.not_found", f"there is no pack '{name}'", hint=hint, details={"name": name})


def no_skill(skill_id: str) -> NotFound:
    """The error for a skill that does not exist, with a suggestion."""
    known = [str(skill["id"]) for skills in discover(lambda view: view.skills()) for skill in skills]
    hint = did_you_mean(skill_id, known, "list them with: cowork skill list")
    return NotFound("skill.not_found", f"there is no skill '{skill_id}'", hint=hint, details={"id": skill_id})


def check() -> Check:
    """For `doctor`: whether every pack loads."""
    from cowork.core.health import Check

    try:
        skills = discover(lambda view: len(view.pack().skills))
    except CoworkError as error:
        return Check("packs", "fail", error.message)
    return Check("packs", "ok", f"{len(skills)} packs, {sum(skills)} skills")


def _has_skill(view: ManifestView, skill_id: str) -> bool:
    return any(skill["id"] == skill_id for skill in view.skills())
