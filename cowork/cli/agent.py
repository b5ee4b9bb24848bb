"""cowork agent"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
def list_() -> Outcome:
    """List agents: roles of packs, and agent files of plugins and `.claude` directories."""
    from cowork.registry.agents import list_agents

    return Outcome(*list_agents())


@verb()
@click.argument("name", help="An agent's name; of a plugin's agent the last part is enough where only one has it.")
def show(name: str) -> Outcome:
    """Show an agent: where it comes from, its tools and its prompt."""
    from cowork.registry.agents import show_agent

    return Outcome(show_agent(name))
