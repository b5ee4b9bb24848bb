"""What an agent's final message says about its work: that it is done, or that it asks before it goes on.

A tag counts only when it is said, not when it is spoken of:

- A promise is the last thing of the message: only white space, emphasis (`**...**`) and a full stop come after it.
- It stands on its own line, or at the end of one behind a finished sentence without a colon and without words of condition,
  future or denial. A question begins its line and ends one.
- It is outside code blocks, inline code, block quotes, comments (`<!-- -->`) and thinking (`<thinking>`).
- What comes right before does not announce it: `When everything passes I will say:`, `do not print this yet`.

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
_LONGEST_PROMISE = 1_000  # with its tags
_LONGEST_BLOCK = 50_000  # characters between the tags of a question that are looked through

_EDGE = r"(?:\*{1,3}|_{1,3})?"
_ANY_TAG = re.compile(r"</?(?:promise|blocked)>", re.IGNORECASE)
_OPENS = re.compile("<promise>", re.IGNORECASE)
_BLOCKED = re.compile(
    rf"^ {{0,3}}{_EDGE}<blocked>((?:(?!</?blocked>).){{0,{_LONGEST_BLOCK}}})</blocked>{_EDGE}[.!]?[ \t]*$",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_ANNOUNCES = re.compile(
    r"\b(?:will|would|shall|should|must|when|once|until|unless|if|not|never|cannot|yet|as soon as|going to)\b"
    r"|n['’]t\b|['’]ll\b",
    re.IGNORECASE,
)
_VERB = r"(?:print|output|say|emit|write|send|reply|respond|answer|finish|end)"
_SPEAKS = re.compile(
    rf"\b{_VERB}\b(?: with)? (?:this|it|that|exactly|the (?:following|tag|promise|line|words?))\b", re.IGNORECASE
)
_LEADS_ON = re.compile(rf"\b(?:{_VERB}|printing|saying|with|tag|promise|exactly)[*_]*$", re.IGNORECASE)
_POINT = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_NO_PROSE = re.compile(r"(?: {4}| {0,3}\t|\s*[|#>])")
_AFTER = " \t\n*_.!"


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
    heard = without_quotations(text, asides=True)
    question = _question(text, heard)
    if question is not None:
        return Said(promised=False, blocked=question)
    found = _last_words(text, heard)
    if found is None:
        return Said(promised=False, hint=_missed(text, completion))
    if found != _plain(completion.tag[len("<promise>") : -len("</promise>")]):
        return Said(promised=False, other=one_line(found), hint=f"the promise that counts is exactly {completion.tag}")
    return Said(promised=True)


def _last_words(text: str, heard: str) -> str | None:
    """The text of the promise that a message ends with; None when it ends otherwise, or only speaks of one."""
    end = len(text.rstrip(_AFTER))
    opened = list(_OPENS.finditer(heard, max(0, end - _LONGEST_PROMISE), end))
    if not opened or heard[end - len("</promise>") : end].casefold() != "</promise>":
        return None
    start = opened[-1].start()
    begin = heard.rfind("\n", 0, start) + 1
    prefix = text[begin:start]
    if not _may_lead(prefix) or _is_announced(text, begin):
        return None
    return _plain(heard[start + len("<promise>") : end - len("</promise>")])


def _may_lead(prefix: str) -> bool:
    """Whether a promise may stand behind these words on its line: none at all, or a finished sentence that is no condition."""
    if _NO_PROSE.match(prefix):
        return False
    words = prefix.strip("*_ \t")
    if not words:
        return not prefix.strip() or (prefix[-1] in "*_" and not _POINT.match(prefix))
    finished = words[-1] in ".!" and ":" not in words and re.search(r"[^\W\d_]{2}", words) is not None
    quoted = words.count('"') % 2 or words.count("“") > words.count("”")
    return finished and not quoted and not _ANNOUNCES.search(words) and not _SPEAKS.search(words)


def _question(text: str, heard: str) -> str | None:
    """The last question, as it was written; None when there is none, or an empty one."""
    found = [match for match in _BLOCKED.finditer(heard) if not _is_announced(heard, match.start(), loosely=True)]
    for match in reversed(found):
        lines = [line.rstrip() for line in printable(text[match.start(1) : match.end(1)]).strip().split("\n")]
        question = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
        if question:
            return question if len(question) <= LONGEST_QUESTION else question[: LONGEST_QUESTION - 1] + "…"
    return None


def _is_announced(text: str, start: int, *, loosely: bool = False) -> bool:
    """Whether the words before the line that begins there say that what comes is only spoken of; `loosely`: behind a colon."""
    before = text[max(0, start - 2_000) : start]
    line = before.rstrip().rpartition("\n")[2]
    close = before.count("\n", len(before.rstrip())) <= 1
    bare = line.rstrip("*_ ")
    if loosely:
        return bare.endswith(":") and _ANNOUNCES.search(line) is not None
    if _LEADS_ON.search(bare):
        return True
    if not _ANNOUNCES.search(line):
        return False
    unfinished = bool(bare) and bare[-1] not in ".!?" and close and not _POINT.match(line)
    return bare.endswith(":") or unfinished or _SPEAKS.search(line) is not None


def _missed(text: str, completion: Completion) -> str | None:
    """Why nothing counted, when there are tags."""
    found = {match[0].casefold() for match in _ANY_TAG.finditer(text)}
    if "<blocked>" in found and "<promise>" not in found:
        return "a <blocked> tag did not count: put it on lines of its own, closed by </blocked>, outside of code and quotes"
    if found:
        return (
            f"{completion.tag} was only mentioned: put it alone on the last line, nothing after it,"
            " outside of code and quotes, when it is true"
        )
    return None


def _plain(text: str) -> str:
    return " ".join(text.split())
