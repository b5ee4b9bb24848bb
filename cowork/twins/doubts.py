"""What people may set on a twin though they hardly mean it: told as notices, and done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.core.text import one_line, suggest
from cowork.formats.persona_words import CAPABILITIES
from cowork.twins import addresses, directory
from cowork.twins.addresses import FROM_ENVIRONMENT
from cowork.twins.store import roles
from cowork.twins.store.opening import reading
from cowork.twins.twin import Twin
from cowork.twins.wanted import Wanted

if TYPE_CHECKING:
    from cowork.twins.editing import Edit

_BESIDE = ("Agent", "Task", "Skill", "WebSearch", "NotebookRead", "LS", "MultiEdit", "AskUserQuestion", "ExitPlanMode")
"""Tools that rules are about and that are not among the standard ones, or have another name there."""


def of_activation(entry: Wanted, twins: Sequence[Twin]) -> list[Notice]:
    """What may not be meant of twins that are about to be made. Raises InvalidInput `twin.name_of_another`."""
    told = [*entry.deliver, *(url for _, url in entry.deliver_tasks)]
    names = [twin.display_name for twin in twins] if entry.display_name is not None else []
    idle = [twin.name for twin in twins[:1] if entry.disable and not any(task.enabled for task in twin.tasks)]
    return [*same_names(names), *_idle(idle), *_unset(told), *_unknown_tools((*entry.allow, *entry.deny))]


def of_edit(names: Sequence[str], wanted: Edit) -> tuple[Notice, ...]:
    """What may not be meant of an edit that was made, or planned. Raises `twin.not_found`, `database.*`."""
    twins = directory.find_twins(names)
    on, off = set(wanted.enable), set(wanted.disable)
    idle = [
        twin.name
        for twin in twins
        if off and not any((task.enabled or task.id in on) and task.id not in off for task in twin.tasks)
    ]
    called = [wanted.name] if wanted.name is not None else []
    return (
        *same_names(called, twins),
        *_idle(idle),
        *_unset(url for _, url in wanted.deliver),
        *_unknown_capabilities(wanted.capabilities or ()),
        *_unknown_tools((*(wanted.allow or ()), *(wanted.deny or ()))),
    )


def same_names(wanted: Iterable[str], own: Sequence[Twin] = ()) -> list[Notice]:
    """Of display names that others have, too. Raises InvalidInput `twin.name_of_another` for one that means another twin."""
    asked, known = [" ".join(name.split()) for name in wanted], {twin.id for twin in own}
    if not asked:
        return []
    with reading() as connection:
        others = [who for who in roles.identities(connection) if who[0] not in known] if connection else []
    names, titles = {who[1].casefold() for who in others}, {who[2].casefold(): who[1] for who in others}
    notices = []
    for title in asked:
        word = title.removeprefix("@").casefold()
        if word in names or f"twin-{word}" in names:
            text = f"'{one_line(title, 80)}' is the name of another twin"
            raise InvalidInput("twin.name_of_another", text, hint="call it something else", details={"name": title})
        if title.casefold() in titles:
            text = f"{titles[title.casefold()]} is called '{one_line(title, 80)}', too: only their names tell them apart"
            notices.append(Notice("twin.same_name", text))
    return notices


def _idle(names: Iterable[str]) -> list[Notice]:
    text = "has no task that is on: it does nothing by itself, and works when it is asked"
    return [Notice("twin.no_tasks", f"{name} {text}") for name in names]


def _unset(told: Iterable[str]) -> list[Notice]:
    text = "is not set here: nothing is delivered there until it is"
    variables = [url.strip() for url in told if url.strip().startswith(FROM_ENVIRONMENT)]
    return [
        Notice("twin.unset_variable", f"the variable {url.removeprefix(FROM_ENVIRONMENT)} {text}")
        for url in dict.fromkeys(variables)
        if addresses.resolved(url) is None
    ]


def _unknown_capabilities(given: Iterable[str]) -> list[Notice]:
    return [
        Notice("twin.unknown_capability", f"'{word}' is no capability that cowork knows{_meant(word, CAPABILITIES)}")
        for word in given
        if word not in CAPABILITIES
    ]


def _unknown_tools(rules: Sequence[str]) -> list[Notice]:
    """Of rules about tools that there are not; those of MCP servers and patterns may come to be."""
    if not rules:
        return []
    from cowork.agent.tools.registry import standard_tools
    from cowork.rules.rule import compile_text

    known = {*standard_tools(), *_BESIDE}
    found = []
    for text in rules:
        name = compile_text(text).spec.name
        if name not in known and not name.startswith("mcp__") and not {"*", "?"} & set(name):
            what = f"there is no tool '{one_line(name, 60)}', so the rule '{one_line(text, 80)}' does nothing"
            found.append(Notice("twin.unknown_tool", f"{what}{_meant(name, known)}"))
    return found


def _meant(word: str, known: Iterable[str]) -> str:
    found = suggest(word, known)
    return f"; did you mean '{found}'?" if found else ""
