"""What a person sees of a loop that works through iterations, while it does."""

from __future__ import annotations

from typing import Any

from cowork.core.text import one_line

_MOST = 400
_FAMILIES = frozenset(
    "watch run limits tasks task iteration agent agents check completion stagnation merge notification".split()
)
"""What events of a loop begin with: for all others its words are not loaded."""
_AT_THE_MARGIN = ("watch.", "run.", "task", "iteration.started")


def begun(data: dict[str, Any]) -> str:
    """The beginning of a session."""
    order = data["order"]
    agents = ", ".join(str(agent.get("name")) for agent in order.get("agents", ()))
    return one_line(f"{data.get('session')}  {order.get('task') or order.get('tasks_file')}: {agents}", _MOST)


def line(kind: str, data: dict[str, Any]) -> str:
    """An event as a line, indented below the iteration that it is about."""
    if kind.partition(".")[0] not in _FAMILIES:
        return ""
    from cowork.loop.control.telling import described

    text = described(kind, data)
    return text if not text or kind.startswith(_AT_THE_MARGIN) else f"  {text}"
