"""Packs with connectors, as files, and calls of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowork.connectors.call import call_connector
from cowork.connectors.results import ConnectorCall
from cowork.connectors.secrets import Secrets
from cowork.connectors.templates import Values
from tests.registry.places import pack

SECRET = "s3cr3t/pass word+ü"
HOSTILE = (
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "\ntouch pwned\n",
    "' ; touch pwned ; '",
    '" ; touch pwned ; "',
    "'$(touch pwned)'",
    '"$(touch pwned)"',
    "\\$(touch pwned)",
    "\\",
    "'",
    '"',
    "|| touch pwned",
    "& touch pwned &",
    "${IFS}touch${IFS}pwned",
    "$HOME",
    "*",
    "~",
    "#",
    "{a,b}",
    "a b  c",
    "\t",
    "",
    "{{env.KEY}}",
    "{{other}}",
    "%s%n",
    "é€😀",
)


def http(url: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    return connector("http", http={"url": url, "method": method, **more})


def shell(command: str, **more: Any) -> dict[str, Any]:
    return connector("shell", shell={"command": command, **more})


def script(body: str, runtime: str = "python", **more: Any) -> dict[str, Any]:
    return connector("script", script={"body": body, "runtime": runtime, **more})


def connector(kind: str, name: str = "it", **more: Any) -> dict[str, Any]:
    return {"name": name, "description": f"A connector of type {kind}", "type": kind, **more}


def write_pack(home: Path, *connectors: dict[str, Any], name: str = "tools", **more: Any) -> Path:
    """A personal pack with these connectors; returns its directory."""
    return pack(home / "extensions", name, connectors=list(connectors), **more).parent


def call(home: Path, connector: dict[str, Any], given: dict[str, Any] | None = None, **how: Any) -> ConnectorCall:
    """What a call of one connector answers."""
    write_pack(home, connector)
    return call_connector("it", given or {}, **how)[0]


def values(given: dict[str, Any], secrets: dict[str, str] | None = None, declared: tuple[str, ...] = ()) -> Values:
    return Values(given, Secrets(secrets or {}), declared=frozenset(declared))
