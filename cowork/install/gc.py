"""`pack gc`: removing from the store what no lockfile speaks of, and what killed processes left."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from cowork.core.plan import Step
from cowork.install import commit, lockfile, store
from cowork.install.places import Place, place_of, store_dir
from cowork.policy import gate
from cowork.policy.actions import Action


@dataclass(frozen=True)
class Collected:
    """`removed` are trees of the store, as pack/hash; `bytes` what they took; `kept` how many stay; `swept` broken-off work."""

    removed: tuple[str, ...]
    bytes: int
    kept: int
    swept: int
    dry_run: bool
    plan: tuple[Step, ...]


def collect(*, dry_run: bool, all_history: bool = False) -> Collected:
    """Remove trees that are neither installed nor, unless `all_history`, in the history of a lockfile.

    The lockfiles are the user's, this project's, and those of the projects that installed something. Raises `lock.*` when one
    of them cannot be read: then nothing is removed, for it may speak of anything.
    """
    gate.require(Action("pack gc"), dry_run=dry_run)
    places = _places()
    stored = [path for path in sorted(store_dir().glob("*/h1-*")) if path.is_dir()]
    # Read last: what is installed meanwhile is spoken of, or was not listed.
    spoken_of = {key for place in places for key in _spoken_of(place, all_history=all_history)}
    unused = [path for path in stored if f"{path.parent.name}/{path.name}" not in spoken_of]
    unfinished = [path for path in store_dir().glob("*/.new-*") if path.is_dir()]
    size = sum(_size(path) for path in unused)
    swept = 0
    if not dry_run:
        for path in (*unused, *unfinished):
            shutil.rmtree(path, ignore_errors=True)
            path.with_name(f"{path.name}.json").unlink(missing_ok=True)
        for directory in {path.parent for path in (*unused, *unfinished)}:
            with contextlib.suppress(OSError):  # not empty, or somebody else was faster
                directory.rmdir()
        swept = sum(commit.recover(place) for place in places)
    names = tuple(f"{path.parent.name}/{path.name}" for path in unused)
    plan = tuple(Step("remove", name) for name in names) or (Step("keep", f"{len(stored)} trees", "nothing is unused"),)
    return Collected(names, size, len(stored) - len(unused), swept, dry_run, plan)


def _size(root: Path) -> int:
    """The bytes below a directory that may go away meanwhile."""
    size = 0
    for directory, _, names in os.walk(root):
        for name in names:
            with contextlib.suppress(OSError):
                size += os.lstat(f"{directory}/{name}").st_size
    return size


def _spoken_of(place: Place, *, all_history: bool) -> list[str]:
    keys = []
    for entry in lockfile.read(place).values():
        earlier = () if all_history else entry.history
        keys += [
            f"{entry.name}/{hash_.replace(':', '-')}" for hash_ in (entry.tree_hash, *(item.tree_hash for item in earlier))
        ]
    return keys


def _places() -> list[Place]:
    projects = [Place("project", Path(base)) for base in store.projects() if Path(base).is_dir()]
    return list({place.base: place for place in (place_of("user"), place_of("project"), *projects)}.values())
