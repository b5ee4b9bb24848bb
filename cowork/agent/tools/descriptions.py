"""What models are told about tools: texts among the templates, read when they are first asked for."""

from __future__ import annotations

from functools import cache

from cowork.core.paths import data_dir


@cache
def describe(name: str) -> str:
    """The text of `templates/tools/<name>.md`; empty when there is none."""
    path = data_dir("templates") / "tools" / f"{name}.md"
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
