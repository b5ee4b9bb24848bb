"""Text that is pushed out of sight: far to the right, or far down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from cowork.install.scan.finding import Hit, Rule
from cowork.install.scan.text import Text

LONG_LINE = Rule("scan.long_line", "Lines can be read", "break the line")
PADDING = Rule("scan.padding", "Text is not pushed out of sight", "remove the blanks")
RULES = (LONG_LINE, PADDING)

_LONGEST = 2_000
_MOST_BLANK_LINES = 100
_MOST_BLANKS = 200
_BLANKS = "[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]"
_RUN = re.compile(f"(?<!{_BLANKS}){_BLANKS}{{{_MOST_BLANKS + 1},}}")


def find(text: Text) -> Iterator[Hit]:
    """Lines too long to be read, and runs of blanks or blank lines."""
    blank_lines, gap, at = 0, 0, 0
    lines_matter = text.kind in ("prose", "yaml", "script") and ".min." not in PurePosixPath(text.path).name
    for line in text.view.text.split("\n"):
        if not line.strip():
            blank_lines, gap = blank_lines + 1, gap if blank_lines else at
        else:
            if blank_lines > _MOST_BLANK_LINES:
                yield _hit(text, PADDING, gap, at, f"{blank_lines} blank lines, and then more text")
            blank_lines = 0
            if len(line) > _MOST_BLANKS:
                yield from _blanks(text, line, at)
            if len(line) > _LONGEST and lines_matter:
                yield _hit(text, LONG_LINE, at, at + len(line), f"a line of {len(line):,} characters")
        at += len(line) + 1


def _blanks(text: Text, line: str, at: int) -> Iterator[Hit]:
    """Runs of blanks in a line, each looked at once from its beginning."""
    for match in _RUN.finditer(line):
        yield _hit(text, PADDING, at + match.start(), at + match.end(), f"{match.end() - match.start():,} blanks in a row")


def _hit(text: Text, rule: Rule, start: int, end: int, message: str) -> Hit:
    long_prose = rule is LONG_LINE and text.kind == "prose"
    return Hit(rule, "note" if long_prose else "warning", text.view.source(start), text.view.source(end - 1) + 1, message)
