"""cowork run"""

from __future__ import annotations

from typing import Any

import click

from cowork.cli.agent_run import run_it, run_options
from cowork.cli.commands import verb
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome


@verb()
@click.argument("command", metavar="[@TWIN] /COMMAND", help="A slash command, for example /code-review-prep.")
@click.argument("text", nargs=-1, help="Free text, or a JSON object with the parameters by name.")
@run_options
def run(command: str, text: tuple[str, ...], stream: bool, **how: Any) -> Outcome:
    """Run a slash command: a command file, or a skill with TEXT as the parameter it is about.

    A command file and a SKILL.md take the text as their arguments. For a pack's skill it goes to the parameter named objective,
    input, prompt, query or text, else to the only one, else to the only required one, else to the first.

    With a twin's name before it, the twin does it: under its own rules, with the evidence of its workspace.
    """
    from cowork.agent.skill_run import prepare_command, run_prepared

    if command.lstrip().startswith("@"):
        return _by_twin(" ".join((command.strip(), *text)), stream=stream, **how)
    command, text = _split(command, text)

    def prepare(options: Any, settings: Any) -> Any:
        return prepare_command(command, " ".join(text), options, settings)

    return run_it(prepare, run_prepared, how, stream=stream)


def _split(command: str, text: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The command and its text, also where a shell has handed both over as one word."""
    first, _, rest = command.strip().partition(" ")
    if not first.startswith("/"):
        hint = 'for example: cowork run /code-review-prep "..."'
        raise UsageError("run.no_command", f"'{first}' is no slash command", hint=hint)
    return first, ((rest, *text) if rest else text)


def _by_twin(words: str, *, stream: bool, dry_run: bool, provider: str | None, model: str | None, **how: Any) -> Outcome:
    """What `twin ask` does, and its answer."""
    from cowork.cli.invocation import current
    from cowork.cli.manifest import BY_PATH
    from cowork.cli.twin_beat import answered, set_up
    from cowork.twins.beats import replying

    given = [f"--{name.replace('_', '-')}" for name, value in how.items() if value and value != "moderate"]
    if given:
        hint = "a twin has rules of its own: cowork twin edit NAME --allow RULE"
        raise UsageError("run.not_for_twins", f"{given[0]} is not for twins", hint=hint)
    current().verb = BY_PATH["twin ask"]
    name, _, text = words.partition(" ")
    setup = set_up("twin ask", provider=provider, model=model, no_model=False, stream=stream)
    return answered(setup, lambda: (replying.ask(name, text, setup, dry_run=dry_run), ()))
