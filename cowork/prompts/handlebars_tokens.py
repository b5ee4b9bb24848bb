r"""Handlebars read as a row of texts and tags, with blanks taken away where Handlebars takes them away.

The rules are those of its lexer and its whitespace control: `\{{` is text, `\\{{` is a backslash and a tag, `~` strips all
blanks on its side, and a block tag or comment alone on its line takes the line with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cowork.core.errors import InvalidInput
from cowork.core.text import one_line
from cowork.prompts.template_limits import refused

Kind = Literal["value", "open", "else", "close", "comment"]

_SPACE = r"[ \t\r\n\f\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"  # what JavaScript calls a blank
_BEFORE = re.compile(r"(?:^|\n)" + _SPACE + r"*\Z")
_AFTER = re.compile(_SPACE + r"*?(?:\n|\Z)")
_INNER_BEFORE = re.compile(r"\n" + _SPACE + r"*\Z")
_INNER_AFTER = re.compile(_SPACE + r"*?\n")
_NEXT = re.compile(r"\\\\\{\{|\\\{\{|\{\{")
_UNESCAPED = re.compile(r"\{([^{}]*)\}(~?)\}\}")
_ELSE = re.compile(r"else(?![\w$-])")


@dataclass
class Text:
    """Text between tags, still to be stripped; `original` is what it was."""

    original: str
    text: str


@dataclass(frozen=True)
class Tag:
    """A tag: what it is, what stands in it, where it begins (from 1), and which sides strip blanks.

    `inside` is the text without the braces and what marks its kind; of `{{#if x}}` it is `if x`, of `{{else if x}}` `if x`.
    """

    kind: Kind
    inside: str
    line: int
    column: int
    strips_before: bool
    strips_after: bool


Token = Text | Tag


def tokens(source: str) -> list[Token]:
    """The texts and tags of a template. Raises `template.syntax`, `template.unsupported` with the place."""
    found = _merged(_read(source))
    _strip(found)
    return found


class _Places:
    """Line and column of positions, asked in rising order."""

    def __init__(self, source: str) -> None:
        self._source, self._at, self._line, self._start = source, 0, 1, 0

    def of(self, position: int) -> tuple[int, int]:
        breaks = self._source.count("\n", self._at, position)
        if breaks:
            self._line += breaks
            self._start = self._source.rfind("\n", self._at, position) + 1
        self._at = position
        return self._line, position - self._start + 1


def _read(source: str) -> list[Token]:
    found: list[Token] = []
    places, at, end = _Places(source), 0, len(source)
    while at < end:
        match = _NEXT.search(source, at)
        if match is None:
            found.append(_text(source[at:]))
            break
        if match[0] == "\\{{":  # what follows is text up to the next tag
            found.append(_text(source[at : match.start()]))
            at = match.end()
            following = _NEXT.search(source, at)
            until = following.start() if following else end
            found.append(_text("{{" + source[at:until]))
            at = until
            continue
        found.append(_text(source[at : match.start()] + ("\\" if match[0].startswith("\\") else "")))
        tag, at = _tag(source, match.end() - 2, places)
        found.append(tag)
    return found


def _text(text: str) -> Text:
    return Text(text, text)


def _tag(source: str, start: int, places: _Places) -> tuple[Tag, int]:
    """The tag that begins at `start`, and where it ends."""
    line, column = places.of(start)

    def refuse(code: str, what: str, hint: str) -> InvalidInput:
        return refused(f"template.{code}", what, line=line, column=column, hint=hint)

    if source.startswith("{{{{", start):
        raise refuse("unsupported", "raw blocks ({{{{...}}}}) are not supported", "write \\{{ for braces that stay")
    at = start + 2
    before = source.startswith("~", at)
    at += before
    kind: Kind = "value"
    mark = source[at : at + 1]
    if mark == "!":
        return _comment(source, at, (line, column), before)
    if mark in (">", "*"):
        raise refuse("unsupported", "partials and decorators are not supported", "put the text itself in the template")
    if mark == "{":
        whole = _UNESCAPED.match(source, at)
        if whole is None:
            raise refuse("syntax", "the tag opens with {{{ and does not close with }}}", "close it with }}}")
        inside, after, end = whole[1].strip(), bool(whole[2]), whole.end()
    else:
        close = source.find("}}", at)
        if close < 0:
            raise refuse("syntax", "the tag is not closed", "close it with }}")
        inside, end = source[at:close], close + 2
        if "{{" in inside:
            raise refuse("syntax", "there is a tag inside the tag", "close it with }} first")
        after = inside.endswith("~")
        kind, inside = _kind(mark, inside.removesuffix("~"))
    if inside[:1] in (">", "*") and kind == "open":
        raise refuse("unsupported", "partials and decorators are not supported", "put the text itself in the template")
    if not inside and kind != "else":
        raise refuse("syntax", "the tag is empty", "write a variable's name in it")
    return Tag(kind, inside, line, column, before, after), end


def _kind(mark: str, inside: str) -> tuple[Kind, str]:
    if mark == "#":
        return "open", inside[1:].strip()
    if mark == "/":
        return "close", inside[1:].strip()
    if mark == "^":
        body = inside[1:].strip()
        return ("else", "") if not body else ("open", f"^{body}")
    body = inside[1:].strip() if mark == "&" else inside.strip()
    if mark != "&" and _ELSE.match(body):
        return "else", body[4:].strip()
    return "value", body


def _comment(source: str, at: int, place: tuple[int, int], before: bool) -> tuple[Tag, int]:
    """`{{! ... }}`, or `{{!-- ... --}}`, in which braces may stand."""
    long = source.startswith("!--", at)
    match = re.compile(r"--(~?)\}\}" if long else r"(~?)\}\}").search(source, at + (3 if long else 1))
    if match is None:
        hint = "close it with --}}" if long else "close it with }}"
        raise refused("template.syntax", "the comment is not closed", line=place[0], column=place[1], hint=hint)
    inside = source[at + (3 if long else 1) : match.start()]
    return Tag("comment", inside.strip(), *place, before, bool(match[1])), match.end()


def _merged(found: Sequence[Token]) -> list[Token]:
    """Without empty texts, and with texts that stand side by side in one."""
    merged: list[Token] = []
    for token in found:
        last = merged[-1] if merged else None
        if isinstance(token, Text) and isinstance(last, Text):
            merged[-1] = _text(last.original + token.original)
        elif not isinstance(token, Text) or token.original:
            merged.append(token)
    return merged


def _strip(found: Sequence[Token]) -> None:
    """Take away what `~` and lone tags take away. Whether a tag is alone is judged by the texts as they were."""
    for at, token in enumerate(found):
        if isinstance(token, Text):
            continue
        before = found[at - 1] if at else None
        after = found[at + 1] if at + 1 < len(found) else None
        if token.kind != "value" and _alone(found, at):
            if isinstance(before, Text):
                before.text = before.text.rstrip(" \t")
            if isinstance(after, Text):
                after.text = re.sub(r"\A[ \t]*\r?\n?", "", after.text) if after.text == after.original else after.text
        if token.strips_before and isinstance(before, Text):
            before.text = re.sub(_SPACE + r"+\Z", "", before.text)
        if token.strips_after and isinstance(after, Text):
            after.text = re.sub(r"\A" + _SPACE + "+", "", after.text)


def _alone(found: Sequence[Token], at: int) -> bool:
    """Whether only blanks share the line with a tag."""
    before = found[at - 1] if at else None
    after = found[at + 1] if at + 1 < len(found) else None
    if before is not None:
        edge = _BEFORE if at == 1 else _INNER_BEFORE
        if not isinstance(before, Text) or not edge.search(before.original):
            return False
    if after is not None:
        edge = _AFTER if at + 2 == len(found) else _INNER_AFTER
        if not isinstance(after, Text) or not edge.match(after.original):
            return False
    return True


def shown(tag: Tag) -> str:
    """What stands in a tag, for a message."""
    return one_line(tag.inside, 60)


def unsupported(tag: Tag, what: str, hint: str) -> InvalidInput:
    """The refusal of a tag that only the whole of Handlebars knows."""
    return refused("template.unsupported", what, line=tag.line, column=tag.column, hint=hint)


def wrong(tag: Tag, what: str, hint: str) -> InvalidInput:
    """The refusal of a tag that is wrong where it stands."""
    return refused("template.syntax", what, line=tag.line, column=tag.column, hint=hint)
