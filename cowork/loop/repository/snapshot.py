"""Snapshots of a working tree: whether anything changed, what, and how; without a trace in the user's repository.

git looks, with an index of ours that starts as a copy of the user's and objects in a directory of ours, which borrows theirs.
Everything counts that git would commit: content, mode, deletions, new files that are not ignored; and commits. Files that are
too large to keep, or cannot be read, count by size and time. Repositories within (submodules or not) have snapshots of their
own. Without git, or outside of a repository, the tree is walked (`walking`).

Files that the user told git to assume unchanged, or that a sparse checkout left out, are taken as git takes them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cowork.core.errors import CoworkError
from cowork.core.files import ensure_dir
from cowork.loop.repository.facts import EXCLUDED, Repository, filters_off, find, is_excluded
from cowork.loop.repository.git import TIMEOUT_S, Git
from cowork.loop.repository.walking import walked

LARGEST_FILE_BYTES = 16 * 1024 * 1024
"""Files above this size are not kept: they count by size and time, and are in no patch."""
_DEEPEST, _MOST_NESTED = 3, 64
_LINK = "160000"  # the mode of a repository within a repository
_Signature = tuple[int, int, int]


@dataclass(frozen=True)
class Snapshot:
    """A working tree at a moment. Two are equal in `digest` exactly when nothing changed between them.

    `head` is the commit, `tree` git's own name of the content; both None outside of a repository. `stamps` stand for the files
    that are not in the tree, by path. `nested` are the repositories within.
    """

    digest: str
    head: str | None = None
    tree: str | None = None
    stamps: Mapping[str, str] = field(default_factory=dict)
    nested: Mapping[str, Snapshot] = field(default_factory=dict)


class Snapshots:
    """Takes snapshots of one directory, and compares those it took. What it needs for that is kept in `store`."""

    def __init__(
        self,
        directory: Path,
        store: Path,
        *,
        excluded: tuple[str, ...] = EXCLUDED,
        timeout_s: float = TIMEOUT_S,
        _depth: int = 0,
    ) -> None:
        self._directory, self._store, self._excluded = directory, store, excluded
        self._timeout_s, self._depth = timeout_s, _depth
        self._copied: _Signature | None = None
        self._links: tuple[str, ...] = ()
        self._repository: Repository | None = None
        self._tree: str | None = None  # that our index stands for, while it is known

    async def take(self) -> Snapshot:
        """The tree as it is now. Raises `git.late` when it takes too long, `git.*` when git fails, `file.not_writable`."""
        repository = await self._found()
        if repository is None:
            return _sealed(Snapshot("", stamps=await asyncio.to_thread(walked, self._directory, self._excluded)))
        try:
            return await self._taken(repository)
        except CoworkError as error:
            if error.code != "git.failed":
                raise
            return await self._taken(repository)  # a file went or changed its kind while git looked: once more

    async def changes(self, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
        """The paths that differ between two snapshots, sorted; empty also when only commits were made."""
        found = {path for path in {*before.stamps, *after.stamps} if before.stamps.get(path) != after.stamps.get(path)}
        if before.tree and after.tree and before.tree != after.tree:
            git = await self._comparing()
            found |= set(
                (await git.must("diff-tree", "-r", "-z", "--name-only", "--no-renames", before.tree, after.tree)).names
            )
        for path in {*before.nested, *after.nested}:
            one, other = before.nested.get(path), after.nested.get(path)
            if one is None or other is None:
                found.add(path)
            elif one.digest != other.digest:
                inner = await self._within(path).changes(one, other)
                found |= {f"{path}/{name}" for name in inner} or {path}
        return tuple(sorted(found))

    async def patch(self, before: Snapshot, after: Snapshot, *, _place: str = "") -> bytes:
        """What `git apply` makes of one tree the other, binary files included; without files that only have stamps."""
        pieces = []
        if before.tree and after.tree and before.tree != after.tree:
            git = await self._comparing()
            words = ("diff-tree", "-r", "-p", "--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv")
            places = (f"--src-prefix=a/{_place}", f"--dst-prefix=b/{_place}", "--no-color")
            pieces.append((await git.must(*words, *places, before.tree, after.tree)).out)
        for path in sorted({*before.nested} & {*after.nested}):
            inner = self._within(path)
            pieces.append(await inner.patch(before.nested[path], after.nested[path], _place=f"{_place}{path}/"))
        return b"".join(pieces)

    async def _taken(self, repository: Repository) -> Snapshot:
        git = await self._git(repository)
        await self._begin(repository, git)
        (nested, files, stamps), head = await asyncio.gather(self._looked_at(git), repository.head())
        if files:
            self._tree = None
            feed = b"".join(os.fsencode(name) + b"\0" for name in files)
            await git.must("update-index", "-z", "--add", "--remove", "--replace", "--stdin", feed=feed)
        if self._tree is None:
            self._tree = await self._written(repository, git)
        return _sealed(Snapshot("", head, self._tree, stamps, await self._nested(nested)))

    async def _found(self) -> Repository | None:
        """The repository, looked for again when it is not where it was; None where git does not work."""
        if self._repository is None or not (self._repository.git_dir / "HEAD").exists():
            try:
                self._repository = await find(self._directory)
            except CoworkError as error:
                if error.code not in ("git.missing", "git.failed"):
                    raise
                return None
        return self._repository

    @property
    def _index(self) -> Path:
        return self._store / "index"

    async def _git(self, repository: Repository) -> Git:
        """What runs git in the directory, with our index and our objects."""
        ensure_dir(self._store / "objects")
        environment = {
            "GIT_INDEX_FILE": str(self._index),
            "GIT_OBJECT_DIRECTORY": str(self._store / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(repository.common_dir / "objects"),
            "GIT_LITERAL_PATHSPECS": "1",
        }
        config = {"core.fsync": "none", **await filters_off(repository)}
        return replace(repository.git, timeout_s=self._timeout_s).looking(config).having(environment=environment)

    async def _comparing(self) -> Git:
        repository = await find(self._directory)
        if repository is None:
            raise CoworkError("git.failed", f"there is no repository any more in {self._directory}")
        return await self._git(repository)

    async def _begin(self, repository: Repository, git: Git) -> None:
        """Start again from the user's index when it is another one than last time; go on with ours else."""
        with contextlib.suppress(FileNotFoundError):
            Path(f"{self._index}.lock").unlink()  # of a git that was killed: nobody else uses this index
        source = repository.git_dir / "index"
        found = _signature(source)
        if self._index.exists() and found == self._copied:
            return
        self._tree = None
        self._index.unlink(missing_ok=True)
        if found is not None:
            with contextlib.suppress(FileNotFoundError):
                # With its time: by it git tells which files may have changed since without looking like it.
                shutil.copy2(source, self._index)
        listed = await git.must("ls-files", "-s", "-z")
        entries = [entry.partition("\t")[::2] for entry in listed.names]
        self._links = tuple(path for kind, path in entries if kind.startswith(_LINK))
        ours = [path for _, path in entries if is_excluded(path, self._excluded)]
        if ours:
            feed = b"".join(os.fsencode(path) + b"\0" for path in ours)
            await git.must("update-index", "-z", "--force-remove", "--stdin", feed=feed)
        self._copied = found

    async def _looked_at(self, git: Git) -> tuple[list[str], list[str], dict[str, str]]:
        """Of all that differs from our index: the repositories within, files for the tree, and stamps of the others."""
        listed = await git.must("ls-files", "-z", "-o", "-m", "-d", "--exclude-standard")
        nested, files, stamps = [*self._links], [], {}
        for name in sorted({name.rstrip("/") for name in listed.names}):
            if is_excluded(name, self._excluded):
                continue
            path = self._directory / name
            try:
                found = path.lstat()
            except OSError:
                files.append(name)  # it is gone: git takes note
                continue
            if stat.S_ISDIR(found.st_mode):
                nested.append(name)
            elif not _is_kept(path, found):
                stamps[name] = f"{found.st_mode:o} {found.st_size} {found.st_mtime_ns} {found.st_ino}"
            else:
                files.append(name)
        return nested, files, stamps

    async def _written(self, repository: Repository, git: Git) -> str:
        words = [f"--prefix={repository.prefix}"] if repository.prefix else []
        done = await git.run("write-tree", "--missing-ok", *words)
        if not done.ok and words:  # there is nothing in the directory
            done = await git.must("mktree", feed=b"")
        if not done.ok:
            raise CoworkError("git.failed", f"git write-tree failed in {self._directory}", cause=done.why)
        return done.text

    async def _nested(self, paths: list[str]) -> dict[str, Snapshot]:
        if self._depth >= _DEEPEST:
            return {}
        there = [path for path in dict.fromkeys(paths) if (self._directory / path / ".git").exists()]
        return {path: await self._within(path).take() for path in there[:_MOST_NESTED]}

    def _within(self, path: str) -> Snapshots:
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        store = self._store / "nested" / name
        return Snapshots(self._directory / path, store, excluded=(), timeout_s=self._timeout_s, _depth=self._depth + 1)


def _sealed(snapshot: Snapshot) -> Snapshot:
    """The same with the digest of all of it."""
    nested = sorted((path, inner.digest) for path, inner in snapshot.nested.items())
    content = json.dumps([snapshot.head, snapshot.tree, sorted(snapshot.stamps.items()), nested])
    return replace(snapshot, digest=hashlib.sha256(content.encode()).hexdigest()[:32])


def _is_kept(path: Path, found: os.stat_result) -> bool:
    """Whether git is given a file: a link, or a regular file that is not too large and that can be read."""
    if stat.S_ISREG(found.st_mode):
        return found.st_size <= LARGEST_FILE_BYTES and os.access(path, os.R_OK)
    return stat.S_ISLNK(found.st_mode)


def _signature(path: Path) -> _Signature | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _quoted(path: Path) -> str:
    """A path as a member of git's list of directories, whatever is in it."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
