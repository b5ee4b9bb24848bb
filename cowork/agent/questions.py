"""AskUserQuestion: a question of the agent's, with choices. Where nobody can answer, it is recorded, and the agent goes on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cowork.agent.context import RunContext
from cowork.agent.results import Question
from cowork.agent.tools.base import ToolResult, Touch, Workspace
from cowork.prompts import builtin

_OPTION = {
    "type": "object",
    "properties": {"label": {"type": "string"}, "description": {"type": "string"}},
    "required": ["label"],
    "additionalProperties": False,
}
_QUESTION = {
    "type": "object",
    "properties": {
        "question": {"type": "string"},
        "header": {"type": "string"},
        "options": {"type": "array", "items": _OPTION, "maxItems": 8},
        "multiSelect": {"type": "boolean"},
    },
    "required": ["question"],
    "additionalProperties": False,
}


class AskUserQuestion:
    """Asks the user. Each question is an event `question.asked`, with or without somebody to hear it."""

    name = "AskUserQuestion"
    read_only = True
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {"questions": {"type": "array", "items": _QUESTION, "minItems": 1, "maxItems": 4}},
        "required": ["questions"],
        "additionalProperties": False,
    }

    def __init__(self, run: RunContext, path: str) -> None:
        self._run = run
        self._path = path

    @cached_property
    def description(self) -> str:
        """What the model is told about it."""
        return builtin.tool_text("AskUserQuestion")

    def touches(self, _arguments: Mapping[str, Any], _workspace: Workspace) -> tuple[Touch, ...]:
        """Nothing."""
        return ()

    async def run(self, arguments: Mapping[str, Any], _workspace: Workspace) -> ToolResult:
        """Ask one question after the other."""
        lines = []
        for item in arguments["questions"]:
            question = await self._ask(item)
            said = question.answer if question.answer is not None else "[nobody answered]"
            lines.append(f"{question.text}\n-> {said}")
        if any("[nobody answered]" in line for line in lines):
            lines.append("Nobody can answer now. Go on with the choice that is easiest to undo, and name it in your answer.")
        return ToolResult("\n\n".join(lines), response={"answers": lines})

    async def _ask(self, item: Mapping[str, Any]) -> Question:
        options = tuple(option["label"] for option in item.get("options", ()))
        asked = Question(item["question"], options, None)
        if self._run.answer is not None:
            asked = Question(asked.text, options, await self._run.answer(asked))
        clean = self._run.recorder.clean
        self._run.recorder.questions.append(Question(clean(asked.text), options, asked.answer))
        data = {"question": asked.text, "options": list(options), "answer": asked.answer}
        self._run.recorder.emit(self._path, "question.asked", data)
        return asked
