"""One agent's conversation: the model answers, its calls are judged and run, until it is done or something ends it."""

from __future__ import annotations

from cowork.agent import compaction
from cowork.agent.calls import Calls
from cowork.agent.context import Finished, RunContext, Seat
from cowork.hooks.records import Merged
from cowork.models.chat import ChatReply, ChatRequest, ToolDefinition
from cowork.models.errors import MalformedError, TooBigError
from cowork.prompts import builtin

STOP_BLOCKS = 8
"""How often in a row Stop hooks may send an agent back to work."""
_LAST_TURNS = 3  # when so many are left, the agent is told
_STALE_TURNS = 10  # turns without a look at the list of things to do
_CUT = frozenset({"max_tokens", "length", "model_context_window_exceeded"})


class Turns:
    """Runs a seat's conversation to its end. `said` is the last text of the model, `turns` how many answers it gave."""

    def __init__(self, run: RunContext, seat: Seat) -> None:
        self._run = run
        self._seat = seat
        self._conversation = seat.conversation
        self._calls = Calls(run, seat)
        self.turns = 0
        self._blocks = 0
        self._empty = False
        self.said = ""
        self._squeezed = False
        self._stale = 0

    async def run(self) -> Finished:
        """How it ended. Raises ProviderError, LimitReached and `file.*` errors."""
        if self._seat.permissions.mode == "plan":
            self._conversation.user(builtin.reminder("plan-mode"))
        while self.turns < self._seat.max_turns:
            await self._make_room()
            reply = await self._answer()
            self._conversation.assistant(reply)
            self.said = reply.text.strip() or self.said
            ended = await self._go_on(reply)
            if ended is not None:
                return ended
        return self._ended("limit", f"it has had its {self._seat.max_turns} turns")

    async def _go_on(self, reply: ChatReply) -> Finished | None:
        """What an answer leads to; None for another turn."""
        if reply.calls:
            self._empty, self._blocks = False, 0
            answered = await self._calls.answer(reply)
            self._conversation.results(answered.results)
            if answered.halt is not None:
                return self._ended("stopped", answered.halt)
            for text in [*answered.notes, *self._reminders(reply)]:
                self._conversation.user(text)
            return None
        if not reply.text.strip():
            if self._empty:
                raise MalformedError(
                    "the model gave two empty answers in a row",
                    provider=self._seat.target.provider,
                    model=self._seat.target.model,
                )
            self._empty = True
            self._conversation.user(builtin.reminder("empty-turn"))
            return None
        self._empty = False
        if reply.stop_reason in _CUT:
            self._seat.problems.append("the last answer was cut at the longest output allowed (agent_output_tokens)")
        return await self._may_stop()

    def _reminders(self, reply: ChatReply) -> list[str]:
        """What the agent should not lose sight of: that its turns run out, and its own list of things to do."""
        found = []
        left = self._seat.max_turns - self.turns
        if left == _LAST_TURNS < self.turns:
            found.append(builtin.reminder("turns-left", TURNS=left))
        todos = self._seat.workspace.todos
        if any(call.name == "TodoWrite" for call in reply.calls) or all(item["status"] == "completed" for item in todos):
            self._stale = 0
        else:
            self._stale += 1
            if self._stale % _STALE_TURNS == 0:
                listed = "\n".join(f"- [{item['status']}] {item['content']}" for item in todos)
                found.append(builtin.reminder("todo-stale", TURNS=self._stale, TODOS=listed))
        return found

    async def _may_stop(self) -> Finished | None:
        """The end, unless Stop hooks send the agent back to work."""
        if self._seat.hooks is None:
            return self._ended("completed")
        event, more = ("Stop", {}) if self._seat.depth == 0 else ("SubagentStop", {"agent_type": self._seat.agent})
        merged = await self._seat.hooks.fire(event, stop_hook_active=self._blocks > 0, last_assistant_message=self.said, **more)
        feedback = _feedback(merged)
        if feedback is None:
            return self._ended("completed")
        self._blocks += 1
        if self._blocks > STOP_BLOCKS:
            return self._ended("limit", f"its {event} hooks sent it back {STOP_BLOCKS} times in a row, which is the cap")
        self._conversation.user(builtin.reminder("stop-hook-feedback", REASON=self._run.recorder.clean(feedback)))
        return None

    async def _answer(self) -> ChatReply:
        """The model's next answer."""
        self._run.budget.take()
        self.turns += 1
        seat, recorder = self._seat, self._run.recorder
        recorder.emit(
            seat.path, "turn.started", {"turn": self.turns, "provider": seat.target.provider, "model": seat.target.model}
        )
        started = self._run.clock.monotonic()
        try:
            reply = await self._ask()
        except TooBigError:
            if self._squeezed:
                raise
            self._squeezed = True
            await compaction.compact(self._run, seat, trigger="too_big")
            reply = await self._ask()
        finally:
            recorder.flush(seat.path)
        recorder.usages.append(reply.usage)
        usage = {"input": reply.usage.input_tokens, "output": reply.usage.output_tokens, "source": reply.usage.source}
        recorder.emit(
            seat.path,
            "turn.completed",
            {
                "turn": self.turns,
                "text": reply.text,
                "calls": [{"id": call.id, "tool": call.name, "arguments": call.raw} for call in reply.calls],
                "model": reply.model,
                "stop_reason": reply.stop_reason,
                "usage": usage,
                "seconds": round(self._run.clock.monotonic() - started, 3),
            },
        )
        return reply

    async def _ask(self) -> ChatReply:
        seat, run = self._seat, self._run
        request = ChatRequest(
            system=seat.prompt.system,
            messages=tuple(self._conversation.messages),
            tools=tuple(ToolDefinition(tool.name, tool.description, tool.parameters) for tool in seat.tools.values()),
            max_tokens=run.settings["agent_output_tokens"],
        )
        model = run.models.model(seat.target)
        return await run.limiter.reply(model, request, lambda piece: run.recorder.text(seat.path, piece), agent=seat.path)

    async def _make_room(self) -> None:
        """Compact when the next request would be larger than the settings want."""
        said = self._conversation
        if len(said.messages) > 2 and said.tokens + self._seat.prompt.tokens > self._run.settings["context_tokens"]:
            await compaction.compact(self._run, self._seat, trigger="auto")

    def _ended(self, status: str, reason: str = "") -> Finished:
        return Finished(status, self.said, self.turns, reason)


def _feedback(merged: Merged) -> str | None:
    """What Stop hooks want done yet; None when the agent may stop."""
    if merged.halt:
        return None
    if merged.blocked:
        return merged.reason or "a hook wants you to go on"
    return "\n".join(merged.contexts) or None
