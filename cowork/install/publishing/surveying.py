"""The packs of a directory as a catalogue offers them: their facts, their counts, the hash of their content."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.install.local import list_local
from cowork.install.tree import TreeFile
from cowork.install.tree_hash import tree_hash
from cowork.registry import entries, plugin_entries
from cowork.registry.catalogue_entry import read_entries

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,99}")


@dataclass(frozen=True)
class Offered:
    """A pack to offer: its entry as the catalogue's JSON has it, where it lies, and its files."""

    entry: dict[str, Any]
    root: Path
    files: tuple[TreeFile, ...]

    @property
    def archive(self) -> str:
        """The name of its archive."""
        return f"{self.entry['id']}-{self.entry['version']}.tar.gz"


@dataclass(frozen=True)
class LeftOut:
    """A directory that looks like a pack and cannot be offered."""

    path: str
    reason: str


def survey(directory: Path) -> tuple[tuple[Offered, ...], tuple[LeftOut, ...]]:
    """The packs directly below a directory, or the pack that it is, by id; and what had to be left out.

    Raises `registry.no_directory`, `registry.no_packs`.
    """
    if not directory.is_dir():
        text = f"there is no directory {directory}"
        raise NotFound("registry.no_directory", text, hint="name a directory of packs", details={"path": str(directory)})
    offered: dict[str, Offered] = {}
    left_out = []
    for root in _candidates(directory):
        try:
            found = _offered(root)
            if found is not None and found.entry["id"] in offered:
                raise CoworkError("registry.name_taken", f"another pack is named '{found.entry['id']}', too")
        except CoworkError as error:
            left_out.append(LeftOut(str(root), f"{error.message}{f': {error.cause}' if error.cause else ''}"))
            continue
        if found is not None:
            offered[found.entry["id"]] = found
    if not offered:
        raise InvalidInput(
            "registry.no_packs",
            f"there is no pack to offer in {directory}",
            cause=left_out[0].reason if left_out else "no directory in it holds a manifest",
            hint="name the directory that holds the packs' directories",
            details={"path": str(directory)},
        )
    return tuple(offered[pack_id] for pack_id in sorted(offered)), tuple(left_out)


def _candidates(directory: Path) -> list[Path]:
    if (directory / FILE_NAME).is_file():
        return [directory]
    try:
        found = [item.name for item in os.scandir(directory) if item.is_dir(follow_symlinks=False)]
    except OSError as error:
        text = f"cannot read {directory}"
        raise InvalidInput("registry.unreadable", text, cause=error.strerror, hint="check its permissions") from error
    return [directory / name for name in sorted(found) if not name.startswith(".")]


def _offered(root: Path) -> Offered | None:
    """The pack in a directory; None when there is none. Raises what is wrong with it."""
    built = _built(root)
    if built is None:
        return None
    head, body = built
    if head["problem"]:
        raise CoworkError(head["problem"]["code"], head["problem"]["message"])
    if not _VERSION.fullmatch(head["version"]):
        raise CoworkError("registry.no_version", "it has no version that can stand in a file name")
    files = list_local(root)
    try:
        digest = tree_hash(root, [file.path for file in files])
    except OSError as error:
        raise CoworkError("registry.unreadable", f"cannot read {root}", cause=error.strerror) from error
    entry = {
        "id": head["name"],
        "name": head["name"],
        "displayName": head["display_name"],
        "description": head["description"],
        "version": head["version"],
        "author": body["author"],
        "icon": head["icon"],
        "category": head["category"],
        "tags": body["keywords"],
        "skillCount": len(body["skills"]),
        "agentCount": len(body["agent_roles"]) + len(body["agents"]),
        "treeHash": digest,
    }
    _, notices = read_entries([entry], "the entry")
    if notices:
        raise CoworkError("registry.entry_skipped", notices[0].message)
    return Offered(entry, root, files)


def _built(root: Path) -> entries.Entry | None:
    """What the registry knows of a directory. A pack for another system can be offered from this one."""
    manifest = root / FILE_NAME
    if not manifest.is_file():
        head, body = plugin_entries.build(root, single=False)
        return None if head["kind"] == "none" else (head, body)
    view, warnings = entries.read_manifest(manifest, "personal")
    if view.document.get("type") != "pack":
        return None
    return entries.entry_of(view, manifest, [], warnings)
