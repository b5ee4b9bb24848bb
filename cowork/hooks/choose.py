"""Which handlers an event concerns: the matcher, the handler's `if`, and each of them once."""

import os

from cowork.hooks.events import EVENTS, is_tool_rule, matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from cowork.hooks.records import Handler

_DECIDES_NOTHING = frozenset({"timeout", "statusMessage"})  # fields in which two handlers that do the same may differ


def concerned(handlers: "Iterable[Handler]", event: str, payload: "Mapping[str, Any]") -> "tuple[list[Handler], list[str]]":
    """The handlers that match, in their order and without repetition, and what could not be judged: those run, to be safe."""
    found: list[Handler] = []
    doubts: list[str] = []
    for handler in handlers:
        if _matches(handler, event, payload, doubts) and _holds(handler, payload, doubts) and not _again(handler, found):
            found.append(handler)
    return found, doubts


def _matches(handler: "Handler", event: str, payload: "Mapping[str, Any]", doubts: list[str]) -> bool:
    field = EVENTS[event]
    if field is None:
        return True
    matcher, subject = handler.matcher, str(payload.get(field, ""))
    if is_tool_rule(matcher) and field == "tool_name":
        try:
            if matches(matcher, subject):  # `Notebook(Edit|Read)` is an expression, and its author means it as one
                return True
        except ValueError:
            pass  # `Read(**)` is a rule and nothing else
        return _rule(str(matcher), handler, payload, doubts)
    return matches(matcher, subject)


def _holds(handler: "Handler", payload: "Mapping[str, Any]", doubts: list[str]) -> bool:
    """Whether the handler's `if` lets it run. Where there is no tool, one with an `if` never runs, as in Claude Code."""
    if handler.condition is None:
        return True
    return "tool_name" in payload and _rule(handler.condition, handler, payload, doubts)


def _rule(rule: str, handler: "Handler", payload: "Mapping[str, Any]", doubts: list[str]) -> bool:
    """Whether a tool rule fits the call. A rule that cannot be judged fits: it is better to ask a guard too much."""
    from cowork.hooks.command import working_directory

    arguments = payload.get("tool_input")
    cwd = payload.get("cwd")
    try:
        from cowork.rules import places, single  # type: ignore[attr-defined, unused-ignore]

        here = cwd if isinstance(cwd, str) and cwd else working_directory()
        where = places.Places(here, os.path.expanduser("~"), handler.source.root or here)
        given = arguments if isinstance(arguments, dict) else {}
        return bool(single.matches(rule, str(payload.get("tool_name", "")), given, where))
    except (ValueError, ImportError) as error:
        doubts.append(f"the rule {rule!r} cannot be judged, so the hook runs: {handler.label}: {error}")
        return True


def _again(handler: "Handler", found: "list[Handler]") -> bool:
    """Whether the same handler runs already. Settings files repeat each other; plugins are each their own."""
    if handler.source.origin == "plugin":
        return False
    return any(other.source.origin != "plugin" and _same(handler, other) for other in found)


def _same(one: "Handler", other: "Handler") -> bool:
    left, right = ({k: v for k, v in item.fields.items() if k not in _DECIDES_NOTHING} for item in (one, other))
    return one.kind == other.kind and left == right
