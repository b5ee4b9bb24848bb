"""The specifier of a Bash rule, compiled: exact, or words with wildcards that never reach beyond one simple command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cowork.rules.bash.model import SEPARATOR
from cowork.rules.specs import BadRule
from cowork.rules.wild import WILD, pattern_match

_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_META: Final = frozenset(";&|<>()\n`")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled specifier. `exact` is its text when it has no wildcard.

    `assignments` are the leading `NAME=value` words, `body` the others joined, with WILD for `*`. `boundary`: the end of the
    pattern is the end of a word, and anything may follow. `pinned` counts the leading words of `body` that are written out.
    `plain`: it names a simple command, not several and not a construct.
    """

    text: str
    exact: str | None
    assignments: tuple[str, ...]
    body: str
    boundary: bool
    pinned: int
    plain: bool

    @property
    def open_ended(self) -> bool:
        """Whether any words may follow."""
        return self.boundary or self.body.endswith(WILD)

    def covers(self, words: tuple[str, ...]) -> bool:
        """Whether the pattern covers these words from the first to the last."""
        text = SEPARATOR.join(words)
        if not self.boundary:
            return pattern_match(self.body, text)
        return pattern_match(self.body, text) or pattern_match(self.body + SEPARATOR + WILD, text)


@lru_cache(maxsize=2048)
def compile_pattern(specifier: str) -> Pattern:
    """The pattern in a specifier. Raises BadRule for quotes that do not close."""
    boundary, body = False, specifier
    if specifier.endswith(":*"):
        boundary, body = True, specifier[:-2]
    elif re.search(r"(?<!\\)[ \t]\*$", specifier):
        boundary, body = True, specifier[:-1].rstrip()
    words, wild, plain = _words(body, specifier)
    leading = 0
    while leading < len(words) and WILD not in words[leading] and _ASSIGNMENT.match(words[leading]):
        leading += 1
    rest = words[leading:]
    pinned = next((index for index, word in enumerate(rest) if WILD in word), len(rest))
    return Pattern(
        text=specifier,
        exact=None if boundary or wild else specifier,
        assignments=tuple(words[:leading]),
        body=SEPARATOR.join(rest),
        boundary=boundary,
        pinned=pinned,
        plain=plain and bool(rest),
    )


def _words(body: str, specifier: str) -> tuple[list[str], bool, bool]:
    """The words with quotes resolved and `*` as WILD; whether there is a `*`; whether nothing but plain words was found."""
    words: list[str] = []
    pieces: list[str] | None = None
    wild, plain, quote, position = False, True, "", 0
    while position < len(body):
        character = body[position]
        position += 1
        if quote == "'" or (quote and character not in ('"', "\\")):
            if character == quote:
                quote = ""
            else:
                assert pieces is not None  # a quote begins a word
                pieces.append(character)
            continue
        if character in " \t":
            words.extend(["".join(pieces)] if pieces is not None else [])
            pieces = None
            continue
        pieces = [] if pieces is None else pieces
        if character == "\\":
            following = body[position : position + 1]
            keep = bool(quote) and following not in ('"', "\\", "$", "`")
            pieces.append(("\\" if keep else "") + following)
            position += 1
        elif character in "'\"":
            quote = "" if quote else character
        elif character == "*":
            pieces.append(WILD)
            wild = True
        else:
            plain = plain and character not in _META
            pieces.append(character)
    if quote:
        raise BadRule(specifier, "a quote in it is not closed", "Bash")
    words.extend(["".join(pieces)] if pieces is not None else [])
    return words, wild, plain
