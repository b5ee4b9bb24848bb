"""Shell blocks in the text of a command or skill: `` !`cmd` `` and fences that open with ```` ```! ````.

They are looked for in what the author wrote and nowhere else: not in arguments, not in values, not in what a block printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# At the start of a line or after a blank or tab, as measured on Claude Code 2.1.240; also inside ordinary fences.
_INLINE = re.compile(r"(?:(?<=[ \t])|^)!`([^`\n]+)`", re.MULTILINE)
_OPENING = re.compile(r"^[ \t]*```![ \t]*\n", re.MULTILINE)
_CLOSING = re.compile(r"^[ \t]*```[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A shell block: the place it takes in the text, and its command as the author wrote it."""

    start: int
    end: int
    command: str
    is_fence: bool


def find(body: str) -> list[Block]:
    """The shell blocks of a body, in order. A fence that does not close is text."""
    fences = _fences(body)
    found = list(fences)
    position = 0
    for match in _INLINE.finditer(body):
        while position < len(fences) and fences[position].end <= match.start():
            position += 1
        inside = position < len(fences) and fences[position].start < match.end()
        if not inside and match[1].strip():
            found.append(Block(match.start(), match.end(), match[1].strip(), is_fence=False))
    return sorted(found, key=lambda block: block.start)


def _fences(body: str) -> list[Block]:
    found = []
    at = 0
    while opening := _OPENING.search(body, at):
        closing = _CLOSING.search(body, opening.end())
        if closing is None:
            break
        command = body[opening.end() : closing.start()].strip("\n")
        start = opening.end() - len(opening[0].lstrip(" \t"))
        if command.strip():
            found.append(Block(start, closing.end(), command, is_fence=True))
        at = closing.end()
    return found
