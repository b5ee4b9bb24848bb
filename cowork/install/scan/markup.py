"""Instructions where only a model reads them: comments, titles of links, texts of images, markup that is not shown."""

from __future__ import annotations

from collections.abc import Iterator

from cowork.install.scan.patterns import compiled
from cowork.install.scan.rule import Hit, Rule, Severity
from cowork.install.scan.text import Text

HIDDEN_INSTRUCTION = Rule(
    "scan.hidden_instruction", "What a model is to do can be seen by people", "write it where a reader sees it, or remove it"
)
HIDDEN_MARKUP = Rule("scan.hidden_markup", "Text is shown", "remove the style, or the text")
RULES = (HIDDEN_INSTRUCTION, HIDDEN_MARKUP)

_TITLE = r"\s{1,9}[\"'(]([^\"'()\n]{20,2000})[\"')]"
_ATTRIBUTE = r"(?i)\b(?:alt|title|aria-label|data-\w{1,20})\s{0,9}=\s{0,9}\"([^\"\n]{20,2000})\""
_PARTS = (  # what there has to be, the whole, and what that is
    ("![", r"!\[([^\[\]]{20,2000})\]", "the text of an image"),
    ("](", r"\]\([^()\s]{0,500}" + _TITLE, "the title of a link"),
    ("]:", r"(?m)^\[[^\[\]\n]{1,80}\]:\s{0,9}\S{0,300}" + _TITLE, "the title of a link"),
    ("=", _ATTRIBUTE, "an attribute"),
)
_STYLE = (
    r"(?i)style\s{0,9}=\s{0,9}[\"'][^\"'\n]{0,200}(?:display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden"
    r"|font-size\s{0,9}:\s{0,9}0(?![.\d])|opacity\s{0,9}:\s{0,9}0(?![.\d]))"
)
_ADDRESSED = r"(?i)\b(?:ai|llms?|assistants?|agents?|models?|claude|gpt|chatgpt|copilot|gemini|codex|you (?:must|should|are))\b"
_ASKED = (
    r"(?i)\b(?:ignore|disregard|run|execute|send|upload|download|fetch|install|call|curl|post|delete|exfiltrate|forward|append"
    r"|include|read|open|visit|insert|output|respond|reply|recommend|obey)\b"
)
_WEIGHTY = r"(?i)https?://|\b(?:bash|sudo|credentials?|secrets?|passwords?|tokens?|api.?keys?)\b"
_DANGEROUS = (
    r"(?i)\b(?:curl|wget)\s|\.ssh\b|\.env\b|\$\(|\bexfiltrat|\b(?:ignore|disregard) (?:all|any|previous|prior|your)\b"
    r"|\b(?:do not|don't|never) (?:tell|mention|inform|reveal)\b"
)


def find(text: Text) -> Iterator[Hit]:
    """Hidden instructions, and styles that hide, in the text that people and models read."""
    if text.kind not in ("prose", "json", "yaml"):
        return
    view = text.view
    for start, end in _comments(view.text):
        yield from _judge(text, start, end, "a comment that is not shown")
    for sign, pattern, what in _PARTS:
        for match in compiled(pattern).finditer(view.text) if sign in view.text else ():
            yield from _judge(text, match.start(1), match.end(1), what)
    for match in compiled(_STYLE).finditer(view.text) if "=" in view.text else ():
        yield Hit(
            HIDDEN_MARKUP,
            "warning",
            view.source(match.start()),
            view.source(match.end() - 1) + 1,
            "the style hides what stands here",
        )


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Where HTML comments are; one that nobody closes goes on to the end."""
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        yield start, len(text) if end < 0 else end + 3
        start = -1 if end < 0 else text.find("<!--", end + 3)


def _judge(text: Text, start: int, end: int, what: str) -> Iterator[Hit]:
    """A hit when the part asks a model for something, or anybody for something dangerous."""
    asked, addressed, weighty, dangerous = (
        bool(compiled(pattern).search(text.view.text, start, end)) for pattern in (_ASKED, _ADDRESSED, _WEIGHTY, _DANGEROUS)
    )
    if dangerous or (asked and addressed):
        severity: Severity = "critical" if asked and (dangerous or weighty) else "warning"
        yield Hit(
            HIDDEN_INSTRUCTION, severity, text.view.source(start), text.view.source(end - 1) + 1, f"{what} gives instructions"
        )
