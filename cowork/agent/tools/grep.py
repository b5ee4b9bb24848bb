"""Grep: what is in files, by regular expression."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cowork.agent.tools.base import BuiltIn, ToolFailure, ToolResult, Touch, Workspace, schema
from cowork.agent.tools.handles import resolve
from cowork.agent.tools.places import directory_or_file, rules_from
from cowork.agent.tools.searches import Found, Search, search
from cowork.core.ignored import fits_glob
from cowork.core.path_patterns import BadPattern, PathPattern, braces
from cowork.core.text import did_you_mean

LINES = 250
CHARACTERS = 30_000
MODES = ("files_with_matches", "content", "count")
TYPES = {
    "c": "*.c *.h",
    "cpp": "*.cpp *.cc *.cxx *.hpp *.hh *.hxx *.h",
    "cs": "*.cs",
    "css": "*.css *.scss *.sass *.less",
    "go": "*.go",
    "html": "*.html *.htm",
    "java": "*.java",
    "js": "*.js *.jsx *.mjs *.cjs",
    "json": "*.json *.jsonl",
    "kotlin": "*.kt *.kts",
    "lua": "*.lua",
    "md": "*.md *.mdx *.markdown",
    "php": "*.php",
    "py": "*.py *.pyi",
    "rb": "*.rb",
    "rust": "*.rs",
    "scala": "*.scala",
    "sh": "*.sh *.bash *.zsh",
    "sql": "*.sql",
    "swift": "*.swift",
    "toml": "*.toml",
    "ts": "*.ts *.tsx *.mts *.cts",
    "txt": "*.txt",
    "xml": "*.xml *.xsd *.xsl",
    "yaml": "*.yaml *.yml",
}
_LINE = re.compile(rb"([^\0\n]+)\0(\d+)([:-])(.*)", re.DOTALL)
_CONTEXT = {"type": "integer", "minimum": 0, "maximum": 1000}
_FLAGS: dict[str, Mapping[str, Any]] = {
    "-i": {"type": "boolean", "description": "Whatever the case"},
    "-n": {"type": "boolean", "description": "Show line numbers (content; true by default)"},
    "-A": {**_CONTEXT, "description": "Lines after each match (content)"},
    "-B": {**_CONTEXT, "description": "Lines before each match (content)"},
    "-C": {**_CONTEXT, "description": "Lines around each match (content)"},
}


class Grep(BuiltIn):
    """Searches files. Links are not followed; what .gitignore leaves out is left out, and so are binary files."""

    name = "Grep"
    read_only = True
    parameters = schema(
        "pattern",
        pattern={"type": "string", "minLength": 1, "maxLength": 10_000, "description": "A regular expression"},
        path={"type": "string", "minLength": 1, "description": "A file or directory; the workspace by default"},
        glob={"type": "string", "minLength": 1, "maxLength": 1000, "description": "Only files that fit, such as *.{ts,tsx}"},
        type={"type": "string", "description": f"Only files of a kind: {', '.join(TYPES)}"},
        output_mode={"type": "string", "enum": list(MODES), "description": "files_with_matches by default"},
        multiline={"type": "boolean", "description": "Matches may span lines, and . fits a line end"},
        head_limit={"type": "integer", "minimum": 0, "maximum": 100_000, "description": f"At most so many lines ({LINES})"},
        **_FLAGS,
    )

    def touches(self, arguments: Mapping[str, Any], workspace: Workspace) -> tuple[Touch, ...]:
        """Where it starts."""
        return workspace.touches(arguments.get("path", "."), "read")

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Search. Raises ToolFailure."""
        wanted = _wanted(arguments, workspace)
        found = await search(wanted, workspace)
        sift = _Sift(workspace, wanted)
        lines = sift.lines(found.raw, numbers=arguments.get("-n", True))
        return _result(lines, found, arguments, wanted)


