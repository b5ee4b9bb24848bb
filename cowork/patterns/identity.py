"""Keeping seats anonymous to each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_BRANDS = ("Claude", "GPT", "ChatGPT", "Gemini", "Grok", "Llama", "Qwen", "DeepSeek", "Mistral", "Kimi", "GLM", "Codex")
_MAKERS = ("Anthropic", "OpenAI", "Google", "DeepMind", "xAI", "Meta", "Alibaba", "DeepSeek", "Mistral", "Moonshot", "Zhipu")
_MADE = "(?:made|trained|created|developed|built)"


def scrub(text: str, names: tuple[str, ...]) -> str:
    """`text` without phrases by which a model gives itself away, and without model ids.

    Brand names elsewhere stay: the task may be about them.
    """
    ids, selves, makers = _tells(names)
    return makers.sub(r"\1 [maker]", selves.sub(r"\1 [model]", ids.sub("[model]", text) if ids else text))


@cache
def _tells(names: tuple[str, ...]) -> tuple[re.Pattern[str] | None, re.Pattern[str], re.Pattern[str]]:
    """What gives a model away: the ids among the names, longest first, phrases in which it names itself, and its maker."""
    ids = [name for name in names if any(character.isdigit() for character in name)]  # a model id, not a word
    known = re.compile(rf"(?<![\w-])(?:{_any(ids)})(?![\w-])", re.IGNORECASE) if ids else None
    selves = rf"\b(I am|I'm|I’m|As|My name is|This is)\s+(?:an?\s+|the\s+)?(?:{_any({*names, *_BRANDS})})(?:[\s-]?[\d.]+\w*)?\b"
    makers = rf"\b((?:I am|I'm|I’m|I was)\b[^.!?\n]{{0,80}}?\b{_MADE} by)\s+(?:{_any({*names, *_MAKERS})})\b"
    return known, re.compile(selves, re.IGNORECASE), re.compile(makers, re.IGNORECASE)


def _any(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))


_FENCED = re.compile(r"(^```.*?^```[ \t]*$)", re.MULTILINE | re.DOTALL)
_STYLE = (
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+", re.MULTILINE), ""),  # headings
    (re.compile(r"^[ \t]{0,3}(?:[-*_][ \t]*){3,}$\n?", re.MULTILINE), ""),  # rules
    (re.compile(r"(\*\*|__)(?=\S)([^\n]{1,500}?)(?<=\S)\1"), r"\2"),  # bold
    (re.compile(r"^([ \t]*)[*+•][ \t]+", re.MULTILINE), r"\1- "),  # one kind of bullet
    (re.compile(r"\n{3,}"), "\n\n"),
)


def unstyled(text: str) -> str:
    """`text` without headings, bold and rules: layout is no merit. Blocks of code stay as they are."""
    pieces = _FENCED.split(text)
    for number in range(0, len(pieces), 2):
        for pattern, plain in _STYLE:
            pieces[number] = pattern.sub(plain, pieces[number])
    return "".join(pieces)
