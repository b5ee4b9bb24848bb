"""cowork agent run, and what every verb that runs an agent shares"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every verb that runs an agent; they arrive together as `how`."""
    options = [
        click.option("--provider", help="The provider to ask; 'rehearsal' works offline."),
        click.option("--model", help="The model to ask."),
        click.option(
            "--permission-mode",
            "mode",
            type=click.Choice(["default", "acceptEdits", "plan", "bypass"]),
            help="What happens without asking; by default only reading inside the workspace.",
        ),
        click.option("--allow", multiple=True, metavar="RULE", help="Allow calls, as 'Bash(git diff *)'. Repeatable."),
        click.option("--deny", multiple=True, metavar="RULE", help="Deny calls, whatever else allows them. Repeatable."),
        click.option("--max-turns", type=click.IntRange(1, 1000), help="At most so many answers of the agent."),
        click.option(
            "--trace",
            type=click.Choice(["off", "minimal", "moderate", "full"]),
            default="moderate",
            show_default=True,
            help="How much of subagents to show.",
        ),
        click.option("--dry-run", is_flag=True, help="Show what would be asked of whom; ask nobody."),
        click.option("--stream", is_flag=True, help="Events as NDJSON, the last one the result."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@verb()
@click.argument("name", help="An agent's name, as `agent list` shows it.")
@click.argument("task", nargs=-1, required=True, help="What it is to do, in your own words.")
@click.option("--skill", "skills", multiple=True, metavar="NAME", help="A skill it works by. Repeatable.")
@run_options
def run(name: str, task: tuple[str, ...], skills: tuple[str, ...], stream: bool, **how: Any) -> Outcome:
    """Let an agent work on TASK in this directory: it reads, runs and edits what the rules allow, and answers.

    Without rules and modes it reads inside the workspace and changes nothing; what it is not allowed is said, with the rule
    that would allow it.
    """
    from cowork.agent.preparing import for_agent
    from cowork.agent.running import run_request

    def prepare(options: Any, settings: Any) -> Any:
        return for_agent(name, " ".join(task), skills, options, settings)

    return run_it(prepare, run_request, how, stream=stream)


def run_it(prepare: Callable[[Any, Any], Any], run: Callable[..., Any], how: Mapping[str, Any], *, stream: bool) -> Outcome:
    """Prepare a request from options and settings, and run it or show its plan."""
    from cowork.agent.request import Options
    from cowork.cli.answering import answerer, asker
    from cowork.cli.events import EventPrinter
    from cowork.core import settings
    from cowork.core.clock import SystemClock

    loaded, clock = settings.load(), SystemClock()
    events = EventPrinter(clock, stream=stream)
    prepared = prepare(Options(**how), loaded)
    notices = (*loaded.notices, *getattr(prepared, "request", prepared).notices)
    if how["dry_run"]:
        return Outcome(run(prepared, clock, events.emit, None, None, dry_run=True), notices)
    events.warn(notices)
    ran = run(prepared, clock, events.emit, asker(), answerer(), dry_run=False)
    return Outcome(ran, notices if events.silent else ())
