"""cowork pack scan and cowork pack allow"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cowork.cli.commands import verb
from cowork.cli.invocation import current
from cowork.core.errors import InvalidInput, UsageError
from cowork.core.outcome import Outcome

if TYPE_CHECKING:
    from cowork.install.scan.paths import Scanned


@verb()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", help="A directory, such as a pack, or a file.")
@click.option(
    "--format", "form", type=click.Choice(["text", "sarif"]), default="text", show_default=True, help="SARIF for code scanning."
)
def scan(paths: tuple[str, ...], form: str) -> Outcome | int:
    """Look for what hides, runs or leaks in files, offline and without running anything. Exit 4 for a critical finding."""
    from cowork.install.scan.paths import scan_paths

    scanned, notices = scan_paths(paths)
    if form == "sarif":
        return _sarif(scanned)
    if scanned.critical:
        raise InvalidInput(
            "scan.critical",
            f"{scanned.critical} critical finding(s)",
            cause="; ".join(notice.message for notice in notices) or None,
            hint="mend them, or after a look: cowork pack allow PATH --rule RULE --reason TEXT",
            data=scanned,
        )
    return Outcome(scanned, notices)


@verb()
@click.argument("path", help="A directory, such as a pack, or a file.")
@click.option("--rule", required=True, help="The rule whose findings are allowed, such as scan.bidi.")
@click.option("--reason", required=True, help="Why they do no harm; it is shown with the findings.")
@click.option("--dry-run", is_flag=True, help="Show what would be allowed.")
def allow(path: str, rule: str, reason: str, dry_run: bool) -> Outcome:
    """Allow what a rule finds in files as they are now; when a file changes, its findings are back."""
    from cowork.core.clock import SystemClock
    from cowork.install.scan import paths

    return Outcome(paths.allow(path, rule, reason, SystemClock(), dry_run=dry_run))


def _sarif(scanned: Scanned) -> int:
    """SARIF on stdout instead of an answer of ours; the exit code says whether there is a critical finding."""
    import json

    from cowork import __version__
    from cowork.install.scan.paths import as_sarif
    from cowork.render import emit

    if current().json:
        raise UsageError("usage.two_formats", "--format sarif and --json ask for two answers", hint="choose one")
    emit.write(json.dumps(as_sarif(scanned, __version__, str(Path.cwd())), indent=2) + "\n")
    return InvalidInput.exit_code if scanned.critical else 0
