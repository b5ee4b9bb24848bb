"""`.mcp.json` and `mcp.json`: MCP servers. Read and shown; nothing here starts one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from cowork.core.errors import InvalidInput
from cowork.formats.limits import check_document
from cowork.formats.problem import Problem, bounded, json_path, quoted

Transport = Literal["stdio", "http", "sse", "ws"]
_TRANSPORTS = {"stdio": "stdio", "http": "http", "streamable-http": "http", "sse": "sse", "ws": "ws"}
_KNOWN = {"type", "command", "args", "env", "cwd", "url", "headers", "timeout"}
_URL = re.compile(r"(https?|wss?)://\S+|\$\{[^}]+\}\S*")


@dataclass(frozen=True)
class McpServer:
    """A server by its name: a `command` for stdio, a `url` for the others. Values may hold `${VARIABLES}`."""

    name: str
    transport: Transport
    command: str | None
    args: tuple[str, ...]
    env: Mapping[str, str]
    url: str | None
    headers: Mapping[str, str]
    extra: Mapping[str, Any]


class _Reader:
    def __init__(self, file: str, prefix: tuple[str, ...]) -> None:
        self.file = file
        self.prefix = prefix
        self.problems: list[Problem] = []

    def refuse(self, path: tuple[str | int, ...], rule: str, message: str, fix: str) -> None:
        where = json_path((*self.prefix, *path))
        self.problems.append(Problem(self.file, where, f"mcp.{rule}", "error", message, fix))

    def server(self, name: str, entry: Any) -> McpServer | None:
        if not isinstance(entry, dict):
            self.refuse((name,), "type", f"{quoted(entry)} is not an object", "describe the server in an object")
            return None
        before = len(self.problems)
        transport = self._transport(name, entry)
        server = McpServer(
            name=name,
            transport=transport,
            command=self._text(name, entry, "command"),
            args=self._texts(name, entry, "args"),
            env=self._map(name, entry, "env"),
            url=self._text(name, entry, "url"),
            headers=self._map(name, entry, "headers"),
            extra={key: value for key, value in entry.items() if key not in _KNOWN},
        )
        if transport == "stdio" and not server.command:
            self.refuse((name,), "command", "a stdio server needs a command", 'add "command": "..."')
        if transport != "stdio" and not _URL.fullmatch(server.url or ""):
            self.refuse((name,), "url", "a remote server needs its address", 'add "url": "https://..."')
        return server if len(self.problems) == before else None

    def _transport(self, name: str, entry: dict[str, Any]) -> Transport:
        kind = entry.get("type", "http" if "url" in entry and "command" not in entry else "stdio")
        found = _TRANSPORTS.get(kind) if isinstance(kind, str) else None
        if found is None:
            self.refuse((name, "type"), "value", f"{quoted(kind)} is not a known type", "write stdio, http, sse or ws")
        return cast("Transport", found or "stdio")

    def _text(self, name: str, entry: dict[str, Any], key: str) -> str | None:
        value = entry.get(key)
        if value is None or isinstance(value, str):
            return value
        self.refuse((name, key), "type", f"{quoted(value)} is not a text", "write a text")
        return None

    def _texts(self, name: str, entry: dict[str, Any], key: str) -> tuple[str, ...]:
        value = entry.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.refuse((name, key), "type", "must be a list of texts", 'write ["a", "b"]')
        return ()

    def _map(self, name: str, entry: dict[str, Any], key: str) -> dict[str, str]:
        value = entry.get(key, {})
        if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            return value
        self.refuse((name, key), "type", "must be an object of texts", "quote the values")
        return {}


def parse(
    document: Any, *, file: str, wrapped: bool = False, prefix: tuple[str, ...] = ()
) -> tuple[tuple[McpServer, ...], tuple[Problem, ...]]:
    """The servers in a parsed document, and what is wrong. A bad entry is left out, the others stay.

    The servers stand under `mcpServers`; without `wrapped` they may also stand at the top. `prefix` is the place of the
    document in a larger one.
    """
    try:
        check_document(document)
    except InvalidInput as error:
        return (), (Problem(file, "$", error.code, "error", error.message, error.hint or "shorten it"),)
    if isinstance(document, dict) and (wrapped or "mcpServers" in document):
        prefix, document = (*prefix, "mcpServers"), document.get("mcpServers")
    reader = _Reader(file, prefix)
    if not isinstance(document, dict):
        reader.refuse((), "type", f"{quoted(document)} is not an object of servers", 'write {"mcpServers": {...}}')
        return (), tuple(reader.problems)
    servers = [reader.server(name, entry) for name, entry in document.items()]
    return tuple(server for server in servers if server), tuple(bounded(reader.problems))
