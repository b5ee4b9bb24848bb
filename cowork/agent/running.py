"""A prepared request, run or only planned."""

from __future__ import annotations

from cowork.agent.context import Answer
from cowork.agent.gate import Ask
from cowork.agent.recorder import OnEvent
from cowork.agent.request import AgentRequest
from cowork.agent.results import AgentRun
from cowork.core.clock import Clock


def run_request(
    request: AgentRequest, clock: Clock, on_event: OnEvent, ask: Ask | None, answer: Answer | None, *, dry_run: bool
) -> AgentRun:
    """The run, or its plan. Raises what `agent.session.start` raises."""
    if not dry_run:
        from cowork.agent import session

        return session.start(request, clock, on_event, ask, answer)
    return AgentRun(
        session_id=None,
        agent=request.agent,
        status="planned",
        provider=request.target.provider,
        model=request.target.model,
        rehearsal=request.target.rehearsal,
        output=None,
        turns=0,
        tool_calls=(),
        questions=(),
        input_tokens=0,
        output_tokens=0,
        tokens_source="unknown",
        seconds=0.0,
        problems=(),
        dry_run=True,
        plan=request.plan,
    )
