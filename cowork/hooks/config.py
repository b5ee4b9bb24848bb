"""Reading `hooks.json` in Claude Code's format: {"hooks": {Event: [{"matcher", "hooks": [handler]}]}}."""

import json
import os

from cowork.hooks.events import EVENTS, matches
from cowork.hooks.records import Handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

DEFAULT_TIMEOUT = 600.0
LONGEST_TIMEOUT = 24 * 3600.0  # what a poll can wait for is not much more


def handlers_for(event: str, payload: "Mapping[str, Any]", path: str) -> list[Handler]:
    """The handlers of `path` that match, in file order; none when there is no file.

    Raises ValueError naming the file and what is wrong: a guard that cannot be read must not be mistaken for no guard.
    """
    try:
        with open(path, encoding="utf-8-sig") as stream:
            document = json.load(stream)
    except FileNotFoundError as error:
        if os.path.islink(path):
            raise ValueError(f"{path}: it is a link to a file that does not exist") from error
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from error
    try:
        return [_handler(item) for group in _groups(document, event) for item in _matching(group, event, payload)]
    except ValueError as error:
        raise ValueError(f"{path}: {event}: {error}") from error


def _groups(document: "Any", event: str) -> "list[Any]":
    events = document.get("hooks") if isinstance(document, dict) else None
    if not isinstance(events, dict):
        raise ValueError('the file needs an object "hooks"')
    groups = events.get(event, [])
    if not isinstance(groups, list):
        raise ValueError("an event needs a list of matchers")
    return groups


def _matching(group: "Any", event: str, payload: "Mapping[str, Any]") -> "list[Any]":
    handlers = group.get("hooks") if isinstance(group, dict) else None
    if not isinstance(handlers, list):
        raise ValueError('a matcher needs a list "hooks"')
    matcher, field = group.get("matcher"), EVENTS[event]
    if matcher is not None and not isinstance(matcher, str):
        raise ValueError(f"a matcher is a text, not {matcher!r}")
    return handlers if field is None or matches(matcher, str(payload.get(field, ""))) else []


def _handler(item: "Any") -> Handler:
    kind = item.get("type") if isinstance(item, dict) else item
    if kind != "command":
        raise ValueError(f"handlers of type {kind!r} are not supported, only 'command'")
    command, timeout = item.get("command"), item.get("timeout", DEFAULT_TIMEOUT)
    good = isinstance(timeout, (int, float)) and not isinstance(timeout, bool) and timeout > 0  # false for NaN too
    if not isinstance(command, str) or not good:
        raise ValueError("a command handler needs a text 'command' and a positive 'timeout'")
    return Handler(command, float(min(timeout, LONGEST_TIMEOUT)))
