"""The rules themselves, over a file that may break one, and what they need to know, read when it is first needed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from cowork.install.scan import autorun, contents
from cowork.install.scan.kinds import decoded, is_text
from cowork.install.scan.reading import read
from cowork.install.scan.rule import Hit, Rule
from cowork.install.scan.text import Text

if TYPE_CHECKING:
    from cowork.install.scan.finding import Finding
    from cowork.install.tree import TreeFile

TOO_LARGE = Rule("scan.too_large", "A file is small enough to be read whole", "split it, or leave it out")
UNREADABLE = Rule("scan.unreadable", "A file can be read", "check its permissions")
RULES = (TOO_LARGE, UNREADABLE)

_ALL_TEXT = ("downloads", "damage", "access", "encoded", "prompts", "markup", "secrets")
_SHOWN_TEXT = ("hidden", "layout", "domains")
MODULES = ("contents", "autorun", *_ALL_TEXT, *_SHOWN_TEXT)
"""The modules of rules."""


class SecondLook:
    """The rules for the files of one pack. `allowed` are the reasons by rule and digest; without it those of the user."""

    def __init__(
        self, root: Path, files: Sequence[TreeFile], allowed: Mapping[tuple[str, str], str] | None, largest: int
    ) -> None:
        self._root, self._files, self._allowed, self._largest = root, files, allowed, largest

    def findings(self, path: str, data: bytes, modules: Collection[str]) -> list[Finding]:
        """What the rules of some modules find in a file."""
        raw = decoded(data)
        hits = self._hits(path, data, raw, modules)
        first = next(hits, None)
        if first is None:
            return []
        return self._findings(chain((first,), hits), path, raw, hashlib.sha256(data).hexdigest())

    def not_read(self, path: str, *, too_large: bool) -> list[Finding]:
        """The finding that a file was not scanned."""
        message = f"it is larger than {self._largest:,} bytes and was not scanned" if too_large else "it could not be scanned"
        hit = Hit(TOO_LARGE if too_large else UNREADABLE, "critical", 0, 1, message, "")
        return self._findings([hit], path, "", _digest(self._root / path))

    def _findings(self, hits: Iterable[Hit], path: str, raw: str, digest: str) -> list[Finding]:
        from cowork.install.scan import places

        return places.findings(hits, path, raw, digest, self._reasons)

    def _hits(self, path: str, data: bytes, raw: str, modules: Collection[str]) -> Iterator[Hit]:
        readable = is_text(data)
        text = Text(path, raw, None if readable else "data")
        if "contents" in modules:
            yield from contents.find(path, data)
        if "autorun" in modules:
            yield from autorun.find(path, raw)
        for name in (*_ALL_TEXT, *(_SHOWN_TEXT if readable else ())):  # text hides in programs and pictures too
            if name in modules:
                find = import_module(f"cowork.install.scan.{name}").find
                yield from find(text, self._declared) if name == "domains" else find(text)

    @cached_property
    def _reasons(self) -> Mapping[tuple[str, str], str]:
        if self._allowed is not None:
            return self._allowed
        from cowork.install.scan import allowances

        return allowances.read().reasons

    @cached_property
    def _declared(self) -> frozenset[str]:
        """The hosts that the manifests name."""
        from cowork.install.scan import domains

        return domains.declared_hosts(self._texts([file.path for file in self._files if domains.is_manifest(file.path)]))

    def _texts(self, paths: Sequence[str]) -> Iterator[str]:
        for path in paths:
            try:
                data = read(f"{self._root}/{path}", self._largest)
            except OSError:
                continue
            if len(data) <= self._largest:
                yield decoded(data)


def _digest(path: Path) -> str:
    """The SHA-256 of a file of any size; empty when it cannot be read, and then nobody can allow it."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
