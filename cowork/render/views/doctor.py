"""The doctor's report, for a person."""

from __future__ import annotations

from typing import Any

from cowork.render.screen import Screen

_MARK = {"ok": "✓", "warn": "!", "fail": "✗"}


def report(data: Any, screen: Screen) -> None:
    """One line per check."""
    screen.table(("", "CHECK", "FOUND"), [(_MARK[item.status], item.name, item.message) for item in data.items])
