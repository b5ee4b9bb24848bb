"""Anonymity."""

from __future__ import annotations

import pytest

from cowork.patterns.identity import scrub

NAMES = ("anthropic", "claude-sonnet-5", "gpt-5.5")


@pytest.mark.parametrize(
    "text",
    ["I am Claude.", "As an AnThRoPiC model", "I'm GPT-5.5", "My name is Gemini", "claude-sonnet-5 here", "As Claude 4.5, I"],
)
def test_self_identification_is_removed(text: str) -> None:
    shown = scrub(text, NAMES).casefold()
    assert not {"claude", "anthropic", "gpt", "gemini"} & set(shown.replace(".", " ").replace("-", " ").split())


@pytest.mark.parametrize(
    "text", ["I'm an assistant made by Anthropic.", "I am Claude, trained by Anthropic", "I was built by OpenAI"]
)
def test_neither_does_a_model_name_its_maker(text: str) -> None:
    assert not {"anthropic", "openai", "claude"} & set(scrub(text, NAMES).casefold().rstrip(".").split())


@pytest.mark.parametrize("text", ["A library made by Google.", "I am sure. It was made by Google.", "I think Meta built it."])
def test_a_maker_of_something_else_stays(text: str) -> None:
    assert scrub(text, NAMES) == text


@pytest.mark.parametrize("text", ["Claude Code loads hooks.", "Compare OpenAI with Anthropic.", "The Gemini API is as fast."])
def test_brands_as_a_subject_stay(text: str) -> None:
    assert scrub(text, NAMES) == text
