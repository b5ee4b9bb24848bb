"""The permission gate: the one place where it is decided whether a tool call happens.

In this order, and the first that says no decides: the tool and its arguments are known; the restrictions of every layer; deny
rules; PreToolUse hooks, and then all of that again for what a hook made of the arguments; admin policies. What is left is
allowed by an allow rule, by a hook, by the mode, or by the user; where nobody can be asked, it is denied.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from cowork.agent.hooking import HookPort
from cowork.agent.modes import by_mode, suggestion
from cowork.agent.permissions import Permissions
from cowork.agent.reach import outside, real, within
from cowork.agent.recorder import Recorder
from cowork.agent.tools.base import Access, Tool, Workspace
from cowork.agent.tools.registry import check_arguments
from cowork.core.errors import Denied
from cowork.core.text import did_you_mean
from cowork.hooks.records import Merged
from cowork.models.chat import ToolCall
from cowork.policy import gate as policies
from cowork.policy.actions import Action
from cowork.rules.permissions import Judgement, PermissionRules
from cowork.rules.places import Places
from cowork.rules.repository import runs_programs
from cowork.rules.restrictions import Layer, ToolRestrictions

By = Literal["schema", "restriction", "rule", "hook", "policy", "workspace", "mode", "user"]
Ask = Callable[[str, Mapping[str, Any], str], Awaitable[bool]]
"""Asks the user about a tool, its arguments and a reason; whether it may happen."""


@dataclass(frozen=True)
class Decision:
    """Whether a call happens, with which arguments, who decided, and why.

    `verdict`: allowed, denied or invalid. `contexts` are what hooks have to say to the model; `suggestion` is the rule that
    would have allowed it. `halt`: a hook ends the run, and this is its reason.
    """

    verdict: Literal["allowed", "denied", "invalid"]
    by: By
    reason: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    rule: str | None = None
    contexts: tuple[str, ...] = ()
    halt: str | None = None
    suggestion: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether it happens."""
        return self.verdict == "allowed"


