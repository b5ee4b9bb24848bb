"""Seating an agent: its prompt, the tools that are left once every layer was asked, its gate and its hooks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from cowork.agent.context import RunContext, Seat
from cowork.agent.gate import PermissionGate
from cowork.agent.hooking import HookPort
from cowork.agent.permissions import Permissions
from cowork.agent.questions import AskUserQuestion
from cowork.agent.tools.base import Tool, Workspace
from cowork.agent.tools.registry import standard_tools
from cowork.hooks.records import Source
from cowork.models.select import Target
from cowork.prompts.builder import PromptBuilder

DEEPEST = 3
"""How many agents may stand above one another; the deepest cannot start others."""


def workspace_for(run: RunContext, path: str) -> Workspace:
    """A workspace of its own in the run's project."""
    return Workspace(
        root=run.project.resolve(),
        environment=run.environment,
        output=run.outputs,
        clock=run.clock,
        on_event=lambda kind, data: run.recorder.emit(path, kind, data),
        stopping=asyncio.Event(),
    )


def seat(
    run: RunContext,
    builder: PromptBuilder,
    *,
    path: str,
    agent: str,
    depth: int,
    permissions: Permissions,
    target: Target,
    sources: Sequence[Source] = (),
    max_turns: int | None = None,
) -> Seat:
    """An agent ready to work. Rules that deny a whole tool take it out of the request."""
    workspace = workspace_for(run, path)
    standard = {**standard_tools(), **run.extra_tools}
    own = ("AskUserQuestion", *(("Agent", "Skill") if depth < DEEPEST else ()))
    prompt = builder.narrowed(permissions.whole_tools_denied()).build([*standard, *own])
    hooks = HookPort(run.hooks_for(sources), _common(run, permissions, path, agent), _emitter(run, path))
    tools: dict[str, Tool] = {}
    seated = Seat(
        path=path,
        agent=agent,
        depth=depth,
        prompt=prompt,
        tools=tools,
        workspace=workspace,
        permissions=permissions,
        gate=PermissionGate(tools, prompt.restrictions, permissions, workspace, hooks, run.ask),
        hooks=hooks,
        target=target,
        max_turns=max_turns or prompt.max_turns or run.settings["agent_max_turns"],
    )
    workspace.judge = seated.gate.admits
    for name in prompt.tools:
        tools[name] = standard[name] if name in standard else _own_tool(name, run, seated)
    return seated


def _own_tool(name: str, run: RunContext, seated: Seat) -> Tool:
    """A tool that acts for the agent that has it."""
    from cowork.agent.skills import SkillTool
    from cowork.agent.spawning import AgentTool

    if name == "AskUserQuestion":
        return AskUserQuestion(run, seated.path)
    return AgentTool(run, seated) if name == "Agent" else SkillTool(run, seated)


def _common(run: RunContext, permissions: Permissions, path: str, agent: str) -> dict[str, Any]:
    mode = "bypassPermissions" if permissions.mode == "bypass" else permissions.mode
    about: Mapping[str, Any] = {} if path == "main" else {"agent_id": path, "agent_type": agent}
    return {
        "session_id": run.session_id,
        "transcript_path": str(run.journal),
        "cwd": str(run.project),
        "permission_mode": mode,
        **about,
    }


def _emitter(run: RunContext, path: str) -> Any:
    return lambda kind, data: run.recorder.emit(path, kind, data)
