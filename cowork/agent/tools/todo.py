"""TodoWrite: the list of what an agent has to do, as it wants to be seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cowork.agent.tools.base import BuiltIn, ToolFailure, ToolResult, Workspace, schema

_TEXT = {"type": "string", "minLength": 1, "maxLength": 1000}
_SIGNS = {"pending": "[ ]", "in_progress": "[~]", "completed": "[x]"}


class TodoWrite(BuiltIn):
    """Replaces the list."""

    name = "TodoWrite"
    read_only = True  # the list is this run's own
    parameters = schema(
        "todos",
        todos={
            "type": "array",
            "maxItems": 200,
            "description": "The whole list, in its order",
            "items": schema(
                "content status activeForm",
                content={**_TEXT, "description": "What is to be done"},
                status={"type": "string", "enum": list(_SIGNS)},
                activeForm={**_TEXT, "description": "The same while it is being done: 'Running tests'"},
            ),
        },
    )

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Replace it. Raises ToolFailure for a list that says blank things."""
        before, todos = list(workspace.todos), [dict(item) for item in arguments["todos"]]
        for number, item in enumerate(todos, 1):
            if not item["content"].strip() or not item["activeForm"].strip():
                raise ToolFailure(f"Item {number} is blank. Say what is to be done, or leave it out.")
        workspace.todos[:] = todos
        workspace.on_event("todo.updated", {"todos": todos})
        lines = [f"{_SIGNS[item['status']]} {item['content']}" for item in todos]
        text = "\n".join(["The list reads now:", *lines]) if lines else "The list is empty now."
        return ToolResult(text, response={"oldTodos": before, "newTodos": todos})
