"""Which claims of an answer rest on something the twin was given. A claim that does not is marked, never removed.

A claim is a list item, a row of a table, or a paragraph. Headings, code, and what stands under the headings about open
decisions, questions and what is not available claim nothing; so does a question alone, and a line that says that there is
nothing. What says more than that claims something.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from string import whitespace

from cowork.core.text import one_line
from cowork.twins.evidence.collectors import NAMES
from cowork.twins.results import Claim

UNVERIFIED = "[unverified]"
_ID = re.compile(rf"(?<![\w./-])(?:(?:{'|'.join(NAMES)})\.\d+|(?:memory|fact)\.\w+)(?![\w/-]|\.\w)")
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")
_HEADING = re.compile(r"\s{0,3}#{1,6}(?:\s|$)")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_NUMBER = re.compile(r"[*_]{0,3}(\d{1,3})([.)]) ")
_SILENT = re.compile(  # a heading with or without its sign, a number and emphasis, and nothing else
    r"\s{0,3}(?:#{1,6}\s+)?[*_]{0,3}(?:\d{1,3}[.)]\s+)?[*_]{0,3}"
    r"(?:decide next|open questions|questions|not available)[*_:]{0,4}\s*#{0,6}\s*$",
    re.IGNORECASE,
)
_BUT = r"(?!.*\b(?:but|except|however|though|while|because|since|and)\b)"
_NO_CLAIM = re.compile(  # a whole line
    r"\s*(?:[-*+]\s+|\d{1,3}[.)]\s+)?[*_]{0,3}"
    r"(?:none\.?|n/a\.?|not available\.?|not available[*_]{0,3}:[*_]{0,3}\s*\S.*|"
    rf"nothing needs (?:your )?attention{_BUT}[\w /'-]{{0,40}}[.!]?)[*_]{{0,3}}\s*$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:should|shall|is|are|was|were|do|does|did|can|could|will|would|has|have|had|may|might|must|"
    r"who|whose|whom|what|when|where|why|which|how)\b",
    re.IGNORECASE,
)
_STATES_BEFORE = re.compile(r"[.!?;:]\s|\s[-\u2013]\s|\u2014")
_LONGEST = 400


def checked(text: str, known: Collection[str]) -> tuple[str, tuple[Claim, ...]]:
    """The text with `[unverified]` behind each claim that cites no known id, and its claims."""
    lines = text.split("\n")
    claims = []
    for first, last in _claims(lines):
        said = " ".join(lines[first : last + 1])
        if _is_question(said):
            continue
        cites = tuple(dict.fromkeys(_ID.findall(said)))
        verified = bool(cites) and all(cite in known for cite in cites)
        claims.append(Claim(one_line(said, _LONGEST), cites, verified))
        if not verified:
            unknown = [cite for cite in cites if cite not in known]
            lines[last] = _marked(lines[last], unknown)
    return "\n".join(lines), tuple(claims)


def _following(heading: str) -> str:
    """How the next section begins, where a heading is one of a numbered list."""
    found = _NUMBER.match(heading)
    return f"{int(found[1]) + 1}{found[2]}" if found else ""


def _is_question(said: str) -> bool:
    """Whether a whole item or paragraph is one question, without a statement before it."""
    marker = _ITEM.match(said)
    text = said[marker.end() if marker else 0 :].strip(whitespace + "*_")
    return text.endswith("?") and bool(_ASKS.match(text)) and not _STATES_BEFORE.search(text)


def _is_rule(line: str) -> bool:
    """Whether a line only divides: a table's head from its rows, or parts of a text. No pattern: those take a line's length
    to the third for one that is made for it.
    """
    return "-" in line and not line.strip("|:-" + whitespace)


def _marked(line: str, unknown: list[str]) -> str:
    mark = UNVERIFIED if not unknown else f"{UNVERIFIED[:-1]}: there is no {', '.join(unknown[:3])}]"
    bare = line.rstrip()
    if bare.startswith("|") and bare.endswith("|") and len(bare) > 1:
        return f"{bare[:-1].rstrip()} {mark} |"
    return f"{bare} {mark}"


def _claims(lines: list[str]) -> Iterator[tuple[int, int]]:
    """The first and last line of every claim."""
    fence, silent, start, following = "", False, None, ""
    kinds: list[str] = []
    for number, line in enumerate(lines):
        if following and line.startswith(following):  # the next of numbered sections
            silent, following = False, ""
        if opened := _FENCE.match(line):
            mark = opened[1]
            fence = "" if fence and mark.startswith(fence) else fence or mark
            kinds.append("none")
            continue
        if fence or not line.strip():
            kinds.append("none")
        elif _HEADING.match(line) or _SILENT.match(line):
            silent, following = bool(_SILENT.match(line)), _following(line)
            kinds.append("none")
        elif silent or _NO_CLAIM.match(line) or _is_rule(line):
            kinds.append("none")
        elif line.lstrip().startswith("|"):
            header = number + 1 < len(lines) and _is_rule(lines[number + 1])
            kinds.append("none" if header else "row")
        else:
            kinds.append("item" if _ITEM.match(line) else "text")
    for number, kind in enumerate(kinds):
        if start is not None and kind != "text":
            yield start, number - 1
            start = None
        if kind == "row":
            yield number, number
        elif kind == "item" or (kind == "text" and start is None):
            start = number
    if start is not None:
        yield start, len(kinds) - 1
