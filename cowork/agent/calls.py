"""The calls of one answer: judged in their order, run, and told to the hooks; the ones that only look run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cowork.agent.context import RunContext, Seat
from cowork.agent.gate import Decision
from cowork.agent.results import ToolUse
from cowork.agent.tools.base import ToolResult
from cowork.models.chat import ChatReply, ToolCall
from cowork.prompts import builtin

_TOGETHER = frozenset({"Read", "Glob", "Grep", "WebFetch", "Agent"})
_NAMES = {"Task": "Agent"}  # what Claude Code called it before
_CUT = frozenset({"max_tokens", "length", "model_context_window_exceeded"})
_EXCERPT = 2000  # characters of a result in the journal


@dataclass
class Answered:
    """What the calls came to, in their order; `notes` are for the model too; `halt` is why a hook ends the run."""

    results: list[tuple[ToolCall, str, bool]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    halt: str | None = None


class Calls:
    """Answers the calls of one agent."""

    def __init__(self, run: RunContext, seat: Seat) -> None:
        self._run = run
        self._seat = seat

    async def answer(self, reply: ChatReply) -> Answered:
        """Judge and run every call of an answer. When a hook ends the run, the calls after that are not made."""
        answered = Answered()
        cut = reply.stop_reason in _CUT
        clean = self._run.recorder.clean
        for group in _groups(reply.calls):
            if answered.halt is not None:
                answered.results += [(call, "Not run: a hook ended the run.", True) for call in group]
                continue
            outcomes = await self._together([self._one(call, answered, cut=cut) for call in group])
            answered.results += [(call, clean(text), error) for call, (text, error) in zip(group, outcomes, strict=True)]
        answered.notes = [clean(text) for text in answered.notes]  # hooks know what is in the environment, a model must not
        return answered

    async def _together(self, running: Sequence[Any]) -> list[tuple[str, bool]]:
        """All of them, at the same time where there are several; when one breaks, the others are ended first."""
        if len(running) == 1:
            return [await running[0]]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(item) for item in running]
        except BaseExceptionGroup as broken:  # the first is what went wrong; the others were ended because of it
            raise broken.exceptions[0] from None
        return [task.result() for task in tasks]

    async def _one(self, call: ToolCall, answered: Answered, *, cut: bool) -> tuple[str, bool]:
        call = _renamed(call)
        decision = await self._seat.gate.judge(call)
        answered.notes += [_context(f"PreToolUse:{call.name}", text) for text in decision.contexts]
        if decision.halt is not None:
            answered.halt = decision.halt
        self._judged(call, decision)
        if not decision.allowed:
            return self._refusal(call, decision, cut=cut), True
        result, seconds = await self._run_tool(call, decision)
        self._use(call, decision, error=result.error, seconds=seconds)
        return await self._told(call, decision, result, seconds, answered)

    async def _run_tool(self, call: ToolCall, decision: Decision) -> tuple[ToolResult, float]:
        started = self._run.clock.monotonic()
        result = await self._seat.tools[call.name].run(decision.arguments, self._seat.workspace)
        seconds = round(self._run.clock.monotonic() - started, 3)
        self._run.recorder.emit(
            self._seat.path,
            "tool.completed",
            {"id": call.id, "tool": call.name, "error": result.error, "seconds": seconds, "text": result.text[:_EXCERPT]},
        )
        return result, seconds

    async def _told(
        self, call: ToolCall, decision: Decision, result: ToolResult, seconds: float, answered: Answered
    ) -> tuple[str, bool]:
        """What the model is told of a result, after hooks have heard of it."""
        text = self._run.recorder.clean(result.text)
        if self._seat.hooks is None:
            return text, result.error
        merged = await self._seat.hooks.fire(
            "PostToolUse",
            tool_name=call.name,
            tool_input=dict(decision.arguments),
            tool_response=dict(result.response) or {"text": text, "error": result.error},
            tool_use_id=call.id,
            duration_ms=round(seconds * 1000),
        )
        if merged.blocked:
            answered.notes.append(f"PostToolUse:{call.name} hook blocking error: {merged.reason}")
        answered.notes += [_context(f"PostToolUse:{call.name}", text) for text in merged.contexts]
        if merged.halt:
            answered.halt = merged.halt_reason or "a hook ended the run"
        return _replaced(merged.updated_output, text), result.error

    def _judged(self, call: ToolCall, decision: Decision) -> None:
        self._seat.gate.journal(self._run.recorder, self._seat.path, call, decision)
        if not decision.allowed:
            self._use(call, decision, error=True, seconds=0.0)

    def _use(self, call: ToolCall, decision: Decision, *, error: bool, seconds: float) -> None:
        clean = self._run.recorder.clean
        self._run.recorder.uses.append(
            ToolUse(
                agent=self._seat.path,
                tool=clean(call.name),
                verdict=decision.verdict,
                by=decision.by,
                rule=decision.rule,
                reason=clean(decision.reason),
                error=error,
                seconds=seconds,
            )
        )

    def _refusal(self, call: ToolCall, decision: Decision, *, cut: bool) -> str:
        if cut and call.arguments is None:
            return "The call was cut: the answer reached its longest length. Make it in smaller pieces."
        if decision.verdict == "invalid":
            return decision.reason
        return builtin.piece("denied-tool", TOOL=call.name, REASON=decision.reason, RULE=decision.suggestion or "none would")


def _groups(calls: Sequence[ToolCall]) -> Iterator[list[ToolCall]]:
    """Calls in a row that may run side by side stay together; every other one is by itself."""
    group: list[ToolCall] = []
    for call in calls:
        together = _NAMES.get(call.name, call.name) in _TOGETHER
        if group and not together:
            yield group
            group = []
        group.append(call)
        if not together:
            yield group
            group = []
    if group:
        yield group


def _renamed(call: ToolCall) -> ToolCall:
    return ToolCall(call.id, _NAMES[call.name], call.arguments, call.raw) if call.name in _NAMES else call


def _context(event: str, text: str) -> str:
    return builtin.reminder("hook-context", EVENT=event, CONTEXT=text)


def _replaced(output: Any, text: str) -> str:
    """A result as a PostToolUse hook wants it told: a text, or an object with the text as `stdout` or `text`."""
    if isinstance(output, dict):
        output = output.get("stdout", output.get("text"))
    return output if isinstance(output, str) else text
