"""The personas as the sources list them: reference/packs-and-personas.md 6.4 for the figures, spec/digital-twins.md for
offload areas and task names. A new persona is a new row."""

from __future__ import annotations

from typing import NamedTuple


class TaskRow(NamedTuple):
    """A proactive task; `minutes` is how often."""

    id: str
    name: str
    minutes: int
    priority: int
    enabled: bool = True


class PersonaRow(NamedTuple):
    """A persona; `beat` and `stagger` in minutes; `offload` in the specification's order."""

    id: str
    category: str
    autonomy: str
    beat: int
    stagger: int
    offload: tuple[str, ...]
    tasks: tuple[TaskRow, ...]


PERSONAS = (
    PersonaRow(
        id="software-engineer",
        category="engineering",
        autonomy="specialist",
        beat=30,
        stagger=0,
        offload=("review-preparation", "dependency-tracking", "context-switching", "documentation"),
        tasks=(
            TaskRow("pr-triage", "PR Review Queue", 60, 1),
            TaskRow("test-coverage-gaps", "Test Coverage Scan", 240, 2),
            TaskRow("dependency-check", "Dependency Health", 480, 3),
            TaskRow("tech-debt-scan", "Tech Debt Scan", 1440, 4, enabled=False),
        ),
    ),
)
