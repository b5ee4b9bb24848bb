"""Comments in source text, by the syntax of its language, and the debt markers in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

KINDS = ("FIXME", "XXX", "HACK", "TODO")
"""The markers, the most urgent first."""
_ANY = re.compile("|".join(KINDS))
_MARKER = re.compile(rf"(?<![\w-])(?P<kind>{'|'.join(KINDS)})(?![\w-])(?:\((?P<owner>[^()\n]{{1,60}})\))?(?P<colon> ?:)?")
_BEGINS = re.compile(r"[\s\W]*\Z")
_CLOSING = re.compile(r"(?:\*/|-->|\]\]|-\})?\s*\Z")
_NAMED_ONLY = (",", ";", "/", "|", ")", "'", '"', "`")  # "TODO, FIXME": they are spoken of

_LONGEST = 1000  # characters of a line of a comment that are looked at
_STRINGS = {
    '"': r'(?:\\.|[^"\\\n])*+"',
    "'": r"(?:\\.|[^'\\\n])*+'",
    "`": r"(?:\\.|[^`\\])*+`",
    '"""': r'(?:\\.|"(?!"")|[^"\\])*+(?:"""|\Z)',
    "'''": r"(?:\\.|'(?!'')|[^'\\])*+(?:'''|\Z)",
    '"…': r'(?:\\.|[^"\\])*+"',  # over many lines
    "'c": r"(?:\\.|[^'\\\n])'",  # one character: a single quote may begin something else
}
_HASH, _DASHES = r"(?<![^\s;])#", "--"
_C = (("//",), (("/*", "*/"),))
_LANGUAGES = {
    "py pyi pyx": (('"""', "'''", '"', "'"), ("#",), ()),
    "js jsx ts tsx mjs cjs mts cts go vue svelte": (('"', "'", "`"), *_C),
    "rs": (('"…', "'c"), *_C),
    "java kt kts scala groovy c cc cpp cxx h hh hpp m mm cs swift dart css scss less proto zig": (('"', "'"), *_C),
    "php tf hcl": (('"', "'"), ("//", _HASH), (("/*", "*/"),)),
    "rb sh bash zsh fish pl pm r yaml yml toml ini cfg conf ex exs jl nix ps1 mk cmake dockerfile makefile gitignore": (
        ('"', "'"), (_HASH,), (),
    ),
    "sql": (("'",), (_DASHES,), (("/*", "*/"),)),
    "lua": (('"', "'"), (_DASHES,), (("--[[", "]]"),)),
    "hs elm": ((), (_DASHES,), (("{-", "-}"),)),
    "clj cljs lisp el scm": (('"…',), (";",), ()),
    "tex erl": ((), (r"(?<!\\)%",), ()),
    "html htm xml md markdown xhtml": ((), (), (("<!--", "-->"),)),
    "rst": ((), (r"^\.\.[ \t]",), ()),
}  # fmt: skip
_OF = {extension: language for language in _LANGUAGES for extension in language.split()}


@dataclass(frozen=True)
class Marker:
    """A debt marker: its line from 1, its kind, who it names, and what it says."""

    line: int
    kind: str
    owner: str
    text: str


@dataclass(frozen=True)
class _Kind:
    """What something is that opens here: a string and the pattern of its rest, or a comment and what closes it."""

    rest: re.Pattern[str] | None = None
    close: str = "\n"

    @property
    def in_one_line(self) -> bool:
        """Whether it ends with its line at the latest."""
        return self.close == "\n" if self.rest is None else "\\n" in self.rest.pattern


@dataclass(frozen=True)
class _Syntax:
    """A pattern for all that opens something, and what each of its groups opens."""

    opening: re.Pattern[str]
    kinds: dict[str, _Kind]


def syntax_of(path: str) -> str | None:
    """The key of a file's comment syntax, by its name; None where comments are not known."""
    name = path.rpartition("/")[2].lower()
    extension = name.rpartition(".")[2]
    return extension if extension in _OF else next((kind for kind in ("dockerfile", "makefile") if name.startswith(kind)), None)


def markers(text: str, syntax: str) -> list[Marker]:
    """The markers in the comments of a text: at the beginning of a line of one, or anywhere with a colon or a name in brackets.

    A word in passing ("the TODO list") is none, nor is what stands in a string, as far as a language can be read without its
    grammar.
    """
    if _ANY.search(text) is None:
        return []
    return [marker for line, comment in _lines(text, _syntax(_OF[syntax])) if (marker := _marker(line, comment)) is not None]


def _lines(text: str, syntax: _Syntax) -> Iterator[tuple[int, str]]:
    """Each line of each comment, with its number."""
    seen, number = 0, 1
    for start, end in _comments(text, syntax):
        number += text.count("\n", seen, start)
        seen = start
        for offset, line in enumerate(text[start:end].split("\n")):
            yield number + offset, line[:_LONGEST]


def _comments(text: str, syntax: _Syntax) -> Iterator[tuple[int, int]]:
    """Where comments begin and end. Every character is looked at a bounded number of times."""
    position = 0
    dead: dict[str, int] = {}  # until where a quote that nothing closes opens nothing
    while (found := syntax.opening.search(text, position)) is not None:
        name = found.lastgroup or ""
        kind, position = syntax.kinds[name], found.end()
        if kind.rest is None:
            end = _end(text, kind, position)
            yield found.start(), end
            position = end
        elif found.start() >= dead.get(name, 0):
            rest = kind.rest.match(text, position)
            if rest is not None:
                position = rest.end()
            elif "*" in kind.rest.pattern:  # else it is not looked for any further
                dead[name] = _line_end(text, position) if kind.in_one_line else len(text)


def _end(text: str, kind: _Kind, position: int) -> int:
    if kind.in_one_line:
        return _line_end(text, position)
    end = text.find(kind.close, position)
    return len(text) if end < 0 else end + len(kind.close)


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _marker(number: int, comment: str) -> Marker | None:
    for index, found in enumerate(_MARKER.finditer(comment)):
        says = _CLOSING.sub("", comment[found.end() :]).strip(" \t-–—")
        begins = index == 0 and _BEGINS.match(comment[: found.start()]) is not None and not says.startswith(_NAMED_ONLY)
        if begins or found["colon"] or found["owner"]:
            return Marker(number, found["kind"], (found["owner"] or "").strip(), says)
    return None


@cache
def _syntax(language: str) -> _Syntax:
    strings, lines, blocks = _LANGUAGES[language]
    kinds = {f"s{number}": _Kind(re.compile(_STRINGS[string])) for number, string in enumerate(strings)}
    kinds |= {f"b{number}": _Kind(close=close) for number, (_, close) in enumerate(blocks)}
    kinds |= {f"l{number}": _Kind() for number in range(len(lines))}
    opens = [re.escape(string.rstrip("…c")) for string in strings] + [re.escape(start) for start, _ in blocks] + list(lines)
    parts = (f"(?P<{name}>{start})" for name, start in zip(kinds, opens, strict=True))
    return _Syntax(re.compile("|".join(parts), re.MULTILINE), kinds)
