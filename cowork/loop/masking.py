"""Markdown without what it quotes: code blocks, inline code and block quotes, as CommonMark tells them; asides on request."""

from __future__ import annotations

import re
from collections import defaultdict

_FENCE = re.compile(r"(?: {0,3}(?:[-*+]|\d{1,9}[.)]) {1,4})? *(`{3,}|~{3,})(.*)")
_QUOTE = re.compile(r" {0,3}>")
_TICKS = re.compile(r"`+")
_ASIDE = re.compile(r"<!--|<(think(?:ing)?)>", re.IGNORECASE)
_NOT_NEWLINE = re.compile(r"[^\n]")


def without_quotations(text: str, *, asides: bool = False) -> str:
    """`text` with spaces for everything quoted; every other character stays where it is.

    With `asides` comments (`<!-- -->`) and what an agent thinks (`<thinking>`) go as well. What is never closed
    lasts to the end. Lines that are indented by four columns are left to who looks at them.
    """
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if fence:
            lines.append(_blank(line))
            stripped = line.strip()
            if len(stripped) >= len(fence) and stripped == fence[0] * len(stripped):
                fence = ""
        elif match and not (match[1][0] == "`" and "`" in match[2]):
            fence = match[1]
            lines.append(_blank(line))
        else:
            lines.append(_blank(line) if _QUOTE.match(line) else line)
    bare = "".join(_without_inline_code(part) for part in re.split(r"(\n(?:[ \t]*\n)+)", "\n".join(lines)))
    return _without_asides(bare) if asides else bare


def _without_asides(text: str) -> str:
    pieces: list[str] = []
    at = 0
    while (found := _ASIDE.search(text, at)) is not None:
        close = re.compile(f"</{found[1]}>" if found[1] else "-->", re.IGNORECASE).search(text, found.end())
        end = close.end() if close else len(text)
        pieces += [text[at : found.start()], _blank(text[found.start() : end])]
        at = end
    return "".join([*pieces, text[at:]])


def _without_inline_code(paragraph: str) -> str:
    """A paragraph with spaces for what stands between two runs of as many backticks."""
    if "`" not in paragraph:
        return paragraph
    runs = [match.span() for match in _TICKS.finditer(paragraph)]
    places: dict[int, list[int]] = defaultdict(list)
    for index in range(len(runs) - 1, -1, -1):
        places[runs[index][1] - runs[index][0]].append(index)  # the next one is the last of its list
    pieces: list[str] = []
    at, index = 0, 0
    while index < len(runs):
        start, end = runs[index]
        same = places[end - start]
        while same and same[-1] <= index:
            same.pop()
        if same:
            index = same[-1]
            pieces += [paragraph[at:start], _blank(paragraph[start : runs[index][1]])]
            at = runs[index][1]
        index += 1
    return "".join([*pieces, paragraph[at:]])


def _blank(text: str) -> str:
    return _NOT_NEWLINE.sub(" ", text)
