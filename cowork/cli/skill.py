"""cowork skill"""

from __future__ import annotations

from typing import Any

import click

from cowork.cli.agent_run import run_it, run_options
from cowork.cli.commands import verb
from cowork.cli.parameters import collect, parameters
from cowork.core.outcome import Outcome


@verb()
@click.option("--pack", help="Only skills of this pack.")
@click.option("--enabled/--disabled", default=None, help="Only skills that are on, or off.")
def list_(pack: str | None, enabled: bool | None) -> Outcome:
    """List skills, by pack."""
    from cowork.registry.skills import list_skills

    return Outcome(*list_skills(pack=pack, enabled=enabled))


@verb()
@click.argument("query", nargs=-1, required=True, help="Words that must all occur.")
def search(query: tuple[str, ...]) -> Outcome:
    """Find skills by id, name, description, category and pack."""
    from cowork.registry.pack_search import search_skills

    return Outcome(*search_skills(" ".join(query)))


@verb()
@click.argument("text", nargs=-1, required=True, help="What you want to do, in your own words.")
@click.option("--limit", type=click.IntRange(1, 50), default=5, show_default=True, help="At most so many matches.")
def match(text: tuple[str, ...], limit: int) -> Outcome:
    """Say which skills a request is about, best first; none when nothing fits well enough."""
    from cowork.registry.matching import match as match_skills

    return Outcome(match_skills(" ".join(text), limit=limit))


@verb()
@click.argument("pack", help="A pack's name.")
@click.argument("skill_id", metavar="SKILL", help="The id of a skill of that pack.")
@click.option("--dry-run", is_flag=True, help="Show what would be switched.")
def enable(pack: str, skill_id: str, dry_run: bool) -> Outcome:
    """Turn a skill of a pack on."""
    return _switch(pack, skill_id, enabled=True, dry_run=dry_run)


@verb()
@click.argument("pack", help="A pack's name.")
@click.argument("skill_id", metavar="SKILL", help="The id of a skill of that pack.")
@click.option("--dry-run", is_flag=True, help="Show what would be switched.")
def disable(pack: str, skill_id: str, dry_run: bool) -> Outcome:
    """Turn a skill of a pack off; if it hid another of the same id, that one is back."""
    return _switch(pack, skill_id, enabled=False, dry_run=dry_run)


@verb()
@click.argument("skill_id", metavar="ID", help="A skill's id, as `skill list` shows it.")
def show(skill_id: str) -> Outcome:
    """Show a skill: its parameters and its prompt."""
    from cowork.registry.skill_page import show_skill

    return Outcome(show_skill(skill_id))


@verb()
@click.argument("skill_id", metavar="ID", help="A skill's id, as `skill list` shows it.")
@parameters
@click.option("--arguments", metavar="TEXT", help="What would stand behind its /name; for skills that are a SKILL.md.")
def render(skill_id: str, params: tuple[str, ...], files: tuple[str, ...], arguments: str | None) -> Outcome:
    """Print a skill's prompt with its parameters filled in. Nothing is sent anywhere."""
    from cowork.prompts.skill import render_skill

    return Outcome(*render_skill(skill_id, collect(params, files), arguments))


@verb()
@click.argument("skill_id", metavar="ID", help="A skill's id, as `skill list` shows it.")
@parameters
@click.option("--arguments", default="", metavar="TEXT", help="What a SKILL.md is given, as typed behind its name.")
@run_options
def run(skill_id: str, params: tuple[str, ...], files: tuple[str, ...], arguments: str, stream: bool, **how: Any) -> Outcome:
    """Send a skill's prompt to a model and print the answer.

    Without --provider: the first provider whose key is set, else a local Ollama, else an offline rehearsal. The model may read
    in this directory; whatever else it wants to do needs a rule, a mode or your word.
    """
    from cowork.agent.skill_run import prepare_skill, run_prepared

    def prepare(options: Any, settings: Any) -> Any:
        return prepare_skill(skill_id, collect(params, files), arguments, options, settings)

    return run_it(prepare, run_prepared, how, stream=stream)


def _switch(pack: str, skill_id: str, **how: Any) -> Outcome:
    from cowork.core.clock import SystemClock
    from cowork.registry.switches import switch_skill

    return Outcome(switch_skill(pack, skill_id, SystemClock(), **how))
