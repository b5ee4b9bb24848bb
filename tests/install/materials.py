"""Sources that are already open: their files are in memory, and what is read of them is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cowork.install.material import FileMaterial, Material
from cowork.install.tree import Entry


@dataclass
class Memory:
    """Files by path, the paths that were read so far, and in how many passes."""

    files: Mapping[str, str | bytes]
    read: list[str] = field(default_factory=list)
    passes: int = 0

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        self.passes += 1
        for path in paths:
            self.read.append(path)
            content = self.files[path]
            yield path, content.encode() if isinstance(content, str) else content


def opened(files: Mapping[str, str | bytes] | Memory, *more: Entry) -> Material:
    """The material of these files, listed in their order, and of further entries that cannot be read."""
    memory = files if isinstance(files, Memory) else Memory(files)
    entries = tuple(Entry(path, len(content)) for path, content in memory.files.items())
    return FileMaterial("memory:", (*entries, *more), memory.contents)
