"""Labels: what a seat calls the others, drawn anew for every voter and round."""

from __future__ import annotations

import string
from collections.abc import Sequence

from cowork.core.ids import seeded
from cowork.patterns.setup import Setup


def labelled(setup: Setup, voter: str, round_number: int, names: Sequence[str]) -> dict[str, str]:
    """Label A, B, ... -> name, in the shuffled order in which `voter` is to see them in this round."""
    drawn = sorted(names, key=lambda name: (seeded(setup.seed, "labels", round_number, voter, name), name))
    return dict(zip(string.ascii_uppercase, drawn, strict=False))
