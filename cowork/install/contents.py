"""What a source offers: one pack, a marketplace, plugins and skills in subdirectories. Only manifests are read for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cowork.core.errors import CoworkError, InvalidInput, NotFound, UsageError
from cowork.core.text import did_you_mean, one_line
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.install.material import Material, read_ahead, read_json
from cowork.install.sources import Source

OfferKind = Literal["pack", "claude-plugin", "agent-plugin", "skill"]
CLAUDE_MANIFEST = ".claude-plugin/plugin.json"
MARKETPLACE = ".claude-plugin/marketplace.json"
_COMPONENTS = ("skills", "commands", "agents", "hooks")
_DEEPEST = 5


@dataclass(frozen=True)
class Offer:
    """Something that can be installed. `path` is its directory inside the source; `source` is set when it is elsewhere."""

    name: str
    kind: OfferKind
    path: str = ""
    description: str = ""
    version: str | None = None
    source: Source | None = None
    sha256: str | None = None
    rename: dict[str, str] = field(default_factory=dict)
    """Component directories that a marketplace puts together: where they are, and where they go."""
    extra: dict[str, bytes] = field(default_factory=dict)
    """Files that say what the marketplace said, for plugins that do not say it themselves."""
    refusal: CoworkError | None = None
    """Why it cannot be installed: raised when it is chosen, so that one bad entry does not spoil a marketplace."""


def offers(material: Material, at: str, fallback: str) -> tuple[Offer, ...]:
    """Everything that the directory `at` of a source offers, sorted by name; `fallback` names what has no name of its own.

    Raises `install.path_not_found`, `install.nothing_found`, and what its manifests raise.
    """
    paths = _below(material, at)
    if not paths and not at:
        raise InvalidInput("install.empty", "the source holds no files", hint="check the address")
    if not paths:
        raise NotFound("install.path_not_found", f"the source has no directory '{one_line(at, 80)}'", hint="check the path")
    if MARKETPLACE in paths and FILE_NAME not in paths:
        from cowork.install.marketplaces import marketplace_offers

        return marketplace_offers(material, at, paths)
    found = _one(material, at, paths, fallback)
    if found is not None:
        return (found,)
    deeper = tuple(sorted(_deeper(material, at, paths), key=lambda offer: (offer.name, offer.path)))
    if not deeper:
        raise NotFound(
            "install.nothing_found",
            "the source holds no pack, plugin or skill",
            cause=f"no {FILE_NAME}, .claude-plugin, plugin.json or SKILL.md was found",
            hint="name the directory that holds it, such as github:owner/repo/path",
        )
    return deeper


def choose(found: Sequence[Offer], plugin: str | None) -> Offer:
    """The offer that is meant: the named one, or the only one.

    Raises `install.plugin_not_found`, `install.several` (UsageError) naming them, `install.nothing_found` for a marketplace
    without a plugin that can be installed, and why what was chosen cannot be.
    """
    offer = _chosen(found, plugin)
    if offer.refusal is not None:
        raise offer.refusal
    return offer


def _chosen(found: Sequence[Offer], plugin: str | None) -> Offer:
    if plugin is not None:
        named = [offer for offer in found if offer.name == plugin]
        if len(named) == 1:
            return named[0]
        if named:
            places = ", ".join(offer.path or "." for offer in named)
            raise UsageError(
                "install.several", f"the source offers '{plugin}' in: {places}", hint="name the directory in the source"
            )
        hint = did_you_mean(plugin, [offer.name for offer in found], "list what there is with: --list")
        raise NotFound("install.plugin_not_found", f"the source offers no '{one_line(plugin, 60)}'", hint=hint)
    if len(found) == 1:
        return found[0]
    if not found:
        hint = "packages of npm and commands are not installed: they would run code to fetch it"
        raise NotFound("install.nothing_found", "the marketplace offers no plugin that can be installed", hint=hint)
    names = ", ".join(offer.name for offer in found[:12])
    raise UsageError(
        "install.several",
        f"the source offers {len(found)} packs",
        cause=one_line(names, 200),
        hint="name one with --plugin NAME, or see them with --list",
        details={"names": [offer.name for offer in found]},
    )


def _below(material: Material, at: str) -> set[str]:
    """The paths of the files below a directory, relative to it."""
    base = f"{at}/" if at else ""
    return {entry.path.removeprefix(base) for entry in material.entries if entry.path.startswith(base) and entry.kind == "file"}


def _one(material: Material, at: str, paths: set[str], fallback: str) -> Offer | None:
    """The one thing that a directory is, or None."""
    if FILE_NAME in paths:
        return _described(material, at, FILE_NAME, "pack", fallback)
    if CLAUDE_MANIFEST in paths:
        return _described(material, at, CLAUDE_MANIFEST, "claude-plugin", fallback)
    if "plugin.json" in paths:
        from cowork.formats.agent_plugin import is_agent_plugin

        if is_agent_plugin(read_json(material, _join(at, "plugin.json"))):
            return _described(material, at, "plugin.json", "agent-plugin", fallback)
    if any(path.partition("/")[0] in _COMPONENTS and "/" in path for path in paths):
        return Offer(fallback, "claude-plugin", at)
    return Offer(fallback, "skill", at) if "SKILL.md" in paths else None


def _described(material: Material, at: str, manifest: str, kind: OfferKind, fallback: str) -> Offer:
    document = read_json(material, _join(at, manifest))
    if not isinstance(document, dict):
        raise InvalidInput("install.invalid", f"{_join(at, manifest)} is not an object", hint="ask the author of the pack")
    return Offer(
        text_of(document, "name") or fallback, kind, at, text_of(document, "description"), text_of(document, "version") or None
    )


def _deeper(material: Material, at: str, paths: set[str]) -> Iterator[Offer]:
    """What lies in subdirectories; below something that was found nothing else is looked for."""
    below = _candidates(paths)
    manifests = (FILE_NAME, CLAUDE_MANIFEST, "plugin.json")
    wanted = [_join(at, f"{directory}/{name}") for directory, inside in below.items() for name in manifests if name in inside]
    ahead = read_ahead(material, wanted)
    taken: set[str] = set()
    for directory in sorted(below, key=lambda item: (item.count("/"), item)):
        if taken.isdisjoint(_parents(directory)):
            offer = _one(ahead, _join(at, directory), below[directory], directory.rpartition("/")[2])
            if offer is not None:
                taken.add(directory)
                yield offer


def _candidates(paths: set[str]) -> dict[str, set[str]]:
    """The directories in which something shows that they could be offered, with what lies below them, relative to them."""
    signs = {FILE_NAME, "SKILL.md", "plugin.json"}
    found: dict[str, set[str]] = {}
    for path in paths:
        parent, _, name = path.rpartition("/")
        if name in signs:
            found.setdefault(parent.removesuffix("/.claude-plugin"), set())
        for part in _COMPONENTS:
            before, inside, _ = f"/{path}".partition(f"/{part}/")
            if inside:
                found.setdefault(before[1:], set())
    for directory in [item for item in found if not item or f"/{item}".count("/.") or item.count("/") >= _DEEPEST]:
        del found[directory]
    for path in paths:
        for parent in _parents(path):
            if parent in found:
                found[parent].add(path[len(parent) + 1 :])
    return found


def _parents(path: str) -> list[str]:
    """The directories above a path, as far down as anything is looked for."""
    parts = path.split("/", _DEEPEST)
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def text_of(document: dict[str, Any], key: str) -> str:
    """A text of a manifest, empty where there is none."""
    value = document.get(key)
    return value if isinstance(value, str) else ""


def _join(at: str, path: str) -> str:
    return f"{at}/{path}" if at else path
