"""The Skill tool: a model takes up a skill's instructions. They can narrow what it may do, never widen it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cowork.agent import expansion
from cowork.agent.context import RunContext, Seat
from cowork.agent.parts import Part, agent_part
from cowork.agent.spawning import GENERAL, result_of, spawn
from cowork.agent.text_parts import skill_guide
from cowork.agent.tools.base import ToolResult, Touch, Workspace
from cowork.core.errors import CoworkError
from cowork.prompts import builtin

_MOST_LISTED = 100
_LONGEST = 1536  # characters of a description in the list, as in Claude Code


class SkillTool:
    """Loads a skill. One with `context: fork` is carried out by a subagent, the others speak to the agent that asked."""

    name = "Skill"
    read_only = False
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {"skill": {"type": "string"}, "args": {"type": "string"}},
        "required": ["skill"],
        "additionalProperties": False,
    }

    def __init__(self, run: RunContext, seat: Seat) -> None:
        self._run = run
        self._seat = seat

    @cached_property
    def description(self) -> str:
        """What the model is told about it, with the skills there are."""
        from cowork.registry.skills import list_skills

        listed, _ = list_skills(enabled=True)
        lines = [
            f"- {item.id}: {item.description[:_LONGEST]}" for item in listed.items if item.model_invocable and not item.shadowed
        ]
        return "\n\n".join([builtin.tool_text("Skill"), "The skills:\n" + "\n".join(lines[:_MOST_LISTED])])

    def touches(self, _arguments: Mapping[str, Any], _workspace: Workspace) -> tuple[Touch, ...]:
        """Nothing by itself."""
        return ()

    async def run(self, arguments: Mapping[str, Any], _workspace: Workspace) -> ToolResult:
        """Take it up. Its shell blocks are judged like calls of the agent's own."""
        try:
            part = skill_guide(arguments["skill"], arguments.get("args") or "", verb="skill run", dry_run=False)
            if not part.model_invocable:
                return ToolResult(f"The skill '{part.name}' is for the user to invoke, not for models.", error=True)
            text, _ = await expansion.expand_body(part.body(runs_shell=self._counts(part)), self._run, self._seat)
        except CoworkError as error:
            return ToolResult(f"{error.message}; {error.hint or error.cause or ''}", error=True)
        rules = part.restrictions(self._run.settings)
        if part.preferences.context == "fork":
            agent = agent_part(part.agent or GENERAL, verb="skill run", dry_run=False)
            finished = await spawn(self._run, self._seat, agent, text, f"skill {part.name}", rules)
            return result_of(agent.name, finished)
        self._seat.gate.narrow(rules)
        note = (
            ""
            if not part.narrows(self._run.settings)
            else "\n\nFrom here on only the tools that this skill allows can be used."
        )
        return ToolResult(f"{text}{note}", response={"skill": part.name})

    def _counts(self, part: Part) -> bool:
        return self._run.trusted or not part.from_project
