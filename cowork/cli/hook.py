"""cowork hook"""

from __future__ import annotations

import sys

import click

from cowork.cli.commands import verb
from cowork.cli.invocation import current
from cowork.cli.results import HookAnswer
from cowork.core.errors import CoworkError
from cowork.core.outcome import Outcome
from cowork.hooks.records import Merged


class HookBlocked(CoworkError):
    """A hook blocks; the host's table gives 2 this meaning."""

    exit_code = 2


@verb()
@click.argument("event", help="An event by its name, for example PreToolUse.")
def run(event: str) -> Outcome | int:
    """Answer a hook EVENT: Claude Code's JSON on stdin, the decision on stdout, exit 2 to block.

    Handlers come from hooks.json in COWORK_HOME, in Claude Code's format. With --json the decision comes in the envelope.
    """
    from cowork.hooks import fast

    if not current().json:
        return fast.run_event(event)
    try:
        merged = fast.decide(event, sys.stdin.read(fast.MAX_STDIN + 1)) or Merged(0, None, [])
    except ValueError as error:
        merged = Merged(2, None, [str(error)])
    answer = HookAnswer(event, merged.output, tuple(merged.errors), merged.exit_code)
    if merged.exit_code:
        raise HookBlocked("hook.blocked", "; ".join(merged.errors) or "a hook blocks", data=answer)
    return Outcome(answer)
