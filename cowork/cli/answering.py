"""A person at the terminal answers an agent: may this happen, and what is meant. None where there is nobody to ask."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cowork.cli.asking import can_ask
from cowork.core.text import one_line

if TYPE_CHECKING:
    from cowork.agent.context import Answer
    from cowork.agent.gate import Ask
    from cowork.agent.results import Question


def asker() -> Ask | None:
    """Asks whether a call may happen; one question at a time."""
    if not can_ask():
        return None
    lock = asyncio.Lock()

    async def ask(tool: str, arguments: Mapping[str, Any], why: str) -> bool:
        shown = arguments.get("command") or json.dumps(dict(arguments), ensure_ascii=False)
        text = f"{tool}: {one_line(str(shown), 500)}\n  {one_line(why, 300)}\nLet it happen?"
        async with lock:
            return await asyncio.to_thread(click.confirm, text, err=True)

    return ask


def answerer() -> Answer | None:
    """Puts a question of the agent's, with its choices by number."""
    if not can_ask():
        return None
    lock = asyncio.Lock()

    async def answer(question: Question) -> str | None:
        choices = "".join(f"\n  {number}. {one_line(option)}" for number, option in enumerate(question.options, 1))
        text = f"{one_line(question.text, 500)}{choices}\nAnswer"
        async with lock:
            said: str = await asyncio.to_thread(click.prompt, text, default="", show_default=False, err=True)
        number = int(said) if said.strip().isdigit() else 0
        return question.options[number - 1] if 1 <= number <= len(question.options) else said.strip() or None

    return answer
