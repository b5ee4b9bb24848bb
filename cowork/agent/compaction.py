"""Making room in a conversation: hooks are asked, a model sums up what was said, and the summary takes its place."""

from __future__ import annotations

from cowork.agent.context import RunContext, Seat
from cowork.models.chat import ChatRequest
from cowork.models.errors import ProviderError
from cowork.prompts import builtin

_LONGEST = 400_000  # characters of a transcript that a summary is made of: its beginning and its end


async def compact(run: RunContext, seat: Seat, *, trigger: str) -> None:
    """Compact the conversation. A PreCompact hook may forbid it; where no summary can be had, old outputs are dropped."""
    conversation = seat.conversation
    before = conversation.tokens
    if seat.hooks is not None:
        merged = await seat.hooks.fire("PreCompact", trigger="auto", custom_instructions="")
        if merged.blocked and trigger != "too_big":
            run.recorder.emit(seat.path, "compaction.blocked", {"reason": merged.reason, "tokens": before})
            conversation.drop_outputs()
            return
    how = "summary"
    try:
        summary = await _summary(run, seat)
        conversation.begin_anew(builtin.piece("compaction-summary", SUMMARY=summary))
    except ProviderError as error:
        how = f"dropped outputs ({error.code})"
        if not conversation.drop_outputs():
            raise
    data = {"trigger": trigger, "tokens_before": before, "tokens_after": conversation.tokens, "how": how}
    run.recorder.emit(seat.path, "compaction.completed", data)


async def _summary(run: RunContext, seat: Seat) -> str:
    run.budget.take()
    text = seat.conversation.transcript()
    if len(text) > _LONGEST:
        half = _LONGEST // 2
        text = f"{text[:half]}\n\n[... {len(text) - _LONGEST} characters are left out ...]\n\n{text[-half:]}"
    request = ChatRequest(
        prompt=f"<conversation>\n{text}\n</conversation>\n\n{builtin.piece('compaction-instruction', FOCUS='')}",
        max_tokens=run.settings["agent_output_tokens"],
    )
    reply = await run.limiter.reply(run.models.model(seat.target), request, lambda _: None, agent=seat.path)
    run.recorder.usages.append(reply.usage)
    return reply.text
