"""What agents and commands share: their names across packs, and which of one name is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.text import did_you_mean
from cowork.registry.world import PackRecord

T = TypeVar("T")
Candidate = tuple[PackRecord, dict[str, Any]]


def listed_name(pack: PackRecord, item: dict[str, Any]) -> str:
    """The name an item is listed under: files of a plugin carry the plugin's name."""
    name = str(item["name"])
    return f"{pack.name}:{name}" if "file" in item and not pack.root.single else name


def path_of(pack: PackRecord, item: dict[str, Any]) -> str:
    """Where an item is: its own file, or its pack."""
    return str(item.get("file") or pack.head["path"])


def owner(pack: PackRecord) -> str | None:
    """The pack an item comes from; None for `.claude` directories."""
    return None if pack.root.single else pack.name


def find(candidates: Iterable[Candidate], name: str, *, what: str) -> tuple[PackRecord, dict[str, Any], tuple[str, ...]]:
    """The item that answers to a name, and the paths of those of the same name that it hides.

    The whole name counts first, then the part after the plugin's where only one has it. Raises `<what>.not_found` with a
    suggestion, `<what>.ambiguous`.
    """
    known = [(pack, item, listed_name(pack, item)) for pack, item in candidates]
    matching = [entry for entry in known if name == entry[2]]
    if not matching:
        matching = [entry for entry in known if name == entry[1]["name"] or entry[2].endswith(f":{name}")]
        names = sorted({entry[2] for entry in matching})
        if len(names) > 1:
            text = f"'{name}' is the name of {len(names)} {what}s"
            raise InvalidInput(f"{what}.ambiguous", text, hint=f"one of: {', '.join(names)}", details={"names": names})
    if not matching:
        hint = did_you_mean(name, [entry[2] for entry in known], f"list them with: cowork {what} list")
        raise NotFound(f"{what}.not_found", f"there is no {what} '{name}'", hint=hint, details={"name": name})
    pack, item, _ = matching[-1]
    return pack, item, tuple(path_of(other, hidden) for other, hidden, _ in matching[:-1])


def marked(items: list[Any]) -> tuple[Any, ...]:
    """List entries sorted by name; of one name the last registered is used and comes first, the others are `shadowed`."""
    used = {item.name: position for position, item in enumerate(items)}
    entries = [(replace(item, shadowed=used[item.name] != position), -position) for position, item in enumerate(items)]
    return tuple(item for item, _ in sorted(entries, key=lambda entry: (entry[0].name, entry[1])))


_SCOPES = {"bundled": "builtin", "personal": "user", "project": "project", "organization": "enterprise"}


def scope_of(pack: PackRecord) -> str:
    """The scope of a component in the roadmap's words: enterprise, project, user, plugin or builtin."""
    scope = _SCOPES[pack.scope]
    return "plugin" if scope in ("user", "project") and not pack.root.single else scope
