"""Characters that nobody sees: text hidden from the reader, text that runs backwards, text that drives the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from cowork.core.text import one_line
from cowork.install.scan.characters import INVISIBLE, UNSEEN, among, excerpt
from cowork.install.scan.patterns import compiled
from cowork.install.scan.rule import Hit, Rule, Severity
from cowork.install.scan.text import Text

_FIX = "remove the characters, or write what they stand for"
TAGS = Rule("scan.tag_characters", "No text in invisible tag characters", _FIX)
SELECTORS = Rule("scan.variation_selectors", "No bytes in variation selectors", _FIX)
BIDI = Rule("scan.bidi", "Text runs in the direction in which it is read", "remove the direction controls")
ZERO_WIDTH = Rule("scan.zero_width", "No characters without width", _FIX)
FILLER = Rule("scan.invisible_filler", "No fillers that look like nothing", _FIX)
JOINER = Rule("scan.joiner", "Joiners stand in emoji and in scripts that need them", _FIX)
ESCAPE = Rule("scan.terminal_escape", "No sequences that drive a terminal", "write the escape as text, such as \\x1b")
CONTROL = Rule("scan.control", "No control characters", "remove them, or write them as text")
SEPARATOR = Rule("scan.line_separator", "Lines end with a line feed", "use ordinary line breaks")
RULES = (TAGS, SELECTORS, BIDI, ZERO_WIDTH, FILLER, JOINER, ESCAPE, CONTROL, SEPARATOR)

_ANY = f"[{UNSEEN}]+"
_RUN = "|".join(f"(?P<{kind}>[{characters}]+)" for kind, characters in INVISIBLE.items())
_RETURN = "\r(?!\n)"
_FLAGS = ("gbeng", "gbsct", "gbwls")
_LONG = 4
"""From this many invisible characters in a row on they are no accident."""

_RIGHT_TO_LEFT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
_JOINING = (
    "\u0600-\u08ff\u0900-\u0fff\u1000-\u109f\u1780-\u18af\u1900-\u1aaf\u1b00-\u1c4f\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00011fff"
)
_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1a20-\u1aaf"
_EMOJI = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff\ufe0e\ufe0f\u20e3\U000e007f"
_KEYCAP = "0123456789#*"
_IDEOGRAPH = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_NEIGHBOURS = (  # fillers, and the characters beside which they belong
    ("\u115f\u1160", "\u1100", "\u11ff"),
    ("\u2800", "\u2801", "\u28ff"),
    ("\u180b\u180c\u180d\u180e\u180f", "\u1800", "\u18af"),
    ("\U0001d173\U0001d174\U0001d175\U0001d176\U0001d177\U0001d178\U0001d179\U0001d17a", "\U0001d100", "\U0001d1ff"),
)


class _Found(NamedTuple):
    rule: Rule
    severity: Severity
    message: str


def find(text: Text) -> Iterator[Hit]:
    """Every run of characters that hides something, with what it hides where that can be decoded."""
    view = text.view
    for anything in compiled(_ANY).finditer(view.text):  # one look at each character, and a second at the few that are suspect
        for match in compiled(_RUN).finditer(view.text, anything.start(), anything.end()):
            found = _JUDGES[match.lastgroup or ""](match)
            if found is not None:
                start, end = view.source(match.start()), view.source(match.end() - 1) + 1
                yield Hit(found.rule, found.severity, start, end, found.message)
    for match in compiled(_RETURN).finditer(view.text) if "\r" in view.text else ():
        at = view.source(match.start())
        yield Hit(CONTROL, "warning", at, at + 1, "a carriage return alone: on a terminal what follows covers the line")


def _tags(match: re.Match[str]) -> _Found | None:
    payload = "".join(chr(ord(character) - 0xE0000) for character in match.group())
    if _before(match) == "\U0001f3f4" and payload.removesuffix("\x7f") in _FLAGS and payload.endswith("\x7f"):
        return None  # England, Scotland, Wales
    return _Found(TAGS, "critical", f"{len(payload)} tag character(s) that spell: {_shown(payload)}")


def _selectors(match: re.Match[str]) -> _Found | None:
    run, base = match.group(), _before(match)
    if len(run) == 1:
        if run >= "\U000e0100":
            usual = among(base, _IDEOGRAPH)
        elif run in "\ufe0e\ufe0f":
            usual = bool(base) and (not base.isascii() or base in _KEYCAP)
        else:
            usual = bool(base) and not base.isascii()
        if usual:
            return None
    if set(run) <= {"\ufe0e", "\ufe0f"} and len(run) <= 2:
        return _Found(SELECTORS, "warning", f"{len(run)} variation selector(s) where one, or none, belongs")
    data = bytes(ord(item) - 0xFE00 if item <= "\ufe0f" else ord(item) - 0xE0100 + 16 for item in run)
    return _Found(
        SELECTORS, "critical", f"{len(run)} variation selector(s) that spell: {_shown(data.decode('utf-8', 'replace'))}"
    )


def _bidi(match: re.Match[str]) -> _Found | None:
    if _near_right_to_left(match):
        mark = set(match.group()) == {"\u061c"}
        return None if mark else _Found(BIDI, "warning", "direction controls beside text that is written from right to left")
    return _Found(BIDI, "critical", "direction controls: the text is shown in another order than a program reads it")


def _marks(match: re.Match[str]) -> _Found | None:
    if len(match.group()) == 1 and _near_right_to_left(match):
        return None
    return _Found(BIDI, "warning", "a direction mark where no text is written from right to left")


def _zero(match: re.Match[str]) -> _Found | None:
    run = match.group()
    if run in ("\u200c", "\u200d"):
        return None if _joins(match) else _Found(JOINER, "warning", "an invisible joiner between characters that do not join")
    if run == "\u200b" and among(_before(match), _NO_SPACES):
        return None  # where words are written without blanks it says where a line may break
    return _Found(ZERO_WIDTH, *_by_length(run, "without width"))


def _joins(match: re.Match[str]) -> bool:
    if among(_before(match), _JOINING):
        return True
    return match.group() == "\u200d" and among(_before(match), _EMOJI) and among(_after(match), _EMOJI)


def _filler(match: re.Match[str]) -> _Found | None:
    run, sides = match.group(), _before(match) + _after(match)
    for characters, first, last in _NEIGHBOURS:
        if set(run) <= set(characters) and len(run) < _LONG and any(first <= side <= last for side in sides):
            return None
    return _Found(FILLER, *_by_length(run, "that show nothing"))


def _escape(match: re.Match[str]) -> _Found | None:
    shown = excerpt(match.string[match.start() : match.start() + 24])
    return _Found(ESCAPE, "critical", f"a control sequence for terminals: {shown}")


def _separator(_match: re.Match[str]) -> _Found | None:
    return _Found(SEPARATOR, "warning", "a line break that most editors do not show as one")


def _control(match: re.Match[str]) -> _Found | None:
    return _Found(CONTROL, "warning", f"{len(match.group())} control character(s)")


def _before(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - 1) : match.start()]


def _after(match: re.Match[str]) -> str:
    return match.string[match.end() : match.end() + 1]


@lru_cache(maxsize=64)
def _by_length(run: str, what: str) -> tuple[Severity, str]:
    kinds = ", ".join(f"U+{ord(item):04X}" for item in sorted(set(run))[:4])
    return "critical" if len(run) >= _LONG else "warning", f"{len(run)} character(s) {what}: {kinds}"


def _near_right_to_left(match: re.Match[str]) -> bool:
    return bool(compiled(_RIGHT_TO_LEFT).search(match.string, max(0, match.start() - 100), match.end() + 100))


def _shown(payload: str) -> str:
    return repr(one_line(payload, 120))


_JUDGES = {
    "tags": _tags,
    "selectors": _selectors,
    "bidi": _bidi,
    "marks": _marks,
    "zero": _zero,
    "filler": _filler,
    "escape": _escape,
    "separator": _separator,
    "control": _control,
}
