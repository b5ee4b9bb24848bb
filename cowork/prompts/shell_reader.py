"""Reading the command of a shell block as far as needed to know where its placeholders stand.

Not a shell: it follows quotes, words and the ends of simple commands. What it does not follow is a region in which no value
may stand: after a substitution, parentheses or a here-document that is the whole rest of the command, because what those hold
(comments, patterns, quotes in quotes) decides where they end, and a value must never be quoted for the wrong place.
"""

from __future__ import annotations

from dataclasses import dataclass

MARK = "\0"
"""Stands for a value in the literal text of a word."""
_BLANKS = " \t\n"
_RESERVED = frozenset("! { } if then else elif fi while until do done esac time".split())


@dataclass
class Slot:
    """A placeholder, what it stands for, and, once read, where it stands.

    `data` are the words that it is alone and unquoted; `ours` says that the value is the program's own. `quote` is the quote
    around it; `region` says why no value may stand here; `before` are the words before it in its simple command.
    """

    source: str
    value: str
    data: tuple[str, ...] | None = None
    ours: bool = False
    quote: str = ""
    region: str = ""
    comment: bool = False
    target: bool = False
    is_word: bool = False
    is_apart: bool = False
    before: tuple[str, ...] = ()
    prefix: str = ""


class Reader:
    """Reads letters and slots; afterwards `out` holds them in order, each slot with its place."""

    def __init__(self, items: list[str | Slot]) -> None:
        self.out = items
        self._at = 0
        self._quote = ""
        self._word: str | None = None
        self._words: list[str] = []
        self._target = self._twice = False
        self._lost = ""  # why nothing after this can be judged
        while self._at < len(items):
            self._next()

    def _peek(self, ahead: int = 0) -> str | Slot:
        place = self._at + ahead
        return self.out[place] if place < len(self.out) else ""

    def _next(self) -> None:
        item = self._peek()
        self._at += 1
        if isinstance(item, Slot):
            self._slot(item)
        elif self._quote == "'":
            self._inside(item)
        elif item == "\\":
            self._escape()
        elif item == "$":
            self._dollar()
        elif item == "`":
            self._add("")
            self._region("`", "in a command substitution")
        elif self._quote:
            self._inside(item)
        else:
            self._outside(item)

    def _slot(self, slot: Slot) -> None:
        previous = self.out[self._at - 2] if self._at > 1 else ""
        following = self._peek()
        twice = "behind >& or <&, whose target bash expands a second time" if self._target and self._twice else ""
        slot.quote, slot.region, slot.target = self._quote, self._lost or twice, self._target
        slot.before, slot.prefix = tuple(self._words), self._word or ""
        ends = following == "" or (isinstance(following, str) and (following in " \t\n;|&<>()"))
        slot.is_word = not self._quote and self._word is None and ends
        slot.is_apart = slot.is_word and following not in ("<", ">")  # behind a number those would take it
        slot.is_apart = slot.is_apart and (previous == "" or (isinstance(previous, str) and previous in _BLANKS))
        if isinstance(previous, str) and previous == "$" and self._quote != "'":
            slot.region = "after a $"
        self._add(slot.value if slot.ours else MARK)

    def _inside(self, letter: str) -> None:
        if letter == self._quote:
            self._quote = ""
        else:
            self._add(letter)

    def _escape(self) -> None:
        following = self._peek()
        if isinstance(following, Slot):
            following.region = following.region or "after a \\"
            self._at += 1
            self._add(MARK)
        elif following:
            self._at += 1
            if following != "\n":
                self._add(following)

    def _dollar(self) -> None:
        following = self._peek()
        if following == "{" and (length := self._simple()):
            self._add("$")
            self._at += length
        elif following in ("(", "{"):
            self._at += 1
            self._add("$")
            self._region(")" if following == "(" else "}", "in a substitution or expansion")
        elif following == "'" and not self._quote:
            self._at += 1
            self._add("$")
            self._region("'", "in $'...'")
        elif following == "[":
            self._at += 1
            self._add("$")
            self._region("]", "in arithmetic")
        else:
            self._add("$")

    def _simple(self) -> int:
        """The length of a plain `{NAME}`, whose end nobody can dispute; 0 for any other expansion."""
        length = 1
        while isinstance(letter := self._peek(length), str) and (letter.isalnum() or letter == "_") and letter.isascii():
            length += 1
        return length + 1 if length > 1 and self._peek(length) == "}" else 0

    def _outside(self, letter: str) -> None:
        if letter in "'\"":
            self._quote = letter
            self._add("")
        elif letter == "#" and self._word is None:
            self._comment()
        elif letter in "<>" or (letter == "&" and self._peek() == ">"):
            self._redirect(letter)
        elif letter == "(":
            self._parenthesis()
        elif letter in ";&|)\n":
            self._end_word()
            self._words, self._target = [], False
        elif letter in _BLANKS:
            self._end_word()
        else:
            self._add(letter)

    def _comment(self) -> None:
        while self._at < len(self.out) and self._peek() != "\n":
            item = self._peek()
            if isinstance(item, Slot):
                item.comment = True
            self._at += 1

    def _redirect(self, letter: str) -> None:
        if self._word is not None and self._word.isdigit():
            self._word = None  # a file descriptor's number
        self._end_word()
        if letter != "&" and self._peek() == "(":
            self._at += 1
            self._add("")
            self._region(")", "in a process substitution")
            return
        if letter == "<" and self._peek() == "<":
            self._at += 1
            if self._peek() == "<":
                self._at += 1
            else:
                self._lost = self._lost or "after <<"
        self._twice = False
        while (sign := self._peek()) in ("<", ">", "&", "|"):
            self._at, self._twice = self._at + 1, sign == "&"
        self._target = True

    def _parenthesis(self) -> None:
        """A subshell where a command may begin; anything else in parentheses changes what follows."""
        if self._word is None and not self._words and self._peek() != "(":
            return
        self._end_word()
        self._lost = self._lost or "after parentheses that are no subshell"

    def _region(self, closer: str, why: str) -> None:
        """Pass over a substitution and those inside it; no value may stand in there, nor anywhere behind it."""
        closers, quotes = [closer], [""]
        while closers and self._at < len(self.out):
            item = self._peek()
            self._at += 1
            if isinstance(item, Slot):
                item.region = why
            elif closers[-1] == "'":
                self._at += 1 if item == "\\" else 0
                if item == "'":
                    closers.pop()
                    quotes.pop()
            elif quotes[-1] == "'":
                quotes[-1] = "" if item == "'" else "'"
            elif item == "\\":
                if isinstance(self._peek(), str):
                    self._at += 1
            elif item == closers[-1] and (item == "`" or not quotes[-1]):
                closers.pop()
                quotes.pop()
            elif item == "`" or (item in "({" and not quotes[-1]) or (item == "$" and self._peek() in ("(", "{")):
                opened = self._peek() if item == "$" else item
                self._at += 1 if item == "$" else 0
                closers.append({"(": ")", "{": "}"}.get(str(opened), "`"))
                quotes.append("")
            elif item == '"' or (item == "'" and not quotes[-1]):
                quotes[-1] = "" if quotes[-1] == item else item
        self._lost = self._lost or why.replace("in ", "after ", 1)

    def _add(self, text: str) -> None:
        self._word = (self._word or "") + text

    def _end_word(self) -> None:
        word, self._word = self._word, None
        if word is None:
            return
        if self._target:
            self._target = self._twice = False
        elif word not in _RESERVED or self._words:
            self._words.append(word)
