"""The hash of a pack's content: the same whether it came by git, in an archive, from a directory or out of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

PREFIX = "h1:"


def tree_hash(root: Path, files: Iterable[str]) -> str:
    """`h1:` and 64 hex digits over the paths and contents of `files` below `root`. Raises OSError.

    SHA-256 of the lines "<SHA-256 of the file>  <path>", sorted by path: the construction of Go's `dirhash.Hash1`, in hex.
    Modes and times do not count: not every way that packs travel keeps them.
    """
    return combined({path: file_digest(root / path) for path in files})


def combined(digests: dict[str, str]) -> str:
    """The tree hash of files whose SHA-256 digests are known."""
    total = hashlib.sha256()
    for path in sorted(digests, key=lambda item: item.encode("utf-8", "surrogateescape")):
        total.update(f"{digests[path]}  {path}\n".encode("utf-8", "surrogateescape"))
    return PREFIX + total.hexdigest()


def file_digest(path: Path) -> str:
    """A file's SHA-256 in hex. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(1 << 16):
            digest.update(chunk)
    return digest.hexdigest()
