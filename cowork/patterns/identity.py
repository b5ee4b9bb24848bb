"""Keeping seats anonymous to each other."""

from __future__ import annotations

import re

_BRANDS = ("Claude", "GPT", "ChatGPT", "Gemini", "Grok", "Llama", "Qwen", "DeepSeek", "Mistral", "Kimi", "GLM", "Codex")


def scrub(text: str, names: tuple[str, ...]) -> str:
    """`text` without phrases by which a model gives itself away, and without model ids.

    Brand names elsewhere stay: the task may be about them.
    """
    for name in names:
        if any(character.isdigit() for character in name):  # a model id, not a word
            text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "[model]", text, flags=re.IGNORECASE)
    brands = "|".join(re.escape(name) for name in sorted({*names, *_BRANDS}, key=lambda name: (-len(name), name)))
    article = r"(?:an?\s+|the\s+)?"
    selves = rf"\b(I am|I'm|I’m|As|My name is|This is)\s+{article}(?:{brands})(?:[\s-]?[\d.]+\w*)?\b"
    return re.sub(selves, r"\1 [model]", text, flags=re.IGNORECASE)
