"""What a person is shown before a question, on stderr."""

from __future__ import annotations

import sys
from typing import Any

from cowork.render.screen import Screen


def capabilities(request: Any, choice: str) -> None:
    """What a pack wants to be able to do."""
    screen = Screen(sys.stderr, choice)
    screen.title(f"{request.name} {request.version}".strip(), f"from {request.origin}")
    screen.text("It brings more than text:" if request.capabilities else "")
    screen.table(("CAPABILITY", "WHERE"), [(item.id, "; ".join(item.details)) for item in request.capabilities])
    if request.warnings:
        screen.text(f"The scanner has {request.warnings} warning(s).", style="yellow")


def powers(answer: Any, choice: str) -> None:
    """What a project's files may do once they are trusted, and what changed since they were."""
    from cowork.render.views import trust

    trust.answer(answer, Screen(sys.stderr, choice))
