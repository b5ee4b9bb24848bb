"""What reviews, refinements, hierarchies and panels leave, for a person."""

from __future__ import annotations

from cowork.core.text import one_line
from cowork.loop.results import LoopRun
from cowork.render.screen import Screen

_WIDE = 70


def details(data: LoopRun, screen: Screen) -> None:
    """The ledger of findings, the versions, the tasks, the coverage and the dissent; what there is none of is left out."""
    _findings(data, screen)
    _versions(data, screen)
    _tasks(data, screen)
    _coverage(data, screen)
    if data.dissent:
        screen.section("Dissent")
        for item in data.dissent:
            screen.text(f"{item.seat}: {item.answer}", style="bold")
            screen.text(item.reason, indent=2)


def _findings(data: LoopRun, screen: Screen) -> None:
    if data.findings:
        screen.section("Findings")
        rows = [
            (item.id, item.severity, item.status.replace("_", " "), item.seat, one_line(item.claim, _WIDE))
            for item in data.findings
        ]
        screen.table(("FINDING", "SEVERITY", "STATUS", "BY", "CLAIM"), rows)


def _versions(data: LoopRun, screen: Screen) -> None:
    if data.versions:
        screen.section("Versions")
        rows = [
            (
                str(item.round),
                item.seat,
                "-" if item.score is None else f"{item.score:.2f}",
                "chosen" if item.chosen else "",
                one_line(item.answer, _WIDE),
            )
            for item in data.versions
        ]
        screen.table(("ROUND", "BY", "SCORE", "", "ANSWER"), rows)


def _tasks(data: LoopRun, screen: Screen) -> None:
    if data.tasks:
        screen.section("Tasks")
        rows = [
            (item.id, str(item.level), item.status, item.seat, ", ".join(item.deps), one_line(item.goal, _WIDE))
            for item in data.tasks
        ]
        screen.table(("TASK", "LEVEL", "STATUS", "BY", "NEEDS", "GOAL"), rows)


def _coverage(data: LoopRun, screen: Screen) -> None:
    if data.coverage:
        screen.section("Coverage")
        rows = [
            (item.lens, item.seat or "nobody", "covered" if item.covered else "not covered", one_line(item.question, _WIDE))
            for item in data.coverage
        ]
        screen.table(("LENS", "BY", "", "QUESTION"), rows)
