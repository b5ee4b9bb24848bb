"""Write: a whole file, new or in the place of one that was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cowork.agent.tools.base import BuiltIn, ToolResult, Touch, Workspace, schema
from cowork.agent.tools.documents import encoded, refuse_unseen, save, stamp_of
from cowork.agent.tools.handles import resolve, shown
from cowork.agent.tools.threads import Patience, in_thread

SECONDS = 60.0


class Write(BuiltIn):
    """Writes a file as a whole."""

    name = "Write"
    parameters = schema(
        "file_path content",
        file_path={"type": "string", "minLength": 1, "description": "The file to write"},
        content={"type": "string", "description": "Everything the file shall hold"},
    )

    def touches(self, arguments: Mapping[str, Any], workspace: Workspace) -> tuple[Touch, ...]:
        """The file, and what it leads to when it is a link."""
        return workspace.touches(arguments["file_path"], "write")

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Write. Raises ToolFailure."""
        real, raw = resolve(workspace, arguments["file_path"], "write"), encoded(arguments["content"])

        def work(_patience: Patience) -> bool:
            stamp = stamp_of(real)
            if stamp is not None:
                refuse_unseen(workspace, real, stamp)
            save(workspace, real, raw)
            return stamp is None

        new = await in_thread(work, SECONDS, "Writing the file")
        text = f"{'Created' if new else 'Replaced'} {shown(real)} ({len(raw)} bytes)."
        return ToolResult(text, response={"type": "create" if new else "update", "filePath": str(real)})
