"""`pack uninstall`: taking a personal pack away, with its lock entry and its switches."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import Conflict, NotFound
from cowork.core.plan import Step
from cowork.core.text import did_you_mean
from cowork.install import commit, lockfile, store
from cowork.install.approved import receipt
from cowork.install.commit import Change
from cowork.install.local import list_local
from cowork.install.lockfile import Locked
from cowork.install.places import Place, store_dir
from cowork.install.staging import staging
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.registry import states, world


@dataclass(frozen=True)
class Uninstalled:
    """A pack that was taken away. Without `purged` its trees stay in the store, for `pack install --offline`."""

    name: str
    version: str | None
    path: str
    tree_hash: str | None
    purged: bool
    dry_run: bool
    plan: tuple[Step, ...]


def uninstall(place: Place, name: str, clock: Clock, *, purge: bool, dry_run: bool) -> Uninstalled:
    """Take a pack away. Raises `uninstall.not_personal` (Conflict) for packs that others brought, `policy.pack_required`,
    `pack.not_installed`, `lock.*`, `file.*`.
    """
    if not dry_run:
        commit.recover(place)
    packs = lockfile.read(place)
    entry, root = packs.get(name), place.extensions / name
    if not lockfile.is_name(name) or (entry is None and not root.is_dir()):
        raise _missing(place, name, packs)
    gate.require(Action("pack uninstall", pack=name, source=entry.source if entry else None, removes=True), dry_run=dry_run)
    plan = [Step("remove", str(root)), Step("forget", name, f"in {place.lock} and {states.path().name}")]
    plan += [Step("purge", str(store_dir() / name))] if purge else []
    found = commit.installed_tree(place, name) if root.is_dir() else None
    if not dry_run:
        with staging(place) as work:
            if not purge:
                _keep(place, entry, found, name, rfc3339(clock.now()))
            commit.apply(place, [Change(name, entry, None)], work)
        states.forget(name, now=rfc3339(clock.now()))
        if purge:
            shutil.rmtree(store_dir() / name, ignore_errors=True)
    return Uninstalled(name, entry.version if entry else None, str(root), found, purge, dry_run, tuple(plan))


def _keep(place: Place, entry: Locked | None, found: str | None, name: str, at: str) -> None:
    """Keep in the store what is taken away: what was installed, and what somebody made of it."""
    if found is None:
        return
    if entry is not None and found == entry.tree_hash and place.scope == "user":
        root = place.extensions / name
        store.keep(root, list_local(root), name, found, receipt(entry))
    else:  # a project's lockfile may say of a tree whatever it likes
        commit.preserve_edits(place, name, None, at)


def _missing(place: Place, name: str, packs: dict[str, Locked]) -> NotFound | Conflict:
    """Why there is nothing to take away: it came with cowork, belongs to others, or is not there."""
    known = world.load()
    pack = known.named(name)
    if pack is not None and pack.scope == "project" and place.scope == "user":
        hint = f"cowork pack uninstall {name} --scope project, or remove {pack.head['path']}"
        return Conflict("uninstall.not_personal", f"'{name}' belongs to the project", hint=hint, details={"scope": pack.scope})
    if pack is not None:
        owner = {"bundled": "comes with cowork", "organization": "belongs to your organization"}.get(
            pack.scope, "is not from here"
        )
        return Conflict(
            "uninstall.not_personal",
            f"'{name}' {owner} and cannot be uninstalled",
            cause=pack.head["path"],
            hint=f"turn it off with: cowork pack disable {name}",
            details={"name": name, "scope": pack.scope, "path": pack.head["path"]},
        )
    names = [*packs, *(item.name for item in known.packs if item.scope == "personal")]
    hint = did_you_mean(name, names, "see: cowork pack list --scope personal")
    return NotFound("pack.not_installed", f"there is no installed pack '{name}'", hint=hint, details={"name": name})
