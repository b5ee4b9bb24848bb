"""The store: every tree that was ever installed, by pack and tree hash, until `pack gc`. It makes rollback work offline."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import cannot_write, ensure_dir, read_json, unused, write_atomic
from cowork.install.local import list_local
from cowork.install.places import Place, store_dir
from cowork.install.tree import TreeFile
from cowork.install.tree_hash import tree_hash

_PROJECTS = ".projects"  # no pack can be called so


def path_of(name: str, hash_: str) -> Path:
    """Where a tree of a pack is kept, whether or not it is."""
    return store_dir() / name / hash_.replace(":", "-")


def keep(root: Path, files: Sequence[TreeFile], name: str, hash_: str, receipt: dict[str, Any]) -> Path:
    """Keep a copy of the tree at `root`; nothing happens when it is there. Raises `file.not_writable`."""
    target = path_of(name, hash_)
    if not target.is_dir():
        ensure_dir(target.parent)
        aside = unused(target.parent, ".new-")
        try:
            aside.mkdir(mode=0o700)
            copy_tree(root, files, aside)  # not forced to disk: its hash is checked before it is used
            aside.rename(target)
        except OSError as error:
            if not target.is_dir():  # another process may have been faster
                raise cannot_write(target, error) from error
        finally:
            if aside.exists():
                import shutil

                shutil.rmtree(aside, ignore_errors=True)
    write_atomic(target.with_name(f"{target.name}.json"), json.dumps(receipt, sort_keys=True).encode() + b"\n", durable=False)
    return target


def receipt_of(name: str, hash_: str) -> dict[str, Any] | None:
    """What was known of a tree when it was installed, or None."""
    path = path_of(name, hash_)
    try:
        document = read_json(path.with_name(f"{path.name}.json"), what="receipt")
    except (FileNotFoundError, InvalidInput):
        return None
    return document if isinstance(document, dict) else None


def receipts() -> list[dict[str, Any]]:
    """Every receipt, the newest first."""
    found = [
        (path.stat().st_mtime_ns, receipt)
        for path in store_dir().glob("*/h1-*.json")
        if (receipt := receipt_of(path.parent.name, path.stem.replace("-", ":", 1))) is not None
    ]
    return [receipt for _, receipt in sorted(found, key=lambda item: item[0], reverse=True)]


def remember(place: Place) -> None:
    """Note that a project has a lockfile, so that it is asked before anything is removed from the store."""
    if place.scope == "project" and str(place.base) not in projects():
        write_atomic(store_dir() / _PROJECTS, "".join(f"{base}\n" for base in [*projects(), str(place.base)]).encode())


def projects() -> list[str]:
    """The `.cowork` directories of projects that installed something."""
    try:
        return [line for line in (store_dir() / _PROJECTS).read_text("utf-8").splitlines() if line]
    except FileNotFoundError:
        return []


def take(name: str, hash_: str, target: Path) -> tuple[TreeFile, ...]:
    """Copy a kept tree to the directory `target` and hold it to its hash.

    Raises `store.missing` (NotFound), and `store.damaged` (InvalidInput) when it is not what it was.
    """
    source = path_of(name, hash_)
    if not source.is_dir():
        raise NotFound(
            "store.missing",
            f"the store does not hold {name} {hash_[:15]}",
            hint="install it from its source; `pack gc` may have removed it",
            details={"name": name, "tree_hash": hash_},
        )
    files = list_local(source)
    copy_tree(source, files, target)
    if tree_hash(target, [file.path for file in files]) != hash_:
        raise InvalidInput(
            "store.damaged",
            f"{source} is not what was installed",
            cause="its content has another hash",
            hint=f"remove {source} and install from the source",
            details={"name": name, "tree_hash": hash_},
        )
    return files


def copy_tree(root: Path, files: Sequence[TreeFile], target: Path) -> None:
    """Copy files into the directory `target`. Raises OSError."""
    made: set[str] = set()
    for file in files:
        parent = file.path.rpartition("/")[0]
        if parent not in made:
            (target / parent).mkdir(parents=True, exist_ok=True)
            made.add(parent)
        write_file(f"{target}/{file.path}", (root / file.path).read_bytes(), executable=file.executable)


class _Flush:
    """A tree on its way to the disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._failed: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="flushing", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        self._thread.join()
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        try:
            _sync(self._root)
        except OSError as error:
            self._failed = error


_flushes: dict[Path, _Flush] = {}


def flush(root: Path) -> None:
    """Begin to force a tree to disk. `sync_tree` waits for it; nothing may be written to the tree meanwhile."""
    _flushes[root] = _Flush(root)


def sync_tree(root: Path) -> None:
    """Return when every file below a directory, and the directories, are on disk. Raises OSError."""
    begun = _flushes.pop(root, None)
    if begun is not None:
        begun.wait()
    else:
        _sync(root)


def _sync(root: Path) -> None:
    for directory, _, names in os.walk(root):
        for name in (*names, ""):
            handle = os.open(os.path.join(directory, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)  # noqa: PTH118
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def write_file(path: Path | str, content: bytes, *, executable: bool) -> None:
    """Write a new file, never through a link and never over another. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o755 if executable else 0o644)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
    finally:
        os.close(handle)
