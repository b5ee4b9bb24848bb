"""Which claims of an answer rest on something the twin was given. A claim that does not is marked, never removed.

A claim is a list item, a row of a table, or a paragraph. Headings, code, questions, and what stands under a heading about open
decisions or about what is not available claim nothing.
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
_BOLD_HEADING = re.compile(r"\s*(?:\d+[.)]\s+)?(?:\*\*|__)?(decide next|not available|title)(?:\*\*|__)?\b", re.IGNORECASE)
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_NO_CLAIM = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+)?[*_]*(?:not available\b|none\b|nothing\b.{0,40}$|n/a\b)", re.IGNORECASE)
_SILENT = re.compile(r"decide next|not available|questions?\b", re.IGNORECASE)
_LONGEST = 400


def checked(text: str, known: Collection[str]) -> tuple[str, tuple[Claim, ...]]:
    """The text with `[unverified]` behind each claim that cites no known id, and its claims."""
    lines = text.split("\n")
    claims = []
    for first, last in _claims(lines):
        said = " ".join(lines[first : last + 1])
        cites = tuple(dict.fromkeys(_ID.findall(said)))
        verified = bool(cites) and all(cite in known for cite in cites)
        claims.append(Claim(one_line(said, _LONGEST), cites, verified))
        if not verified:
            unknown = [cite for cite in cites if cite not in known]
            lines[last] = _marked(lines[last], unknown)
    return "\n".join(lines), tuple(claims)


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
    fence, silent, start = "", False, None
    kinds: list[str] = []
    for number, line in enumerate(lines):
        if opened := _FENCE.match(line):
            mark = opened[1]
            fence = "" if fence and mark.startswith(fence) else fence or mark
            kinds.append("none")
            continue
        if fence or not line.strip():
            kinds.append("none")
        elif _HEADING.match(line) or _BOLD_HEADING.match(line):
            silent = bool(_SILENT.search(line))
            kinds.append("none")
        elif silent or _NO_CLAIM.match(line) or _is_rule(line) or line.rstrip().endswith("?"):
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
