"""cowork run"""

from __future__ import annotations

from typing import Any

import click

from cowork.cli.agent_run import run_it, run_options
from cowork.cli.commands import verb
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome


@verb()
@click.argument("command", metavar="/COMMAND", help="A slash command, for example /code-review-prep.")
@click.argument("text", nargs=-1, help="Free text, or a JSON object with the parameters by name.")
@run_options
def run(command: str, text: tuple[str, ...], stream: bool, **how: Any) -> Outcome:
    """Run a slash command: a command file, or a skill with TEXT as the parameter it is about.

    A command file and a SKILL.md take the text as their arguments. For a pack's skill it goes to the parameter named objective,
    input, prompt, query or text, else to the only one, else to the only required one, else to the first.
    """
    from cowork.agent.skill_run import prepare_command, run_prepared

    command, text = _split(command, text)

    def prepare(options: Any, settings: Any) -> Any:
        return prepare_command(command, " ".join(text), options, settings)

    return run_it(prepare, run_prepared, how, stream=stream)


def _split(command: str, text: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The command and its text, also where a shell has handed both over as one word."""
    first, _, rest = command.strip().partition(" ")
    if first.startswith("@"):
        raise UsageError("run.reserved", f"'{first}' names a twin, and twins do not take work yet", hint="use a /command")
    if not first.startswith("/"):
        hint = 'for example: cowork run /code-review-prep "..."'
        raise UsageError("run.no_command", f"'{first}' is no slash command", hint=hint)
    return first, ((rest, *text) if rest else text)
