"""`@path` mentions: files that a text asks to be read along with it. Reading them is for the caller, and its gate."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST = 100
_MENTION = re.compile(r'(?:(?<=\s)|^)@(?:"([^"\n]{1,1024})"|([^\s"`]{1,1024}))', re.MULTILINE)
_AFTER = ".,;:!?)]}'>"


def find(text: str, *, at_start: bool = True) -> tuple[str, ...]:
    """The paths mentioned in a text, each once, in order, at most MOST. Without `at_start` its first letter begins no word.

    Marks that end a sentence are not part of a path; a path with blanks stands in double quotes.
    """
    found: dict[str, None] = {}
    for match in _MENTION.finditer(text):
        if match.start() == 0 and not at_start:
            continue
        path = match[1] or match[2].rstrip(_AFTER)
        if path and "\0" not in path:
            found[path] = None
        if len(found) >= MOST:
            break
    return tuple(found)


def merged(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The paths of several texts, each once, at most MOST."""
    return tuple(dict.fromkeys(path for group in groups for path in group))[:MOST]
