"""Whether it can be known what an agent costs, before it works."""

from __future__ import annotations

from cowork.core.errors import CoworkError
from cowork.loop.agents.work import AgentSpec
from cowork.loop.spending import price_of
from cowork.models import catalogue
from cowork.models.select import Target

_REPORTING = frozenset({"claude", "opencode"})
"""Dialects of command-line agents that say what an answer cost."""


def says_cost(spec: AgentSpec) -> bool:
    """Whether the price of its model is known, or its program says what it cost. Those of a table are its seats' business."""
    if spec.kind == "pattern":
        return True
    if spec.kind == "command":
        try:
            command = catalogue.find(spec.provider).command
        except CoworkError:  # a program of the user's own
            return False
        if command is not None and command.dialect in _REPORTING:
            return True
    return price_of(Target(spec.provider, spec.model)) is not None
