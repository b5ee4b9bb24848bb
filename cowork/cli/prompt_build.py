"""cowork prompt build"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.option("--agent", metavar="NAME", help="The agent that speaks.")
@click.option("--skill", "skills", multiple=True, metavar="NAME", help="A skill it works by. Repeatable.")
@click.option("--command", metavar="/NAME", help="The command it is given.")
@click.option("--arguments", default="", metavar="TEXT", help="What the command is given, as typed behind its name.")
@click.option("--provider", help="The provider that would be asked.")
@click.option("--model", help="The model that would be asked.")
def build(
    agent: str | None,
    skills: tuple[str, ...],
    command: str | None,
    arguments: str,
    provider: str | None,
    model: str | None,
) -> Outcome:
    """Show a prompt as it would be composed: every layer with its source, and the tools that all of them leave.

    Nothing is run and nobody is asked: shell blocks of commands and skills stand as their author wrote them.
    """
    from cowork.agent.preview import preview
    from cowork.agent.request import Options
    from cowork.core import settings

    loaded = settings.load()
    page, notices = preview(agent, skills, command, arguments, loaded, Options(provider=provider, model=model))
    return Outcome(page, (*loaded.notices, *notices))
