"""What an agent's final message says about its work: that it is done, or that it asks before it goes on.

A tag counts only when it is said, not when it is spoken of:

- It stands alone: it begins its line and ends one, with nothing beside it but emphasis (`**...**`) and a full stop.
- It is outside code blocks, inline code and block quotes.
- The line before it does not announce it: one that ends with a colon and speaks of a condition, the future or a denial
  (`When everything passes I will say:`).
- It is the last tag of the message; one that is only mentioned after it takes it back.

A promise has to be the order's text exactly, white space aside, with the run's nonce when there is one. Names of tags may be
written in any case, their text may not. A question wins over a promise, wherever the two stand: who asks is not done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cowork.core.text import one_line, printable
from cowork.loop.engine.order import Completion
from cowork.loop.masking import without_quotations

LONGEST_QUESTION = 4_000
"""Characters of a question that are kept."""
_LOOKED_AT = 200_000  # characters of a message, its end: tags stand there
_LONGEST_PROMISE = 1_000
_LONGEST_BLOCK = 50_000  # characters between the tags of a question that are looked through

_EDGE = r"(?:\*{1,3}|_{1,3})?"
_ANY_TAG = re.compile(r"</?(?:promise|blocked)>", re.IGNORECASE)
_PROMISE = re.compile(
    rf"^ {{0,3}}{_EDGE}<promise>((?:(?!</?promise>).){{0,{_LONGEST_PROMISE}}})</promise>{_EDGE}[.!]?[ \t]*$",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_BLOCKED = re.compile(
    rf"^ {{0,3}}{_EDGE}<blocked>((?:(?!</?blocked>).){{0,{_LONGEST_BLOCK}}})</blocked>{_EDGE}[.!]?[ \t]*$",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_ANNOUNCES = re.compile(
    r"\b(?:will|would|shall|should|must|when|once|until|unless|if|not|never|cannot|going to)\b"
    r"|n['’]t\b|['’]ll\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Said:
    """What a final message says: `promised` that the work is done, or a `question` in `blocked`; never both.

    `other` is the text of a promise that was made and is not the one asked for: an old nonce, another word. `hint` says in a
    sentence why a tag that is there did not count, for the next prompt; None when there is nothing to say.
    """

    promised: bool
    blocked: str | None = None
    other: str | None = None
    hint: str | None = None


def said(message: str, completion: Completion) -> Said:
    """What an agent's final message says. Only that message is to be given, not what tools printed or was said before it."""
    text = message.replace("\r\n", "\n").replace("\r", "\n")[-_LOOKED_AT:]
    heard = without_quotations(text)
    question = _question(text, heard)
    if question is not None:
        return Said(promised=False, blocked=question)
    tags = list(_ANY_TAG.finditer(heard))
    standing = [match for match in _PROMISE.finditer(heard) if not _is_announced(heard, match.start())]
    if not standing:
        return Said(promised=False, hint=_missed(text, completion))
    last = standing[-1]
    found, wanted = _plain(last[1]), _plain(completion.tag[len("<promise>") : -len("</promise>")])
    if found != wanted:
        return Said(promised=False, other=one_line(found), hint=f"the promise that counts is exactly {completion.tag}")
    if tags[-1].end() > last.end():
        hint = f"{completion.tag} was followed by another tag: make it the last of the message, and do not speak of it after it"
        return Said(promised=False, hint=hint)
    return Said(promised=True)


def _question(text: str, heard: str) -> str | None:
    """The last question, as it was written; None when there is none, or an empty one."""
    found = [match for match in _BLOCKED.finditer(heard) if not _is_announced(heard, match.start())]
    for match in reversed(found):
        lines = [line.rstrip() for line in printable(text[match.start(1) : match.end(1)]).strip().split("\n")]
        question = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
        if question:
            return question if len(question) <= LONGEST_QUESTION else question[: LONGEST_QUESTION - 1] + "…"
    return None


def _is_announced(heard: str, start: int) -> bool:
    """Whether the line before a tag says that it is only spoken of."""
    before = heard[max(0, start - 2_000) : start].rstrip()
    line = before.rpartition("\n")[2]
    return line.rstrip("*_").endswith(":") and _ANNOUNCES.search(line) is not None


def _missed(text: str, completion: Completion) -> str | None:
    """Why nothing counted, when there are tags."""
    found = {match[0].casefold() for match in _ANY_TAG.finditer(text)}
    if "<blocked>" in found and "<promise>" not in found:
        return "a <blocked> tag did not count: put it on lines of its own, closed by </blocked>, outside of code and quotes"
    if found:
        return (
            f"{completion.tag} was only mentioned: put it alone on the last line, outside of code and quotes, when it is true"
        )
    return None


def _plain(text: str) -> str:
    return " ".join(text.split())
