"""The files of a workspace by name: what a reference written somewhere may mean."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import cached_property

from cowork.twins.evidence.look import Look

SET_ASIDE = frozenset(
    "node_modules bower_components vendor vendored _vendor third_party third-party site-packages .venv venv "
    "testdata test-data test_data fixtures __fixtures__ __snapshots__ cassettes".split()
)
"""Directories of others' files, and of files that are meant to be wrong."""


def is_set_aside(name: str) -> bool:
    """Whether a file is somebody else's, a sample for tests, or a template with places in its name."""
    return "{{" in name or any(part in SET_ASIDE for part in name.split("/")[:-1])


class Tree:
    """Names of files, relative to the top with `/`, and the directories they are in."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = frozenset(files)

    @classmethod
    def of(cls, look: Look) -> Tree:
        """The files that are not ignored, and the repositories among them, whose insides are not known."""
        return cls((*look.files, *(entry.name for entry in look.entries if not entry.is_file)))

    @cached_property
    def directories(self) -> frozenset[str]:
        """Every directory with a file in or below it; the top is the empty name."""
        found = {""}
        for name in self.files:
            above = posixpath.dirname(name)
            while above not in found:
                found.add(above)
                above = posixpath.dirname(above)
        return frozenset(found)

    @cached_property
    def _by_base(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in sorted(self.files):
            found.setdefault(posixpath.basename(name), []).append(name)
        return found

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {name.casefold(): name for name in sorted(self.files | self.directories)}

    def __contains__(self, name: str) -> bool:
        return name in self.files or name in self.directories

    def called(self, base: str) -> list[str]:
        """Files with this last name, sorted."""
        return self._by_base.get(base, [])

    def ending(self, path: str) -> list[str]:
        """Files whose last names are those of `path`: `a/b.py` is the end of `x/a/b.py`."""
        return [name for name in self.called(posixpath.basename(path)) if name == path or name.endswith(f"/{path}")]

    def in_other_case(self, path: str) -> str | None:
        """What is called the same but for capital letters."""
        found = self._folded.get(path.casefold())
        return None if found == path else found

    def beyond(self, path: str) -> bool:
        """Whether a file stands where `path` needs a directory: a submodule or a link, whose insides are not known here."""
        above = posixpath.dirname(path)
        while above and above not in self.directories:
            if above in self.files:
                return True
            above = posixpath.dirname(above)
        return False
