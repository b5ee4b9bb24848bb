"""What the command line asks for, on top of a preset."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import get_args

from cowork.core.errors import InvalidInput, UsageError
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.core.text import did_you_mean
from cowork.loop.budget import Budget
from cowork.loop.request import Wish
from cowork.loop.seating import seat_specs
from cowork.patterns.steps import StepName


def wish(
    settings: Settings,
    *,
    pattern: str | None = None,
    preset: str | None = None,
    seats: Sequence[str] = (),
    count: int | None = None,
    empty: Sequence[str] = (),
    steps: str | None = None,
    fallbacks: Sequence[str] = (),
    options: Mapping[str, int | bool | None] | None = None,
    max_calls: int | None = None,
    max_tokens: int | None = None,
    max_cost: float | None = None,
    provider: str | None = None,
    model: str | None = None,
    seed: int | None = None,
    checks: Sequence[str] = (),
) -> tuple[Wish, tuple[Notice, ...]]:
    """The wish, on top of the preset when one is named, with notices.

    Raises `loop.bad_seat`, `loop.bad_step`, `loop.bad_option`, `preset.not_found`, `preset.invalid`.
    """
    if max_cost is not None and not math.isfinite(max_cost):
        raise UsageError("loop.bad_option", f"--max-cost is an amount of money, not {max_cost}", hint="leave it out for no cap")
    asked = Wish(
        pattern=pattern,
        seats=seat_specs(seats),
        count=count,
        empty=tuple(empty),
        options={name: value for name, value in (options or {}).items() if value is not None},
        steps=step_names(steps.split(",") if steps else ()),
        fallbacks=tuple(fallbacks),
        provider=provider,
        model=model,
        seed=seed,
        budget=Budget(max_calls, max_tokens, max_cost),
        checks=tuple(checks),
    )
    if preset is None:
        return asked, ()
    from cowork.loop.presets import preset_wish

    kept, notices = preset_wish(preset, settings)
    return _over(kept, asked), notices


def _over(kept: Wish, asked: Wish) -> Wish:
    """The preset with what was asked for on top: single values replace, seats and options replace name by name."""
    same = asked.pattern in (None, kept.pattern)
    return Wish(
        pattern=asked.pattern or kept.pattern,
        seats={**(kept.seats if same else {}), **asked.seats},
        count=asked.count or (kept.count if same else None),
        empty=asked.empty or (kept.empty if same else ()),
        options={**(kept.options if same else {}), **asked.options},
        steps=asked.steps or kept.steps,
        fallbacks=(*asked.fallbacks, *kept.fallbacks),
        provider=asked.provider,
        model=asked.model,
        seed=asked.seed,
        checks=asked.checks,
        budget=Budget(
            asked.budget.calls or kept.budget.calls,
            asked.budget.tokens or kept.budget.tokens,
            kept.budget.usd if asked.budget.usd is None else asked.budget.usd,
        ),
    )


def step_names(words: Sequence[str]) -> tuple[StepName, ...]:
    """Steps by their names, in their own order. Raises `loop.bad_step`."""
    known: tuple[StepName, ...] = get_args(StepName)
    wanted = {word.strip() for word in words if word.strip()}
    for word in sorted(wanted - set(known)):
        hint = did_you_mean(word, known, f"there are: {', '.join(known)}")
        raise InvalidInput("loop.bad_step", f"there is no step '{word}'", hint=hint)
    return tuple(step for step in known if step in wanted)
