"""Marketplaces as sources: each entry is an offer, in the repository itself or somewhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from cowork.core.errors import CoworkError, InvalidInput
from cowork.core.text import one_line, safe_json
from cowork.formats import marketplace
from cowork.formats.marketplace import (
    ArchiveSource,
    Entry,
    GithubSource,
    GitSubdirSource,
    PathSource,
    UrlSource,
)
from cowork.install.contents import CLAUDE_MANIFEST, MARKETPLACE, Offer
from cowork.install.material import Material, read_json
from cowork.install.names import MAX_DEPTH
from cowork.install.sources import Source, parse, parse_remote


def marketplace_offers(material: Material, at: str, paths: set[str]) -> tuple[Offer, ...]:
    """The plugins of a marketplace, sorted by name, without those that run code to be fetched. Raises `install.invalid`."""
    file = f"{at}/{MARKETPLACE}" if at else MARKETPLACE
    document = read_json(material, file)
    found, problems = marketplace.parse(document, file=file)
    if found is None:
        first = next(problem for problem in problems if problem.severity == "error")
        raise InvalidInput("install.invalid", f"{file}: {first.where}: {first.message}", hint=first.fix)
    base = found.head.metadata.get("pluginRoot")
    here = _Here(at, frozenset(paths), _directories(paths), base if isinstance(base, str) else "")
    offered = [_offer(entry, here) for entry in found.entries]
    return tuple(sorted((offer for offer in offered if offer is not None), key=lambda offer: offer.name))


@dataclass(frozen=True)
class _Here:
    """The directory `at` that the marketplace describes: its files, what lies right in each directory, `pluginRoot`."""

    at: str
    paths: frozenset[str]
    directories: dict[str, list[str]]
    base: str


def _directories(paths: Iterable[str]) -> dict[str, list[str]]:
    """Every directory of some paths with the names of the files right in it; as deep as a pack may be."""
    found: dict[str, list[str]] = {"": []}
    for path in paths:
        *parents, name = path.split("/", MAX_DEPTH)
        for end in range(1, len(parents) + 1):
            found.setdefault("/".join(parents[:end]), [])
        found["/".join(parents)].append(name)
    return found


def _offer(entry: Entry, here: _Here) -> Offer | None:
    try:
        if isinstance(entry.source, PathSource):
            return _own(entry, entry.source, here)
        source, digest = _elsewhere(entry)
    except CoworkError as error:
        return Offer(entry.name, "claude-plugin", "", entry.description, entry.version, refusal=error)
    if source is None:
        return None
    return Offer(entry.name, "claude-plugin", "", entry.description, entry.version, source, digest)


def _elsewhere(entry: Entry) -> tuple[Source | None, str | None]:
    """Where an entry's plugin is; nowhere for npm packages and commands, which would run code to fetch it."""
    place = entry.source
    if isinstance(place, GithubSource):
        return parse(f"github:{place.repo}{_at(place.sha or place.ref)}"), None
    if isinstance(place, (UrlSource, GitSubdirSource)):
        inside = f"//{_clean(place.path)}" if isinstance(place, GitSubdirSource) else ""
        url = f"https://github.com/{place.url}" if re.fullmatch(marketplace.REPOSITORY, place.url) else place.url
        url = url if url.startswith("git+") or "://" not in url else f"git+{url}"
        return parse_remote(f"{url}{inside}{_at(place.sha or place.ref)}"), None
    if isinstance(place, ArchiveSource):
        return parse_remote(place.url), place.sha256
    return None, None


def _at(ref: str | None) -> str:
    return f"@{ref}" if ref else ""


def _own(entry: Entry, source: PathSource, here: _Here) -> Offer | None:
    """A plugin of the repository itself: a directory, or components picked from one."""
    inside = _clean(source.path)
    rooted = _clean(f"{here.base}/{inside}")
    if rooted in here.directories:
        inside = rooted
    if inside not in here.directories:
        return None
    whole = _clean(f"{here.at}/{inside}")
    own = _clean(f"{inside}/{CLAUDE_MANIFEST}") in here.paths
    extra = {} if own else {CLAUDE_MANIFEST: _manifest(entry)}
    rename: dict[str, str] = {}
    if not own and not entry.strict:  # the entry is the whole definition
        rename = _components(entry, inside, here)
        extra |= _inline(entry)
    return Offer(entry.name, "claude-plugin", whole, entry.description, entry.version, rename=rename, extra=extra)


def _components(entry: Entry, inside: str, here: _Here) -> dict[str, str]:
    """Where the components that the entry names go: a skill's directory below `skills`, and so on."""
    moves: dict[str, str] = {}
    for path in (_clean(item) for item in entry.skills):
        alone = _clean(f"{inside}/{path}/SKILL.md") in here.paths
        moves[path] = f"skills/{PurePosixPath(path).name or entry.name}" if alone else "skills"
    for kind, named in (("commands", entry.commands), ("agents", entry.agents)):
        for path in (_clean(item) for item in named or ()):
            moves[path] = f"{kind}/{PurePosixPath(path).name}" if _clean(f"{inside}/{path}") in here.paths else kind
    for target, listed in (("hooks/hooks.json", entry.hooks), (".mcp.json", entry.mcp_servers)):
        for item in listed or ():
            if isinstance(item, str):
                moves[_clean(item)] = target
    if moves:
        moves |= {name: name for name in here.directories[inside] if name.upper().startswith(("LICENSE", "NOTICE"))}
    if "" in moves:  # everything: what is left when the others have taken theirs
        moves[""] = moves.pop("")
    return moves


def _inline(entry: Entry) -> dict[str, bytes]:
    """Hooks and servers that stand in the entry itself, as the files that hold them elsewhere."""
    files = {}
    hooks = _merged(item.get("hooks", item) for item in entry.hooks or () if isinstance(item, dict))
    servers = _merged(item.get("mcpServers", item) for item in entry.mcp_servers or () if isinstance(item, dict))
    if hooks:
        files["hooks/hooks.json"] = _json({"hooks": hooks})
    if servers:
        files[".mcp.json"] = _json({"mcpServers": servers})
    return files


def _merged(documents: Iterable[Any]) -> dict[str, Any]:
    return {key: value for document in documents if isinstance(document, dict) for key, value in document.items()}


def _manifest(entry: Entry) -> bytes:
    about = {"name": entry.name, "version": entry.version, "description": entry.description}
    if entry.author:
        about["author"] = entry.author.name
    return _json({key: value for key, value in about.items() if value})


def _json(document: Any) -> bytes:
    return safe_json(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)).encode() + b"\n"


def _clean(path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise InvalidInput(
            "install.path_climbs", f"the path {one_line(path, 80)!r} leads out of the source", hint="do not trust it"
        )
    return "/".join(parts)
