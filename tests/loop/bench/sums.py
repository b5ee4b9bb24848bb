"""Sums as the questions of a bench, and models that are known to get some of them wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.loop.provider_server import Provider

_SUM = re.compile(r"What is (\d+) \+ (\d+)\?")
SEATS = ("first=groq/sure", "second=groq/shaky", "judge=cerebras/judge")


def write_sums(count: int, name: str = "sums.jsonl") -> str:
    """A file with the sums 1 + 1, 2 + 1 and so on."""
    lines = [
        json.dumps({"id": f"q{number}", "question": f"What is {number} + 1?", "answer": number + 1})
        for number in numbers(count)
    ]
    Path(name).write_text("\n".join(lines) + "\n")
    return name


def numbers(count: int) -> range:
    """The numbers whose sums are asked."""
    return range(1, count + 1)


def shaky_is_right(number: int) -> bool:
    """The shaky model is wrong on every third sum, and so is the one that is asked alone."""
    return number % 3 != 0


def keyed(monkeypatch: pytest.MonkeyPatch, server: Provider) -> None:
    """Keys of two providers that are one server here."""
    for name in ("GROQ", "CEREBRAS"):
        monkeypatch.setenv(f"{name}_API_KEY", "k")
        monkeypatch.setenv(f"{name}_BASE_URL", server.url)


def answers(body: dict[str, Any], _number: int) -> str:
    """`sure` is always right; `shaky` and `alone` are not; `judge` takes the right side; `blind` takes the first one."""
    prompt = body["messages"][-1]["content"]
    number = asked(body)
    if body["model"] in ("judge", "blind"):
        before_b = prompt.split('side="B"')[0].split('side="A"')[1]
        right = body["model"] == "blind" or f"reason for {number + 1}." in before_b
        return json.dumps({"winner": "A" if right else "B", "confidence": 0.9, "reason": "it adds up"})
    said = number + 1 if body["model"] == "sure" or shaky_is_right(number) else 0
    return json.dumps({"answer": str(said), "confidence": 0.8, "reason": f"reason for {said}."})


def asked(body: dict[str, Any]) -> int:
    """The number whose sum a request is about."""
    found = _SUM.search(body["messages"][-1]["content"])
    assert found
    return int(found.group(1))
