"""What the permission modes let happen without asking, and which rule would."""

from __future__ import annotations

import itertools
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cowork.agent.permissions import Mode
from cowork.agent.reach import real
from cowork.agent.tools.base import Tool, Workspace
from cowork.prompts.places import ARTIFACTS
from cowork.rules.places import Places
from cowork.rules.readonly import is_readonly

READS = frozenset({"Read", "Glob", "Grep"})
EDITS = frozenset({"Write", "Edit", "MultiEdit"})
OWN = frozenset({"TodoWrite", "AskUserQuestion", "BashOutput", "KillShell", "Agent", "Skill"})
"""Tools that do nothing by themselves: what a subagent or a skill then does is judged call by call."""

PROTECTED = (".git", ".gitmodules", ".claude", ".cowork", ".mcp.json", ".husky", ".envrc", ".vscode", ".idea")
"""What may make something run later, in whatever case it is spelled: some file systems know none. No mode but `bypass` lets an
agent write it without being asked. What skills write, below `.cowork/artifacts`, is not run by anything."""


def by_mode(
    mode: Mode, tool: Tool, arguments: Mapping[str, Any], workspace: Workspace, beyond: str | None
) -> tuple[bool | None, str]:
    """True and why when the mode lets it happen, False when it forbids it, None when somebody has to be asked."""
    name = tool.name
    if mode == "bypass":
        return True, "the mode asks nobody"
    if name in OWN:
        return True, "the tool does nothing by itself"
    if beyond is not None:
        return (False if mode == "plan" and name not in READS else None), f"{beyond} is outside the workspace"
    if name in READS:
        return True, "it only reads, inside the workspace"
    if name == "Bash":
        verdict = is_readonly(str(arguments.get("command", "")), _places(workspace))
        if verdict.allowed and not arguments.get("run_in_background"):
            return True, "it is a command that only reads"
    if mode == "plan":
        return False, "in plan mode nothing is changed and nothing is run"
    if mode == "acceptEdits" and name in EDITS:
        guarded = _protected(tool, arguments, workspace)
        return (True, "the mode accepts edits") if guarded is None else (None, f"{guarded} may make something run later")
    return None, f"no rule allows {name}"


def _protected(tool: Tool, arguments: Mapping[str, Any], workspace: Workspace) -> str | None:
    for touch in tool.touches(arguments, workspace):
        found = real(workspace, touch.path) or touch.path
        if any(_runs_later(Path(path).parts) for path in (found, touch.path)):
            return found
    return None


def _runs_later(parts: Sequence[str]) -> bool:
    pairs = list(itertools.pairwise(parts))
    if ARTIFACTS in pairs:  # one with `..` is judged by where it leads, too
        start = pairs.index(ARTIFACTS)
        parts = (*parts[:start], *parts[start + 2 :])
    return any(part.casefold() in PROTECTED for part in parts)


def suggestion(tool: str, arguments: Mapping[str, Any], workspace: Workspace) -> str:
    """The rule that would allow just this call."""
    if tool == "Bash":
        return f"Bash({arguments.get('command', '')})"
    if tool == "WebFetch":
        from urllib.parse import urlsplit

        try:
            return f"WebFetch(domain:{urlsplit(str(arguments.get('url', ''))).hostname or '...'})"
        except ValueError:
            return "WebFetch"
    path = arguments.get("file_path") or arguments.get("path")
    if isinstance(path, str) and tool in EDITS | READS:
        kind = "Edit" if tool in EDITS else "Read"
        found = real(workspace, path) or path
        inside = os.path.relpath(found, workspace.root)
        return f"{kind}(/{found})" if inside.startswith("..") else f"{kind}(./{inside})"
    return tool


def command_line_hint(rule: str) -> str:
    """The rule as an option."""
    return f"--allow {shlex.quote(rule)}"


def _places(workspace: Workspace) -> Places:
    return Places(cwd=str(workspace.root), home=str(Path.home()), root=str(workspace.root))
