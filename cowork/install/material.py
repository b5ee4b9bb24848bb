"""What a source turned out to be: a listing and the files in it, alike for repositories, archives, directories, manifests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import parse_json
from cowork.core.outcome import Notice
from cowork.formats.limits import MAX_MANIFEST_BYTES
from cowork.install import git, local
from cowork.install.sources import ARCHIVES, Source
from cowork.install.tree import LARGEST_ARCHIVE_BYTES, MAX_FILE_BYTES, MAX_TOTAL_BYTES, Entry, file_too_large, too_large
from cowork.install.warming import warm

DOWNLOAD_S = 120.0
Progress = Callable[[str, dict[str, Any]], None]
"""Hears of each step of the work: its kind, and what there is to say about it."""


class Material(Protocol):
    """A source that was opened. `commit` and `ref` are those of a repository."""

    @property
    def url(self) -> str:
        """Where it came from in the end."""

    @property
    def commit(self) -> str | None:
        """The commit."""

    @property
    def ref(self) -> str | None:
        """The full name of the ref."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is worth knowing about it."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything it lists, not judged yet."""

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The files at `paths` with their contents, in an order of its own."""


@dataclass(frozen=True)
class FileMaterial:
    """An archive, a directory or a single manifest."""

    url: str
    entries: tuple[Entry, ...]
    read: Callable[[Iterable[str]], Iterator[tuple[str, bytes]]]
    commit: str | None = None
    ref: str | None = None
    notices: tuple[Notice, ...] = ()

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The files at `paths` with their contents."""
        return self.read(paths)


def open_source(source: Source, work: Path, progress: Progress, *, sha256: str | None = None) -> Material:
    """Fetch what a source names into the directory `work`; a catalogue entry has to be looked up before.

    `sha256` is what an archive must have. Raises what `git.fetch`, `web.client.download` and the archives raise, and
    `install.source_not_found`, `install.archive_digest`.
    """
    progress("install.fetching", {"source": source.canonical})
    if source.kind != "local":
        warm()
    if source.kind in ("github", "git"):
        return git.fetch(source, _fresh(work, "repository"))
    if source.kind == "local":
        return _local(Path(source.url))
    from cowork.web.client import download

    path = _fresh(work, "download") / "file"
    limit = MAX_MANIFEST_BYTES if source.kind == "manifest" else LARGEST_ARCHIVE_BYTES
    with path.open("xb") as target:
        url = download(source.url, target, limit=limit, timeout_s=DOWNLOAD_S, progress=_bytes(progress))
    if source.kind == "manifest":
        content = path.read_bytes()
        name = "cowork.plugin.json"
        return FileMaterial(url, (Entry(name, len(content)),), lambda paths: ((path, content) for path in paths))
    _check_digest(path, sha256)
    return _archive(path, url)


def read_json(material: Material, path: str) -> Any:
    """The parsed JSON at a path of the material. Raises `file.corrupt` and `file.too_large`."""
    raw = read_file(material, path)
    if len(raw) > MAX_MANIFEST_BYTES:
        raise InvalidInput(
            "file.too_large", f"{path} is larger than {MAX_MANIFEST_BYTES} bytes", hint="ask its author to split it"
        )
    return parse_json(raw, path=Path(path), what="manifest")


def read_ahead(material: Material, paths: Sequence[str]) -> Material:
    """The material with the files at `paths` in memory: an archive is gone through once for all of them.

    Raises `install.too_large`. Files that are no manifests by their size are not read ahead.
    """
    sizes = {entry.path: entry.size for entry in material.entries}
    small = [path for path in paths if sizes[path] <= MAX_MANIFEST_BYTES]
    if sum(sizes[path] for path in small) > MAX_TOTAL_BYTES:
        raise too_large()
    held = dict(material.contents(small)) if small else {}

    def read(wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for path in wanted:
            yield from [(path, held[path])] if path in held else material.contents([path])

    return FileMaterial(material.url, material.entries, read)


def read_file(material: Material, path: str) -> bytes:
    """The content of one file that the material lists."""
    for _, content in material.contents([path]):
        return content
    raise InvalidInput(
        "install.archive_damaged", f"{path!r} cannot be read", hint="ask the author of the pack to build it anew"
    )


def _local(path: Path) -> Material:
    if path.is_dir():
        return FileMaterial(str(path), tuple(local.entries_of(path)), lambda paths: _files(path, paths))
    if not path.exists():
        hint = "check the path; a source without ./ or / is looked up in the catalogue"
        raise NotFound("install.source_not_found", f"there is nothing at {path}", hint=hint, details={"path": str(path)})
    if not path.name.endswith(ARCHIVES):
        hint = "name a directory, a .zip or a .tar.gz"
        raise InvalidInput("source.unknown", f"{path} is neither a directory nor an archive", hint=hint)
    if not path.is_file():
        raise InvalidInput("source.unknown", f"{path} is no regular file", hint="name a directory, a .zip or a .tar.gz")
    if path.stat().st_size > LARGEST_ARCHIVE_BYTES:
        raise InvalidInput("install.too_large", f"{path} is larger than an archive of packs may be", hint="ask its author")
    return _archive(path, str(path))


def _files(root: Path, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        try:
            # Not through a link that was put there since the directory was listed.
            handle = os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise local.unreadable(root / path, error) from error
        if len(content) > MAX_FILE_BYTES:
            raise file_too_large(path)
        yield path, content


def _archive(path: Path, url: str) -> Material:
    """An archive; a single directory that holds everything, as code hosts make them, is taken for the root."""
    from cowork.install.archives import open_archive

    archive = open_archive(path)
    tops = {entry.path.partition("/")[0] for entry in archive.entries}
    top = f"{min(tops)}/" if len(tops) == 1 and all("/" in entry.path for entry in archive.entries) else ""
    if top in ("../", "./", "/") or "\\" in top:
        top = ""
    entries = tuple(Entry(item.path.removeprefix(top), item.size, item.kind, item.executable) for item in archive.entries)

    def read(paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for name, content in archive.contents(top + path for path in paths):
            yield name.removeprefix(top), content

    return FileMaterial(url, entries, read)


def _check_digest(path: Path, expected: str | None) -> None:
    from cowork.install.tree_hash import file_digest

    found = file_digest(path)
    if expected is not None and found != expected:
        raise InvalidInput(
            "install.archive_digest",
            "the archive is not the one that was announced",
            cause=f"its SHA-256 is {found}, announced was {expected}",
            hint="do not install it; ask whoever publishes it",
        )


def _bytes(progress: Progress) -> Callable[[int, int | None], None]:
    return lambda done, whole: progress("install.downloading", {"bytes": done, "total": whole})


def _fresh(work: Path, name: str) -> Path:
    """A new directory below `work`: a marketplace may lead to a second source."""
    number = sum(1 for path in work.iterdir() if path.name.startswith(name))
    path = work / f"{name}-{number}"
    path.mkdir(mode=0o700)
    return path
