"""Prompts as the patterns build them, for rehearsal to answer, and its answers taken apart."""

from __future__ import annotations

import json
import re
from typing import Any

from cowork.models.chat import ChatRequest
from cowork.models.rehearsal import compose
from cowork.prompts.context import Document
from cowork.prompts.templates import render

NONCE = "5f0c9a"
TASK = "Should the store use SQLite or PostgreSQL?"
NOTES = """# Notes on SQLite and PostgreSQL

SQLite keeps the whole store in a single file, so a backup is a copy. A crash never leaves SQLite
corrupt, because its journal recovers the store.
PostgreSQL serves many users at once and shows the **whole team** who changed what.
PostgreSQL costs a server to run, and a budget to watch.

- SQLite is simple and fast to read for a single user.
- A team can review the history of PostgreSQL with an audit export.
"""
ELSEWHERE = "The weather was fine. The train to the coast leaves at nine and comes back in the evening."


def documents(*texts: str) -> list[Document]:
    return [Document(f"notes-{number}.md", text) for number, text in enumerate(texts, 1)]


def opening(*texts: str, task: str = TASK) -> str:
    return render("patterns/opening.j2", nonce=NONCE, task=task, documents=documents(*texts))


def rebuttal(own: str, other: str, *texts: str, task: str = TASK) -> str:
    return render("patterns/rebuttal.j2", nonce=NONCE, task=task, documents=documents(*texts), own=own, other=other)


def judging(first: str, second: str, *texts: str, task: str = TASK) -> str:
    sides = [{"label": "A", "statements": [first]}, {"label": "B", "statements": [second]}]
    return render("patterns/judge.j2", nonce=NONCE, task=task, documents=documents(*texts), sides=sides)


def answer(prompt: str, seed: int = 0) -> str:
    return compose(ChatRequest(prompt, seed=seed))


def contract(text: str) -> Any:
    """The JSON object on the last line."""
    return json.loads(text.split("\n")[-1])


def quotes(text: str) -> list[str]:
    """What the bullets of an answer quote."""
    return re.findall(r'^- "(.*)" \(.*\)$', text, re.MULTILINE)


def flat(text: str) -> str:
    """A document as its sentences are quoted: on one line, without emphasis."""
    return " ".join(text.replace("**", "").split())


def shape(text: str) -> list[str]:
    """The lines of an answer that do not depend on what the material says."""
    fixed = [line for line in text.split("\n") if line.endswith(":") or line.startswith("[")]
    return [*fixed, *sorted(contract(text))]
