"""cowork loop run"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cowork.cli.commands import verb
from cowork.cli.numbers import Amount
from cowork.core.outcome import Outcome

if TYPE_CHECKING:
    from cowork.loop.engine.ordering import LoopWish

_SECONDS = Amount(0.0, min_open=True)


def limit_options(function: Any) -> Any:
    """The options that bound a run, when it is begun and when it is gone on with."""
    options = [
        click.option(
            "--max-iterations", type=click.IntRange(0), help="The most iterations, over all resumptions; 0: no limit."
        ),
        click.option("--max-time", type=_SECONDS, metavar="SECONDS", help="The most time it may work, over all resumptions."),
        click.option("--max-tokens", type=click.IntRange(1), help="The most tokens it may use, in and out together."),
        click.option("--max-cost", type=Amount(0.0), metavar="USD", help="The most money it may cost."),
        click.option("--max-failures", type=click.IntRange(1), help="End after so many failed iterations in a row."),
        click.option("--max-attempts", type=click.IntRange(1), help="Give a task up after so many iterations."),
        click.option("--stagnation", type=click.IntRange(2), metavar="K", help="How many iterations alike are a standstill."),
        click.option(
            "--idle-timeout",
            type=Amount(0.0, min_open=True),
            metavar="SECONDS",
            help="End an agent that prints nothing for so long.",
        ),
        click.option(
            "--iteration-timeout",
            type=Amount(0.0, min_open=True),
            metavar="SECONDS",
            help="End an agent whose answer takes longer.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def limits_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The limits among the options, by the names that an order has for them; they are taken out of `asked`."""
    from cowork.loop.engine.order import LIMIT_FLAGS

    found = {name: asked.pop(flag.removeprefix("--").replace("-", "_")) for name, flag in LIMIT_FLAGS.items()}
    return {name: value for name, value in found.items() if value is not None}


