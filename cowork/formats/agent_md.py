"""Agents: Markdown files whose frontmatter says who the agent is and whose body is its system prompt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from cowork.formats import frontmatter
from cowork.formats.markdown_fields import Fields, first_words, frontmatter_problems
from cowork.formats.problem import Problem, quoted
from cowork.formats.skill_md import EFFORTS

Origin = Literal["project", "user", "plugin"]
COLORS = ("red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan")
CONTEXTS = ("fork", "inherit")
MODES = ("default", "acceptEdits", "plan", "bypassPermissions", "dontAsk", "auto", "delegate")
NOT_IN_PLUGINS = {"hooks", "mcpServers", "permissionMode"}


@dataclass(frozen=True)
class AgentFile:
    """An agent as its file has it. `tools` None means every tool, () none at all; `disallowed_tools` go first.

    `context`: fork (it begins with nothing) or inherit (it sees the conversation).
    """

    name: str
    description: str
    tools: tuple[str, ...] | None
    disallowed_tools: tuple[str, ...]
    model: str | None
    permission_mode: str | None
    max_turns: int | None
    skills: tuple[str, ...]
    mcp_servers: Any
    hooks: dict[str, Any]
    memory: str | None
    background: bool
    effort: str | None
    isolation: str | None
    context: str | None
    color: str | None
    initial_prompt: str | None
    extra: dict[str, Any]
    prompt: str
    prompt_line: int


def parse(text: str, *, file: str, stem: str, origin: Origin = "project") -> tuple[AgentFile | None, tuple[Problem, ...]]:
    """The agent in a Markdown file, or None, and what is wrong with it. `stem` is the file's name without `.md`.

    In a project or a home a file without a name is documentation: no agent, and a note only. In a plugin the file names it.
    """
    front = frontmatter.parse(text)
    broken = frontmatter_problems(front, file=file, severity="error")
    if broken:
        return None, tuple(broken)
    fields = Fields(front, file=file, family="agent")
    name = fields.text("name") or (stem if origin == "plugin" else None)
    if name is None:
        why = "without a name this is documentation, not an agent"
        fix = "add name and description to its frontmatter, or move it elsewhere"
        return None, (Problem(file, "$.name", "agent.name", "note", why, fix, 1),)
    _judge(fields, name, origin)
    agent = _agent(fields, name)
    refused = any(problem.severity == "error" for problem in fields.problems)
    if origin == "plugin":
        agent = replace(agent, hooks={}, mcp_servers=None, permission_mode=None)
    return None if refused else agent, tuple(fields.problems)


def _agent(fields: Fields, name: str) -> AgentFile:
    front = fields.front
    return AgentFile(
        name=name,
        description=fields.text("description") or first_words(front.body),
        tools=fields.tools("tools"),
        disallowed_tools=fields.words("disallowedTools"),
        model=fields.text("model"),
        permission_mode=fields.choice("permissionMode", MODES),
        max_turns=_turns(fields),
        skills=fields.words("skills"),
        mcp_servers=fields.rest.pop("mcpServers", None),
        hooks=fields.mapping("hooks"),
        memory=fields.choice("memory", ("user", "project", "local")),
        background=fields.flag("background", False),
        effort=fields.choice("effort", EFFORTS),
        isolation=fields.choice("isolation", ("worktree",)),
        context=fields.choice("context", CONTEXTS),
        color=fields.choice("color", COLORS),
        initial_prompt=fields.text("initialPrompt"),
        extra=fields.finish(),
        prompt=front.body,
        prompt_line=front.body_line,
    )


def _turns(fields: Fields) -> int | None:
    """`maxTurns`, or `max_turns` as it is also written."""
    first, second = fields.number("maxTurns"), fields.number("max_turns")
    return first or second


def _judge(fields: Fields, name: str, origin: Origin) -> None:
    if ":" in name or name.startswith("-"):
        fix = "use letters, digits and dashes, starting with a letter"
        fields.report("name", "name", "error", f"{quoted(name)} has a `:` or a leading `-`", fix)
    if not isinstance(fields.front.data.get("description"), (str, int, float)):
        severity: Literal["warning", "error"] = "warning" if origin == "plugin" else "error"
        fix = "say in a description when this agent is to be used"
        fields.report("description", "description", severity, "there is no description", fix)
    if origin == "plugin":
        for key in [key for key in fields.front.data if key in NOT_IN_PLUGINS]:
            fields.report(key, "ignored_in_plugin", "warning", f"{quoted(key)} is ignored in a plugin", "remove it")
