"""Command-line agents at the table: how they are run, and what is put on record of the subagents they send for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.plain import to_plain
from cowork.models import catalogue
from cowork.models.select import Target

if TYPE_CHECKING:
    from cowork.models.command_line.model import CommandRun
    from cowork.models.command_line.tracing import SubagentReport


def command_run(
    target: Target, journalled: Callable[[str, dict[str, Any]], object], directory: Path | None = None
) -> CommandRun | None:
    """How a command-line agent is run: reading only, its subagents on record, by default where we are.

    None for any other model.
    """
    if target.rehearsal or catalogue.find(target.provider).command is None:
        return None
    from cowork.models.command_line.model import CommandRun

    def told(report: SubagentReport) -> None:
        journalled(f"subagent.{report.event}", traced(target.label, report))

    return CommandRun(directory, on_subagent=told)


def traced(label: str, report: SubagentReport) -> dict[str, Any]:
    """A report without what its level leaves out."""
    return {"model": label} | {
        key: value for key, value in to_plain(report).items() if key != "event" and value not in ("", None)
    }
