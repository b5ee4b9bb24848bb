"""Digests below each other: what a collector found is shown with the first task that looks at it, and named after that."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"\*\*([a-z0-9-]+)\*\*: ")
_MISSING = "**Not available**"


class ToldOnce:
    """Remembers what was shown of one heartbeat."""

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}
        """Lines of blocks, by what they say, with the task that they were shown with."""

    def shortened(self, title: str, text: str) -> str:
        """The digest of a task, without what was shown with another."""
        parts = [self._part(title, part) for part in text.split("\n\n")]
        return "\n\n".join(part for part in parts if part)

    def _part(self, title: str, part: str) -> str:
        block = _BLOCK.match(part)
        if block:
            return self._block(title, block[1], part)
        if part.startswith(_MISSING):
            return self._missing(title, part)
        if part.startswith("_") and self._seen(title, "", part):
            return ""
        return part

    def _block(self, title: str, collector: str, part: str) -> str:
        facts = [line for line in part.split("\n") if not line.startswith("- ... ")]
        before = [self._seen(title, collector, line) for line in facts]
        return f"**{collector}**: see {before[0]} above" if all(before) else part

    def _missing(self, title: str, part: str) -> str:
        head, *lines = part.split("\n")
        kept = []
        for line in lines:
            names, colon, reason = line.removeprefix("- ").partition(": ")
            new = [name for name in names.split(", ") if not self._seen(title, name, reason)]
            if new:
                kept.append(f"- {', '.join(new)}{colon}{reason}")
        return "\n".join([head, *kept]) if kept else ""

    def _seen(self, title: str, about: str, line: str) -> str:
        """The task that a line was shown with; empty, and remembered, the first time."""
        key = f"{about}\n{line}"
        if key in self._lines:
            return self._lines[key]
        self._lines[key] = title
        return ""
