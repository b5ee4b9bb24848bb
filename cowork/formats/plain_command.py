"""Commands without frontmatter: `**Description**: ...` lines under a title say what frontmatter would."""

from __future__ import annotations

import re

from cowork.formats.frontmatter import Frontmatter

_FIELD = re.compile(r"\*\*([A-Za-z][A-Za-z -]{0,40})(?:\*\*[ \t]*:|:[ \t]*\*\*)[ \t]*(.*)")
_KEYS = {
    word: word.replace(" ", "-")
    for word in ("description", "allowed tools", "disallowed tools", "argument hint", "arguments", "model", "agent", "context")
}
_FURTHEST = 40  # lines from the top of the file


def read(front: Frontmatter) -> Frontmatter | None:
    """The fields in the lines before the first section, as if they were frontmatter; None where there are none.

    The body is the text without these lines.
    """
    if front.found:
        return None
    lines = front.body.split("\n")
    data: dict[str, str] = {}
    places: dict[str, int] = {}
    for number, line in enumerate(lines[:_FURTHEST]):
        if line.startswith("## "):
            break
        entry = _FIELD.fullmatch(line.rstrip())
        key = _KEYS.get(entry[1].lower().replace("-", " ").strip()) if entry else None
        if entry is not None and key is not None and key not in data:
            data[key], places[key] = entry[2].strip(), number
    if not data:
        return None
    taken = set(places.values())
    body = "\n".join(line for number, line in enumerate(lines) if number not in taken)
    return Frontmatter(data, body, 1, found=True, lines={key: number + 1 for key, number in places.items()})
