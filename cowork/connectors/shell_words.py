"""Reading a command line of a pack: where its templates stand, and what stands before them in their command.

Not a shell: it follows quotes, words and the ends of simple commands, which is what the templates need. Where it may be
wrong nothing bad follows: values are handed over in variables, which a shell never reads as code.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cowork.connectors.templates import Piece, Ref, pieces, unsafe_template
from cowork.core.errors import InvalidInput

MAX_COMMAND = 64 * 1024
_RESERVED = frozenset("! { } if then else elif fi while until do done esac time".split())
_CLOSERS = {"(": ")", "{": "}"}
_HINT = "the author of the pack has to pass it as a word of its own, outside of any substitution"


@dataclass(frozen=True)
class Slot:
    """A template in its place; `quote` is the quote around it, or nothing."""

    ref: Ref
    quote: str


@dataclass
class Word:
    """A word: its parts without their quotes. `command` are the words of its simple command, `place` its own among them.

    `target` says that it is a file to redirect to or from, which is no argument of the command.
    """

    command: list[Word]
    place: int
    target: bool
    parts: list[Piece] = field(default_factory=list)

    @property
    def before(self) -> list[Word]:
        """The words before it in its command."""
        return self.command[: self.place]

    @property
    def literal(self) -> str:
        """Its text without what is filled in."""
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def ref(self) -> Ref | None:
        """The first template in it."""
        return next((part for part in self.parts if isinstance(part, Ref)), None)


class CommandReader:
    """Reads one command line. `out` is its text with slots for the templates, `words` are the words that hold one.

    Raises `connector.unsafe_template` for a template inside a substitution, a here-document, or after a character that
    changes what follows; `connector.bad_command` for a command that is too long.
    """

    def __init__(self, command: str) -> None:
        if len(command) > MAX_COMMAND or "\x00" in command:
            raise InvalidInput(
                "connector.bad_command", "the connector's command is too long or binary", hint="tell the author of its pack"
            )
        self.out: list[str | Slot] = []
        self.words: list[Word] = []
        self._items: list[str | Ref] = []
        for part in pieces(command):
            self._items += [part] if isinstance(part, Ref) else list(part)
        self._at = 0
        self._quote = ""
        self._word: Word | None = None
        self._command: list[Word] = []
        self._target = self._twice = self._heredoc = self._comment = False
        while self._at < len(self._items):
            self._next()
        self._end_word()

    def _take(self) -> str | Ref:
        """The next item; letters go into the text at once."""
        item = self._items[self._at]
        self._at += 1
        if isinstance(item, str):
            self.out.append(item)
        return item

    def _peek(self) -> str | Ref | None:
        return self._items[self._at] if self._at < len(self._items) else None

    def _next(self) -> None:
        item = self._take()
        if isinstance(item, Ref):
            self._template(item)
        elif self._comment:
            self._comment = item != "\n"
        elif self._quote == "'":
            self._inside(item)
        elif item == "\\":
            self._escape()
        elif item == "`" or (item == "$" and self._peek() in ("(", "{")):
            self._part("")
            self._skip("`" if item == "`" else _CLOSERS[str(self._take())])
        elif item == "$" and isinstance(following := self._peek(), Ref):
            raise unsafe_template(following, "after a $", _HINT)
        elif self._quote:
            self._inside(item)
        else:
            self._outside(item)

    def _template(self, ref: Ref) -> None:
        if self._heredoc:
            raise unsafe_template(ref, "after <<", _HINT)
        if self._twice and (self._target or (self._word is not None and self._word.target)):
            raise unsafe_template(ref, "behind >& or <&, whose target bash expands a second time", _HINT)
        self.out.append(Slot(ref, self._quote))
        if not self._comment:
            self._part(ref)

    def _inside(self, letter: str) -> None:
        """A letter inside quotes."""
        if letter == self._quote:
            self._quote = ""
        else:
            self._part(letter)

    def _escape(self) -> None:
        following = self._peek()
        if isinstance(following, Ref):
            raise unsafe_template(following, "after a \\", _HINT)
        if following is not None:
            letter = str(self._take())
            self._part("" if letter == "\n" else letter)

    def _outside(self, letter: str) -> None:
        """A letter outside quotes."""
        if letter in "'\"":
            self._quote = letter
            self._part("")
        elif letter == "#" and self._word is None:
            self._comment = True
        elif letter in "<>":
            self._redirect(letter)
        elif letter in ";&|()\n":
            self._end_word()
            self._twice = letter == "&" and self._target  # 2>&1
            if not self._twice:
                self._command, self._target = [], False
        elif letter.isspace():
            self._end_word()
        else:
            self._part(letter)

    def _redirect(self, letter: str) -> None:
        if self._word is not None and self._word.literal.isdigit() and self._word.ref is None:
            self._word = None  # a file descriptor's number
        self._end_word()
        if self._peek() == "(":
            self._take()
            self._skip(")")
            return
        self._heredoc = self._heredoc or (letter == "<" and self._peek() == "<")
        self._target, self._twice = True, False

    def _skip(self, closer: str) -> None:
        """Pass over a substitution and those inside it. Raises `connector.unsafe_template` for a template in there."""
        closers, quotes = [closer], [""]
        while closers and self._at < len(self._items):
            item = self._take()
            if isinstance(item, Ref):
                raise unsafe_template(item, "inside a substitution", _HINT)
            if quotes[-1] == "'":
                quotes[-1] = "" if item == "'" else "'"
            elif item == "\\":
                if isinstance(self._peek(), str):
                    self._take()
            elif item == closers[-1] and (item == "`" or not quotes[-1]):
                closers.pop()
                quotes.pop()
            elif item == "`" or (item == "$" and self._peek() in ("(", "{")) or (item == "(" and not quotes[-1]):
                opened = str(self._take()) if item == "$" else item
                closers.append(_CLOSERS.get(opened, "`"))
                quotes.append("")
            elif item == '"' or (item == "'" and not quotes[-1]):
                quotes[-1] = "" if quotes[-1] == item else item

    def _part(self, part: Piece) -> None:
        """Add to the word, which begins here if there is none."""
        if self._word is None:
            self._word = Word(self._command, len(self._command), self._target)
            self._target = False
        self._word.parts.append(part)

    def _end_word(self) -> None:
        word, self._word = self._word, None
        if word is None:
            return
        if word.ref is not None:
            self.words.append(word)
        if not word.target and not (word.literal in _RESERVED and word.ref is None and not self._command):
            self._command.append(word)
