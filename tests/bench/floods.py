"""A gigabyte of everything at each adapter, over a real connection: the resident memory of the process that reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.models.floods import FLOODS, FloodServer, request_for
from tests.models.styles import ANTHROPIC, OPENAI, Style

GIGABYTE = 1_000_000_000
BUDGET_MB = 120
# What the process does that is measured: nothing but the adapter is loaded.
_READ = """
import asyncio, json, sys, time
style, url, tools = sys.argv[1:]
from cowork.models.chat import ChatRequest, ToolDefinition
if style == "openai":
    from cowork.models.openai_style import OpenAIStyleModel as Model
else:
    from cowork.models.anthropic_style import AnthropicModel as Model

async def asked():
    model = Model(provider="acme", model="m-1", base_url=url or "http://127.0.0.1:9", key="sk-0123456789", timeout_s=600)
    definitions = (ToolDefinition("look", "Look.", {"type": "object"}),) if tools else ()
    try:
        await model.reply(ChatRequest("Hello", tools=definitions), lambda _text: None)
    except Exception as error:
        return f"{type(error).__name__}: {error}" if url else ""
    finally:
        await model.close()
    return ""

started = time.monotonic()
error = asyncio.run(asked())
with open("/proc/self/status") as status:  # what getrusage says begins with the memory of the process that forked
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
print(json.dumps({"mb": peak / 1000, "seconds": time.monotonic() - started, "error": error}))
"""


def main() -> int:
    """Print the table; returns 1 when more memory is taken than the budget, or a flood is taken for an answer."""
    broken = False
    print(f"{'1 GB of':22}{'style':>10}{'resident':>10}{'seconds':>9}{'poured':>9}  ends as")
    for style in (OPENAI, ANTHROPIC):
        for name in [None, *FLOODS]:
            found = _measured(style, name)
            over = found["mb"] > BUDGET_MB or (name is not None and not found["error"])
            broken |= over
            print(
                f"{name or '(nothing: the start)':22}{style.name:>10}{found['mb']:>7.0f} MB{found['seconds']:>9.1f}"
                f"{found['poured'] / 1e6:>6.0f} MB  {found['error'][:90]}{' BROKEN' if over else ''}"
            )
    return int(broken)


def _measured(style: Style, name: str | None) -> dict[str, Any]:
    if name is None:
        return {**_child(style, ""), "poured": 0}
    with FloodServer(FLOODS[name], style, GIGABYTE).open() as server:
        tools = bool(request_for(name).tools)
        return {**_child(style, server.url, tools=tools), "poured": server.poured}


def _child(style: Style, url: str, *, tools: bool = False) -> dict[str, Any]:
    command = [sys.executable, "-c", _READ, style.name, url, "tools" if tools else ""]
    environment = {**os.environ, "NO_PROXY": "*"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
