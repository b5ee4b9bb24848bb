"""Characters that matter to the scanner, as the inside of a pattern's `[...]`, and how to tell them without compiling one."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from itertools import accumulate

from cowork.core.text import one_line

INVISIBLE = {
    "tags": "\U000e0000-\U000e007f",
    "selectors": "\ufe00-\ufe0f\U000e0100-\U000e01ef",
    "bidi": "\u202a-\u202e\u2066-\u2069\u061c",
    "marks": "\u200e\u200f",
    "zero": "\u200b-\u200d\u2060-\u2065\ufeff",
    "filler": "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u206a-\u206f\u2800\u3164\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0080-\U000e00ff\U000e01f0-\U000e0fff",
    "escape": "\x1b\x90\x98\x9b\x9d-\x9f",
    "separator": "\u2028\u2029\x85",
    "control": "\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x8f\x91-\x97\x99\x9a\x9c",
}
"""Characters that nobody sees, by what they do. Categories of Unicode do not tell them: some fillers count as letters."""

NOTHING = (
    "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef"
)
"""What may stand between the letters of a word without changing how it reads."""

DRESSED = "\uff01-\uff5e\U0001d400-\U0001d7ff"
"""Letters in another dress, full-width or mathematical."""

UNSEEN = "".join(INVISIBLE.values())
_EXCERPT = 80
_FILLERS = (  # to the eye, though Unicode has them printed: fillers, selectors, a blank of Braille
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff"
)


def among(character: str, characters: str) -> bool:
    """Whether a character is one of those of a pattern's `[...]`."""
    firsts, lasts = _spans(characters)
    at = bisect_right(firsts, character) - 1
    return at >= 0 and character <= lasts[at]


def lowered(text: str) -> str:
    """Text in lower case with every place kept: U+0130 is the only letter whose lower case is longer."""
    return text.replace("\u0130", "i").lower()


def excerpt(text: str) -> str:
    """Text of a file as it may stand in a report: one short line, every invisible character as its escape."""
    start = text[: 4 * _EXCERPT]
    if not start.isascii():
        start = "".join(character if character.isascii() else _visible(character) for character in start)
    return one_line(start, _EXCERPT)


def _visible(character: str) -> str:
    if character.isspace() or (character.isprintable() and not among(character, _FILLERS)):
        return character
    point = ord(character)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


@cache
def _spans(characters: str) -> tuple[list[str], list[str]]:
    """The first characters of the spans in order, and for each the last character of all up to it."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(characters):
        width = 3 if characters[at + 1 : at + 2] == "-" else 1
        found.append((characters[at], characters[at + width - 1]))
        at += width
    found.sort()
    return [first for first, _ in found], list(accumulate((last for _, last in found), max))
