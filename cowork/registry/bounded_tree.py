"""A directory from somewhere else, read within bounds: nothing outside it, nothing that is no file, not too much."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path, PurePosixPath
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.core.files import parse_json, read_regular
from cowork.formats.json_places import with_places
from cowork.formats.limits import MAX_MANIFEST_BYTES
from cowork.formats.problem import Problem

MAX_TEXT_BYTES = 1024 * 1024
MAX_FILES = 10_000
MAX_DEPTH = 32
MAX_TOTAL_BYTES = 64 * 1024 * 1024
_NOT_OURS = (".git", "node_modules", "__pycache__")


class Tree:
    """Reads files below `root`, by their path relative to it, and collects what is wrong with them in `problems`.

    A symlink is followed where it stays inside. `shown` is how the user called the directory.
    """

    def __init__(self, root: Path, shown: str) -> None:
        self.root = root
        self.shown = shown
        self.problems: list[Problem] = []
        self._real = Path(os.path.realpath(root))
        self._left = MAX_TOTAL_BYTES
        self._texts: dict[str, str] = {}

    def file(self, relative: str) -> str:
        """A file's name in problems."""
        return str(PurePosixPath(self.shown) / relative)

    def inside(self, relative: str) -> bool:
        """Whether a path, with its symlinks resolved, stays below the root."""
        try:
            real = Path(os.path.realpath(self.root / relative))
        except (OSError, ValueError):  # a NUL in a name
            return False
        return real == self._real or self._real in real.parents

    def is_dir(self, relative: str) -> bool:
        """Whether there is a directory inside the tree."""
        return self.inside(relative) and os.path.isdir(self.root / relative)  # noqa: PTH112 - which raises for long names

    def exists(self, relative: str) -> bool:
        """Whether there is anything, even what may not be read."""
        try:
            return os.path.lexists(self.root / relative)
        except ValueError:
            return False

    def names(self, relative: str) -> list[str]:
        """What a directory holds, sorted, without hidden entries; nothing where it is none."""
        if not self.is_dir(relative):
            return []
        try:
            found = sorted(entry.name for entry in os.scandir(self.root / relative))
        except OSError as error:
            self.report(relative, "file.unreadable", error.strerror or str(error), "check its permissions")
            return []
        return [name for name in found[:MAX_FILES] if not name.startswith(".")]

    def markdown(self, relative: str, depth: int = 0) -> list[str]:
        """The paths of all Markdown files below a directory, sorted. Symlinked directories are not entered."""
        found: list[str] = []
        for name in self.names(relative):
            path = str(PurePosixPath(relative) / name)
            if name.endswith(".md"):
                found.append(path)
            elif depth < MAX_DEPTH and not (self.root / path).is_symlink() and self.is_dir(path):
                found += self.markdown(path, depth + 1)
        return found

    def text(self, relative: str, limit: int = MAX_TEXT_BYTES) -> str | None:
        """A file's text, or None and a problem."""
        raw = self._raw(relative, limit)
        try:
            return None if raw is None else raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = (raw or b"").count(b"\n", 0, error.start) + 1
            self.report(relative, "file.corrupt", f"byte {error.start} is not UTF-8", "save the file as UTF-8", line=line)
            return None

    def json(self, relative: str) -> Any:
        """A file's parsed JSON, or None and a problem. `placed` then knows where its parts stand."""
        raw = self._raw(relative, MAX_MANIFEST_BYTES)
        if raw is None:
            return None
        try:
            document = parse_json(raw, path=Path(self.file(relative)), what="the file")
        except InvalidInput as error:
            place = re.search(r":(\d+):(\d+)$", error.message)
            line, column = (int(place[1]), int(place[2])) if place else (None, None)
            self.report(relative, error.code, error.cause or error.message, "mend the JSON here", line=line, column=column)
            return None
        self._texts[relative] = raw.decode("utf-8-sig")
        if document is None:
            self.report(relative, "file.corrupt", "the file holds nothing but null", "write an object")
        return document

    def add(self, relative: str, problems: tuple[Problem, ...] | list[Problem]) -> None:
        """Take over what a reader found in a file, with lines where it is JSON that was read here."""
        text = self._texts.get(relative)
        self.problems += list(problems) if text is None else with_places(problems, text)

    def report(
        self, relative: str, rule: str, message: str, fix: str, *, line: int | None = None, column: int | None = None
    ) -> None:
        """Add an error about a file as a whole, or about a line of it."""
        where = f"line {line}" if line else "$"
        self.problems.append(Problem(self.file(relative), where, rule, "error", message, fix, line, column))

    def survey(self) -> None:
        """Report everything that may not lie in a pack: symlinks that leave it, pipes, devices, sockets, too many files."""
        pending, seen = [("", 0)], 0
        while pending:
            directory, depth = pending.pop()
            try:
                entries = list(os.scandir(self.root / directory))
            except OSError as error:
                self.report(directory or ".", "file.unreadable", error.strerror or str(error), "check its permissions")
                continue
            seen += len(entries)
            if seen > MAX_FILES or depth > MAX_DEPTH:
                self.report(".", "file.too_many", f"more than {MAX_FILES} files or {MAX_DEPTH} levels", "ship less")
                return
            for entry in entries:
                relative = str(PurePosixPath(directory) / entry.name)
                if entry.is_dir(follow_symlinks=False):
                    pending += [(relative, depth + 1)] if entry.name not in _NOT_OURS else []
                else:
                    self._judge(entry, relative)

    def _judge(self, entry: os.DirEntry[str], relative: str) -> None:
        if entry.is_symlink():
            if not self.inside(relative):
                self.report(relative, "plugin.path_escapes", "the symlink leads out of the directory", "copy what it points to")
        elif not entry.is_file(follow_symlinks=False):
            self.report(relative, "file.irregular", "it is a pipe, a socket or a device", "remove it")

    def _raw(self, relative: str, limit: int) -> bytes | None:
        if not self.inside(relative):
            self.report(relative, "plugin.path_escapes", "the path leads out of the directory", "keep it inside")
            return None
        path = self.root / relative
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                self.report(relative, "file.irregular", "it is not a regular file", "put a file here")
                return None
            raw = read_regular(path, min(limit, self._left))
        except OSError as error:
            self.report(relative, "file.unreadable", error.strerror or str(error), "check its permissions")
            return None
        if len(raw) > min(limit, self._left):
            self.report(
                relative, "file.too_large", f"it is larger than {min(limit, self._left):,} bytes", "shorten or split it"
            )
            return None
        self._left -= len(raw)
        return raw
