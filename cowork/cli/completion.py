"""cowork completion"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from cowork.cli.commands import verb
from cowork.cli.results import Script
from cowork.core.errors import CoworkError
from cowork.core.outcome import Outcome


@verb()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), help="Your shell.")
def completion(shell: str) -> Outcome:
    """Print the completion script for SHELL, for example: eval "$(cowork completion bash)"."""
    from cowork.cli.main import root

    found = get_completion_class(shell)
    if found is None:
        raise CoworkError("completion.unknown", f"no completion for {shell}")
    return Outcome(Script(shell, found(root(), {}, "cowork", "_COWORK_COMPLETE").source()))
