"""Text that came from somewhere else: made safe to show, compared, suggested."""

from __future__ import annotations

import re
from collections.abc import Iterable

# C0 and C1 controls except tab and newline, bidirectional controls and zero-width characters that can hide text.
# ZWJ/ZWNJ (200C, 200D) stay: emoji and Indic scripts need them.
_UNSAFE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)

_SHORT = 4


def printable(text: str) -> str:
    """`text` with every character that could drive a terminal or hide content shown as its escape."""
    if _harmless(text):
        return text
    return re.sub(_UNSAFE, _escape, text.replace("\r\n", "\n").replace("\r", "\n"))


def _harmless(text: str) -> bool:
    """Whether a fast look already shows that nothing needs escaping; most text passes, and spares us a regex."""
    return text.replace("\u200d", "").replace("\n", "").isprintable()


def _escape(match: re.Match[str]) -> str:
    point = ord(match.group())
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def storable(text: str) -> str:
    """`text` as a database and a file take it: U+FFFD for what no encoding has, which are NUL and half a pair of surrogates."""
    if "\0" not in text and text.isascii():
        return text
    return text.replace("\0", "\ufffd").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def one_line(text: str, limit: int = 200) -> str:
    """`text` on a single safe line of at most `limit` characters."""
    line = " ".join(printable(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def safe_json(text: str) -> str:
    """A JSON document with the same meaning and no raw character that could drive a terminal.

    json.dumps already escapes C0; what is left can only stand inside strings, where an escape is equivalent.
    """
    return text if _harmless(text) else re.sub(_UNSAFE, _json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    point = ord(match.group())
    if point <= 0xFFFF:
        return f"\\u{point:04x}"
    point -= 0x10000
    return f"\\u{0xD800 + (point >> 10):04x}\\u{0xDC00 + (point & 0x3FF):04x}"


def natural(name: str) -> tuple[str, int, str]:
    """A key that sorts names as people count: twin-2 before twin-10."""
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    return (stem, int(digits[:18] or 0), name) if stem.endswith("-") else (name, 0, name)


def counted(number: int, noun: str) -> str:
    """So many of something: 1 twin, 2 twins, 10,000 twins."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` was most likely meant to be, or None."""
    import difflib

    known = {candidate.casefold(): candidate for candidate in sorted(candidates, reverse=True)}
    cutoff = 0.6 if len(name) > _SHORT else 0.65  # three letters in common say little: nope is no openai
    found = difflib.get_close_matches(name.casefold(), sorted(known), n=1, cutoff=cutoff)
    return known[found[0]] if found else None


def did_you_mean(name: str, candidates: Iterable[str], otherwise: str) -> str:
    """A hint: the likely candidate, or `otherwise`."""
    found = suggest(name, candidates)
    return f"did you mean '{found}'?" if found else otherwise
