"""Results that are a text already."""

from __future__ import annotations

import json
from typing import Any

from cowork.render.screen import Screen


def schema(data: Any, screen: Screen) -> None:
    """A JSON Schema, or the list of verbs that have one."""
    if data.json_schema is not None:
        screen.raw(json.dumps(data.json_schema, indent=2, ensure_ascii=False))
    else:
        screen.table(("VERB", "SCHEMA"), [(item.verb, item.schema) for item in data.items])


def script(data: Any, screen: Screen) -> None:
    """A shell script."""
    screen.raw(data.script)


def help_text(data: Any, screen: Screen) -> None:
    """A help page."""
    screen.raw(data.text)


def version(data: Any, screen: Screen) -> None:
    """The version."""
    screen.raw(f"cowork {data.version}")


def nothing(data: Any, screen: Screen) -> None:
    """A hook's answer was printed by the hook protocol."""
    del data, screen
