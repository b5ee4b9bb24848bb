"""Names that models and rules can rely on: letters, digits, `_` and `-`, at most 64, and no two alike.

A rule such as `mcp__github__*` must mean one server. So the server's part of a name never holds `__` and never ends in `_`:
no server can call itself into the rules of another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

LONGEST = 64
_SERVER = 40  # leaves room for a tool's own name


def server_name(text: str) -> str:
    """The name of a server in the names of its tools; `my server!` is `my_server`. Never empty."""
    name = re.sub(r"_{2,}", "_", re.sub(r"[^A-Za-z0-9_-]", "_", text)).strip("_")
    return _cut(name or "server", text, _SERVER) if len(name) > _SERVER or not name else name


def plugin_server_name(plugin: str, server: str) -> str:
    """The name of a plugin's server, as Claude Code has it: `plugin_<plugin>_<server>`."""
    return server_name(f"plugin:{plugin}:{server}")


def tool_names(server: str, tools: Iterable[str]) -> dict[str, str]:
    """`mcp__<server>__<tool>` -> the tool's own name. Of the same name twice the first is kept.

    A name that had to be changed yields to one that did not, and gets a mark made of what it was.
    """
    own = list(dict.fromkeys(tools))
    plain = {f"mcp__{server}__{name}": name for name in own if _fits(server, name)}
    for name in own:
        if not _fits(server, name):
            full = f"mcp__{server}__{re.sub(r'[^A-Za-z0-9_-]', '_', name) or 'tool'}"
            taken = full in plain or len(full) > LONGEST
            plain[_cut(full, name, LONGEST) if taken else full] = name
    return plain


def _fits(server: str, name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_-]+", name) is not None and len(f"mcp__{server}__{name}") <= LONGEST


def _cut(text: str, whole: str, longest: int) -> str:
    mark = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{text[: longest - 9].rstrip('_')}_{mark}"
