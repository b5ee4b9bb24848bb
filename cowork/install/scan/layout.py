"""Text that is pushed out of sight: far to the right, or far down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cowork.install.scan.patterns import compiled
from cowork.install.scan.rule import Hit, Rule

if TYPE_CHECKING:
    from cowork.install.scan.text import Text

LONG_LINE = Rule("scan.long_line", "Lines can be read", "break the line")
PADDING = Rule("scan.padding", "Text is not pushed out of sight", "remove the blanks")
RULES = (LONG_LINE, PADDING)

_LONGEST = 2_000
_MOST_BLANK_LINES = 100
_MOST_BLANKS = 200
_BLANKS = "[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]"
_RUN = f"(?<!{_BLANKS}){_BLANKS}{{{_MOST_BLANKS + 1},}}"


def may_find(text: str) -> bool:
    """Whether `find` may find something in a text: a line that is too long or mostly blank, or that many blank lines."""
    lines = text.split("\n")
    if max(map(len, lines)) > _MOST_BLANKS:
        long = [line for line in lines if len(line) > _MOST_BLANKS]
        if any(len(line) > _LONGEST or len(line) - len("".join(line.split())) > _MOST_BLANKS for line in long):
            return True
    return len(lines) > _MOST_BLANK_LINES and len(lines) - sum(map(bool, map(str.strip, lines))) > _MOST_BLANK_LINES


def find(text: Text) -> Iterator[Hit]:
    """Lines too long to be read, and runs of blanks or blank lines."""
    blank_lines, gap, at = 0, 0, 0
    lines_matter = text.kind in ("prose", "yaml", "script") and ".min." not in text.path.rpartition("/")[2]
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
    for match in compiled(_RUN).finditer(line):
        yield _hit(text, PADDING, at + match.start(), at + match.end(), f"{match.end() - match.start():,} blanks in a row")


def _hit(text: Text, rule: Rule, start: int, end: int, message: str) -> Hit:
    long_prose = rule is LONG_LINE and text.kind == "prose"
    return Hit(rule, "note" if long_prose else "warning", text.view.source(start), text.view.source(end - 1) + 1, message)
