"""The text behind a command as words: as Claude Code counts them, and as a shell block receives them."""

from __future__ import annotations

import re

MAX_WORDS = 1_000
_ENDS = ";|&<>()\n"
_DROPPED = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[*@#?$!-]|\{[^{}]*\})")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_PLAIN = re.compile(r"[^\s'\"\\$`;|&<>()#]+")


def split(text: str) -> tuple[str, ...]:
    """The words that `$0`, `$1` and so on stand for, at most MAX_WORDS.

    Measured on Claude Code 2.1.240, whose splitter is a shell's parser: only the first simple command counts; words that are
    a variable, and assignments before the first word, are left out; an unclosed quote takes the rest of the text with it.
    """
    reader = _Words(text.strip())
    if reader.text.startswith("("):
        reader.at = 1
    found: list[str] = []
    while len(found) < MAX_WORDS and reader.skip_blanks():
        if reader.text[reader.at] in _ENDS or reader.text[reader.at] == "#":
            break
        word, raw = reader.word()
        if reader.peek() in ("<", ">") and raw.isdigit():
            break  # a file descriptor's number
        if _DROPPED.fullmatch(raw) or (not found and _ASSIGNMENT.match(raw)):
            continue
        found.append(word)
    return tuple(found)


class _Words:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def skip_blanks(self) -> bool:
        """Whether there is anything after blanks, which do not end a command; a line's end does."""
        while self.peek() in (" ", "\t") or self.text.startswith("\\\n", self.at):
            self.at += 2 if self.peek() == "\\" else 1
        return self.at < len(self.text)

    def word(self) -> tuple[str, str]:
        """The next word without its quotes, and as it was written."""
        start, parts = self.at, []
        while self.at < len(self.text) and not (self.peek().isspace() or self.peek() in _ENDS):
            parts.append(self._part())
        return "".join(parts), self.text[start : self.at]

    def _part(self) -> str:
        text, at = self.text, self.at
        plain = _PLAIN.match(text, at)
        if plain:
            self.at = plain.end()
            return plain[0]
        letter = text[at]
        if letter in "'\"":
            end = _closing(text, at)
            self.at = len(text) if end < 0 else end + 1
            return text[at:] if end < 0 else text[at + 1 : end]
        if letter == "\\":
            self.at = min(at + 2, len(text))
            return text[at + 1 : self.at].replace("\n", "") if at + 1 < len(text) else letter
        if letter == "`" or text.startswith("$(", at):
            end = _substitution(text, at)
            self.at = end
            return text[at:end]
        self.at = at + 1
        return letter


def _closing(text: str, at: int) -> int:
    """Where the quote that opens at a place closes, or -1. In double quotes a backslash protects the next letter."""
    quote = text[at]
    if quote == "'":
        return text.find("'", at + 1)
    found = re.compile(r'(?:[^"\\]|\\.)*+"', re.DOTALL).match(text, at + 1)
    return found.end() - 1 if found else -1


def _substitution(text: str, at: int) -> int:
    """The place after a substitution that opens at a place; the end of the text when it does not close."""
    if text[at] == "`":
        end = text.find("`", at + 1)
        return len(text) if end < 0 else end + 1
    depth = 0
    for mark in re.compile(r"[()]").finditer(text, at):
        depth += 1 if mark[0] == "(" else -1
        if depth == 0:
            return mark.end()
    return len(text)


def as_data(text: str) -> tuple[str, ...]:
    """The words that an unquoted `$ARGUMENTS` hands to a program: split at blanks, with quotes, and nothing else is special.

    What a shell would read as an operator, a variable or a substitution is part of a word. An unclosed quote is a letter.
    """
    found: list[str] = []
    word: list[str] | None = None
    at = 0
    no_more = ""  # quotes that do not close any more
    while at < len(text):
        letter = text[at]
        end = _closing(text, at) if letter in "'\"" and letter not in no_more else -1
        if end >= 0:
            inside = text[at + 1 : end]
            word = [] if word is None else word
            word.append(re.sub(r'\\(["\\])', r"\1", inside) if letter == '"' else inside)
            at = end + 1
            continue
        if letter in "'\"":
            no_more += letter
        if letter.isspace():
            if word is not None:
                found.append("".join(word))
            word = None
            at += 1
            continue
        run = re.compile(r"[^\s'\"\\]+").match(text, at)
        if run is None and letter == "\\" and at + 1 < len(text):
            piece, at = text[at + 1], at + 2
        else:
            piece, at = (run[0], run.end()) if run else (letter, at + 1)
        word = [] if word is None else word
        word.append(piece)
    return tuple(found) if word is None else (*found, "".join(word))
