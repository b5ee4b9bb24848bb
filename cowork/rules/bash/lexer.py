"""The strict reading of a command line: a small grammar in which nothing can hide, and Refused for everything else.

What is read is a list of simple commands joined by `&&`, `||`, `;`, `|`, `|&` and newlines, with plain redirections.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from cowork.rules.bash.model import MAX_COMMAND_CHARS, MAX_COMMANDS, Redirect, Refused, Simple, Word
from cowork.rules.wild import WILD

RESERVED: Final = frozenset(
    "if then else elif fi for while until do done case esac in select function coproc { } [[ ]] (( )) !".split()
)
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANK: Final = re.compile(r"[ \t]+")
_PLAIN: Final = re.compile(r"(?:@\{[A-Za-z0-9_-]+\}|[A-Za-z0-9_@%+=:,./^\]!-])+")
_JOIN: Final = re.compile(r"&&|\|\||\|&|\||;|\n")
_REDIRECT: Final = re.compile(r"(?P<fd>[0-9]*)(?P<op>&>>|&>|>>|>\||>&|<&|>|<)")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_VARIABLE: Final = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})")
_NEGATION: Final = re.compile(r"![ \t]+")
_COPIED: Final = re.compile(r"[0-9]+(?![^\s;|&<>])|-(?![^\s;|&<>])")
_LONE_DOLLAR: Final = re.compile(r'[\s"/.,:%]')
_IN_QUOTES: Final = re.compile(r"[^\"\\$`]+")
_WHY: Final = {
    "$": "it expands a variable outside quotes, or substitutes a command",
    "`": "it substitutes a command with backquotes",
    "(": "it holds parentheses: a subshell, a function or a process substitution",
    ")": "it holds parentheses: a subshell, a function or a process substitution",
    "{": "it holds braces: a group or an expansion",
    "}": "it holds braces: a group or an expansion",
    "&": "it runs something in the background",
}


def read(text: str) -> tuple[Simple, ...]:
    """The simple commands of `text`. Raises Refused."""
    check_characters(text)
    return _Reader(text).commands()


def check_characters(text: str) -> None:
    """Raises Refused for what no tool call may hold at all, and for a text too long to be judged."""
    if len(text) > MAX_COMMAND_CHARS:
        raise Refused(f"it is longer than {MAX_COMMAND_CHARS:,} characters")
    if problem := check_controls(text):
        raise Refused(problem)


def check_controls(text: str) -> str | None:
    """What no tool call may hold, not even where every command is allowed; None when there is nothing of the kind."""
    if _FORBIDDEN.search(text):
        return "it holds control characters"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "it is not valid text"
    return None


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def commands(self) -> tuple[Simple, ...]:
        found: list[Simple] = []
        waiting = ""  # the operator that still needs a command behind it
        self._skip(newlines=True)
        while self.at < len(self.text):
            found.append(self._command())
            if len(found) > MAX_COMMANDS:
                raise Refused(f"it is a list of more than {MAX_COMMANDS} commands")
            waiting = ""
            self._skip()
            if self.at >= len(self.text):
                break
            joined = _JOIN.match(self.text, self.at)
            if not joined:
                self._refuse()
            self.at = joined.end()
            waiting = joined.group() if joined.group() not in (";", "\n") else ""
            self._skip(newlines=joined.group() != ";" or self._only_newlines_follow())
        if waiting or not found:
            raise Refused("it is no complete command")
        return tuple(found)

    def _only_newlines_follow(self) -> bool:
        self._skip()
        return self.text.startswith("\n", self.at)

    def _command(self) -> Simple:
        assignments: list[Word] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        start = self.at
        if _NEGATION.match(self.text, self.at):
            self.at += 1
        while True:
            self._skip()
            if self.at >= len(self.text) or (_JOIN.match(self.text, self.at) and not self.text.startswith("&>", self.at)):
                break
            if redirect := _REDIRECT.match(self.text, self.at):
                redirects.append(self._redirect(redirect))
                continue
            word = self._word()
            if not words and not redirects and _ASSIGNMENT.match(self.text, word.start):
                assignments.append(word)
                continue
            if not words:
                self._judge_name(word)
            words.append(word)
        if not words and not assignments and not redirects:
            raise Refused("it holds an empty command" if self.at == start else "it is no complete command")
        return Simple(tuple(assignments), tuple(words), tuple(redirects), self.text)

    def _judge_name(self, word: Word) -> None:
        if not word.quoted and word.text in RESERVED:
            raise Refused(f"it holds the shell's own word '{word.text}'")
        if WILD in word.text or word.glob or word.tilde or not word.text:
            raise Refused("the name of a command is not written out")

    def _redirect(self, found: re.Match[str]) -> Redirect:
        self.at = found.end()
        operator = found["op"]
        if self.text.startswith(("<", ">", "&", "("), self.at):
            raise Refused("it redirects in a way that is not plain: a here-document, a here-string or a process")
        if operator in (">&", "<&"):
            copied = _COPIED.match(self.text, self.at)
            if not copied:
                raise Refused("it copies a descriptor that is not a number")
            self.at = copied.end()
            target = None if copied.group() == "-" else Word(copied.group(), copied.start(), copied.end())
            return Redirect(operator, target)
        self._skip()
        if self.at >= len(self.text) or self.text[self.at] in "\n;|&<>":
            raise Refused("it redirects to nothing")
        word = self._word()
        if word.glob or word.tilde or WILD in word.text or not word.text:
            raise Refused("the target of a redirection is not written out")
        return Redirect(operator, word)

    def _skip(self, *, newlines: bool = False) -> None:
        """Past blanks and comments, and past newlines where a command may be awaited."""
        while self.at < len(self.text):
            if blank := _BLANK.match(self.text, self.at):
                self.at = blank.end()
            elif self.text[self.at] == "#" and (self.at == 0 or self.text[self.at - 1] in " \t\n;|&"):
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif newlines and self.text[self.at] == "\n":
                self.at += 1
            else:
                return

    def _word(self) -> Word:
        start, pieces = self.at, list[str]()
        glob = tilde = quoted = False
        while self.at < len(self.text):
            character = self.text[self.at]
            if plain := _PLAIN.match(self.text, self.at):
                pieces.append(plain.group())
                self.at = plain.end()
            elif character in " \t\n;|&<>":
                break
            elif character == "'":
                pieces.append(self._single())
                quoted = True
            elif character == '"':
                pieces.append(self._double())
                quoted = True
            elif character == "\\":
                pieces.append(self._escaped())
                quoted = True
            elif character in "*?[":
                pieces.append(character)
                glob, self.at = True, self.at + 1
            elif character in "~#" and (character == "~" or self.at > start):
                tilde |= character == "~" and (self.at == start or self.text[self.at - 1] in "=:")
                pieces.append(character)
                self.at += 1
            elif not character.isascii() and character.isprintable() and not character.isspace():
                pieces.append(character)
                self.at += 1
            else:
                self._refuse()
        if self.at == start:
            self._refuse()
        return Word("".join(pieces), start, self.at, glob, tilde, quoted)

    def _single(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Refused("a quote is not closed")
        inner, self.at = self.text[self.at + 1 : end], end + 1
        return inner

    def _double(self) -> str:
        self.at += 1
        pieces: list[str] = []
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == '"':
                self.at += 1
                return "".join(pieces)
            if plain := _IN_QUOTES.match(self.text, self.at):
                pieces.append(plain.group())
                self.at = plain.end()
            elif character == "\\":
                if self.text.startswith("\\\n", self.at):
                    raise Refused("it continues a line with a backslash")
                following = self.text[self.at + 1 : self.at + 2]
                pieces.append(following if following in ('"', "\\", "$", "`") else "\\" + following)
                self.at += 2
            elif variable := _VARIABLE.match(self.text, self.at):
                pieces.append(WILD)
                self.at = variable.end()
            elif character == "$" and _LONE_DOLLAR.match(self.text, self.at + 1):
                pieces.append("$")
                self.at += 1
            else:
                raise Refused("it substitutes a command, or expands a variable in more than the plain way")
        raise Refused("a quote is not closed")

    def _escaped(self) -> str:
        if self.at + 1 >= len(self.text) or self.text[self.at + 1] == "\n":
            raise Refused("it continues a line with a backslash")
        self.at += 2
        return self.text[self.at - 1]

    def _refuse(self) -> NoReturn:
        raise Refused(_WHY.get(self.text[self.at], "it holds what is not a plain word"))
