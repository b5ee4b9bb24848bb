"""Reading `hooks.json` in Claude Code's format: {"hooks": {Event: [{"matcher", "hooks": [handler]}]}}."""

import json
import os
from typing import TYPE_CHECKING, NamedTuple

from cowork.hooks.events import EVENTS, matches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Handler(NamedTuple):
    """A command to run for an event. `timeout` is in seconds."""

    command: str
    timeout: float


DEFAULT_TIMEOUT = 600.0


def user_file() -> str:
    """The user's own hooks file. Hooks that a project brings are not read: running them needs the user's trust first."""
    home = os.environ.get("COWORK_HOME") or os.path.join(os.path.expanduser("~"), ".cowork")
    return os.path.join(os.path.expanduser(home), "hooks.json")


def handlers_for(event: str, payload: "Mapping[str, Any]", path: str) -> list[Handler]:
    """The handlers of `path` that match, in file order; none when there is no file.

    Raises ValueError naming the file and what is wrong: a guard that cannot be read must not be mistaken for no guard.
    """
    try:
        with open(path, encoding="utf-8-sig") as stream:
            document = json.load(stream)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from error
    found: list[Handler] = []
    try:
        for group in document["hooks"].get(event, []):
            field = EVENTS[event]
            if field is None or matches(group.get("matcher"), str(payload.get(field, ""))):
                found += [_handler(item) for item in group["hooks"]]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path}: {event}: {error}") from error
    return found


def _handler(item: "Mapping[str, Any]") -> Handler:
    kind = item.get("type")
    if kind != "command":
        raise ValueError(f"handlers of type {kind!r} are not supported, only 'command'")
    command, timeout = item["command"], item.get("timeout", DEFAULT_TIMEOUT)
    if not isinstance(command, str) or isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or timeout <= 0:
        raise ValueError("a command handler needs a text 'command' and a positive 'timeout'")
    return Handler(command, float(timeout))
