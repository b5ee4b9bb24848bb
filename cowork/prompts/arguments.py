"""`$ARGUMENTS`, `$ARGUMENTS[2]`, `$0` and named arguments: where they stand in a text, and what they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cowork.prompts.words import as_data, split

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_LONGEST_INDEX = 6  # digits; a longer number is no index of anything


@dataclass(frozen=True)
class Arguments:
    """What was written behind a command. `names` are those that its file declares, `base` is the number of the first word."""

    text: str = ""
    names: tuple[str, ...] = ()
    base: int = 0
    words: tuple[str, ...] = field(init=False, repr=False)
    named: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        words = split(self.text)
        names = [name for name in self.names if _NAME.fullmatch(name) and name != "ARGUMENTS"]
        values = {name: words[place] if place < len(words) else "" for place, name in enumerate(names)}
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "named", values)

    def at(self, index: int) -> str | None:
        """The word of an index from 0, or None."""
        return self.words[index] if 0 <= index < len(self.words) else None


@dataclass(frozen=True)
class Found:
    """A placeholder in a text, and its value. `data` are the words of an unquoted `$ARGUMENTS` in a shell block."""

    start: int
    end: int
    value: str
    is_escape: bool = False
    data: tuple[str, ...] | None = None


def pattern(names: Sequence[str]) -> re.Pattern[str]:
    """Matches placeholders of every kind, escaped ones too. One alternative each, so that a text is read once."""
    named = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    some = rf"|(?P<name>{named})(?![A-Za-z0-9_])" if named else ""
    return re.compile(
        r"(?P<escape>(?<!\\)\\(?=\$))?\$"
        rf"(?:ARGUMENTS(?:\[(?P<index>[0-9]+)\]|(?![A-Za-z0-9_])(?P<all>))|(?P<number>[0-9]+){some})"
    )


def find(text: str, arguments: Arguments, *, with_data: bool = False) -> list[Found]:
    """The placeholders that are substituted, in order. What has no value stays as it is and is not among them."""
    found = []
    data = as_data(arguments.text) if with_data else None
    for match in pattern(tuple(arguments.named)).finditer(text):
        if match["escape"] is not None:
            found.append(Found(match.start(), match.end(), match[0][1:], is_escape=True))
            continue
        value = _value(match, arguments)
        if value is not None:
            whole = match["all"] is not None
            found.append(Found(match.start(), match.end(), value, data=data if whole else None))
    return found


def _value(match: re.Match[str], arguments: Arguments) -> str | None:
    if match["all"] is not None:
        return arguments.text
    if match["index"] is not None:
        return arguments.at(int(match["index"])) if len(match["index"]) <= _LONGEST_INDEX else None
    if match["number"] is not None:
        return arguments.at(int(match["number"]) - arguments.base) if len(match["number"]) <= _LONGEST_INDEX else None
    return arguments.named[match["name"]]
