"""cowork loop patterns, cowork loop presets"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
def list_() -> Outcome:
    """List the collaboration patterns with their formulas."""
    from cowork.loop import pattern_pages

    return Outcome(pattern_pages.list_patterns())


@verb()
@click.argument("name", help="A pattern's name.")
def show(name: str) -> Outcome:
    """Show a pattern: its diagram, roles, options, formula, and when to use it."""
    from cowork.loop import pattern_pages

    return Outcome(pattern_pages.show_pattern(name))


@verb()
@click.argument("task", help="What you would ask.")
def suggest(task: str) -> Outcome:
    """Recommend a pattern for TASK, with the reason. No model is asked: the task's own words decide."""
    from cowork.loop import pattern_pages

    return Outcome(pattern_pages.suggest_pattern(task))


@verb()
def presets() -> Outcome:
    """List presets: patterns with their seats, built in and of your configuration."""
    from cowork.core import settings
    from cowork.loop import presets as kept

    return Outcome(*kept.list_presets(settings.load()))


@verb()
@click.argument("name", help="A preset's name.")
def preset(name: str) -> Outcome:
    """Show a preset: pattern, seats, options, steps and budget."""
    from cowork.core import settings
    from cowork.loop import presets as kept

    loaded = settings.load()
    return Outcome(*kept.show_preset(name, loaded))
