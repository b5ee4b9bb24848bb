"""Asking a person: on a terminal, unless the answer has to be a document or was given on the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from cowork.cli.invocation import current
from cowork.core.errors import UsageError


def can_ask() -> bool:
    """Whether there is somebody to ask: a terminal on both sides, no --json, no --no-input."""
    invocation = current()
    return sys.stdin.isatty() and sys.stderr.isatty() and not (invocation.json or invocation.stream or invocation.no_input)


def confirm_destruction(question: str, *, yes: bool) -> None:
    """Let a destructive verb go on. Raises `usage.confirmation_needed` where nobody said yes and nobody can be asked."""
    if yes:
        return
    if not can_ask():
        text = f"not done without a yes: {question[:1].lower()}{question[1:].rstrip('?')}"
        raise UsageError("usage.confirmation_needed", text, cause="there is no terminal to ask on", hint="add --yes")
    if not click.confirm(question, err=True):
        raise click.Abort


def capability_question(before: Callable[[], None], *, yes: bool) -> Callable[[Any], bool] | None:
    """How to ask about a pack's capabilities; with --yes at a terminal they are shown and taken for approved."""
    if not can_ask():
        return None

    def ask(request: Any) -> bool:
        from cowork.render import questions

        before()
        questions.capabilities(request, current().color)
        return yes or click.confirm("Install it?", err=True)

    return ask
