"""What shells offer for the arguments of verbs about twins. Nothing is written, and what cannot be read offers nothing."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

from cowork.core.errors import CoworkError

_MOST = 500


def twins(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Twins whose names begin like this, with `@` or without their `twin-` if it is so."""
    at = "@" if incomplete.startswith("@") else ""
    word = incomplete.removeprefix("@")
    named = [(name, title) for _, name, title in _identities()]
    short = [(name.removeprefix("twin-"), title) for name, title in named]
    whole = _beginning(named, word)
    return [CompletionItem(f"{at}{name}", help=title) for name, title in whole or _beginning(short, word)]


def personas(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Persona templates whose ids begin like this."""
    from cowork.twins import templates

    try:
        known = templates.template_ids()
    except CoworkError:
        return []
    return [CompletionItem(found) for found, _ in _beginning([(name, "") for name in known], incomplete)]


def tasks(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Tasks of the twins, or of the persona template, that the line names."""
    given = context.params
    words = given.get("names") or context.args  # Click stops where a value is missing, and leaves the words as they are
    try:
        known = _tasks_of_template(given.get("persona") or next(iter(words), "")) if "persona" in given else _tasks_of(words)
    except CoworkError:
        return []
    return [CompletionItem(found, help=title) for found, title in _beginning(known, incomplete)]


def _tasks_of_template(persona: str) -> list[tuple[str, str]]:
    from cowork.twins import templates

    return [(task.id, task.name) for task in templates.find_template(persona).cognitive_offload.proactive_tasks]


def _tasks_of(names: Iterable[str]) -> list[tuple[str, str]]:
    from cowork.twins import directory

    return sorted({(task.id, task.name) for name in names for task in directory.find_twin(name).tasks})


def _identities() -> list[tuple[str, str, str]]:
    from cowork.twins.store import roles
    from cowork.twins.store.opening import reading

    try:
        with reading() as connection:
            return roles.identities(connection) if connection else []
    except CoworkError:
        return []


def _beginning(known: Iterable[tuple[str, str]], word: str) -> list[tuple[str, str]]:
    return [(name, title) for name, title in known if name.startswith(word)][:_MOST]
