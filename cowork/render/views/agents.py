"""Runs of agents, for a person: the answer alone on stdout, so that it can be piped; what went wrong is on stderr already."""

from __future__ import annotations

from cowork.agent.results import AgentRun
from cowork.render.screen import Screen


def ran(data: AgentRun, screen: Screen) -> None:
    """The answer; a plan when nothing was asked."""
    if data.dry_run:
        screen.table(("PLAN", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
    elif data.output:
        screen.raw(data.output)
