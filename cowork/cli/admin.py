"""cowork admin"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
def get() -> Outcome:
    """Show the policies in force; the defaults when there is no policy file."""
    from cowork.policy import store

    return Outcome(store.view())


@verb()
@click.argument("pack", help="A pack's name.")
def check(pack: str) -> Outcome:
    """Ask whether PACK is allowed and whether it is required. Exit 6 when it is denied."""
    from cowork.policy import gate

    return Outcome(gate.answer_pack(pack))
