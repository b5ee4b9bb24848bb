"""Settings, for a person."""

from __future__ import annotations

from typing import Any

from cowork.render.screen import Screen


def listing(data: Any, screen: Screen) -> None:
    """A table of settings, with origins when asked for."""
    if any(item.origin for item in data.items):
        rows = [(item.key, _text(item.value), item.origin, item.source, item.help) for item in data.items]
        screen.table(("SETTING", "VALUE", "ORIGIN", "SOURCE", "WHAT IT IS"), rows)
    else:
        screen.table(("SETTING", "VALUE", "WHAT IT IS"), [(item.key, _text(item.value), item.help) for item in data.items])


def _text(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, tuple) else value
