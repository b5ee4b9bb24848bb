"""Globs over paths, matched part by part, so that no pattern, however it is built, takes long. Standard library only."""

from __future__ import annotations

import re
from functools import cache

MOST_BRACES = 256
MOST_PARTS = 64
_ANY = None  # `**`: any number of directories


class BadPattern(ValueError):
    """A glob that cannot be used; the text says why."""


class PathPattern:
    """One glob without braces. `*` and `?` stay within a name, `**` stands for any number of directories."""

    def __init__(self, text: str) -> None:
        parts = [part for part in text.split("/") if part not in ("", ".")]
        if len(parts) > MOST_PARTS:
            raise BadPattern(f"it has more than {MOST_PARTS} parts")
        self._parts: list[re.Pattern[str] | None] = []
        for part in parts:
            if part != "**":
                self._parts.append(name_pattern(part))
            elif not self._parts or self._parts[-1] is not _ANY:
                self._parts.append(_ANY)

    def matches(self, names: tuple[str, ...]) -> bool:
        """Whether a path, as its names, fits."""
        if len(self._parts) == 1 and self._parts[0] is not _ANY:  # the most usual ones, at once
            return len(names) == 1 and self._parts[0].fullmatch(names[0]) is not None
        last = len(self._parts)
        reached = {0}  # how many parts the names so far may have used up
        for name in names:
            following: set[int] = set()
            for at in self._through(reached):
                part = self._parts[at] if at < len(self._parts) else ...
                if part is _ANY:
                    following |= {at, at + 1} if at == last - 1 else {at}
                elif isinstance(part, re.Pattern) and part.fullmatch(name):
                    following.add(at + 1)
            if not following:
                return False
            reached = following
        return last in self._through(reached)

    def _through(self, reached: set[int]) -> set[int]:
        """Also what is reached when a `**` stands for no directory at all. At the end it does not: `a/**` is what is in a."""
        return reached | {at + 1 for at in reached if at < len(self._parts) - 1 and self._parts[at] is _ANY}


@cache
def name_pattern(glob: str) -> re.Pattern[str]:
    """A glob of one name. Every star takes as little as it can and is not asked again, which loses nothing within a name."""
    pieces: list[str] = [""]
    at = 0
    while at < len(glob):
        letter = glob[at]
        at += 1
        if letter == "*":
            pieces.append("")
        elif letter == "?":
            pieces[-1] += "."
        elif letter == "\\" and at < len(glob):
            pieces[-1] += re.escape(glob[at])
            at += 1
        elif letter == "[" and (end := glob.find("]", at + 1 + (glob[at : at + 1] in ("!", "^")))) > 0:
            pieces[-1] += _letters(glob[at:end])
            at = end + 1
        else:
            pieces[-1] += re.escape(letter)
    first, *rest = pieces
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece)
    return re.compile(first + middle + (f".*{rest[-1]}" if rest else ""), re.DOTALL)


def _letters(inner: str) -> str:
    """A set of letters, `[a-z]` or `[!a-z]`, as a regular expression; one that fits nothing when it is none."""
    negated = inner.startswith(("!", "^"))
    escaped = re.sub(r"([\\\[\]&~|^])", r"\\\1", inner[negated:])
    found = f"[{'^' if negated else ''}{escaped}]"
    try:
        re.compile(found)
    except re.error:
        return "(?!)"
    return found


def braces(glob: str) -> list[str]:
    """A glob with braces as the globs it stands for: `*.{js,ts}`. Raises BadPattern when there are too many."""
    done: list[str] = []
    waiting = [glob]
    while waiting:
        text = waiting.pop(0)
        found = _first_braces(text)
        if found is None:
            done.append(text)
            continue
        start, end, choices = found
        waiting = [text[:start] + choice + text[end:] for choice in choices] + waiting
        if len(done) + len(waiting) > MOST_BRACES:
            raise BadPattern(f"its braces stand for more than {MOST_BRACES} patterns")
    return done


def _first_braces(text: str) -> tuple[int, int, list[str]] | None:
    """Where the first pair of braces with a comma is, and what stands between the commas."""
    for start, letter in enumerate(text):
        if letter != "{" or (start and text[start - 1] == "\\"):
            continue
        depth, choices, piece = 0, [], start + 1
        for at in range(start, len(text)):
            if text[at] == "{":
                depth += 1
            elif text[at] == "," and depth == 1:
                choices.append(text[piece:at])
                piece = at + 1
            elif text[at] == "}":
                depth -= 1
                if depth == 0:
                    if not choices:
                        break
                    return start, at + 1, [*choices, text[piece:at]]
    return None
