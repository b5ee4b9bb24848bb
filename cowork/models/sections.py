"""The fenced sections of a prompt, read in one pass whatever the material holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_KINDS = (
    "task|material|own|other|statement|draft|finding|candidate|question|lens|part|plan|notes|remark|chosen|group|summary|reply|"
    "claim|hole"
)
_FIRST_TAG = re.compile(r"^<([a-z][\w-]*)(?: [^\n]*)?>$", re.MULTILINE)
_FENCE = re.compile(rf"({_KINDS})-(\w+)")
_CODE = "```"


@dataclass(frozen=True)
class Section:
    """The text between `<kind-N label>` and `</kind-N>`."""

    kind: str
    label: str
    text: str


def sections(prompt: str) -> Iterator[Section]:
    """The sections fenced like the first tag of the prompt; none when that is a plain tag.

    The first tag is the template's own, and material cannot guess the N it ends in: tags that material brings along
    open and close nothing.
    """
    first = _FIRST_TAG.search(prompt)
    fence = _FENCE.fullmatch(first.group(1)) if first else None
    if fence is None:
        return
    tag = re.compile(rf'^<(/?)({_KINDS})-{fence.group(2)}(?: \w+="([^\n]*)")?>$', re.MULTILINE)
    opened: re.Match[str] | None = None
    for match in tag.finditer(prompt):
        closing, kind = match.group(1), match.group(2)
        if opened is None:
            opened = None if closing else match
        elif closing and kind == opened.group(2):
            yield Section(kind, opened.group(3) or "", prompt[opened.end() + 1 : match.start() - 1])
            opened = None


def prose(text: str) -> str:
    """A document without its headings and its closed blocks of code; a gap stays where they stood."""
    kept: list[str] = []
    block: list[str] = []
    for line in text.split("\n"):
        if block:
            block.append(line)
            if line.rstrip(" \t") == _CODE:
                block = []
                kept.append("")
        elif line.startswith(_CODE):
            block = [line]
        else:
            kept.append(_unless_heading(line))
    return "\n".join([*kept, *map(_unless_heading, block)])


def _unless_heading(line: str) -> str:
    marks = len(line) - len(line.lstrip("#"))
    return "" if 1 <= marks <= 6 and line[marks : marks + 1] == " " else line
