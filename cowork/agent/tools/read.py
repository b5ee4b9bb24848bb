"""Read: the lines of a text file, numbered."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cowork.agent.tools.base import BuiltIn, ToolFailure, ToolResult, Touch, Workspace, schema
from cowork.agent.tools.handles import explained, regular, resolve, shown
from cowork.agent.tools.kinds import LOOK, binary_kind
from cowork.agent.tools.lines import Slice, read_slice
from cowork.agent.tools.threads import Patience, in_thread

LINES = 2000
WIDTH = 2000
"""Characters of a line."""
MOST_BYTES = 256 * 1024
"""A larger file is read in slices; a result is never larger."""
SECONDS = 60.0


class Read(BuiltIn):
    """Shows a text file and remembers that it was seen, so that it may be changed."""

    name = "Read"
    read_only = True
    parameters = schema(
        "file_path",
        file_path={"type": "string", "minLength": 1, "description": "The file to read"},
        offset={"type": "integer", "minimum": 0, "maximum": 2**53, "description": "The line to start with, counted from 1"},
        limit={"type": "integer", "minimum": 1, "maximum": 2**53, "description": "How many lines to read"},
    )

    def touches(self, arguments: Mapping[str, Any], workspace: Workspace) -> tuple[Touch, ...]:
        """The file."""
        return workspace.touches(arguments["file_path"], "read")

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Read. Raises ToolFailure."""
        real = resolve(workspace, arguments["file_path"], "read")
        first, limit = max(1, int(arguments.get("offset", 1))), int(arguments.get("limit", LINES))
        whole = "offset" not in arguments and "limit" not in arguments

        def work(patience: Patience) -> tuple[Slice, tuple[int, int]]:
            return _read(real, first, min(limit, LINES) if whole else limit, whole, patience)

        found, stamp = await in_thread(work, SECONDS, "Reading the file")
        workspace.read[real] = stamp
        return ToolResult(_shown(found, real, stamp[1]), response={"filePath": str(real), "numLines": len(found.lines)})


def _read(real: Path, first: int, count: int, whole: bool, patience: Patience) -> tuple[Slice, tuple[int, int]]:
    with regular(real) as handle, explained(real):
        status = os.fstat(handle)
        kind = binary_kind(os.pread(handle, LOOK, 0))
        if kind is not None:
            raise ToolFailure(f"{shown(real)} is {kind} ({status.st_size} bytes), which cannot be shown as text.{_help(kind)}")
        if whole and status.st_size > MOST_BYTES:
            raise ToolFailure(
                f"{shown(real)} is too large to be read whole: {status.st_size} bytes, and at most {MOST_BYTES} are shown. "
                "Read a part of it with offset and limit, or search it with Grep."
            )
        found = read_slice(handle, first, count, width=WIDTH, budget=MOST_BYTES, patience=patience)
        return found, (status.st_mtime_ns, status.st_size)


def _help(kind: str) -> str:
    if "UTF-16" in kind:
        return " Convert a copy of it first: iconv -f UTF-16 -t UTF-8."
    return " Use a program that understands it, with Bash."


def _shown(found: Slice, real: Path, size: int) -> str:
    if size == 0:
        return f"({shown(real)} is empty.)"
    if not found.lines:
        return f"({shown(real)} has only {found.seen} lines; there is nothing from line {found.first} on.)"
    text = numbered(found.lines, found.first)
    if found.more:
        after = found.first + len(found.lines)
        text += f"\n(There is more: read on with offset {after}.)"
    return text


def numbered(lines: tuple[str, ...] | list[str], first: int) -> str:
    """Lines as every tool shows them: number, tab, text."""
    return "\n".join(f"{number:6}\t{line}" for number, line in enumerate(lines, first))
