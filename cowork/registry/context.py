"""What is active now: connectors with their status, skills of active packs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from cowork.core.outcome import Notice
from cowork.registry import world
from cowork.registry.skills import SkillItem


@dataclass(frozen=True)
class ConnectorStatus:
    """A connector of an active pack. `status`: ready, or missing_env with the variables that are not set in `missing`."""

    name: str
    type: str
    pack: str
    status: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class ActiveContext:
    """Everything that can be used now. `recommended` are connectors that active packs ask for and nothing provides."""

    connectors: tuple[ConnectorStatus, ...]
    skills: tuple[SkillItem, ...]
    recommended: tuple[str, ...]
    packs: tuple[str, ...]


def active_context() -> tuple[ActiveContext, tuple[Notice, ...]]:
    """The connectors and skills of all active packs; of two skills with one id the winner."""
    found = world.load()
    active = [pack for pack in found.packs if pack.state == "active"]
    connectors = [_status(pack.name, item) for pack in active for item in pack.body["connectors"]] + [
        ConnectorStatus(name, "mcp", pack.name, "ready", ()) for pack in active for name in pack.body["mcp_servers"]
    ]
    winners = {skill["id"]: SkillItem.of(pack, skill) for pack, skill in found.skills()}
    wanted = {name for pack in active for name in pack.body["recommended_connectors"]}
    context = ActiveContext(
        connectors=tuple(sorted(connectors, key=lambda item: (item.pack, item.name))),
        skills=tuple(sorted(winners.values(), key=lambda item: item.id)),
        recommended=tuple(sorted(wanted - {item.name for item in connectors})),
        packs=tuple(sorted(pack.name for pack in active)),
    )
    return context, (*found.notices, *found.conflicts())


def _status(pack: str, connector: dict[str, Any]) -> ConnectorStatus:
    missing = tuple(name for name in connector.get("env", ()) if not os.environ.get(name))
    return ConnectorStatus(connector["name"], connector["type"], pack, "missing_env" if missing else "ready", missing)
