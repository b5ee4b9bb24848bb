"""Subagents: the Agent tool. What a subagent may do is what its parent may, narrowed by its own rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cowork.agent.context import Finished, RunContext, Seat
from cowork.agent.parts import Part, part_of_agent
from cowork.agent.seats import seat
from cowork.agent.system import base_layer
from cowork.agent.tools.base import ToolResult, Touch, Workspace
from cowork.agent.turns import Turns
from cowork.core.errors import CoworkError
from cowork.models.errors import ProviderError
from cowork.models.preference import preferred
from cowork.prompts import builtin
from cowork.prompts.builder import PromptBuilder
from cowork.registry.loading import load_agent
from cowork.rules.restrictions import ToolRestrictions

GENERAL = "general-purpose"
_MOST_LISTED = 50


class AgentTool:
    """Starts a subagent with a task and hands back its answer."""

    name = "Agent"
    read_only = False
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "description": {"type": "string"},
            "prompt": {"type": "string"},
            "subagent_type": {"type": "string"},
        },
        "required": ["description", "prompt"],
        "additionalProperties": False,
    }

    def __init__(self, run: RunContext, parent: Seat) -> None:
        self._run = run
        self._parent = parent

    @cached_property
    def description(self) -> str:
        """What the model is told about it, with the agents there are."""
        from cowork.registry.agents import list_agents

        listed, _ = list_agents()
        lines = [f"- {item.name}: {item.description}" for item in listed.items if not item.shadowed]
        return "\n\n".join([builtin.tool_text("Agent"), "The agents:\n" + "\n".join(lines[:_MOST_LISTED])])

    def touches(self, _arguments: Mapping[str, Any], _workspace: Workspace) -> tuple[Touch, ...]:
        """Nothing by itself."""
        return ()

    async def run(self, arguments: Mapping[str, Any], _workspace: Workspace) -> ToolResult:
        """Run the subagent to its end."""
        name = arguments.get("subagent_type") or GENERAL
        try:
            agent = part_of_agent(load_agent(name))
        except CoworkError as error:
            return ToolResult(f"{error.message}; {error.hint}", error=True)
        finished = await spawn(self._run, self._parent, agent, arguments["prompt"], arguments["description"])
        return result_of(name, finished)


async def spawn(
    run: RunContext, parent: Seat, agent: Part, task: str, about: str, more: ToolRestrictions | None = None
) -> Finished:
    """Run an agent below another one, under its parent's rules, its own and `more`.

    A model that fails ends the subagent, not the run.
    """
    path = run.name(parent.path, agent.name)
    child = _seated(run, parent, agent, path, more or ToolRestrictions(()))
    if child.prompt.context == "inherit":
        child.conversation.messages += _before_the_call(parent)
    for text in await _knowledge(run, child, agent):
        child.conversation.user(text)
    child.conversation.user(builtin.piece("subagent-task", AGENT=agent.name, DESCRIPTION=about, PROMPT=task))
    run.recorder.emit(path, "subagent.started", {"parent": parent.path, "type": agent.name, "description": about, "task": task})
    try:
        finished = await Turns(run, child).run()
    except ProviderError as error:
        finished = Finished("failed", "", 0, error.message)
    finally:
        await close(child)
    parent.problems += [f"{path}: {problem}" for problem in child.problems]
    data = {"status": finished.status, "reason": finished.reason, "turns": finished.turns, "text": finished.text}
    run.recorder.emit(path, "subagent.completed", data)
    return finished


def result_of(agent: str, finished: Finished) -> ToolResult:
    """A subagent's answer as the result of the call that started it."""
    outcome = finished.status if finished.status == "completed" else f"{finished.status}: {finished.reason}"
    report = finished.text or "[no answer]"
    text = builtin.piece("subagent-result", AGENT=agent, OUTCOME=outcome, RESULT=report)
    return ToolResult(text, error=not finished.text, response={"status": finished.status, "text": report})


async def close(child: Seat) -> None:
    """End what an agent left running."""
    child.workspace.stopping.set()
    for closer in child.workspace.closers:
        await closer()


def _seated(run: RunContext, parent: Seat, part: Part, path: str, more: ToolRestrictions) -> Seat:
    """The subagent's seat: its builder starts from everything that restricts the parent."""
    builder = part.add_to(
        PromptBuilder(
            base_layer(run.project, parent.target.model, run.clock), restrictions=parent.gate.restrictions.intersect(more)
        ),
        run.settings,
    )
    permissions = parent.permissions.in_mode("plan") if part.plan_mode else parent.permissions
    target, notices = preferred(part.preferences.model, parent.target)
    parent.problems += [notice.message for notice in notices]
    return seat(
        run,
        builder,
        path=path,
        agent=part.name,
        depth=parent.depth + 1,
        permissions=permissions,
        target=target,
        sources=part.sources if run.trusted or not part.from_project else (),
    )


async def _knowledge(run: RunContext, child: Seat, agent: Part) -> list[str]:
    """The skills that an agent's file wants it to know from the start, under the child's own gate."""
    from cowork.agent import expansion
    from cowork.agent.text_parts import skill_guide

    found = []
    for name in agent.skills:
        try:
            part = skill_guide(name, verb="agent run", dry_run=False)
            text, _ = await expansion.expand_body(part.body(runs_shell=run.trusted or not part.from_project), run, child)
        except CoworkError as error:
            child.problems.append(f"{agent.name} is to know the skill '{name}': {error.message}")
            continue
        child.gate.narrow(part.restrictions(run.settings))
        found.append(text)
    return found


def _before_the_call(parent: Seat) -> list[Any]:
    """What the parent knows: its conversation without the answer whose calls are being made."""
    messages = parent.conversation.messages
    return messages[:-1] if messages and messages[-1].calls else list(messages)
