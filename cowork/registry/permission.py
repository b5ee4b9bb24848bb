"""Asking the gate about a pack that was found, and what the names in the policies mean among all that is known."""

from __future__ import annotations

from cowork.core.errors import CoworkError
from cowork.core.files import read_json
from cowork.core.paths import data_dir
from cowork.formats.policies import known_as
from cowork.policy.actions import Action
from cowork.policy.naming import Known
from cowork.registry import world
from cowork.registry.world import PackRecord


def about(action: Action, pack: PackRecord) -> Action:
    """The action with the pack it is about. A `.claude` directory is no pack: policies do not name it."""
    return action if pack.root.single else action._replace(pack=pack.name, directory=pack.directory)


def identified(name: str, known: Known) -> tuple[str, str | None] | None:
    """The known pack that a person means by a name, as the policies would understand it: (name, its directory)."""
    exact = [pack for pack in known.packs if pack[0] == name]
    near = [pack for pack in known.packs if name in known_as(*pack)]
    found = exact or near
    return found[0] if found else None


def known() -> Known:
    """Every pack and connector here, on or off, and the packs of the catalogue that was shipped. Nothing is fetched."""
    found = world.load()
    packs: dict[tuple[str, str | None], None] = {(pack.name, pack.directory): None for pack in found.packs}
    names = {name for name, _ in packs}
    packs |= {(name, None): None for name in _shipped() if name not in names}
    connectors = {
        (pack.name, name)
        for pack in found.packs
        for name in (*(item["name"] for item in pack.body["connectors"]), *pack.body["mcp_servers"])
    }
    called = {name for _, name in connectors} | {f"{alias}:{name}" for pack, name in connectors for alias in known_as(pack)}
    return Known(tuple(packs), frozenset(called))


def _shipped() -> list[str]:
    """The names in the catalogue that came with the program; none when it cannot be read."""
    try:
        packs = read_json(data_dir("registry") / "pack-catalog.json", what="catalogue")["packs"]
        return sorted({str(entry["name"]) for entry in packs})
    except (CoworkError, OSError, KeyError, TypeError):
        return []
