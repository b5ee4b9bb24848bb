"""Hooks of a run: each event is told to whoever listens to it, in a thread, and what they say is journalled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cowork.hooks.dispatch import Hooks
from cowork.hooks.records import Merged

Emit = Callable[[str, dict[str, Any]], object]


@dataclass(frozen=True)
class HookPort:
    """Fires events for one agent. `common` is what the input of every event holds beside its own fields."""

    hooks: Hooks
    common: dict[str, Any]
    emit: Emit

    async def fire(self, event: str, **fields: Any) -> Merged:
        """What the hooks of an event decide. Cancelling kills the handlers that run."""
        payload = {**self.common, "hook_event_name": event, **fields}
        stopping = threading.Event()
        firing = asyncio.ensure_future(asyncio.to_thread(self.hooks.fire, event, payload, stopping))
        try:
            merged = await asyncio.shield(firing)
        except asyncio.CancelledError:
            stopping.set()
            await asyncio.wait([firing])  # their processes end with them
            raise
        self._journal(event, merged)
        return merged

    def _journal(self, event: str, merged: Merged) -> None:
        if not merged.ran and not merged.errors:
            return
        self.emit(
            "hook.ran",
            {
                "event": event,
                "blocked": merged.blocked,
                "decision": merged.decision,
                "reason": merged.reason or merged.decision_reason,
                "halt": merged.halt,
                "changed_input": merged.updated_input is not None,
                "errors": list(merged.errors),
                "handlers": [{"command": ran.command, "exit": ran.exit_code, "timed_out": ran.timed_out} for ran in merged.ran],
            },
        )
