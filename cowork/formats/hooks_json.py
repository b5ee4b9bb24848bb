"""`hooks/hooks.json` of a plugin: what is wrong with its shape. Running hooks is the hooks room's business."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.formats.limits import check_document
from cowork.formats.problem import Problem, bounded, json_path, quoted

EVENTS = frozenset(
    "SessionStart Setup UserPromptSubmit UserPromptExpansion PreToolUse PermissionRequest PermissionDenied PostToolUse"
    " PostToolUseFailure PostToolBatch Notification MessageDisplay SubagentStart SubagentStop TaskCreated TaskCompleted"
    " Stop StopFailure TeammateIdle InstructionsLoaded ConfigChange CwdChanged DirectoryAdded FileChanged WorktreeCreate"
    " WorktreeRemove PreCompact PostCompact Elicitation ElicitationResult SessionEnd".split()
)
NEEDS = {"command": ("command",), "http": ("url",), "mcp_tool": ("server", "tool"), "prompt": ("prompt",), "agent": ("prompt",)}
_Found = Iterator[tuple[tuple[str | int, ...], str, str]]


def problems(document: Any, *, file: str, prefix: tuple[str, ...] = ()) -> tuple[Problem, ...]:
    """What is wrong with a parsed hooks file. Its events stand under `hooks`. `prefix` is its place in a larger one."""
    try:
        check_document(document)
    except InvalidInput as error:
        return (Problem(file, "$", error.code, "error", error.message, error.hint or "shorten it"),)
    found = [
        Problem(
            file,
            json_path((*prefix, *place)),
            f"hooks.{rule}",
            "warning" if rule == "event" else "error",
            message,
            "see the host's list of hook events" if rule == "event" else "mend this value",
        )
        for place, rule, message in _document(document)
    ]
    return tuple(bounded(found))


def _document(document: Any) -> _Found:
    events = document.get("hooks") if isinstance(document, dict) else None
    if not isinstance(events, dict):
        yield ("hooks",), "type", 'must be an object of events: {"hooks": {"PreToolUse": [...]}}'
        return
    for event, groups in events.items():
        if event not in EVENTS:
            yield ("hooks", event), "event", f"{quoted(event)} is no event of the host; its hooks never run"
        if not isinstance(groups, list):
            yield ("hooks", event), "type", "must be a list of matchers"
            continue
        for at, group in enumerate(groups):
            yield from _group(("hooks", event, at), group)


def _group(place: tuple[str | int, ...], group: Any) -> _Found:
    handlers = group.get("hooks") if isinstance(group, dict) else None
    if not isinstance(handlers, list):
        yield (*place, "hooks"), "type", 'must be a list of handlers: {"matcher": "...", "hooks": [...]}'
        return
    if not isinstance(group.get("matcher", ""), str):
        yield (*place, "matcher"), "type", "must be a text"
    for at, handler in enumerate(handlers):
        yield from _handler((*place, "hooks", at), handler)


def _handler(place: tuple[str | int, ...], handler: Any) -> _Found:
    if not isinstance(handler, dict):
        yield place, "type", "must be an object"
        return
    kind = handler.get("type")
    needs = NEEDS.get(kind) if isinstance(kind, str) else None
    if needs is None:
        yield (*place, "type"), "value", f"{quoted(kind)} is none of {', '.join(NEEDS)}"
    for key in needs or ():
        if not isinstance(handler.get(key), str) or not handler[key].strip():
            yield (*place, key), "value", f'a handler of type {kind} needs "{key}"'
    timeout = handler.get("timeout", 1)
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or timeout <= 0:
        yield (*place, "timeout"), "value", "must be a number of seconds above 0"
