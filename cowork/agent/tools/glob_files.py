"""Glob: files whose path fits a pattern, those changed last first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cowork.agent.tools.base import BuiltIn, ToolFailure, ToolResult, Touch, Workspace, schema
from cowork.agent.tools.handles import explained, resolve, shown
from cowork.agent.tools.places import directory_or_file, rules_from
from cowork.agent.tools.threads import Patience, in_thread
from cowork.core.path_patterns import BadPattern, PathPattern, braces
from cowork.core.walk import Walk

SHOWN = 100
MOST_ENTRIES = 200_000
SECONDS = 20.0
_MAGIC = set("*?[{\\")


class Glob(BuiltIn):
    """Finds files by name. Links are listed, never followed; what .gitignore leaves out is left out."""

    name = "Glob"
    read_only = True
    parameters = schema(
        "pattern",
        pattern={"type": "string", "minLength": 1, "maxLength": 1000, "description": "Such as **/*.py or src/*.{js,ts}"},
        path={"type": "string", "minLength": 1, "description": "The directory to look in; the workspace by default"},
    )

    def touches(self, arguments: Mapping[str, Any], workspace: Workspace) -> tuple[Touch, ...]:
        """The directory it looks in."""
        return workspace.touches(arguments.get("path", "."), "read")

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Look. Raises ToolFailure."""
        top = resolve(workspace, arguments.get("path", "."), "read")
        patterns = _patterns(arguments["pattern"])

        def work(patience: Patience) -> tuple[list[tuple[int, Path]], bool]:
            return _found(workspace, top, patterns, patience)

        found, complete = await in_thread(work, 2 * SECONDS, "Looking for files")
        found.sort(key=lambda item: (-item[0], item[1]))
        allowed = [path for _, path in found if workspace.judge is None or workspace.judge(path, "read") is None]
        return _result(workspace, top, arguments["pattern"], allowed, complete)


def _patterns(text: str) -> list[str]:
    """The globs a pattern stands for. Raises ToolFailure."""
    if text.startswith(("/", "~")) or ".." in text.split("/"):
        raise ToolFailure("A pattern starts below the directory it looks in. Give that directory as path.")
    try:
        return braces(text)
    except BadPattern as error:
        raise ToolFailure(f"The pattern cannot be used: {error}.") from error


def _found(workspace: Workspace, top: Path, globs: list[str], patience: Patience) -> tuple[list[tuple[int, Path]], bool]:
    """Each file that fits, with when it was changed; and whether everything was looked at."""
    if not directory_or_file(top):
        raise ToolFailure(f"{shown(top)} is a file, not a directory. Read it, or give the directory it is in.")
    found: dict[Path, int] = {}
    complete, quiet = True, Patience(SECONDS, "")
    for start, patterns in _by_start(globs).items():
        walk = Walk(str(top), most=MOST_ENTRIES, over=lambda: patience.is_over or quiet.is_over)
        try:
            for met in walk.files(start, rules_from(workspace, top)):
                if any(pattern.matches(met.names) for pattern in patterns):
                    found[top.joinpath(*met.names)] = met.entry.stat(follow_symlinks=False).st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            continue  # there is nothing where the pattern starts
        except OSError as error:
            with explained(top):
                raise error
        complete = complete and walk.complete
    return [(changed, path) for path, changed in found.items()], complete


def _by_start(globs: list[str]) -> dict[tuple[str, ...], list[PathPattern]]:
    """The patterns by the directories they name literally, so that nothing beside these is walked through."""
    starts: dict[tuple[str, ...], list[PathPattern]] = {}
    for glob in globs:
        parts = [part for part in glob.split("/") if part not in ("", ".")]
        literal = next((at for at, part in enumerate(parts) if _MAGIC & set(part)), len(parts))
        start = tuple(parts[: min(literal, max(0, len(parts) - 1))])
        try:
            starts.setdefault(start, []).append(PathPattern(glob))
        except BadPattern as error:
            raise ToolFailure(f"The pattern cannot be used: {error}.") from error
    return starts


def _result(workspace: Workspace, top: Path, pattern: str, paths: list[Path], complete: bool) -> ToolResult:
    lines = [workspace.shown(path) for path in paths[:SHOWN]]
    if not lines:
        hint = f" To look in every directory use **/{pattern}." if "/" not in pattern else ""
        lines.append(f"No file in {shown(top)} fits {pattern}.{hint}")
    if len(paths) > SHOWN:
        lines.append(f"(These are the {SHOWN} changed last of {len(paths)}. Use a narrower pattern.)")
    if not complete:
        lines.append("(The directory is too large to be looked through; this is not everything. Give a path.)")
    response = {"filenames": [str(path) for path in paths[:SHOWN]], "numFiles": len(paths), "truncated": len(paths) > SHOWN}
    return ToolResult("\n".join(lines), response=response)
