"""Trying a prompt of a pack: the sample, and with a number the answer of a model that speaks as the pack's agent."""

from __future__ import annotations

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
from cowork.registry import lookup, tries
from cowork.registry.permission import about
from cowork.registry.tries import TryItem
from cowork.registry.world import PackRecord


@dataclass(frozen=True)
class TryAnswer:
    """The sample; `asked` and `output` when a prompt of it was asked. `seed` draws the same sample again."""

    seed: int
    items: tuple[TryItem, ...]
    count: int
    asked: TryItem | None
    provider: str | None
    model: str | None
    rehearsal: bool
    output: str | None
    dry_run: bool
    plan: tuple[Step, ...]


def try_prompts(
    settings: Settings,
    clock: Clock,
    on_event: OnEvent,
    *,
    count: int,
    seed: int | None,
    number: int | None,
    provider: str | None,
    model: str | None,
    dry_run: bool,
) -> tuple[TryAnswer, tuple[Notice, ...]]:
    """Draw a sample, by default that of the day, and, with `number`, ask that prompt.

    Raises `pack.no_such_prompt`, policy and provider errors.
    """
    drawn = tries.sample(count=count, seed=clock.now().date().toordinal() if seed is None else seed)
    if number is None:
        return TryAnswer(drawn.seed, drawn.items, drawn.count, None, None, None, False, None, dry_run, ()), ()
    gate.policies_or_refuse()  # without them no pack is on, and there is nothing to pick from
    item = tries.pick(drawn, number)
    _, pack = lookup.find_pack(item.pack)
    gate.require(about(Action("pack try", what=item.prompt), pack), dry_run=dry_run)
    target, notices = select.default(settings, provider=provider, model=model)
    plan = (Step("ask", target.label, f"{item.prompt} (as the agent of {item.pack})"),)
    output = None
    if not dry_run:
        request = ChatRequest(item.prompt, system=system_of(pack), max_tokens=settings["max_output_tokens"])
        output = run_turn(target, request, settings, clock, on_event).text
    answer = TryAnswer(
        seed=drawn.seed,
        items=drawn.items,
        count=drawn.count,
        asked=item,
        provider=target.provider,
        model=target.model,
        rehearsal=target.rehearsal,
        output=output,
        dry_run=dry_run,
        plan=plan,
    )
    return answer, notices


def system_of(pack: PackRecord) -> str:
    """The pack's agent role speaks: its system prompt, empty when the pack has none."""
    roles = pack.body["agent_roles"]
    return str(roles[0].get("systemPrompt", "")) if roles else ""
