"""cowork bench"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.argument("questions", help="A JSONL or CSV file with a question and its right answer on each line.")
@click.option("--pattern", "patterns", multiple=True, metavar="NAME", help="A pattern to measure. Repeatable.")
@click.option("--preset", "presets", multiple=True, metavar="NAME", help="A preset to measure. Repeatable.")
@click.option(
    "--seat",
    "seats",
    multiple=True,
    metavar="[ARM:]NAME=PROVIDER[/MODEL]",
    help="Who sits where, of all or of one. Repeatable.",
)
@click.option("--baseline/--no-baseline", default=True, help="Ask one model alone, once and with as many calls.")
@click.option("--baseline-seat", metavar="PROVIDER[/MODEL]", help="That model; without it the first seat's of each pattern.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N questions.")
@click.option("--repeat", type=click.IntRange(1), default=1, show_default=True, help="How often each question is asked.")
@click.option("--parallel", type=click.IntRange(1, 64), default=4, show_default=True, help="Runs at the same time.")
@click.option("--max-calls", type=click.IntRange(1), help="The most calls the bench may make.")
@click.option("--max-tokens", type=click.IntRange(1), help="The most tokens it may use.")
@click.option("--max-cost", type=click.FloatRange(0.0), metavar="USD", help="The most money it may cost.")
@click.option("--provider", help="The provider of seats that are not named; 'rehearsal' works offline.")
@click.option("--model", help="The model of seats that are not named.")
@click.option("--seed", type=int, default=None, help="Decides labels and ties.  [default: 0]")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="Write report.json, rows.csv and accuracy.svg there."
)
@click.option("--dry-run", is_flag=True, help="Show arms, questions, calls and worst-case cost; ask nobody.")
@click.option("--stream", is_flag=True, help="Events as NDJSON, the last one the result.")
def run(questions: str, dry_run: bool, stream: bool, output: Path | None, **how: Any) -> Outcome:
    """Measure patterns on your own QUESTIONS, beside one model that is given as many calls.

    Every run is a real one. What is printed are counts with intervals; whether a pattern is worth its price is for you to say.
    """
    from cowork.cli.events import EventPrinter
    from cowork.core import settings
    from cowork.core.clock import SystemClock
    from cowork.loop.bench import engine
    from cowork.loop.bench.arms import Asked
    from cowork.loop.bench.report import dry_run as plan
    from cowork.loop.bench.request import prepare
    from cowork.loop.budget import Budget

    loaded, clock = settings.load(), SystemClock()
    events = EventPrinter(clock, stream=stream)
    budget = Budget(how.pop("max_calls"), how.pop("max_tokens"), how.pop("max_cost"))
    limit, repeats, parallel = how.pop("limit"), how.pop("repeat"), how.pop("parallel")
    bench, notices = prepare(questions, Asked(**how), loaded, limit=limit, repeats=repeats, parallel=parallel, budget=budget)
    warnings = (*loaded.notices, *notices)
    if dry_run:
        return Outcome(plan(bench), warnings)
    events.warn(warnings)
    report = engine.start(bench, loaded, clock, (events,), output=output)
    return Outcome(report, warnings if events.silent else ())


@verb()
@click.argument("bench", default="last", help="A bench's id, the start of one, or 'last'.")
@click.option("--max-calls", type=click.IntRange(1), help="The most calls the bench may make, those it has made included.")
@click.option("--max-tokens", type=click.IntRange(1), help="The most tokens it may use.")
@click.option("--max-cost", type=click.FloatRange(0.0), metavar="USD", help="The most money it may cost.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="Write report.json, rows.csv and accuracy.svg there."
)
@click.option("--dry-run", is_flag=True, help="Show what is on record; ask nobody.")
@click.option("--stream", is_flag=True, help="Events as NDJSON, the last one the result.")
def resume(
    bench: str,
    max_calls: int | None,
    max_tokens: int | None,
    max_cost: float | None,
    output: Path | None,
    dry_run: bool,
    stream: bool,
) -> Outcome:
    """Go on with a bench that was cut short, ran out of its budget, or lost seats; what was answered is not asked again."""
    from cowork.cli.events import EventPrinter
    from cowork.core import settings
    from cowork.core.clock import SystemClock
    from cowork.loop.bench import engine
    from cowork.loop.bench.pages import resume_plan
    from cowork.loop.budget import Budget

    loaded, clock = settings.load(), SystemClock()
    events = EventPrinter(clock, stream=stream)
    if dry_run:
        return Outcome(resume_plan(bench), loaded.notices)
    events.warn(loaded.notices)
    budget = Budget(max_calls, max_tokens, max_cost)
    report = engine.resume(bench, loaded, clock, (events,), budget=budget, output=output)
    return Outcome(report, loaded.notices if events.silent else ())


@verb()
@click.argument("bench", default="last", help="A bench's id, the start of one, or 'last'.")
@click.option("--csv", metavar="FILE", help="Write a row for each run there; '-' prints them.")
@click.option("--plot", metavar="FILE", help="Draw the accuracies there, as SVG.")
def show(bench: str, csv: str | None, plot: str | None) -> Outcome:
    """Show a bench: accuracy with intervals, cost and latency of each arm, and what the differences show."""
    from cowork.loop.bench import pages

    return Outcome(pages.show_bench(bench, csv=csv, plot=plot))


@verb()
def list_() -> Outcome:
    """List benches, newest first."""
    from cowork.loop.bench import pages

    return Outcome(*pages.list_benches())
