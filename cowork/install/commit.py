"""Putting packs in place and taking them away: directory and lock entry in one step, or nothing at all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cowork.core import transactions
from cowork.core.errors import Conflict
from cowork.core.files import ensure_dir, write_atomic
from cowork.core.locks import locked
from cowork.core.transactions import Move, lock_of
from cowork.install import lockfile, staging, store
from cowork.install.local import list_local
from cowork.install.lockfile import Locked
from cowork.install.names import folded
from cowork.install.places import Place
from cowork.install.tree_hash import tree_hash


@dataclass(frozen=True)
class Change:
    """What happens to one pack.

    `root` is its new tree in staging, None to leave the directory as it is. `entry` is its new lock entry, None to remove pack
    and entry. `before` is the entry the change was decided on.
    """

    name: str
    before: Locked | None
    entry: Locked | None
    root: Path | None = None


@contextlib.contextmanager
def holding(place: Place) -> Iterator[dict[str, Locked]]:
    """The installed packs of a place, with nobody else changing them.

    Raises `place.link`, `file.locked` and what `lockfile.read` raises.
    """
    place.refuse_links()
    ensure_dir(place.extensions)
    with locked(lock_of(place.extensions)):
        transactions.recover_locked(place.extensions)
        yield lockfile.read(place)


def apply(place: Place, changes: Sequence[Change], work: Path) -> None:
    """Carry out the changes as one step. `work` is a directory in the staging of `place`.

    Raises Conflict: `install.changed_meanwhile` when another process was faster, `install.name_taken`.
    """
    store.remember(place)
    for change in changes:
        if change.root is not None:
            store.sync_tree(change.root)
    with holding(place) as packs:
        for change in changes:
            if packs.get(change.name) != change.before:
                raise Conflict(
                    "install.changed_meanwhile",
                    f"another process changed '{change.name}' meanwhile",
                    hint="look at it with `cowork pack list`, and try again",
                )
            _refuse_alike(change, packs, place)
        moves = [move for number, change in enumerate(changes) for move in _moves(place, change, work / f"aside-{number}")]
        following = _following(packs, changes)
        if following != packs or not place.lock.exists():
            write_atomic(work / "cowork.lock", lockfile.content(following), mode=0o644)
            moves.append(Move(work / "cowork.lock", place.lock))
        transactions.commit(place.extensions, moves)


def _refuse_alike(change: Change, packs: Mapping[str, Locked], place: Place) -> None:
    """Raises `install.name_taken` for a name that is another pack's directory where a file system ignores case."""
    if change.root is None or change.name in packs:
        return
    standing = (path.name for path in place.extensions.iterdir())
    taken = next((name for name in (*packs, *standing) if name != change.name and folded(name) == folded(change.name)), None)
    if taken is not None:
        raise Conflict(
            "install.name_taken",
            f"'{change.name}' and '{taken}' are one directory on some systems",
            hint=f"uninstall '{taken}' first, or ask the author to rename one of them",
            details={"name": change.name, "taken": taken},
        )


def installed_tree(place: Place, name: str) -> str | None:
    """The hash of what is in a pack's directory now, None when there is none. Raises `install.*` for what no pack may hold."""
    root = place.extensions / name
    if root.is_symlink() or not root.is_dir():  # what a link leads to was not installed, and is not loaded
        return None
    return tree_hash(root, [file.path for file in list_local(root)])


def preserve_edits(place: Place, name: str, entry: Locked | None, at: str) -> str | None:
    """Keep what is in a pack's directory in the store when the store lacks it; its hash, None when nothing had to be kept."""
    found = installed_tree(place, name)
    if found is None or (entry is not None and found == entry.tree_hash):
        return None
    if store.path_of(name, found).is_dir() and store.receipt_of(name, found) is not None:
        return found  # it says more about the tree than could be said now
    files = list_local(place.extensions / name)
    store.keep(place.extensions / name, files, name, found, {"name": name, "tree_hash": found, "edited": True, "at": at})
    return found


def recover(place: Place) -> int:
    """Finish what a killed process decided and sweep out what it left; how many unfinished installations those were."""
    if not place.extensions.is_dir() and not place.staging.is_dir():
        return 0
    transactions.recover(place.extensions)
    return staging.sweep(place)


def _moves(place: Place, change: Change, aside: Path) -> list[Move]:
    target = place.extensions / change.name
    if change.root is not None:
        return [Move(change.root, target, aside)]
    if change.entry is None and target.exists():
        return [Move(target, aside)]
    return []


def _following(packs: Mapping[str, Locked], changes: Sequence[Change]) -> dict[str, Locked]:
    following = dict(packs)
    for change in changes:
        if change.entry is None:
            following.pop(change.name, None)
        else:
            following[change.name] = change.entry
    return following
