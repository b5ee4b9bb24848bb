"""cowork pack validate and cowork pack lint"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cowork.cli.commands import verb
from cowork.cli.invocation import current
from cowork.core.errors import InvalidInput, UsageError
from cowork.core.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cowork.formats.problem import Problem

_PATHS = click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", help="A pack, a plugin, a skill, or a file of one."
)
_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "sarif"]), default="text", show_default=True, help="SARIF for code scanning."
)


@verb()
@_PATHS
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@_FORMAT
def validate(paths: tuple[str, ...], strict: bool, form: str) -> Outcome | int:
    """Check packs, Claude Code plugins, marketplaces, Agent Plugins and skills. Exit 4 when there is an error."""
    from cowork.registry.validation import validate_paths

    report = validate_paths(paths, strict=strict)
    if form == "sarif":
        return _sarif(problem for item in report.items for problem in item.problems)
    if report.errors:
        bad = [item for item in report.items if not item.ok]
        raise InvalidInput(
            "pack.invalid",
            f"{len(bad)} of {report.count} path(s) cannot be used: {report.errors} error(s)",
            hint="mend the places named above",
            data=report,
        )
    return Outcome(report)


@verb()
@_PATHS
@_FORMAT
def lint(paths: tuple[str, ...], form: str) -> Outcome | int:
    """Give hints on packs: unused parameters, undeclared placeholders, missing descriptions. Exit 4 for a broken pack."""
    from cowork.registry.linting import lint_paths

    report = lint_paths(paths)
    if form == "sarif":
        return _sarif(report.problems)
    if report.errors:
        raise InvalidInput(
            "pack.invalid", f"{report.errors} error(s): see cowork pack validate", hint="mend the errors first", data=report
        )
    return Outcome(report)


def _sarif(problems: Iterable[Problem]) -> int:
    """SARIF on stdout instead of an answer of ours; the exit code says whether there is an error."""
    import json

    from cowork import __version__
    from cowork.formats.sarif import sarif
    from cowork.render import emit

    if current().json:
        raise UsageError("usage.two_formats", "--format sarif and --json ask for two answers", hint="choose one")
    found = list(problems)
    emit.write(json.dumps(sarif(found, __version__, root=str(Path.cwd())), indent=2) + "\n")
    return InvalidInput.exit_code if any(problem.severity == "error" for problem in found) else 0
