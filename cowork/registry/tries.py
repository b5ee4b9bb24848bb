"""Prompts to try: a sample from the packs that are on, each with the pack it comes from."""

from __future__ import annotations

import random
from dataclasses import dataclass

from cowork.core.errors import NotFound
from cowork.registry import world


@dataclass(frozen=True)
class TryItem:
    """A prompt to try; `number` is how `pack try --run` names it."""

    number: int
    prompt: str
    pack: str
    icon: str


@dataclass(frozen=True)
class TryList:
    """The sample, in the order drawn. The same seed draws the same sample from the same packs."""

    seed: int
    items: tuple[TryItem, ...]
    count: int


def sample(*, count: int, seed: int) -> TryList:
    """At most `count` prompts, no two the same, drawn by `seed`."""
    active = sorted((pack for pack in world.load().packs if pack.state == "active"), key=lambda pack: pack.name)
    prompts = {prompt: pack for pack in active for prompt in pack.body["try_asking"]}
    drawn = random.Random(seed).sample(list(prompts), min(count, len(prompts)))  # noqa: S311 - a sample, not a secret
    items = tuple(
        TryItem(number, prompt, prompts[prompt].name, prompts[prompt].head["icon"]) for number, prompt in enumerate(drawn, 1)
    )
    return TryList(seed, items, len(items))


def pick(drawn: TryList, number: int) -> TryItem:
    """One prompt of a sample. Raises `pack.no_such_prompt`."""
    if not 1 <= number <= drawn.count:
        raise NotFound(
            "pack.no_such_prompt", f"the sample has no prompt {number}", hint=f"it has 1 to {drawn.count}: cowork pack try"
        )
    return drawn.items[number - 1]
