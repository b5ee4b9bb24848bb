"""A pack's files as plain values, wherever they come from: judged before a byte is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cowork.core.errors import InvalidInput
from cowork.core.text import one_line
from cowork.install.names import folded, judge_name

MAX_FILES = 10_000
MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_TOTAL_BYTES = 64 * 1024 * 1024
LARGEST_ARCHIVE_BYTES = 64 * 1024 * 1024
LARGEST_LISTING = 100_000
"""How many files a repository or archive may list, of which a pack may be a part."""


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a pack: its path below the root with `/`, its size in bytes, and whether it may be executed."""

    path: str
    size: int
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that a source lists. `kind`: file, symlink, hardlink, submodule or other. `size` is what the source says."""

    path: str
    size: int
    kind: str = "file"
    executable: bool = False


_KINDS = {
    "symlink": ("install.symlink", "is a symbolic link", "replace it by the file it points to"),
    "hardlink": ("install.hardlink", "is a hard link", "pack the file itself"),
    "submodule": ("install.submodule", "is a submodule", "install the submodule's repository on its own"),
    "other": ("install.irregular", "is neither a file nor a directory", "leave it out"),
}


def judge(entries: Iterable[Entry]) -> tuple[TreeFile, ...]:
    """The files of a pack, sorted by path, when every one of them may be installed.

    Raises InvalidInput: `install.symlink`, `.hardlink`, `.submodule`, `.irregular`, `.path_*`, `.path_collision`,
    `.too_many_files`, `.file_too_large`, `.too_large`, `.empty`.
    """
    files: list[TreeFile] = []
    seen: dict[str, str] = {}
    directories: dict[str, str] = {}
    total = 0
    for entry in entries:
        judge_name(entry.path)
        if entry.kind != "file":
            raise _of_kind(entry)
        if entry.path.rpartition("/")[2] == ".gitmodules":
            raise _of_kind(Entry(entry.path, 0, "submodule"))
        total += entry.size
        if len(files) >= MAX_FILES:
            raise too_many(MAX_FILES)
        if entry.size > MAX_FILE_BYTES:
            raise file_too_large(entry.path)
        if total > MAX_TOTAL_BYTES:
            raise too_large()
        _judge_collision(entry.path, seen, directories)
        files.append(TreeFile(entry.path, entry.size, entry.executable))
    if not files:
        raise InvalidInput("install.empty", "there are no files to install", hint="check the path inside the source")
    return tuple(sorted(files, key=lambda file: file.path))


def _judge_collision(path: str, seen: dict[str, str], directories: dict[str, str]) -> None:
    """Two paths that are one on some system, a file that is also a directory, two spellings of one directory."""
    key = folded(path)
    if key in seen or key in directories:
        raise _collision(path, seen.get(key) or directories[key])
    seen[key] = path
    parent = path.rpartition("/")[0]
    while parent:
        key = folded(parent)
        if key in seen or directories.get(key, parent) != parent:
            raise _collision(path, seen.get(key) or directories[key])
        if key in directories:
            break
        directories[key] = parent
        parent = parent.rpartition("/")[0]


def _collision(path: str, other: str) -> InvalidInput:
    return InvalidInput(
        "install.path_collision",
        f"{one_line(path, 120)!r} and {one_line(other, 120)!r} are the same file on some systems",
        cause="they differ only in case or Unicode form, or one is a file and the other a directory",
        hint="ask the author of the pack to rename one of them",
        details={"path": path, "other": other},
    )


def _of_kind(entry: Entry) -> InvalidInput:
    code, what, fix = _KINDS[entry.kind]
    return InvalidInput(
        code,
        f"{one_line(entry.path, 120)!r} {what}",
        cause="a pack holds regular files only",
        hint=f"ask the author of the pack to {fix}",
        details={"path": entry.path},
    )


def too_many(limit: int) -> InvalidInput:
    """More files than a source may list."""
    return InvalidInput(
        "install.too_many_files",
        f"the source holds more than {limit:,} files",
        hint="name a directory inside it, such as github:owner/repo/path",
        details={"limit": limit},
    )


def file_too_large(path: str) -> InvalidInput:
    """One file beyond the limit."""
    return InvalidInput(
        "install.file_too_large",
        f"{one_line(path, 120)!r} is larger than {MAX_FILE_BYTES // 1024 // 1024} MB",
        hint="packs are texts; ask its author to leave large files out",
        details={"path": path, "limit": MAX_FILE_BYTES},
    )


def too_large() -> InvalidInput:
    """All files together beyond the limit."""
    return InvalidInput(
        "install.too_large",
        f"the pack is larger than {MAX_TOTAL_BYTES // 1024 // 1024} MB",
        hint="packs are texts; ask its author to leave large files out",
        details={"limit": MAX_TOTAL_BYTES},
    )
