"""A text read in another way, such as with its escapes decoded, in which every place still knows where it came from."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property
from io import StringIO

from cowork.install.scan.characters import DRESSED, NOTHING, among, lowered
from cowork.install.scan.patterns import compiled

_JSON_ESCAPE = r"(?s)\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[^u]"
_YAML_ESCAPE = r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))"
_JSON_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

# A command goes on in the next line after a backslash, and shells read $IFS as a blank.
_CONTINUED = r"\\\r?\n[ \t]*|\$\{ifs\}|\$ifs\b"
# What may stand between the letters and words of a sentence without changing how it reads, and what reads as another letter.
_QUOTES = "\u2018\u2019\u02bc"
_LOOSE = rf"[{NOTHING}]+|[\s\u2800\u3164\uffa0*_>#|]{{2,}}|[{_QUOTES}{DRESSED}]"
_PLAIN_LOOSE = r"[\s*_>#|]{2,}"
_WORDS = str.maketrans({chr(point): " " for point in range(128) if not (chr(point).isalnum() or chr(point) == "_")})


class View:
    """A rewritten text. `source(at)` is the place in the original text from which the character at `at` came."""

    def __init__(self, text: str, here: array[int], there: array[int], parent: View | None) -> None:
        self.text = text
        self._here, self._there, self._parent = here, there, parent

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the text."""
        if self.text.isascii():  # as nearly all is, and this way is five times as fast
            return frozenset(self.text.translate(_WORDS).split())
        return frozenset(compiled(r"\w+").findall(self.text))

    def source(self, at: int) -> int:
        """Where in the original text. The end of the view is the end of the original."""
        piece = bisect_right(self._here, at) - 1
        place = at if piece < 0 else at - self._here[piece] + self._there[piece]
        return place if self._parent is None else self._parent.source(place)


def plain(text: str) -> View:
    """The text as it is."""
    return View(text, array("q"), array("q"), None)


def rewritten(view: View, pattern: str, replace: Callable[[re.Match[str]], str], until: int | None = None) -> View:
    """A view of a view: what `pattern` matches is replaced, up to the place `until`."""
    new = StringIO()
    here, there = array("q"), array("q")
    last = 0
    for match in compiled(pattern).finditer(view.text, 0, len(view.text) if until is None else until):
        new.write(view.text[last : match.start()])
        here.append(new.tell())
        there.append(match.start())
        new.write(replace(match))
        last = match.end()
        here.append(new.tell())
        there.append(last)
    new.write(view.text[last:])
    return View(new.getvalue(), here, there, view) if last else view


def decoded_json(view: View) -> View:
    r"""JSON with its escapes decoded: what a reader of the strings gets to see, `\u200b` included."""
    return rewritten(view, _JSON_ESCAPE, _json_character) if "\\" in view.text else view


def decoded_yaml(view: View, until: int | None = None) -> View:
    r"""YAML with the escapes of quoted text that name a character by number decoded, up to the place `until`."""
    return rewritten(view, _YAML_ESCAPE, _yaml_character, until) if "\\" in view.text else view


def commands(view: View) -> View:
    """The text in lower case, continued lines joined: how patterns of commands expect it."""
    lowered = _lowered(view)
    return rewritten(lowered, _CONTINUED, lambda _match: " ") if "\\" in lowered.text or "$" in lowered.text else lowered


def phrases(view: View) -> View:
    """The text in lower case as sentences: padding and emphasis are one blank, invisible characters nothing."""
    return rewritten(_lowered(view), _PLAIN_LOOSE if view.text.isascii() else _LOOSE, _loosened)


def _lowered(view: View) -> View:
    return View(lowered(view.text), array("q"), array("q"), view)


def _json_character(match: re.Match[str]) -> str:
    escape = match.group()
    if escape[1] != "u":
        return _JSON_LETTERS.get(escape[1], escape[1])
    point = int(escape[2:6], 16)
    if len(escape) == 12:
        point = 0x10000 + ((point - 0xD800) << 10) + int(escape[8:12], 16) - 0xDC00
    return chr(point)


def _yaml_character(match: re.Match[str]) -> str:
    point = int(match[1] or match[2] or match[3], 16)
    return chr(point) if point <= 0x10FFFF else match.group()


def _loosened(match: re.Match[str]) -> str:
    found = match.group()
    if found in _QUOTES:
        return "'"
    if among(found, DRESSED):
        import unicodedata

        return unicodedata.normalize("NFKC", found).lower()
    return "" if among(found[0], NOTHING) else " "
