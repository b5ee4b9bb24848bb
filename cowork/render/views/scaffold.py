"""The page about a new pack."""

from __future__ import annotations

from cowork.install.scaffold import Scaffolded
from cowork.render.screen import Screen


def scaffolded(data: Scaffolded, screen: Screen) -> None:
    """What was created, or would be, and what to do with it."""
    screen.title(f"{'would create' if data.dry_run else 'created'} {data.name}", data.path)
    screen.table(("STEP", "FILE", "SIZE"), [(step.action, step.target, step.detail) for step in data.plan])
    screen.section("Next")
    screen.raw(f"  edit         {data.path}/cowork.plugin.json")
    screen.raw(f"  check        cowork pack validate --strict {data.path}")
    screen.raw(
        f"  look at it   cowork pack show {data.name}" if data.discovered else f"  use it       cowork pack install {data.path}"
    )
