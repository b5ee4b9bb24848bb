"""cowork pack"""

from __future__ import annotations

from typing import Any

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome

_ON = click.option("--enabled/--disabled", default=None, help="Only packs that are on, or off.")


@verb()
@click.option("--category", help="Only packs of this category.")
@click.option("--scope", type=click.Choice(["bundled", "personal", "project", "organization"]), help="Only this scope.")
@_ON
@click.option("--persona/--no-persona", default=None, help="Only packs with, or without, a digital twin.")
def list_(category: str | None, scope: str | None, enabled: bool | None, persona: bool | None) -> Outcome:
    """List packs, sorted by name."""
    from cowork.registry.packs import list_packs

    return Outcome(*list_packs(category=category, scope=scope, enabled=enabled, persona=persona))


@verb()
@click.argument("name", help="A pack's name, as `pack list` shows it.")
def show(name: str) -> Outcome:
    """Show a pack: header, skills, commands, agents, connectors, and lines to try asking."""
    from cowork.registry.pack_page import show_pack

    return Outcome(*show_pack(name))


@verb()
@click.argument("query", nargs=-1, required=True, help="Words that must all occur.")
def search(query: tuple[str, ...]) -> Outcome:
    """Find packs by name, category, description, keywords, and the names and descriptions of their skills."""
    from cowork.registry.pack_search import search_packs

    return Outcome(*search_packs(" ".join(query)))


@verb()
@click.argument("name", help="A pack's name.")
@click.option("--dry-run", is_flag=True, help="Show what would be switched.")
def enable(name: str, dry_run: bool) -> Outcome:
    """Turn a pack on."""
    return _switch(name, enabled=True, dry_run=dry_run)


@verb()
@click.argument("name", help="A pack's name.")
@click.option("--dry-run", is_flag=True, help="Show what would be switched.")
def disable(name: str, dry_run: bool) -> Outcome:
    """Turn a pack off: its skills, agents and commands are gone until it is turned on again."""
    return _switch(name, enabled=False, dry_run=dry_run)


@verb()
@click.option("--count", type=click.IntRange(1, 100), default=5, show_default=True, help="How many prompts.")
@click.option("--seed", type=int, help="Draw another sample; without it, that of the day.")
@click.option("--run", "number", type=int, metavar="N", help="Ask the N-th prompt of the sample.")
@click.option("--provider", help="With --run: the provider to ask.")
@click.option("--model", help="With --run: the model to ask.")
@click.option("--dry-run", is_flag=True, help="With --run: show what would be asked of whom.")
def try_(count: int, seed: int | None, number: int | None, provider: str | None, model: str | None, dry_run: bool) -> Outcome:
    """Show prompts to try from the packs that are on, a new sample every day; --run N asks one, as its pack's agent."""
    from cowork.agent.try_run import try_prompts
    from cowork.cli.events import EventPrinter
    from cowork.core import settings
    from cowork.core.clock import SystemClock

    loaded, clock = settings.load(), SystemClock()
    events = EventPrinter(clock, stream=False)
    answer, notices = try_prompts(
        loaded, clock, events.emit, count=count, seed=seed, number=number, provider=provider, model=model, dry_run=dry_run
    )
    return Outcome(answer, (*loaded.notices, *notices))


@verb()
def context() -> Outcome:
    """Show what is active now: connectors with their status, and skills."""
    from cowork.registry.context import active_context

    return Outcome(*active_context())


def _switch(name: str, **how: Any) -> Outcome:
    from cowork.core.clock import SystemClock
    from cowork.registry.switches import switch_pack

    return Outcome(switch_pack(name, SystemClock(), **how))
