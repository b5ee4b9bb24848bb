"""Which connectors there are, and which one a name means."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cowork.connectors.results import ConnectorDetail, ConnectorItem, ConnectorList
from cowork.connectors.secrets import missing_of
from cowork.core.errors import Conflict, CoworkError, NotFound
from cowork.core.outcome import Notice
from cowork.core.text import did_you_mean, one_line
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.policy.files import is_set
from cowork.registry import entries, lookup, world
from cowork.registry.world import PackRecord, World

if TYPE_CHECKING:
    from cowork.formats.cowork_plugin_parts import ConnectorModel

MCP = "an MCP server of the plugin"


@dataclass(frozen=True)
class Found:
    """A connector and its pack. `env` are the variables it declares."""

    pack: PackRecord
    name: str
    type: str
    env: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """`pack:connector`, which is never ambiguous."""
        return f"{self.pack.name}:{self.name}"


Judge = Callable[[Found], bool]


def list_connectors(*, pack: str | None = None) -> tuple[ConnectorList, tuple[Notice, ...]]:
    """Every connector, also of packs that are off; of one pack with `pack`. Raises `pack.not_found`."""
    found = world.load()
    if pack is not None:
        found, _ = lookup.find_pack(pack)
    judge = _judge()
    items = []
    for owner in _served(found):
        if pack in (None, owner.name):
            described = _descriptions(owner)
            items += [_item(item, described.get(item.name, ""), judge) for item in _of(owner)]
    items.sort(key=lambda item: (item.pack, item.name, item.type))
    return ConnectorList(tuple(items), len(items)), tuple(found.notices)


def show_connector(name: str) -> ConnectorDetail:
    """Everything about one connector. Raises `connector.not_found`, `connector.ambiguous`."""
    from cowork.connectors.limits import time_limit

    found = find(name)
    model = None if found.type == "mcp" else model_of(found)
    body = model and getattr(model, model.type)
    return ConnectorDetail(
        name=found.name,
        pack=found.pack.name,
        type=found.type,
        description=model.description if model else MCP,
        scope=found.pack.scope,
        path=found.pack.head["path"],
        state=_state(found, _judge()),
        env=found.env,
        missing=missing_of(found.env, os.environ),
        timeout_s=time_limit(model, None) if model else None,
        input_schema=model.input_schema if model else {},
        definition=body.model_dump(by_alias=True, exclude_none=True) if body else {},
    )


def find(name: str) -> Found:
    """The connector that answers to a name, bare where only one pack has it, else `pack:connector`.

    Raises `connector.not_found` with a suggestion, and `connector.ambiguous` (Conflict) naming all that it could be.
    """
    known = [item for pack in _served(world.load()) for item in _of(pack)]
    matching = [item for item in known if name == item.full_name] or [item for item in known if name == item.name]
    matching = [item for item in matching if item.pack.state == "active"] or matching
    if not matching:
        names = [item.full_name for item in known] + [item.name for item in known]
        hint = did_you_mean(name, names, "list them with: cowork connector list")
        raise NotFound(
            "connector.not_found", f"there is no connector '{one_line(name, 80)}'", hint=hint, details={"name": name}
        )
    if len(matching) > 1:
        choices = sorted({item.full_name for item in matching})
        raise Conflict(
            "connector.ambiguous",
            f"several packs have a connector '{one_line(name, 80)}'",
            cause=", ".join(choices),
            hint=f"name its pack, too: {choices[0]}",
            details={"name": name, "choices": choices},
        )
    return matching[0]


def model_of(found: Found) -> ConnectorModel:
    """A connector's whole definition, read from its pack's manifest. Raises `file.*` and `connector.changed`."""
    from pydantic import ValidationError

    from cowork.formats.cowork_plugin_parts import ConnectorModel

    try:
        view, _ = entries.read_manifest(Path(found.pack.head["path"]) / FILE_NAME, found.pack.root.scope, checked=True)
        for item in view.document.get("connectors", ()):
            if item["name"] == found.name:
                return ConnectorModel.model_validate(item)
    except (FileNotFoundError, ValidationError, KeyError, TypeError):
        pass  # it was whole when the index read it
    raise Conflict(
        "connector.changed",
        f"the manifest of the pack '{found.pack.name}' changed while it was read",
        hint="try again, or check it with: cowork pack validate",
    )


def declared_env(model: ConnectorModel) -> tuple[str, ...]:
    """The environment variables that a definition declares, and that a call is given."""
    return tuple(entries.env_names(model.model_dump(mode="json", by_alias=True)))


def action_of(found: Found, verb: str) -> Action:
    """What the gate is asked about the use of a connector."""
    return Action(verb=verb, pack=found.pack.name, directory=found.pack.directory, connector=found.name)


def _served(found: World) -> Iterator[PackRecord]:
    """The packs, without those that a stronger one hides."""
    return (pack for pack in found.packs if pack.state != "shadowed")


def _of(pack: PackRecord) -> Iterator[Found]:
    """The connectors and MCP servers of a pack."""
    for item in pack.body["connectors"]:
        yield Found(pack, item["name"], item["type"], tuple(item["env"]))
    for server in pack.body["mcp_servers"]:
        yield Found(pack, server, "mcp", ())


def _item(found: Found, description: str, judge: Judge) -> ConnectorItem:
    return ConnectorItem(
        name=found.name,
        pack=found.pack.name,
        type=found.type,
        description=description or (MCP if found.type == "mcp" else ""),
        scope=found.pack.scope,
        state=_state(found, judge),
        missing=missing_of(found.env, os.environ),
    )


def _descriptions(pack: PackRecord) -> dict[str, str]:
    """What a manifest says of its connectors, by name; nothing when it is gone or changed since."""
    if not pack.body["connectors"]:
        return {}
    try:
        view, _ = entries.read_manifest(Path(pack.head["path"]) / FILE_NAME, pack.root.scope, checked=True)
        return {item["name"]: str(item["description"]) for item in view.document["connectors"]}
    except (CoworkError, OSError, KeyError, TypeError):
        return {}


def _judge() -> Judge:
    """Whether the policies allow a connector; they are read once."""
    if not is_set():
        return lambda _found: True
    try:
        policies = gate.policies_or_refuse()
    except CoworkError:
        return lambda _found: False
    from cowork.policy.rules import judge

    return lambda found: judge(action_of(found, "connector list"), policies).allowed


def _state(found: Found, judge: Judge) -> str:
    if found.pack.state != "active":
        return found.pack.state
    if not judge(found):
        return "blocked"
    if found.type == "mcp":
        return "not_callable"
    return "missing_env" if missing_of(found.env, os.environ) else "ready"
