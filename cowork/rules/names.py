"""Names of tools: aliases, families that one rule covers, and globs over the names of MCP tools."""

from __future__ import annotations

import re
from typing import Final

from cowork.rules.wild import glob_match

_ALIASES: Final = {"Task": "Agent"}
EDITORS: Final = frozenset({"Edit", "Write", "MultiEdit", "NotebookEdit"})
READERS: Final = frozenset({"Read", "Grep", "Glob", "NotebookRead", "LS"})
FAMILIES: Final = {"Edit": EDITORS, "Read": READERS}
_ALLOW_GLOB: Final = re.compile(r"mcp__[A-Za-z0-9_.-]+?__")


def canonical(name: str) -> str:
    """The one name of a tool: Task is Agent."""
    return _ALIASES.get(name, name)


def _server(rule: str) -> str | None:
    """`mcp__server` for a rule that names a whole MCP server, else None."""
    return rule if rule.startswith("mcp__") and len(rule) > 5 and "__" not in rule[5:] and "*" not in rule else None


def allows_name(rule: str, tool: str) -> bool:
    """Whether an allow rule of this name is about `tool`: by its own name, a server, or a glob below one literal server."""
    if canonical(rule) == canonical(tool):
        return True
    if server := _server(rule):
        return tool.startswith(f"{server}__") and len(tool) > len(server) + 2
    return "*" in rule and bool(_ALLOW_GLOB.match(rule.partition("*")[0])) and "?" not in rule and glob_match(rule, tool)


def denies_name(rule: str, tool: str) -> bool:
    """Whether a deny or ask rule of this name is about `tool`: whatever allow sees, any glob, and its whole family."""
    if allows_name(rule, tool) or tool in FAMILIES.get(rule, ()):
        return True
    return ("*" in rule or "?" in rule) and glob_match(rule, tool)
