"""`registry build`: a `pack-catalog.json` for a directory of packs, and with an address to publish at their archives."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import Conflict, InvalidInput
from cowork.core.files import read_json, write_atomic
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.install.publishing.archives import archive
from cowork.install.publishing.surveying import LeftOut, Offered, survey
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.registry.catalogue_cache import MAX_BODY
from cowork.registry.catalogue_history import moment
from cowork.registry.catalogue_place import FILE_NAME
from cowork.registry.catalogue_read import FORMAT

ARCHIVES = "archives"


@dataclass(frozen=True)
class BuiltItem:
    """A pack in the catalogue. `bytes` are those of its files."""

    id: str
    version: str
    skills: int
    agents: int
    files: int
    bytes: int
    tree_hash: str


@dataclass(frozen=True)
class CatalogueBuilt:
    """The packs in the catalogue, by id, and what was left out of it. `changed` is false when the file said so already."""

    output: str
    items: tuple[BuiltItem, ...]
    count: int
    left_out: tuple[LeftOut, ...]
    archives: int
    updated_at: str
    changed: bool
    dry_run: bool
    plan: tuple[Step, ...]


def build(
    directory: Path, clock: Clock, *, output: Path | None = None, base_url: str | None = None, dry_run: bool = False
) -> tuple[CatalogueBuilt, tuple[Notice, ...]]:
    """Write the catalogue of the packs in a directory, by default to `pack-catalog.json` in the working directory.

    With `base_url`, the address under which the output's directory will be published, the packs' archives are written beside
    the catalogue and its entries name them. The time of the catalogue is `$SOURCE_DATE_EPOCH`, else now; it never goes back
    behind that of the file it replaces, and it stays when nothing else has changed.

    Raises `registry.no_directory`, `.no_packs`, `.output_taken`, `.output_in_pack`, `.pack_changed`, `.bad_epoch`, `web.*` for
    the address, `policy.*`, `file.*`.
    """
    gate.require(Action("registry build"), dry_run=dry_run)
    if base_url is not None:
        from cowork.web.guard import check_url

        check_url(base_url)
    offered, left_out = survey(directory)
    path = (output or Path(FILE_NAME)).absolute()
    _refuse_inside(path, offered)
    held = _held(path)
    packs = [entry_at(pack, base_url) for pack in offered]
    same = held.get("packs") == packs
    updated_at = held["updatedAt"] if same and moment(held.get("updatedAt")) else _time(held, clock)
    raw = written({"version": FORMAT, "updatedAt": updated_at, "packs": packs})
    archived = offered if base_url is not None else ()
    if not dry_run:
        for pack in archived:
            write_atomic(path.parent / ARCHIVES / pack.archive, archive(pack), mode=0o644)
        write_atomic(path, raw, mode=0o644)
    items = tuple(_item(pack) for pack in offered)
    built = CatalogueBuilt(
        output=str(path),
        items=items,
        count=len(items),
        left_out=left_out,
        archives=len(archived),
        updated_at=updated_at,
        changed=not same,
        dry_run=dry_run,
        plan=_plan(path, archived, len(packs)),
    )
    return built, tuple(Notice("registry.left_out", f"{item.path} is left out: {item.reason}") for item in left_out)


def written(document: dict[str, Any]) -> bytes:
    """The bytes of a catalogue."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def entry_at(pack: Offered, base_url: str | None) -> dict[str, Any]:
    """The entry of a pack whose archive is published below an address; without one, the entry as it is."""
    if base_url is None:
        return pack.entry
    return {**pack.entry, "downloadUrl": f"{base_url.rstrip('/')}/{ARCHIVES}/{quote(pack.archive)}"}


def _item(pack: Offered) -> BuiltItem:
    entry = pack.entry
    size = sum(file.size for file in pack.files)
    return BuiltItem(
        entry["id"], entry["version"], entry["skillCount"], entry["agentCount"], len(pack.files), size, entry["treeHash"]
    )


def _plan(path: Path, archived: Sequence[Offered], packs: int) -> tuple[Step, ...]:
    steps = [Step("write", str(path.parent / ARCHIVES / pack.archive), f"{len(pack.files)} files") for pack in archived]
    return (*steps, Step("write", str(path), f"{packs} packs"))


def _held(path: Path) -> dict[str, Any]:
    """The catalogue that is there already, so that a new one continues it. Raises for a file that is something else."""
    try:
        document = read_json(path, what="pack catalogue", limit=MAX_BODY)
    except FileNotFoundError:
        return {}
    if isinstance(document, dict) and isinstance(document.get("packs"), list):
        return document
    text = f"{path} is there and is no pack catalogue"
    raise Conflict("registry.output_taken", text, hint="name another file with --output", details={"path": str(path)})


def _refuse_inside(path: Path, offered: Sequence[Offered]) -> None:
    """A catalogue inside a pack would be a part of what it tells the hash of."""
    for pack in offered:
        if path.is_relative_to(pack.root.absolute()):
            text = f"{path} lies inside the pack '{pack.entry['id']}'"
            raise InvalidInput("registry.output_in_pack", text, hint="name a file elsewhere with --output")


def _time(held: dict[str, Any], clock: Clock) -> str:
    """Now, or what the environment calls so; a catalogue older than the one before would be refused by who has seen that."""
    from datetime import UTC, datetime

    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        now = clock.now() if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        hint = "set SOURCE_DATE_EPOCH to seconds since 1970, or unset it"
        raise InvalidInput("registry.bad_epoch", "SOURCE_DATE_EPOCH is no time", cause=str(error), hint=hint) from error
    before = moment(held.get("updatedAt"))
    return rfc3339(max(now, before) if before else now)
