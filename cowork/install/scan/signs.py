"""Rules that are patterns: rows of a table, the search that applies them, and the look that tells where it is needless."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from cowork.install.scan.patterns import compiled
from cowork.install.scan.rule import Hit, Rule, Severity

if TYPE_CHECKING:
    from cowork.install.scan.text import Text
    from cowork.install.scan.views import View

_REACH = 800
"""No pattern matches more characters than this before or after one of its words."""
_BEFORE = 120
# Words that show that a command or phrase is being talked about: a review checklist, a warning, an example of an attack.
_TALK = (
    r"\b(?:never|avoid|don't|do not|refuse|reject|block|deny|denies|forbid|prevent|flag|detect|catch|spot|watch for|look for"
    r"|search for|grep|warn|beware|danger\w*|malicious|unsafe|insecure|suspicious|attack\w*|exploit\w*|inject\w*|vulnerab\w*"
    r"|pattern|such as|e\.g\.|for example|for instance|like|instead of|rather than)\b"
)


class Sign(NamedTuple):
    """A row: how a rule shows itself. `pattern` meets lower-case text, and only if one of `words` occurs in it:

    as a whole word if it consists of letters, else anywhere (`disclos*` stands for every word that begins so).
    `also` are what else every match holds: one of each group, anywhere, the groups parted by `&`. No match goes beyond one
    of the characters `apart`.

    `run` is the severity where a machine runs the text, `read` where a person or a model reads it; None says nothing there.
    Text that is read and talks about the thing counts as a warning at the most; after `unless` it says the opposite.
    """

    rule: Rule
    words: str
    pattern: str
    message: str
    run: Severity | None = "critical"
    read: Severity | None = "warning"
    unless: str = ""
    also: str = ""
    apart: str = ""


class Clues:
    """Which tables have a sign that may show in a text; the others need not be searched."""

    def __init__(self, tables: Mapping[str, Iterable[Sign]]) -> None:
        self._rows = [(name, sign) for name, signs in tables.items() for sign in signs]
        self._whole: dict[bytes, set[int]] = {}
        self._parts: dict[str, set[int]] = {}
        for row, (_, sign) in enumerate(self._rows):
            for word in sign.words.split():
                if word.isalnum():
                    self._whole.setdefault(word.encode(), set()).add(row)
                else:
                    self._parts.setdefault(word.rstrip("*"), set()).add(row)
        self._words = frozenset(self._whole)

    def tables(self, text: str, once: str, words: frozenset[bytes]) -> set[str]:
        """The names of the tables for a text in lower case, what stands between its blanks, and its letters and digits."""
        rows = {row for word in self._words & words for row in self._whole[word]}
        for part, found in self._parts.items():
            if part in once:
                rows |= found
        tables: set[str] = set()
        for name, sign in map(self._rows.__getitem__, rows):
            if name not in tables and _holds(sign.also, once, 0, len(once)):
                tables.update({name} if any(_windows(sign, text, lambda word: word.encode() in words)) else ())
        return tables


def one_of(*patterns: str) -> str:
    """A pattern for any of several."""
    return f"(?:{'|'.join(patterns)})"


def search(signs: Iterable[Sign], text: Text, view: View) -> Iterator[Hit]:
    """Every place of a view in which a sign shows. Patterns look at no more than a few hundred characters each."""
    for sign in signs:
        for near, far in _windows(sign, view.text, view.words.__contains__):
            for match in _matches(sign.pattern, view.text, near, far):
                start, end = view.source(match.start()), view.source(match.end() - 1) + 1
                severity = _severity(sign, text, view, match.start(), start)
                if severity is not None:
                    yield Hit(sign.rule, severity, start, end, sign.message)


def _matches(pattern: str, text: str, near: int, far: int) -> Iterator[re.Match[str]]:
    r"""What `finditer` gives. A leading `\b` is looked at last: without it the search skips from letter to letter it knows."""
    bare = pattern.removeprefix(r"\b")
    search_from, at = compiled(f"(?m){bare}").search, near
    while match := search_from(text, at, far):
        start = match.start()
        if bare != pattern and start and (text[start - 1].isalnum() or text[start - 1] == "_"):
            at = start + 1
        else:
            yield match
            at = match.end()


def _windows(sign: Sign, text: str, is_word: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """The parts of a text in which a match can lie: around the words without which there is none."""
    words = [word for word in sign.words.split() if not word.isalnum() or is_word(word)]
    places = sorted(place for word in words for place in _places(word.rstrip("*"), text))
    if sign.apart:
        places = [place for place in places if _holds(sign.also, text, *_part(sign.apart, text, place))]
    for near, far in _around(places):
        if sign.apart or _holds(sign.also, text, near, far):
            yield near, far


def _part(apart: str, text: str, place: int) -> tuple[int, int]:
    """The part of a text around a place that holds none of the characters that keep matches apart."""
    near, far = max(0, place - _REACH), min(len(text), place + _REACH)
    for character in apart:
        near = max(near, text.rfind(character, near, place) + 1)
        end = text.find(character, place, far)
        far = far if end < 0 else end
    return near, far


def _around(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    near = far = 0
    for place in places:
        if place - _REACH > far:
            if far:
                yield near, far
            near = place - _REACH
        near, far = max(0, near), place + _REACH
    if far:
        yield near, far


def _places(word: str, text: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + len(word))


def _holds(also: str, text: str, near: int, far: int) -> bool:
    """Whether a part of a text holds one of each group."""
    return not also or all(any(text.find(word, near, far) >= 0 for word in group.split()) for group in also.split(" & "))


def _severity(sign: Sign, text: Text, view: View, at: int, source: int) -> Severity | None:
    if text.is_run(source):
        return sign.run
    if sign.unless and compiled(sign.unless).search(view.text, max(0, at - _BEFORE), at):
        return None
    if sign.read == "critical" and _talked_about(view.text, at):
        return "warning"
    return sign.read


def _talked_about(text: str, at: int) -> bool:
    """Whether the words just before a place, in its line, show that what follows is discussed, not asked for."""
    near = max(0, at - _BEFORE)
    return bool(compiled(_TALK).search(text, max(text.rfind("\n", near, at) + 1, near), at))
