"""YAML that needs no YAML to be read: lines of a key and a plain text or number, which is what nearly all frontmatter is.

Loading the YAML library takes longer than reading a pack. What is recognized here means the same to both.
"""

from __future__ import annotations

import re

_MOST_LINES = 200
_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_-]{0,63}): +(?:([1-9][0-9]{0,8})|([A-Za-z<][ -~]*))")
_OTHER = ("true", "false", "null")


def mapping(block: str) -> dict[str, str | int] | None:
    """The mapping that a block is, None where only the library can tell. A key given twice has its last value, as there."""
    lines = block.split("\n")
    if len(lines) > _MOST_LINES:
        return None
    found: dict[str, str | int] = {}
    for line in lines:
        if not line:
            continue
        entry = _LINE.fullmatch(line)
        if entry is None:
            return None
        if entry[2] is not None:
            found[entry[1]] = int(entry[2])
            continue
        value = entry[3]
        if ": " in value or " #" in value or value.endswith((":", " ")) or value.lower() in _OTHER:
            return None
        found[entry[1]] = value
    return found or None
