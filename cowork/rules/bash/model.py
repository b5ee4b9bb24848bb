"""What a command line is made of once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SEPARATOR: Final = "\x1f"
"""Between the words of a command when they are matched as one text."""

MAX_COMMAND_CHARS: Final = 10_000
MAX_COMMANDS: Final = 200


class Refused(ValueError):
    """A command that is not provably a list of simple commands; the message says what it holds instead."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its quotes resolved, and where it stands. WILD in `text` is a variable.

    `glob`: it holds an unquoted `*`, `?` or `[`. `tilde`: an unquoted `~` where a home may stand. `quoted`: it has quotes.
    """

    text: str
    start: int
    end: int
    glob: bool = False
    tilde: bool = False
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """`operator` as written without the descriptor; `target` is None where a descriptor is closed."""

    operator: str
    target: Word | None

    @property
    def writes(self) -> bool:
        """Whether it opens its target for writing."""
        return self.operator in (">", ">>", ">|", "&>", "&>>")

    @property
    def reads(self) -> bool:
        """Whether it opens its target for reading."""
        return self.operator == "<"


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple command. `text` is its source without redirections and leading assignments apart from where they interleave."""

    assignments: tuple[Word, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    source: str

    def text_from(self, index: int) -> str | None:
        """The source from a word to the last one, None when a redirection stands in between."""
        spans = [(word.start, word.end) for word in self.words[index:]]
        start, end = spans[0][0], spans[-1][1]
        between = any(item.target and start < item.target.start < end for item in self.redirects)
        return None if between else self.source[start:end]

    @property
    def full_text(self) -> str | None:
        """The source with its leading assignments."""
        if not self.assignments or not self.words:
            return self.text_from(0) if self.words else None
        between = any(item.target and item.target.start < self.words[-1].end for item in self.redirects)
        return None if between else self.source[self.assignments[0].start : self.words[-1].end]
