"""cowork twin serve, twin status, twin install-service"""

from __future__ import annotations

from typing import Any

import click

from cowork.cli.commands import verb
from cowork.cli.twin_beat import answered, set_up, speaking
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome


@verb()
@click.option("--jobs", type=click.IntRange(1, 64), help="How many twins work at a time.")
@click.option("--drain", type=click.FloatRange(0, 3600), default=60.0, show_default=True, help="Seconds to finish in.")
@click.option("--once", is_flag=True, help="Do what is due, and end: 1 or 9 for failures, 8 when work is left.")
@click.option("--dry-run", is_flag=True, help="Show what it would begin with; serve nothing.")
@speaking
def serve(jobs: int | None, drain: float, once: bool, dry_run: bool, **how: Any) -> Outcome:
    """Let twins beat whenever something is due, until SIGTERM or Ctrl-C.

    Told to end, it starts nothing more and lets what runs come to its end; told twice, it cuts off and gives back. It keeps
    nothing that is not in the database: started again, it goes on where it was. Several may run beside each other.
    """
    from cowork.twins.serving import served, server

    setup = set_up("twin serve", **how)
    at_once = jobs or setup.settings["twin_jobs"]
    if dry_run:
        return answered(setup, lambda: (served.planned(setup, jobs=at_once), ()))
    return answered(setup, lambda: (server.serve(setup, jobs=at_once, drain_s=drain, once=once), ()))


@verb()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many that come next.")
def status(limit: int) -> Outcome:
    """Show schedulers that run, twins at work, and what is due next."""
    from cowork.core.clock import SystemClock
    from cowork.twins.serving.status import status as status_of

    return Outcome(status_of(SystemClock(), most=limit))


@verb()
@click.option("--systemd", is_flag=True, help="A systemd user unit.")
@click.option("--launchd", is_flag=True, help="A launchd agent, for macOS.")
@click.option("--cron", is_flag=True, help="A line for crontab.")
@click.option("--every", type=int, metavar="MIN", help="Minutes between looks of cron, a divisor of 60; 5 unless told.")
def install_service(systemd: bool, launchd: bool, cron: bool, every: int | None) -> Outcome:
    """Print what has twins beat by themselves: a systemd unit, a launchd agent or a line for cron. Nothing is installed.

    How to install it stands in its comments: cowork twin install-service > ~/.config/systemd/user/cowork-twins.service
    """
    import sys

    from cowork.core.paths import home
    from cowork.twins.serving.service import service

    chosen = [name for name, wanted in (("systemd", systemd), ("launchd", launchd), ("cron", cron)) if wanted]
    if len(chosen) > 1:
        raise UsageError("usage.invalid", f"--{chosen[0]} and --{chosen[1]} are two services", hint="choose one")
    if every is not None and not cron:
        raise UsageError("usage.invalid", "--every is for cron", hint="cowork twin install-service --cron --every 10")
    if every is not None and not (0 < every < 60 and 60 % every == 0):
        hint = "one of 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30"
        raise UsageError(
            "usage.invalid", f"every {every} minutes is no even beat for cron: it begins anew each hour", hint=hint
        )
    kind: Any = chosen[0] if chosen else "launchd" if sys.platform == "darwin" else "systemd"
    return Outcome(service(kind, program(), str(home()), every_minutes=every or 5))


def program() -> tuple[str, ...]:
    """The words that run this cowork: its script, or the interpreter with `-m cowork` where it was run like that."""
    import sys
    from pathlib import Path

    script = Path(sys.argv[0])
    return (sys.executable, "-m", "cowork") if script.name == "__main__.py" else (str(script.absolute()),)
