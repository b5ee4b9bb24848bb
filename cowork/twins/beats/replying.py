"""Asking a twin something at once, and waiting for what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cowork.agent.parts import Part
from cowork.agent.text_parts import typed_command, typed_skill
from cowork.core.clock import Clock
from cowork.core.errors import Conflict, Degraded, Interrupted, Terminated, UsageError
from cowork.core.plan import Step
from cowork.core.stopping import Stopping, stopped_by_signals
from cowork.core.text import one_line
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins.beats.beating import beat
from cowork.twins.beats.report import Beat
from cowork.twins.beats.work import Setup
from cowork.twins.directory import find_twin
from cowork.twins.requesting import new, not_inactive, request
from cowork.twins.requests import Request, RequestKind
from cowork.twins.results import Result
from cowork.twins.store.due import Due
from cowork.twins.twin import Twin


@dataclass(frozen=True)
class Reply:
    """What a twin said to a question or a skill: `beat` is its run, `result` what is stored. Both None with `dry_run`.

    `request` is what waits for its next heartbeat, where nobody waits for the answer; there is no result then.
    """

    twin: str
    result: Result | None
    beat: Beat | None
    dry_run: bool
    plan: tuple[Step, ...]
    request: Request | None = None


def ask(name: str, text: str, setup: Setup, *, named: Mapping[str, str] | None = None, dry_run: bool = False) -> Reply:
    """Ask a twin: a question, or `/skill ...` with the parameters that are `named`. The answer is stored like every result.

    Raises `twin.not_found`, `run.no_command` for parameters of a question, `twin.not_active` for one that is inactive,
    `twin.busy`, `request.empty`, skill and command errors, policy errors; Degraded `twin.degraded` with the reply as `data`
    when a model was to answer and did not; Interrupted and Terminated.
    """
    gate.refuse(Action(setup.verb), dry_run=dry_run)
    twin = find_twin(name)
    not_inactive(twin)
    kind: RequestKind = "skill" if text.lstrip().startswith("/") else "ask"
    made = new(twin, kind, text, setup.clock.now(), at_once=True)
    if named and kind != "skill":
        hint = f"for example: cowork twin ask @{twin.name} /SKILL --param {next(iter(named))}=..."
        raise UsageError("run.no_command", "--param is for a skill", hint=hint)
    parts = skill_parts(text, named or {}, verb=setup.verb, dry_run=dry_run) if kind == "skill" else []
    plan = (Step("ask", twin.name, made.title), *(Step("compose", part.name, part.kind) for part in parts))
    if dry_run:
        return Reply(twin.name, None, None, True, plan)
    ended = _answered(twin, made, setup, parts)
    reply = Reply(twin.name, ended.results[0], ended, False, plan)
    if ended.status != "done":
        raise Degraded(
            "twin.degraded",
            f"{twin.name} gave no whole answer",
            cause=ended.reason,
            hint=f"what there is is stored: cowork twin results show {ended.results[0].id}",
            data=reply,
        )
    return reply


def leave(name: str, text: str, clock: Clock, *, at_once: bool, dry_run: bool = False) -> Reply:
    """Ask a twin and wait for nothing: it answers at its next heartbeat, or `at_once` when a scheduler looks.

    Raises what `requesting.request` raises.
    """
    left = request(name, "mention", text, clock, at_once=at_once, dry_run=dry_run, verb="twin ask")
    return Reply(left.request.twin, None, None, dry_run, left.plan, left.request)


def skill_parts(text: str, named: Mapping[str, str], *, verb: str, dry_run: bool) -> list[Part]:
    """The skill or command that a text begins with, without the agent it would be done by: the twin is the agent."""
    command, _, rest = text.strip().partition(" ")
    if len(command) < 2:
        raise UsageError("run.no_command", f"'{one_line(text, 40)}' names no skill", hint="for example /twin-status-report")
    rest = rest.strip()
    found = typed_command(command, verb=verb, arguments=rest, dry_run=dry_run, named=named)
    if isinstance(found, Part):
        return [found]
    parts, _ = typed_skill(found, None, rest, verb=verb, dry_run=dry_run, named=named)
    return [part for part in parts if part.kind != "agent"]


def _answered(twin: Twin, made: Request, setup: Setup, parts: Sequence[Part]) -> Beat:
    stopping = Stopping(
        Interrupted("twin.interrupted", "the question was interrupted"),
        Terminated("twin.terminated", "the question was told to end"),
    )

    async def run() -> Beat | None:
        with stopped_by_signals(stopping):
            return await beat(
                Due(twin.id, twin.name, (), ()), setup, kind="skill" if made.kind == "skill" else "ask", parts=parts, asked=made
            )

    try:
        ended = asyncio.run(run())
    except asyncio.CancelledError:
        raise (stopping.error or stopping.interrupt) from None
    if ended is None:
        raise Conflict("twin.busy", f"somebody else has {twin.name} answer this already", hint="see: cowork twin tasks")
    return ended
