"""What a project's own files would run or allow: shown before anybody trusts them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.core.files import read_regular
from cowork.formats import frontmatter, mcp_json
from cowork.hooks.gather import gather
from cowork.hooks.records import Source

_MAX_BYTES = 1024 * 1024
_SUBSTITUTION = re.compile(r"(?:^|(?<=\s))!`[^`\n]+`|^\s*```!", re.MULTILINE)


@dataclass(frozen=True)
class Power:
    """One thing that a project's file would do. `kind`: hook, hooks_off, mcp_server, connector, allow_rule, allowed_tools,
    shell_substitution, unreadable. `text` says what exactly, as it stands in the file.
    """

    kind: str
    text: str
    file: str


def powers(project: str, names: Iterable[str]) -> tuple[Power, ...]:
    """What the files `names` of a project would run or allow, sorted by file. Nothing is run, and nothing raised."""
    found: list[Power] = []
    for name in sorted(names):
        if name.startswith("->"):  # a link; what it leads to has a name of its own
            continue
        path = Path(project, name)
        try:
            found += [Power(kind, text, name) for kind, text in _of(path, name)]
        except (OSError, ValueError, InvalidInput, RecursionError) as error:
            found.append(Power("unreadable", str(error), name))
    return tuple(found)


def _of(path: Path, name: str) -> Iterator[tuple[str, str]]:
    if name in (".claude/settings.json", ".claude/settings.local.json"):
        yield from _hooks(path, settings=True)
        yield from _allowed(_document(path))
    elif path.name == "hooks.json":
        yield from _hooks(path, settings=False)
    elif path.name in (".mcp.json", "mcp.json"):
        servers, _ = mcp_json.parse(_document(path), file=name)
        for server in servers:
            line = " ".join((server.command, *server.args)) if server.command else server.url or ""
            yield "mcp_server", f"{server.name}: {line}"
    elif path.name == "cowork.plugin.json":
        yield from _connectors(_document(path))
    elif path.suffix == ".md":
        yield from _markdown(_text(path))


def _hooks(path: Path, *, settings: bool) -> Iterator[tuple[str, str]]:
    found = gather([Source(str(path), "project", settings=settings)])
    for handler in found.handlers:
        matcher = f" ({handler.matcher})" if handler.matcher else ""
        kind = "" if handler.label.startswith(handler.kind) else f"{handler.kind} "
        yield "hook", f"{handler.event}{matcher}: {kind}{handler.label}"
    if any(handler.source.ignored for handler in found.handlers) or _document(path).get("disableAllHooks") is True:
        yield "hooks_off", "it turns all hooks off, yours too"
    for problem in found.problems:
        yield "unreadable", problem


def _allowed(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    permissions = document.get("permissions")
    rules = permissions.get("allow") if isinstance(permissions, dict) else None
    for rule in rules if isinstance(rules, list) else ():
        yield "allow_rule", str(rule)


def _connectors(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    connectors = document.get("connectors")
    for connector in connectors if isinstance(connectors, list) else ():
        if isinstance(connector, dict):
            kind = str(connector.get("type", "connector"))
            about = connector.get(kind)
            line = (about.get("command") or about.get("url") or about.get("body") or "") if isinstance(about, dict) else ""
            yield "connector", f"{connector.get('name', '')}: {kind} {line}".rstrip()


def _markdown(text: str) -> Iterator[tuple[str, str]]:
    count = len(_SUBSTITUTION.findall(text))
    if count:
        yield (
            "shell_substitution",
            "1 command that runs when it is used" if count == 1 else f"{count} commands that run when it is used",
        )
    fields = frontmatter.parse(text).data
    tools = frontmatter.tool_list(fields.get("allowed-tools"))
    if tools:
        yield "allowed_tools", ", ".join(tools)
    if fields.get("hooks"):
        yield "hook", f"hooks of its own: {json.dumps(fields['hooks'], default=str)}"
    if fields.get("mcpServers"):
        yield "mcp_server", f"servers of its own: {json.dumps(fields['mcpServers'], default=str)}"


def _document(path: Path) -> dict[str, Any]:
    document = json.loads(_text(path))
    if not isinstance(document, dict):
        raise ValueError("it must hold an object")
    return document


def _text(path: Path) -> str:
    raw = read_regular(path, _MAX_BYTES)
    if len(raw) > _MAX_BYTES:
        raise ValueError("it is larger than 1 MB")
    return raw.decode("utf-8-sig", "replace")
