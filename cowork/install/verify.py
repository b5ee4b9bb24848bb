"""`pack verify`: whether what is installed is what the lockfile says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cowork.core.errors import CoworkError
from cowork.core.text import one_line
from cowork.install import lockfile
from cowork.install.local import list_local
from cowork.install.lockfile import Locked
from cowork.install.places import Place
from cowork.install.tree_hash import tree_hash

Status = Literal["ok", "modified", "missing", "unmanaged"]


@dataclass(frozen=True)
class VerifiedPack:
    """One pack. `modified`: its files changed, or which may be executed. `unmanaged`: no lock entry, written by hand."""

    name: str
    version: str | None
    status: Status
    expected: str | None
    found: str | None
    message: str


@dataclass(frozen=True)
class Verification:
    """Packs sorted by name. `bad` counts the modified and missing ones."""

    items: tuple[VerifiedPack, ...]
    count: int
    bad: int


def verify(place: Place, names: tuple[str, ...] = ()) -> Verification:
    """Recompute the hash of every installed pack, or of the named ones.

    Raises `verify.failed` with the whole answer as data when one is not as it was installed, `pack.not_installed`, `lock.*`.
    """
    packs = lockfile.read(place)
    wanted = [lockfile.find(packs, name, place) for name in names] or list(packs.values())
    items = [_verified(place, entry) for entry in wanted]
    if not names:
        items += [
            VerifiedPack(name, None, "unmanaged", None, None, "written by hand: there is nothing to compare it with")
            for name in _directories(place)
            if name not in packs
        ]
    bad = sum(item.status in ("modified", "missing") for item in items)
    found = Verification(tuple(sorted(items, key=lambda item: item.name)), len(items), bad)
    if bad:
        raise CoworkError(
            "verify.failed",
            f"{bad} of {len(items)} packs {'is' if bad == 1 else 'are'} not as installed",
            hint="cowork pack install --frozen restores them; what you changed is kept in the store",
            data=found,
        )
    return found


def _verified(place: Place, entry: Locked) -> VerifiedPack:
    root = place.extensions / entry.name
    if root.is_symlink():
        text = f"{root} is a link, and nothing is loaded from it"
        return VerifiedPack(entry.name, entry.version, "modified", entry.tree_hash, None, text)
    if not root.is_dir():
        return VerifiedPack(entry.name, entry.version, "missing", entry.tree_hash, None, f"{root} is not there")
    try:
        files = list_local(root)
        found = tree_hash(root, [file.path for file in files])
        more = sorted({file.path for file in list_local(root, leave_out=())} - {file.path for file in files})
    except (CoworkError, OSError) as error:
        return VerifiedPack(entry.name, entry.version, "modified", entry.tree_hash, None, str(error))
    executables = tuple(file.path for file in files if file.executable)
    if found != entry.tree_hash:
        text = f"its files changed: {len(files)} of them now, {entry.files} when it was installed"
        return VerifiedPack(entry.name, entry.version, "modified", entry.tree_hash, found, text)
    if executables != entry.executables:
        text = f"other files may be executed: {', '.join(executables) or 'none'}"
        return VerifiedPack(entry.name, entry.version, "modified", entry.tree_hash, found, text)
    if more:  # a cache can hold other code than the files it was made from
        text = f"it holds what was not installed: {one_line(', '.join(more), 100)}"
        return VerifiedPack(entry.name, entry.version, "modified", entry.tree_hash, found, text)
    return VerifiedPack(entry.name, entry.version, "ok", entry.tree_hash, found, f"{entry.files} files")


def _directories(place: Place) -> list[str]:
    try:
        return sorted(path.name for path in place.extensions.iterdir() if path.is_dir() and path.name[0] != ".")
    except FileNotFoundError:
        return []
