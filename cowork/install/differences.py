"""What changes between two trees of a pack: files, and what they can do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cowork.install.capabilities import Capability
from cowork.install.local import list_local
from cowork.install.tree_hash import file_digest


@dataclass(frozen=True)
class TreeDiff:
    """Paths and capability ids, sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    capabilities_added: tuple[str, ...]
    capabilities_removed: tuple[str, ...]


def diff(old: Path, new: Path, before: Iterable[str], after: Iterable[Capability]) -> TreeDiff:
    """What is different in the directory `new`. A directory that is not there counts as empty. Raises OSError, `install.*`."""
    held, fresh = _digests(old), _digests(new)
    had, has = set(before), {item.id for item in after}
    return TreeDiff(
        added=tuple(sorted(fresh.keys() - held.keys())),
        removed=tuple(sorted(held.keys() - fresh.keys())),
        changed=tuple(sorted(path for path in fresh.keys() & held.keys() if fresh[path] != held[path])),
        capabilities_added=tuple(sorted(has - had)),
        capabilities_removed=tuple(sorted(had - has)),
    )


def _digests(root: Path) -> dict[str, tuple[str, bool]]:
    files = list_local(root) if root.is_dir() else ()
    return {file.path: (file_digest(root / file.path), file.executable) for file in files}
