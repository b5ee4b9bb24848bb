"""What is wrong with files, for a person: one line a problem, as compilers write it, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable

from cowork.formats.problem import Problem
from cowork.registry.linting import LintReport
from cowork.registry.validation import ValidationReport
from cowork.render.screen import Screen

_STYLE = {"error": "red", "warning": "yellow", "note": ""}


def validated(data: ValidationReport, screen: Screen) -> None:
    """Each path with its verdict and its problems."""
    for item in data.items:
        mark = "✓" if item.ok else "✗"
        name = " ".join(part for part in (item.name, item.version) if part)
        screen.title(f"{mark} {item.path}", f"{item.kind}{f': {name}' if name else ''}")
        show_problems(item.problems, screen)
    screen.text(f"{data.count} checked: {data.errors} errors, {data.warnings} warnings, {data.notes} notes")


def linted(data: LintReport, screen: Screen) -> None:
    """The hints."""
    show_problems(data.problems, screen)
    screen.text(f"{data.packs} packs: {data.errors} errors, {data.warnings} warnings, {data.notes} notes")


def show_problems(problems: Iterable[Problem], screen: Screen) -> None:
    """One line a problem, and how to mend it below."""
    for problem in problems:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        text = f"{place}: {problem.severity}: {problem.where}: {problem.message} [{problem.rule}]"
        screen.text(text, style=_STYLE[problem.severity], indent=2)
        screen.text(problem.fix, style="dim", indent=4)
