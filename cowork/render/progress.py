"""What a person sees while a loop runs: one line an event, on stderr."""

from __future__ import annotations

import sys
from typing import Any

from cowork.core.text import one_line
from cowork.render import colour

_STEPS = {"opening": "opens", "rebuttal": "replies", "judge": "judges", "repair": "repairs its answer", "solo": "answers"}


class Progress:
    """A journal listener that prints the events a person waits for."""

    def __init__(self, choice: str) -> None:
        self._dim, self._plain = ("\x1b[2m", "\x1b[0m") if colour.wanted(sys.stderr, choice) else ("", "")

    def __call__(self, event: dict[str, Any]) -> None:
        """Show one event."""
        text = _describe(event["type"], event["data"])
        if text:
            print(f"{self._dim}{text}{self._plain}", file=sys.stderr, flush=True)


def _describe(kind: str, data: dict[str, Any]) -> str:
    if kind == "run.started":
        seats = ", ".join(f"{seat['name']}={seat['provider']}/{seat['model']}" for seat in data["seats"])
        return one_line(f"{data['session']}  {data['pattern']}: {seats}")
    if kind == "call.started":
        return one_line(f"  round {data['round']}  {data['seat']} {_STEPS.get(data['step'], data['step'])} ...")
    if kind == "call.completed":
        spent = data["usage"]["input"] + data["usage"]["output"]
        return one_line(f"  round {data['round']}  {data['seat']} done, {spent} tokens, {data['seconds']:.1f} s")
    if kind == "call.retrying":
        return one_line(f"  {data['seat']} waits {data['wait_s']:.0f} s: {data['message']}")
    if kind == "call.failed":
        return one_line(f"  {data['seat']} failed: {data['message']}")
    if kind == "serve.started":
        settings = f"COWORK_PRIVATE_HOSTS={data['private_host']} PLUGIN_PACK_REGISTRY={data['registry']}"
        return f"{one_line(data['registry'])}  {data['entries']} entries; Ctrl-C ends it\n  use it with: {one_line(settings)}"
    return ""