class PermissionGate:
    """Judges the calls of one agent. `restrictions` may be narrowed while it runs, never widened."""

    def __init__(
        self,
        tools: Mapping[str, Tool],
        restrictions: ToolRestrictions,
        permissions: Permissions,
        workspace: Workspace,
        hooks: HookPort | None,
        ask: Ask | None,
    ) -> None:
        self._tools = tools
        self.restrictions = restrictions
        self.permissions = permissions
        self._workspace = workspace
        self._hooks = hooks
        self._ask = ask
        home = str(Path.home())
        self._admits: set[str] = set()
        self._denied = PermissionRules(deny=permissions.rules.deny)
        self._denials = _denials(restrictions)
        self._places = Places(cwd=str(workspace.root), home=home, root=str(workspace.root))

    def narrow(self, restrictions: ToolRestrictions) -> None:
        """Ask one more layer from now on."""
        self.restrictions = self.restrictions.intersect(restrictions)
        self._denials = _denials(self.restrictions)

    async def judge(self, call: ToolCall) -> Decision:
        """The decision on one call."""
        tool = self._tools.get(call.name)
        if tool is None:
            hint = did_you_mean(call.name, self._tools, f"there are: {', '.join(sorted(self._tools)) or 'none'}")
            return Decision("invalid", "schema", f"There is no tool '{call.name}' here; {hint}")
        if call.arguments is None:
            return Decision("invalid", "schema", f"The arguments are not a JSON object: {call.raw[:200]!r}")
        refused, judged = self._judge_input(tool, call.arguments)
        if refused is not None:
            return refused
        merged = await self._ask_hooks(tool, call)
        if merged is None:
            return self._admitted(tool, await self._settle(tool, call.arguments, judged, None))
        decision = self._admitted(tool, await self._after_hooks(tool, call.arguments, judged, merged))
        halt = (merged.halt_reason or "a hook ended the run") if merged.halt else None
        return replace(decision, contexts=tuple(merged.contexts), halt=halt)

    def journal(self, recorder: Recorder, path: str, call: ToolCall, decision: Decision) -> None:
        """Write a verdict down: every call has one, whether or not it happened."""
        recorder.emit(
            path,
            "tool.judged",
            {
                "id": call.id,
                "tool": call.name,
                "verdict": decision.verdict,
                "by": decision.by,
                "rule": decision.rule,
                "reason": decision.reason,
                "arguments": dict(decision.arguments or call.arguments or {}),
            },
        )

    def admits(self, path: Path, access: Access) -> str | None:
        """Why a real path may not be opened, None when it may: asked right before it is, when no link can be swapped any more.

        Inside the workspace only denials count; outside, the path, or one above it, must be of a call that was allowed.
        """
        roots = [str(self._workspace.root), *(os.path.realpath(item) for item in self.permissions.directories), *self._admits]
        if not any(within(str(path), root) for root in roots):
            return f"{path} is outside the workspace"
        tool = "Read" if access == "read" else "Edit"
        arguments = {"file_path": str(path)}
        verdict = self._denials.is_allowed(tool, arguments, self._places)
        if not verdict.allowed:
            return verdict.reason
        judged = self._denied.judge(tool, arguments, cwd=self._places.cwd, home=self._places.home)
        return _because(judged) if judged.outcome == "deny" else None

    def _admitted(self, tool: Tool, decision: Decision) -> Decision:
        """Remember the paths of a call that was allowed."""
        if decision.allowed:
            touched = (real(self._workspace, touch.path) for touch in tool.touches(decision.arguments, self._workspace))
            self._admits |= {path for path in touched if path is not None}
        return decision

    def _judge_input(self, tool: Tool, arguments: Mapping[str, Any]) -> tuple[Decision | None, Judgement | None]:
        """A refusal by schema, restrictions or deny rules, else what the permission rules say."""
        problem = check_arguments(tool, arguments)
        if problem is not None:
            return Decision("invalid", "schema", problem), None
        verdict = self.restrictions.is_allowed(tool.name, arguments, self._places)
        if not verdict.allowed:
            where = f" ({verdict.source})" if verdict.source else ""
            return Decision("denied", "restriction", f"{verdict.reason}{where}", arguments, verdict.rule), None
        judged = self.permissions.rules.judge(tool.name, arguments, cwd=self._places.cwd, home=self._places.home)
        if judged.outcome == "deny":
            return Decision("denied", "rule", _because(judged), arguments, judged.rule), None
        return None, judged

    async def _ask_hooks(self, tool: Tool, call: ToolCall) -> Merged | None:
        if self._hooks is None:
            return None
        return await self._hooks.fire(
            "PreToolUse", tool_name=tool.name, tool_input=dict(call.arguments or {}), tool_use_id=call.id
        )

    async def _after_hooks(
        self, tool: Tool, arguments: Mapping[str, Any], judged: Judgement | None, merged: Merged
    ) -> Decision:
        if merged.updated_input is not None:  # whatever a hook makes of it is judged like what a model wrote
            arguments = merged.updated_input
            refused, judged = self._judge_input(tool, arguments)
            if refused is not None:
                return replace(refused, reason=f"{refused.reason} (the arguments are those a hook put in)")
        if merged.blocked or merged.halt or merged.decision == "deny":
            reason = merged.decision_reason or merged.reason or merged.halt_reason or "a hook blocks this call"
            return Decision("denied", "hook", reason, arguments)
        return await self._settle(tool, arguments, judged, merged)

    async def _settle(
        self, tool: Tool, arguments: Mapping[str, Any], judged: Judgement | None, merged: Merged | None
    ) -> Decision:
        """What is left once nothing forbids it: who allows it?"""
        assert judged is not None
        refused = _refused_by_policy(tool.name)
        if refused is not None:
            return Decision("denied", "policy", refused, arguments)
        beyond = outside(tool, arguments, self._workspace, self.permissions.directories)
        if self.permissions.mode == "plan":  # it forbids, whatever rules and hooks allow
            allowed, reason = by_mode("plan", tool, arguments, self._workspace, beyond)
            if allowed is False:
                return Decision("denied", "mode", reason, arguments)
        said = merged.decision if merged else None
        if judged.outcome == "ask" or said in ("ask", "defer"):
            why = _because(judged) if judged.outcome == "ask" else (merged.decision_reason if merged else "") or "a hook asks"
            return await self._let_ask(tool, arguments, why, judged.rule)
        if said == "allow" and not self.permissions.unattended:
            return Decision("allowed", "hook", (merged.decision_reason if merged else "") or "a hook allows it", arguments)
        if judged.outcome == "allow" and judged.source in self.permissions.lent:
            danger = _git_danger(tool.name, arguments, str(self._workspace.root))
            if danger is not None:  # who wrote the command knew nothing of this repository
                return await self._let_ask(tool, arguments, danger, None)
        if judged.outcome == "allow" and (not beyond or "(" in (judged.rule or "")):
            return Decision("allowed", "rule", _because(judged), arguments, judged.rule)
        allowed, reason = by_mode(self.permissions.mode, tool, arguments, self._workspace, beyond)
        if allowed is not None:
            return Decision("allowed" if allowed else "denied", "mode", reason, arguments)
        return await self._let_ask(tool, arguments, reason, None)

    async def _let_ask(self, tool: Tool, arguments: Mapping[str, Any], why: str, rule: str | None) -> Decision:
        if self._ask is None:
            if rule is not None:  # a rule that asks comes before one that allows
                text = f"{why}. Nobody can be asked here; only the user can take the rule {rule} away"
                return Decision("denied", "rule", text, arguments, rule)
            hint = suggestion(tool.name, arguments, self._workspace)
            text = f"{why}. Nobody can be asked here; to allow it, the user adds the rule {hint}"
            return Decision("denied", "mode", text, arguments, suggestion=hint)
        if self._hooks is not None:
            text = f"{tool.name} waits for your permission: {why}"
            await self._hooks.fire("Notification", notification_type="permission_prompt", message=text)
        if await self._ask(tool.name, arguments, why):
            return Decision("allowed", "user", "the user allows it", arguments, rule)
        return Decision("denied", "user", "the user does not allow it", arguments, rule)


def _denials(restrictions: ToolRestrictions) -> ToolRestrictions:
    """What the layers deny, without what they allow."""
    return ToolRestrictions(tuple(Layer(item.source, None, item.deny) for item in restrictions.layers if item.deny))


def _because(judged: Judgement) -> str:
    where = f" ({judged.source})" if judged.source else ""
    return f"{judged.reason}{where}"


def _git_danger(tool: str, arguments: Mapping[str, Any], root: str) -> str | None:
    """Why a git command that only looks would run what the repository names; None when it would not, or is none of git's."""
    if tool != "Bash" or "git" not in str(arguments.get("command", "")):
        return None
    return runs_programs(root)


def _refused_by_policy(tool: str) -> str | None:
    """What the admin policies have against a tool: only MCP servers are named there."""
    if not tool.startswith("mcp__"):
        return None
    try:
        verdict = policies.ask(Action("agent run", connector=tool.split("__")[1], what=tool))
    except Denied as error:
        return error.message
    return None if verdict.allowed else verdict.reason
