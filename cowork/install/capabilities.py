"""What a pack can do beyond being read: what somebody has to approve before it is installed.

hooks              commands that the host runs on its own when something happens, monitors and status lines among them
mcp                servers that are started or asked for tools
lsp                language servers that are started
shell, script      connectors that run a command line or a script of the pack
prompt-shell       commands and skills whose text runs a shell command when it is used
tools              skills and commands that grant themselves tools which change things
executables        files that may be executed, and workflows, which are programs
network:HOST       a host that a connector or a server talks to; network:* where the host is not fixed
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cowork.core.text import one_line
from cowork.install.names import folded
from cowork.install.scan.reading import read
from cowork.install.tree import MAX_FILE_BYTES, TreeFile

_PROMPT_SHELL = r"(?m)(?:^|\s)!`[^`\n]+`|^[ \t]*```!"
_ACTING = r"\b(Bash|PowerShell|Write|Edit|MultiEdit|NotebookEdit|WebFetch|Task|Agent)\b|\bmcp__|\*"
_PLUGIN_MANIFESTS = (".claude-plugin/plugin.json", "plugin.json")


@dataclass(frozen=True)
class Capability:
    """`id` is what `--approve` takes; `details` say what in the pack has it."""

    id: str
    details: tuple[str, ...]


def capabilities_of(root: Path, files: Sequence[TreeFile]) -> tuple[Capability, ...]:
    """What the pack in the directory `root` can do, sorted by id. Raises OSError."""
    found: dict[str, set[str]] = {}
    for capability, detail in _all(root, files):
        found.setdefault(capability, set()).add(one_line(detail, 120))
    return tuple(Capability(name, tuple(sorted(found[name]))) for name in sorted(found))


def missing(capabilities: Iterable[Capability], approved: Iterable[str]) -> tuple[Capability, ...]:
    """The capabilities that are not approved; approving `network` approves every host."""
    given = set(approved)
    return tuple(item for item in capabilities if item.id not in given and item.id.partition(":")[0] not in given)


def _all(root: Path, files: Sequence[TreeFile]) -> Iterator[tuple[str, str]]:
    for file in files:
        if file.executable:
            yield "executables", file.path
        path = folded(file.path)  # where a file system ignores case, Hooks/Hooks.json is hooks/hooks.json
        name = path.rpartition("/")[2]
        if name == "cowork.plugin.json":
            yield from _pack(_document(root / file.path))
        elif path in _PLUGIN_MANIFESTS:
            yield from _plugin(_document(root / file.path), file.path, root, files)
        elif name in (".mcp.json", "mcp.json"):
            yield from _servers(_document(root / file.path), file.path)
        elif name == ".lsp.json":
            yield "lsp", file.path
        elif name.endswith(".json") and not {"hooks", "monitors"}.isdisjoint(path.split("/")[:-1]):
            yield "hooks", file.path
        elif path == "settings.json":
            yield from _settings(_document(root / file.path), file.path)
        elif path.startswith("workflows/"):
            yield "executables", file.path
        elif name.endswith(".md"):
            yield from _markdown(_text(root, file.path), file.path)


def _pack(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for connector in _objects(document.get("connectors")):
        name = str(connector.get("name", "?"))
        if connector.get("type") == "http":
            url = _object(connector.get("http")).get("url")
            yield _host(str(url)), f"connector {name}"
        elif connector.get("type") in ("shell", "script"):
            yield str(connector["type"]), f"connector {name}"
    for skill in _objects(document.get("skills")):
        if _runs_shell(str(skill.get("prompt", ""))):
            yield "prompt-shell", f"skill {skill.get('id', '?')}"


def _plugin(document: dict[str, Any], file: str, root: Path, files: Sequence[TreeFile]) -> Iterator[tuple[str, str]]:
    if document.get("hooks"):
        yield "hooks", file
    if _object(document.get("experimental")).get("monitors"):
        yield "hooks", f"{file}: monitors"
    if document.get("lspServers"):
        yield "lsp", file
    if document.get("workflows"):
        yield "executables", f"{file}: workflows"
    held = {item.path for item in files}
    for item in _listed(document.get("mcpServers")):
        if isinstance(item, dict):
            yield from _servers(item, file)
            continue
        yield "mcp", f"{file}: {item}"
        named = str(item).removeprefix("./")
        if named in held:
            yield from _servers(_document(root / named), named)


def _settings(document: dict[str, Any], file: str) -> Iterator[tuple[str, str]]:
    """Settings that a plugin brings: keys that name a command to run."""
    for key in ("hooks", "statusLine", "subagentStatusLine"):
        if document.get(key):
            yield "hooks", f"{file}: {key}"


def _servers(document: dict[str, Any], file: str) -> Iterator[tuple[str, str]]:
    servers = _object(document.get("mcpServers", document))
    yield "mcp", file
    for name, server in servers.items():
        server = _object(server)
        command = server.get("command")
        if isinstance(command, str):
            words = [command, *(str(word) for word in _listed(server.get("args")))]
            yield "mcp", f"{name}: {' '.join(words)}"
        if isinstance(server.get("url"), str):
            yield _host(server["url"]), f"server {name}"


def _markdown(text: str, file: str) -> Iterator[tuple[str, str]]:
    if _runs_shell(text):
        yield "prompt-shell", file
    if not text.removeprefix("\ufeff").startswith("---"):
        return
    if not any(word in text for word in ("hooks", "mcpServers", "allowed-tools", "\\")):  # YAML may escape a key
        return
    from cowork.formats import frontmatter

    head = frontmatter.parse(text).data
    if "hooks" in head:
        yield "hooks", file
    if "mcpServers" in head:
        yield "mcp", file
    grants = ", ".join(str(item) for item in _listed(head.get("allowed-tools")))
    if re.search(_ACTING, grants):
        yield "tools", f"{file}: {grants}"


def _runs_shell(text: str) -> bool:
    """Whether a command stands in a prompt; most prompts hold neither mark, and spare us the pattern."""
    return ("!`" in text or "```!" in text) and re.search(_PROMPT_SHELL, text) is not None


def _host(url: str) -> str:
    """`network:` and the host of an address; `*` where a parameter decides about it."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    plain = re.fullmatch(r"[a-z0-9.:-]+", host)
    return f"network:{host if plain else '*'}"


def _text(root: Path, path: str) -> str:
    text = read(f"{root}/{path}", MAX_FILE_BYTES).decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _document(path: Path) -> dict[str, Any]:
    try:
        return _object(json.loads(path.read_text("utf-8-sig", "replace")))
    except (ValueError, RecursionError):
        return {}  # what is no JSON declares nothing, and validation says so


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
