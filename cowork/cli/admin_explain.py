"""Reading a command line that is to be explained, not run: its verb's own parser reads it, and the rooms say what it means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import click

from cowork.cli.commands import load
from cowork.cli.manifest import BY_PATH, Verb
from cowork.core.errors import CoworkError, NotFound, UsageError
from cowork.core.outcome import Notice
from cowork.core.text import did_you_mean, one_line
from cowork.policy.actions import Action, Via
from cowork.policy.naming import Known


class Question(NamedTuple):
    """A command line as the gate would see it, and what should be known beside the answer."""

    action: Action
    text: str
    notices: tuple[Notice, ...] = ()


def read(words: Sequence[str]) -> Question:
    """The question in the words. Raises UsageError for what is no verb or cannot be parsed, NotFound for unknown skills."""
    from cowork.policy import explaining

    verb, rest = _verb(words)
    positional, options = _parsed(verb, rest)
    action = explaining.action_of(verb.path, positional)
    subject = explaining.SHAPES.get(verb.path, explaining.Shape()).subject
    question = Question(action, " ".join(words))
    return _READERS[subject](question, options) if subject in _READERS and positional else question


def _verb(words: Sequence[str]) -> tuple[Verb, list[str]]:
    words = words[1:] if words[:1] == ("cowork",) else words
    for length in range(min(3, len(words)), 0, -1):
        verb = BY_PATH.get(" ".join(words[:length]))
        if verb:
            return verb, list(words[length:])
    asked = " ".join(words[:2])
    hint = did_you_mean(asked, BY_PATH, "for example: cowork admin policy explain pack enable devops")
    raise UsageError("usage.unknown_verb", f"there is no verb '{one_line(asked, 80)}'", hint=hint, details={"verb": asked})


def _parsed(verb: Verb, rest: list[str]) -> tuple[list[str], dict[str, Any]]:
    """The words that are no options, in the verb's order, and every option by its name."""
    command: click.Command = load(f"cli.{verb.target}")
    context = command.make_context(f"cowork {verb.path}", rest)
    positional: list[str] = []
    for parameter in command.params:
        value = context.params.get(parameter.name or "")
        if isinstance(parameter, click.Argument) and value is not None:
            positional += [str(item) for item in value] if isinstance(value, tuple) else [str(value)]
    return positional, context.params


def pack_called(name: str, known: Known) -> tuple[str, str | None, tuple[Notice, ...]]:
    """The pack that a person means: its name, its directory, and a notice when there is none of that name."""
    from cowork.registry.permission import identified

    found = identified(name, known)
    if found:
        return *found, ()
    hint = did_you_mean(name, [pack for pack, _ in known.packs], "judged by its name alone")
    text = f"no pack here is called '{one_line(name, 80)}'; {hint}"
    return name, None, (Notice("policy.unknown_pack", text),)


def _pack(question: Question, _options: dict[str, Any]) -> Question:
    from cowork.registry.permission import known

    if question.action.via == "created" or question.action.pack is None:
        return question
    name, directory, notices = pack_called(question.action.pack, known())
    return question._replace(action=question.action._replace(pack=name, directory=directory), notices=notices)


def _skill(question: Question, _options: dict[str, Any]) -> Question:
    from cowork.registry import lookup
    from cowork.registry.permission import about

    skill = question.action.what or ""
    owner = lookup.owner(skill) or lookup.find_skill(skill)[1]  # which raises when there is none, and says which may be meant
    return question._replace(action=about(question.action, owner))


def _command(question: Question, options: dict[str, Any]) -> Question:
    from cowork.registry import slash

    skill = slash.resolve(question.action.what or "")
    return _skill(question._replace(action=question.action._replace(what=skill)), options)


def _connector(question: Question, _options: dict[str, Any]) -> Question:
    from cowork.connectors import directory

    name = question.action.connector or ""
    try:
        return question._replace(action=directory.action_of(directory.find(name), question.action.verb))
    except NotFound as error:
        text = f"no pack here has a connector '{one_line(name, 80)}': judged by its name alone; {error.hint}"
        return question._replace(notices=(Notice("policy.unknown_connector", text),))


def _persona(question: Question, options: dict[str, Any]) -> Question:
    from cowork.twins.templates import find_template

    template = find_template(question.action.what or "")
    minutes = options.get("interval") or template.heartbeat.interval_minutes
    return question._replace(action=question.action._replace(heartbeat_s=minutes * 60))


def _source(question: Question, options: dict[str, Any]) -> Question:
    """How content would come in from a source, and the name it is likely to have."""
    from cowork.install import sources

    source = sources.parse(question.action.source or "")
    ways: dict[str, Via] = {"github": "git", "git": "git", "manifest": "url", "archive": "url", "local": "local"}
    via = ways.get(source.kind) or _way_of_entry(source.name)
    name = str(options.get("plugin") or source.name)
    action = question.action._replace(source=source.canonical, via=via, pack=name)
    if source.kind == "catalogue":
        return question._replace(action=action)
    text = f"judged as the pack '{one_line(name, 80)}': what it is called is known only once it is fetched"
    return question._replace(action=action, notices=(Notice("policy.name_guessed", text),))


def _way_of_entry(name: str) -> Via:
    """How an entry of the catalogue comes in, as the copy that is held says; `catalogue` when there is none."""
    from cowork.registry import catalogue

    try:
        entry, *_ = catalogue.find(name, offline=True)
    except CoworkError:
        return "catalogue"
    return "git" if entry.git_url else "url" if entry.download_url else "catalogue"


_READERS: dict[str, Callable[[Question, dict[str, Any]], Question]] = {
    "pack": _pack,
    "skill": _skill,
    "command": _command,
    "connector": _connector,
    "persona": _persona,
    "source": _source,
}
