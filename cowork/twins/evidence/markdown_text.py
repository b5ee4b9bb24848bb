"""What a Markdown file refers to: its links, its headings with GitHub's anchors, and its code spans, with their lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mdx")
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_EXPLICIT_ID = re.compile(r"[ \t]*\{:?[ \t]*#([\w.:-]+)[^{}]*\}[ \t]*\Z")
_MOST_HTML = 64 * 1024  # of one block; the standard library's reader takes its time over more
_MARKS = "[]!*_`<\\"  # what the parser stops at within a line
_A_LINE = 4  # takes as long as so many marks
_MOST_MARKS = 150_000  # about as many as in 1 MiB of a changelog full of links; with more it takes long
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_NO_LINKS = frozenset(("link", "script", "base", "meta"))
_KEPT = "LMN"  # letters, marks and numbers: what `\p{Word}` is, with Pc


@dataclass(frozen=True)
class Link:
    """A link or an image as it is written. `image` when it is to be shown in place."""

    target: str
    line: int
    image: bool = False


@dataclass(frozen=True)
class Span:
    """Code within a sentence, or a block of it; `language` is what its fence says, None for a span."""

    text: str
    line: int
    language: str | None = None


@dataclass(frozen=True)
class Heading:
    """A heading: its words without markup."""

    text: str
    level: int
    line: int


@dataclass(frozen=True)
class Prose:
    """Words of one line, without code and markup."""

    text: str
    line: int


@dataclass(frozen=True)
class MarkdownText:
    """What is in a Markdown file. `anchors` are what `#fragment` may name; lines count from 1, front matter included.

    `whole` is false when there was so much markup that only the beginning was read.
    """

    links: tuple[Link, ...]
    spans: tuple[Span, ...]
    headings: tuple[Heading, ...]
    prose: tuple[Prose, ...]
    anchors: frozenset[str]
    whole: bool = True


def is_markdown(name: str) -> bool:
    """Whether a file is Markdown, by its name."""
    return name.lower().endswith(SUFFIXES)


def read(text: str) -> MarkdownText:
    """What a Markdown text refers to. Never raises; links in code, comments and front matter are none."""
    front = _FRONT_MATTER.match(text)
    skipped = text.count("\n", 0, front.end()) if front else 0
    reader = _Reader(skipped + 1)
    body = text[front.end() :] if front else text
    readable = _readable(body)
    reader.take(_parser().parse(readable))
    return replace(reader.done(), whole=len(readable) == len(body))


def _readable(text: str) -> str:
    """As much of a text as is read in a second or two, however it is made."""
    if _A_LINE * text.count("\n") + sum(map(text.count, _MARKS)) <= _MOST_MARKS:
        return text
    room = _MOST_MARKS
    for mark in re.finditer(rf"[\n{re.escape(_MARKS)}]", text):
        room -= _A_LINE if mark[0] == "\n" else 1
        if room < 0:
            return text[: mark.start()]
    return text


def slug(heading: str) -> str:
    """GitHub's anchor of a heading, before duplicates are numbered."""
    return "".join("-" if c == " " else c for c in heading.strip().lower() if c in " -_" or _is_word(c))


def _is_word(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in _KEPT or category == "Pc"


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


class _Reader:
    """Walks through the tokens of a text whose first line has the number `first`."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._links: list[Link] = []
        self._spans: list[Span] = []
        self._headings: list[Heading] = []
        self._prose: list[Prose] = []
        self._anchors: set[str] = set()
        self._slugs: dict[str, int] = {}

    def done(self) -> MarkdownText:
        parts = tuple(self._links), tuple(self._spans), tuple(self._headings), tuple(self._prose)
        return MarkdownText(*parts, frozenset(self._anchors))

    def take(self, tokens: Sequence[Token]) -> None:
        level = 0
        for token in tokens:
            line = self._first + (token.map[0] if token.map else 0)
            if token.type == "heading_open":
                level = int(token.tag[1:])
            elif token.type == "inline":
                self._inline(token.children or [], line)
                if level:
                    self._heading(token.children or [], level, line)
                level = 0
            elif token.type == "html_block":
                self._html(token.content, line)
            elif token.type in ("fence", "code_block"):
                self._spans.append(Span(token.content, line + (token.type == "fence"), token.info.strip()))

    def _inline(self, children: Sequence[Token], line: int) -> None:
        words = ""
        for token in children:
            if token.type in ("softbreak", "hardbreak"):
                self._say(words, line)
                words = ""
                line += 1
            elif token.type == "text":
                words += token.content
            elif token.type == "link_open":
                self._links.append(Link(str(token.attrs.get("href", "")), line))
            elif token.type == "image":
                self._links.append(Link(str(token.attrs.get("src", "")), line, image=True))
            elif token.type == "code_inline":
                words += " "
                self._spans.append(Span(token.content, line))
            elif token.type == "html_inline":
                self._html(token.content, line)
        self._say(words, line)

    def _say(self, words: str, line: int) -> None:
        if words.strip():
            self._prose.append(Prose(words, line))

    def _heading(self, children: Sequence[Token], level: int, line: int) -> None:
        text = "".join(token.content for token in children if token.type in ("text", "code_inline"))
        explicit = _EXPLICIT_ID.search(text[-200:])
        if explicit:
            self._anchors.add(explicit[1])
            text = text[: len(text) - len(explicit[0])]
        self._add_heading(Heading(text, level, line))

    def _add_heading(self, heading: Heading) -> None:
        self._headings.append(heading)
        name = slug(heading.text)
        count = self._slugs.get(name, 0)
        self._slugs[name] = count + 1
        self._anchors.add(f"{name}-{count}" if count else name)

    def _html(self, text: str, line: int) -> None:
        tags = _Tags(line)
        try:
            tags.feed(text[:_MOST_HTML])
        except (AssertionError, ValueError):  # declarations it cannot read, `<![x`
            return
        self._anchors |= tags.anchors
        self._links += tags.links
        for heading in tags.headings:
            self._add_heading(heading)


class _Tags(HTMLParser):
    """Notes what tags point to and are called, and headings that are written as tags."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self._first = first
        self._words: list[str] | None = None
        self.links: list[Link] = []
        self.anchors: set[str] = set()
        self.headings: list[Heading] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HEADINGS:
            self._words = []
        if tag in _NO_LINKS:
            return
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            elif name in ("href", "src") and value:
                self.links.append(Link(value.strip(), self._line, image=name == "src"))

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in _HEADINGS and self._words is not None:
            self.headings.append(Heading(" ".join("".join(self._words).split()), int(tag[1]), self._line))
            self._words = None

    @property
    def _line(self) -> int:
        return self._first + self.getpos()[0] - 1
