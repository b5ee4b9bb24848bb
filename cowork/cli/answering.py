"""A person at the terminal answers an agent: may this happen, and what is meant. None where there is nobody to ask."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cowork.cli.asking import can_ask
from cowork.core.text import one_line

if TYPE_CHECKING:
    from cowork.agent.context import Answer
    from cowork.agent.gate import Ask
    from cowork.agent.results import Question

_LONGEST_LINE = 4096  # what a terminal hands over at once


def asker() -> Ask | None:
    """Asks whether a call may happen; one question at a time."""
    if not can_ask():
        return None
    lock = asyncio.Lock()

    async def ask(tool: str, arguments: Mapping[str, Any], why: str) -> bool:
        shown = arguments.get("command") or json.dumps(dict(arguments), ensure_ascii=False)
        text = f"{tool}: {one_line(str(shown), 500)}\n  {one_line(why, 300)}\nLet it happen? [y/N]: "
        async with lock:
            return (await _line(text)).casefold() in ("y", "yes")

    return ask


def answerer() -> Answer | None:
    """Puts a question of the agent's, with its choices by number."""
    if not can_ask():
        return None
    lock = asyncio.Lock()

    async def answer(question: Question) -> str | None:
        choices = "".join(f"\n  {number}. {one_line(option)}" for number, option in enumerate(question.options, 1))
        async with lock:
            said = await _line(f"{one_line(question.text, 500)}{choices}\nAnswer: ")
        number = int(said) if said.isascii() and said.isdigit() and len(said) < 3 else 0
        return question.options[number - 1] if 1 <= number <= len(question.options) else said or None

    return answer


async def _line(question: str) -> str:
    """What is typed after a question. The run's loop waits for it, not a thread, so that Ctrl-C ends the waiting too."""
    click.echo(question, nl=False, err=True)
    loop, stdin = asyncio.get_running_loop(), sys.stdin.fileno()
    ready = asyncio.Event()
    loop.add_reader(stdin, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(stdin)
    return os.read(stdin, _LONGEST_LINE).decode("utf-8", "replace").strip()
