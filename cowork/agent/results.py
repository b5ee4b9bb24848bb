"""What a run of an agent comes to."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.plan import Step


@dataclass(frozen=True)
class ToolUse:
    """One call of a tool. `verdict`: allowed, denied or invalid; `by` says who decided: schema, restriction, rule, hook,
    policy, workspace, mode or user; `rule` and `reason` say why. `error`: it was run and failed. `agent` is who called.
    """

    agent: str
    tool: str
    verdict: str
    by: str
    rule: str | None
    reason: str
    error: bool
    seconds: float


@dataclass(frozen=True)
class Question:
    """A question that the agent asked, its choices, and the answer; None where nobody was there to give one."""

    text: str
    options: tuple[str, ...]
    answer: str | None


@dataclass(frozen=True)
class AgentRun:
    """A finished run, or with `dry_run` the plan of one.

    `status`: completed; limit (turns or calls ran out); stopped (by a hook); failed; interrupted. `turns` counts the model's
    answers in the main conversation. Tokens are those of all agents of the run; `tokens_source`: reported, estimated, or
    unknown when some answer did not say.
    """

    session_id: str | None
    agent: str
    status: str
    provider: str
    model: str
    rehearsal: bool
    output: str | None
    turns: int
    tool_calls: tuple[ToolUse, ...]
    questions: tuple[Question, ...]
    input_tokens: int
    output_tokens: int
    tokens_source: str
    seconds: float
    problems: tuple[str, ...]
    dry_run: bool
    plan: tuple[Step, ...]
