"""Finding packs on disk."""

from __future__ import annotations

from pathlib import Path

from cowork.core.errors import CoworkError, NotFound
from cowork.core.files import read_json
from cowork.core.health import Check
from cowork.core.paths import data_dir
from cowork.core.text import did_you_mean
from cowork.formats import cowork_plugin
from cowork.formats.pack import Pack, Scope


def discover() -> list[Pack]:
    """Every pack, sorted by name. One directory below a scope's root is one pack."""
    return _scan(data_dir("packs"), "bundled")


def find_pack(name: str) -> Pack:
    """The pack called `name`. Raises `pack.not_found` with a suggestion."""
    packs = discover()
    for pack in packs:
        if pack.name == name:
            return pack
    hint = did_you_mean(name, [pack.name for pack in packs], "list them with: cowork pack list")
    raise NotFound("pack.not_found", f"there is no pack '{name}'", hint=hint, details={"name": name})


def _scan(root: Path, scope: Scope) -> list[Pack]:
    packs = [_load(path, scope) for path in root.glob(f"*/{cowork_plugin.FILE_NAME}")]
    return sorted(packs, key=lambda pack: pack.name)


def _load(path: Path, scope: Scope) -> Pack:
    manifest = read_json(path, what="pack manifest")
    try:
        return cowork_plugin.project(manifest, scope=scope, directory=path.parent)
    except (KeyError, TypeError, AttributeError) as error:
        cowork_plugin.validate(manifest, path=path)  # raises with the field and the rule
        raise CoworkError("pack.unreadable", f"cannot read pack {path}", cause=str(error)) from error


def check() -> Check:
    """For `doctor`: whether every pack loads."""
    try:
        packs = discover()
    except CoworkError as error:
        return Check("packs", "fail", error.message)
    return Check("packs", "ok", f"{len(packs)} packs, {sum(len(pack.skills) for pack in packs)} skills")
