"""Rules that are patterns: rows of a table, and the search that applies them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cowork.install.scan.finding import Hit, Rule, Severity
from cowork.install.scan.text import Text
from cowork.install.scan.views import View

_REACH = 800
"""No pattern matches more characters than this before or after one of its words."""
_BEFORE = 120
# Words that show that a command or phrase is being talked about: a review checklist, a warning, an example of an attack.
_TALK = re.compile(
    r"\b(?:never|avoid|don't|do not|refuse|reject|block|deny|denies|forbid|prevent|flag|detect|catch|spot|watch for|look for"
    r"|search for|grep|warn|beware|danger\w*|malicious|unsafe|insecure|suspicious|attack\w*|exploit\w*|inject\w*|vulnerab\w*"
    r"|pattern|such as|e\.g\.|for example|for instance|like|instead of|rather than)\b"
)


class Sign(NamedTuple):
    """A row: how a rule shows itself. `pattern` meets lower-case text, and only if one of `words` occurs in it:

    as a whole word if it consists of letters, else anywhere (`disclos*` stands for every word that begins so).

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


def one_of(*patterns: str) -> str:
    """A pattern for any of several."""
    return f"(?:{'|'.join(patterns)})"


def search(signs: Iterable[Sign], text: Text, view: View) -> Iterator[Hit]:
    """Every place of a view in which a sign shows. Patterns look at no more than a few hundred characters each."""
    for sign in signs:
        for near, far in _windows(sign.words.split(), view):
            for match in _matches(sign.pattern, view.text, near, far):
                start, end = view.source(match.start()), view.source(match.end() - 1) + 1
                severity = _severity(sign, text, view, match.start(), start)
                if severity is not None:
                    yield Hit(sign.rule, severity, start, end, sign.message)


def _matches(pattern: str, text: str, near: int, far: int) -> Iterator[re.Match[str]]:
    r"""What `finditer` gives. A leading `\b` is looked at last: without it the search skips from letter to letter it knows."""
    bare = pattern.removeprefix(r"\b")
    search_from, at = re.compile(bare, re.MULTILINE).search, near
    while match := search_from(text, at, far):
        start = match.start()
        if bare != pattern and start and (text[start - 1].isalnum() or text[start - 1] == "_"):
            at = start + 1
        else:
            yield match
            at = match.end()


def _windows(words: Iterable[str], view: View) -> Iterator[tuple[int, int]]:
    """The parts of a text in which a match can lie: around the words without which there is none."""
    places = sorted(place for word in words if _occurs(word, view) for place in _places(word.rstrip("*"), view.text))
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


def _occurs(word: str, view: View) -> bool:
    return word in view.words if word.isalnum() else word.rstrip("*") in view.text


def _severity(sign: Sign, text: Text, view: View, at: int, source: int) -> Severity | None:
    if text.is_run(source):
        return sign.run
    if sign.unless and re.compile(sign.unless).search(view.text, max(0, at - _BEFORE), at):
        return None
    if sign.read == "critical" and _talked_about(view.text, at):
        return "warning"
    return sign.read


def _talked_about(text: str, at: int) -> bool:
    """Whether the words just before a place, in its line, show that what follows is discussed, not asked for."""
    near = max(0, at - _BEFORE)
    return bool(_TALK.search(text, max(text.rfind("\n", near, at) + 1, near), at))