@verb()
@click.argument("words", metavar="[TASK]", required=False, help="What is to be done; without it the project's file of tasks.")
@click.option("--tasks", metavar="FILE", help="A file of tasks, such as prd.json; see: cowork loop task.")
@click.option(
    "--agent", metavar="NAME", help="Who works: claude, codex, gemini, opencode, cowork, PROVIDER[/MODEL], or your own."
)
@click.option("--fallback", "fallbacks", multiple=True, metavar="NAME", help="Who works while that one cannot. Repeatable.")
@click.option("--model", help="The model of the first agent.")
@click.option("--check", "checks", multiple=True, metavar="COMMAND", help="Must end with 0 before a task is done. Repeatable.")
@click.option("--require-diff", is_flag=True, help="No task is done unless something in the directory changed.")
@click.option("--promise", metavar="TEXT", help="What stands between <promise> tags when it is done.")
@click.option("--nonce", is_flag=True, help="Add a word to the promise that is drawn for this run.")
@limit_options
@click.option(
    "--on-error",
    type=click.Choice(["retry", "skip", "abort"]),
    help="After a failed iteration: try again, leave the task, or end.",
)
@click.option("--max-retries", type=click.IntRange(0), help="With retry: how often in a row, before the task is left alone.")
@click.option("--retry-delay-ms", type=click.IntRange(0), help="With retry: the wait before it.")
@click.option(
    "--continue-on-nonzero-exit", is_flag=True, default=None, help="Take the answer of a program that failed as an answer."
)
@click.option(
    "--on-rate-limit",
    type=click.Choice(["wait", "exit"]),
    default="wait",
    show_default=True,
    help="When every agent is limited: wait for the first, or end with exit code 7.",
)
@click.option("--sandbox", type=click.Choice(["off", "auto", "bwrap", "sandbox-exec"]), help="Agents and checks run in it.")
@click.option("--network/--no-network", default=None, help="Whether there is a network in the sandbox.")
@click.option(
    "--allow-path", "allow_paths", multiple=True, metavar="PATH", help="May be written in the sandbox, too. Repeatable."
)
@click.option(
    "--read-path", "read_only_paths", multiple=True, metavar="PATH", help="May be read in the sandbox, too. Repeatable."
)
@click.option(
    "--permission-mode",
    "mode",
    type=click.Choice(["default", "acceptEdits", "plan", "bypass"]),
    help="What the built-in agent may do; by default what the settings files say.",
)
@click.option(
    "--allow", multiple=True, metavar="RULE", help="What the built-in agent may do, as 'Bash(make test)'. Repeatable."
)
@click.option("--deny", multiple=True, metavar="RULE", help="What it may not, whatever else allows it. Repeatable.")
@click.option("--template", default="", metavar="NAME|FILE", help="The template of prompts; see: cowork template.")
@click.option("--context", "contexts", multiple=True, metavar="PATH", help="A file or directory as material. Repeatable.")
@click.option("--every-iteration", is_flag=True, default=None, help="Let models advise the agent in every iteration.")
@click.option("--pattern", metavar="NAME", help="By which pattern; see: cowork loop patterns.")
@click.option("--preset", metavar="NAME", help="The pattern and its seats; see: cowork loop presets.")
@click.option("--seat", "seats", multiple=True, metavar="NAME=PROVIDER[/MODEL]", help="Who sits where. Repeatable.")
@click.option("--auto-commit/--no-auto-commit", default=None, help="Commit all that was changed when a task is done.")
@click.option("--commit-message", metavar="TEMPLATE", help="Its message, as '{{taskType}}: {{taskId}} {{taskTitle}}'.")
@click.option("--allow-dirty", is_flag=True, help="Have what you had not committed in the first commit.")
@click.option("--parallel", type=click.IntRange(1, 16), default=1, metavar="N", help="Up to N tasks at once, in git worktrees.")
@click.option("--delay-ms", type=click.IntRange(0), help="The wait between two iterations.")
@click.option("--record", metavar="FILE", help="Write down what agents answer and change, to replay it.")
@click.option("--replay", metavar="FILE", help="Ask nobody: have the answers and changes of a recording again.")
@click.option("--trust-tasks", is_flag=True, help="Let the file of tasks name commands to run and agents to ask.")
@click.option("--no-notify", is_flag=True, help="Tell nobody of the end, whatever notify_urls says.")
@click.option("--seed", type=int, help="Decides what a rehearsal says.")
@click.option("--detach", is_flag=True, help="Return once it works, in the background; see: cowork loop watch.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, by whom and within which limits; do nothing.")
@click.option("--stream", is_flag=True, help="Events as NDJSON, the last one the result.")
def run(dry_run: bool, stream: bool, detach: bool, **asked: Any) -> Outcome:
    """Let an agent work on TASK, or on a file of tasks, over and over until it is provably done.

    Done means that the agent's final message holds the promise, and that every --check passes. Whatever ends a run before that
    has an exit code, and `cowork loop resume` goes on. --dry-run shows who works and which limits hold.
    """
    from cowork.cli.events import EventPrinter
    from cowork.core import settings
    from cowork.core.clock import SystemClock
    from cowork.loop.engine import planning, starting
    from cowork.loop.engine.ordering import order_of

    loaded, clock = settings.load(), SystemClock()
    events = EventPrinter(clock, stream=stream)
    wanted, said = _wish(asked, loaded)
    order, notices = order_of(wanted, loaded)
    warnings = (*loaded.notices, *said, *notices)
    if dry_run:
        return Outcome(planning.plan(order), warnings)
    events.warn(warnings)
    shown = warnings if events.silent else ()
    if detach:
        return Outcome(starting.start_detached(order, clock), shown)
    return Outcome(starting.start(order, loaded, clock, (events,)), shown)


def _wish(asked: dict[str, Any], loaded: Any) -> tuple[LoopWish, Any]:
    from cowork.loop.engine.ordering import LoopWish
    from cowork.loop.wishes import wish

    names = ("pattern", "preset", "seats")
    seats, notices = wish(loaded, **{name: asked.pop(name) for name in names})
    limits = limits_of(asked)
    return LoopWish(limits=limits, seats=seats, notify=not asked.pop("no_notify"), **asked), notices
