"""Labels that tell a seat nothing: drawn anew for every voter and every round."""

from __future__ import annotations

import string
from collections.abc import Sequence

from cowork.core.ids import seeded
from cowork.patterns.answers import Answer, body
from cowork.patterns.identity import unstyled
from cowork.patterns.setup import Setup
from cowork.patterns.table import Table


def labelled(setup: Setup, voter: str, round_number: int, names: Sequence[str]) -> dict[str, str]:
    """Label A, B, ... -> name, in the order in which `voter` gets to see them in this round. At most 26 names."""
    shuffled = sorted(names, key=lambda name: seeded(setup.seed, "labels", round_number, voter, name))
    return dict(zip(string.ascii_uppercase, shuffled, strict=False))


def shown(table: Table, answer: Answer) -> str:
    """An answer as others get to see it: nothing of who gave it, nothing of its layout, nothing of how sure it is."""
    text = table.scrubbed(body(answer.text) or answer.reason)
    return f"{unstyled(text)}\n\nAnswer: {table.scrubbed(answer.answer)}".strip()
