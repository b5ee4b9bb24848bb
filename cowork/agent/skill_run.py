"""Running a skill: rendered, then asked of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cowork.agent.turn import OnEvent, run_turn
from cowork.core.clock import Clock
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.settings import Settings
from cowork.models import select
from cowork.models.chat import ChatRequest
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.prompts.skill import render_skill
from cowork.registry import lookup, slash
from cowork.registry.permission import about
from cowork.registry.world import PackRecord


@dataclass(frozen=True)
class SkillRun:
    """A skill's answer, or with `dry_run` the plan of asking for it. `tokens_source`: reported, estimated, unknown."""

    skill: str
    pack: str
    provider: str
    model: str
    rehearsal: bool
    output: str | None
    stop_reason: str | None
    input_tokens: int
    output_tokens: int
    tokens_source: str
    seconds: float
    dry_run: bool
    plan: tuple[Step, ...]


def run_skill(
    skill_id: str,
    given: Mapping[str, str],
    settings: Settings,
    clock: Clock,
    on_event: OnEvent,
    *,
    provider: str | None,
    model: str | None,
    dry_run: bool,
) -> tuple[SkillRun, tuple[Notice, ...]]:
    """Render the skill and ask the model. Raises skill, parameter, policy and provider errors."""
    _admit("skill run", skill_id, dry_run=dry_run)
    return _run(skill_id, given, settings, clock, on_event, provider=provider, model=model, dry_run=dry_run)


def run_command(
    command: str,
    text: str,
    settings: Settings,
    clock: Clock,
    on_event: OnEvent,
    *,
    provider: str | None,
    model: str | None,
    dry_run: bool,
) -> tuple[SkillRun, tuple[Notice, ...]]:
    """Run the skill of a slash command with what its text gives. Raises `command.*` and what `run_skill` raises."""
    skill_id = slash.resolve(command)
    _admit("run", skill_id, dry_run=dry_run)
    given = slash.given(skill_id, text)
    return _run(skill_id, given, settings, clock, on_event, provider=provider, model=model, dry_run=dry_run)


def _admit(verb: str, skill_id: str, *, dry_run: bool) -> None:
    """Ask the gate for the use of a skill; also when its pack is blocked, so that the refusal is logged."""
    owner = lookup.owner(skill_id)
    if owner is not None:
        gate.require(about(Action(verb, what=skill_id), owner), dry_run=dry_run)


def _run(
    skill_id: str,
    given: Mapping[str, str],
    settings: Settings,
    clock: Clock,
    on_event: OnEvent,
    *,
    provider: str | None,
    model: str | None,
    dry_run: bool,
) -> tuple[SkillRun, tuple[Notice, ...]]:
    rendered, notices = render_skill(skill_id, given)
    _, pack, _ = lookup.find_skill(skill_id)
    target, chosen = select.default(settings, provider=provider, model=model)
    plan = (
        Step("render", rendered.skill, f"{len(rendered.prompt)} characters"),
        Step("ask", target.label, f"1 call, at most {settings['max_output_tokens']} tokens of output"),
    )
    if dry_run:
        planned = SkillRun(
            skill=rendered.skill,
            pack=rendered.pack,
            provider=target.provider,
            model=target.model,
            rehearsal=target.rehearsal,
            output=None,
            stop_reason=None,
            input_tokens=0,
            output_tokens=0,
            tokens_source="unknown",
            seconds=0.0,
            dry_run=True,
            plan=plan,
        )
        return planned, (*notices, *chosen)
    request = ChatRequest(rendered.prompt, system=system_of(pack), max_tokens=settings["max_output_tokens"])
    turn = run_turn(target, request, settings, clock, on_event)
    done = SkillRun(
        skill=rendered.skill,
        pack=rendered.pack,
        provider=turn.provider,
        model=turn.model,
        rehearsal=turn.rehearsal,
        output=turn.text,
        stop_reason=turn.stop_reason,
        input_tokens=turn.input_tokens,
        output_tokens=turn.output_tokens,
        tokens_source=turn.tokens_source,
        seconds=turn.seconds,
        dry_run=False,
        plan=plan,
    )
    return done, (*notices, *chosen)


def system_of(pack: PackRecord) -> str:
    """The pack's agent role speaks: its system prompt, empty when the pack has none."""
    roles = pack.body["agent_roles"]
    return str(roles[0].get("systemPrompt", "")) if roles else ""
