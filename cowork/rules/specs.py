"""One tool rule as a text: `Tool` or `Tool(specifier)`, read as Claude Code writes it.

BadRule is a ValueError and says what tool a broken rule was about, so that a broken denial can still deny.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MAX_RULE_CHARS: Final = 10_000
_NAME: Final = re.compile(r"[A-Za-z_*?][A-Za-z0-9_*?.:-]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class BadRule(ValueError):
    """A text that is no rule. `name` is the tool it was about, None when even that cannot be told."""

    def __init__(self, text: str, problem: str, name: str | None = None) -> None:
        super().__init__(f"{text[:80]!r} is no tool rule: {problem}")
        self.text = text
        self.problem = problem
        self.name = name


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A rule: the tool's name as written, what it is limited to (None: nothing), and the text it came from."""

    name: str
    specifier: str | None
    text: str


def parse(text: str) -> ToolSpec:
    """The rule in `text`. `Bash(*)` is `Bash`; blanks around and inside the parentheses are dropped. Raises BadRule."""
    stripped = text.strip()
    if not stripped:
        raise BadRule(text, "it is empty")
    found = _NAME.match(stripped)
    name = found.group() if found else None
    rest = stripped[found.end() :].lstrip() if found else ""
    told = name if name and (not rest or rest[0] == "(") else None
    if len(stripped) > MAX_RULE_CHARS:
        raise BadRule(text, f"it is longer than {MAX_RULE_CHARS:,} characters", told)
    if _CONTROL.search(stripped):
        raise BadRule(text, "it holds control characters", told)
    if name is None or told is None:
        raise BadRule(text, "it is not of the form Tool or Tool(specifier)")
    if not rest:
        return ToolSpec(name, None, stripped)
    if not (_closes_at_the_end(rest, quotes=True) or _closes_at_the_end(rest, quotes=False)):
        raise BadRule(text, "its parentheses do not close where it ends", name)
    specifier = rest[1:-1].strip()
    if not specifier:
        raise BadRule(text, "there is nothing between its parentheses", name)
    return ToolSpec(name, None if specifier == "*" and name in _WHOLE_BY_STAR else specifier, stripped)


_WHOLE_BY_STAR: Final = frozenset({"Bash", "Agent", "Task", "Skill", "WebFetch"})
"""Where `(*)` means any call. For files `*` is a pattern of its own, which ends at the working directory."""


def _closes_at_the_end(rest: str, *, quotes: bool) -> bool:
    """Whether the parenthesis that `rest` begins with closes at its last character, and no sooner."""
    depth, quote, position = 0, "", 0
    while position < len(rest):
        character = rest[position]
        if character == "\\" and quote != "'":
            position += 2
            continue
        if quote:
            quote = "" if character == quote else quote
        elif quotes and character in "'\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return position == len(rest) - 1
        position += 1
    return False
