"""cowork hook"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cowork.__main__ import hook_runners
from cowork.cli.commands import verb
from cowork.cli.invocation import current
from cowork.cli.results import HookAnswer
from cowork.core.errors import CoworkError, UsageError
from cowork.core.outcome import Outcome
from cowork.hooks.records import Merged


class HookBlocked(CoworkError):
    """A hook blocks; the host's table gives 2 this meaning."""

    exit_code = 2


@verb()
@click.argument("event", help="An event by its name, for example PreToolUse.")
def run(event: str) -> Outcome | int:
    """Answer a hook EVENT: Claude Code's JSON on stdin, the decision on stdout, exit 2 to block.

    Handlers come from hooks.json in COWORK_HOME, and from .cowork/hooks.json of a project that is trusted, in Claude Code's
    format. With --json the decision comes in the envelope.
    """
    from cowork.hooks import fast

    if not current().json:
        return fast.run_event(event, hook_runners)
    try:
        stdin = "" if fast.inside_our_agent() else sys.stdin.read(fast.MAX_STDIN + 1)
        decided = None if fast.inside_our_agent() else fast.decide(event, stdin, hook_runners)
        merged = decided or Merged(0, None, [])
    except ValueError as error:
        merged = Merged(2, None, [str(error)])
    answer = HookAnswer(event, merged.output, tuple(merged.errors), merged.exit_code)
    if merged.exit_code:
        raise HookBlocked("hook.blocked", "; ".join(merged.errors) or "a hook blocks", data=answer)
    return Outcome(answer)


@verb()
@click.option("--event", help="Only hooks of this event.")
def list_(event: str | None) -> Outcome:
    """List every hook that a session here would know: its event, matcher, command, and whether it runs, or why not.

    They come from the organization, your own files, the project, and plugins that are on. Nothing is run.
    """
    from cowork.agent.hook_test import known_event
    from cowork.agent.plugin_hooks import session_sources
    from cowork.core.outcome import Notice
    from cowork.core.paths import project_dir
    from cowork.hooks.gather import gather
    from cowork.hooks.listing import list_hooks

    if event is not None:
        known_event(event, fired=False)
    found = gather(session_sources(project_dir()))
    return Outcome(list_hooks(found, event), tuple(Notice("hook.malformed", problem) for problem in found.problems))


@verb()
def events() -> Outcome:
    """List the events of hooks: whether cowork fires them, what their matchers look at, and what a block does."""
    from cowork.hooks.listing import list_events

    return Outcome(list_events())


@verb()
@click.argument("event", required=False, help="An event by its name, for example PreToolUse.")
@click.option("--event", "named", metavar="EVENT", help="The same, as an option.")
@click.option("--input", "source", metavar="FILE|-", required=True, help="The event's JSON, as the host would give it.")
@click.option("--dry-run", is_flag=True, help="Show which handlers would run, and run none.")
def test(event: str | None, named: str | None, source: str, dry_run: bool) -> Outcome:
    """Run the hooks of an EVENT on an input, really, and show how each one ends and what they decide together."""
    from cowork.agent import hook_test
    from cowork.core.paths import project_dir

    if (event is None) == (named is None):
        raise UsageError("usage.invalid", "name one event", hint="cowork hook test PreToolUse --input FILE")
    name = event or named or ""
    hook_test.known_event(name)
    payload = hook_test.read_input(_input(source))
    return Outcome(*hook_test.try_hooks(name, payload, project_dir(), _runners, dry_run=dry_run))


def _input(source: str) -> bytes:
    """What a file holds, or stdin for `-`. Raises `hook.no_input`, `usage.invalid`."""
    from cowork.core.errors import InvalidInput
    from cowork.core.files import read_regular
    from cowork.hooks.fast import MAX_STDIN

    if source == "-":
        if sys.stdin.isatty():
            raise UsageError("usage.invalid", "- reads stdin, and stdin is the terminal", hint="pipe the input, or name a file")
        raw = sys.stdin.buffer.read(MAX_STDIN + 1)
    else:
        try:
            raw = read_regular(Path(source), MAX_STDIN)
        except OSError as error:
            raise InvalidInput(
                "hook.no_input", f"cannot read {source}", cause=error.strerror, hint="name a JSON file"
            ) from error
    if len(raw) > MAX_STDIN:
        raise InvalidInput("hook.no_input", f"{source} holds more than 16 MB", hint="cut it down")
    return raw


def _runners() -> Mapping[str, Any]:
    """What runs handlers that are no commands."""
    try:
        return hook_runners()
    except ImportError:
        return {}