def _wanted(arguments: Mapping[str, Any], workspace: Workspace) -> Search:
    top = resolve(workspace, arguments.get("path", "."), "read")
    around = int(arguments.get("-C", 0))
    mode = arguments.get("output_mode", MODES[0])
    content = mode == "content"
    try:
        globs = tuple(braces(arguments["glob"])) if "glob" in arguments else ()
        for glob in globs:
            PathPattern(glob)
    except BadPattern as error:
        raise ToolFailure(f"The glob cannot be used: {error}.") from error
    kind = arguments.get("type")
    if kind is not None and kind not in TYPES:
        raise ToolFailure(f"There is no type '{kind[:40]}'; {did_you_mean(kind, TYPES, 'use glob instead')}")
    return Search(
        pattern=arguments["pattern"],
        top=top,
        directory=directory_or_file(top),
        above=rules_from(workspace, top),
        mode=mode,
        globs=globs,
        also=tuple(TYPES[kind].split()) if kind else (),
        ignore_case=arguments.get("-i", False),
        multiline=arguments.get("multiline", False),
        before=int(arguments.get("-B", around)) if content else 0,
        after=int(arguments.get("-A", around)) if content else 0,
    )


class _Sift:
    """What a search printed, without what may not be read and without files that do not fit."""

    def __init__(self, workspace: Workspace, wanted: Search) -> None:
        self._workspace, self._wanted = workspace, wanted
        self._known: dict[bytes, str | None] = {}

    def lines(self, raw: bytes, *, numbers: bool) -> list[str]:
        """The lines of a result."""
        if self._wanted.mode == "files_with_matches":
            names = [name for name in raw.split(b"\0")[:-1] if self._name(name) is not None]
            return [str(self._name(name)) for name in sorted(names, key=_changed)]
        out: list[str] = []
        for line in raw.split(b"\n"):
            if self._wanted.mode == "count":
                name, nul, number = line.partition(b"\0")
                shown = self._name(name) if nul else None
                if shown is not None:
                    out.append(f"{shown}:{number.decode()}")
            elif line == b"--":
                if out and out[-1] != "--":
                    out.append("--")
            elif (match := _LINE.fullmatch(line)) is not None and (shown := self._name(match[1])) is not None:
                sign, text = match[3].decode(), match[4].decode("utf-8", "replace").rstrip("\r")
                out.append(f"{shown}{sign}{match[2].decode()}{sign}{text}" if numbers else f"{shown}{sign}{text}")
        return out[:-1] if out and out[-1] == "--" else out

    def _name(self, raw: bytes) -> str | None:
        """A path as it is shown; None for a file whose content is not to be shown."""
        if raw not in self._known:
            path = Path(os.fsdecode(raw))
            self._known[raw] = self._workspace.shown(path) if self._fits(path) else None
        return self._known[raw]

    def _fits(self, path: Path) -> bool:
        judge, wanted = self._workspace.judge, self._wanted
        if judge is not None and judge(path, "read") is not None:
            return False
        names = path.relative_to(wanted.top).parts if wanted.directory else path.parts[-1:]
        return all(not globs or fits_glob(list(globs), names) for globs in (wanted.globs, wanted.also))


def _changed(name: bytes) -> tuple[int, bytes]:
    """Sorts what was changed last first."""
    try:
        return -os.lstat(name).st_mtime_ns, name
    except OSError:
        return 0, name


def _result(lines: list[str], found: Found, arguments: Mapping[str, Any], wanted: Search) -> ToolResult:
    limit = int(arguments.get("head_limit", LINES)) or len(lines)
    kept: list[str] = []
    used = 0
    for line in lines[:limit]:
        used += len(line) + 1
        if used > CHARACTERS:
            break
        kept.append(line)
    notes = []
    if not kept:
        notes.append("Nothing was found." if not lines else "The first line found is too long to be shown.")
    elif len(kept) < len(lines):
        notes.append(f"(These are the first {len(kept)} of {len(lines)} lines. Narrow the search, or raise head_limit.)")
    if found.cut is not None:
        notes.append(f"(The search was stopped: {found.cut}. This is not everything.)")
    response = {"mode": wanted.mode, "numLines": len(kept), "truncated": len(kept) < len(lines) or found.cut is not None}
    return ToolResult("\n".join([*kept, *notes]), response=response)
