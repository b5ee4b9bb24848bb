"""`cowork hook run EVENT` without click: stdin JSON in, the merged decision out, the host's exit codes."""

import json
import sys

from cowork.hooks.events import EVENTS
from cowork.hooks.place import has_hooks, user_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cowork.hooks.records import Merged

MAX_STDIN = 16 * 1024 * 1024


def run_event(event: str) -> int:
    """Answer the host on stdout and stderr; returns 0, or 2 to block."""
    try:
        merged = decide(event, _read_stdin())
    except Exception as error:  # any other exit code lets the call pass: a guard that fails must block
        print(f"cowork hook run: {error}", file=sys.stderr)
        return 2
    if merged is None:
        return 0
    for line in merged.errors:
        print(line, file=sys.stderr)
    if merged.output is not None:
        print(json.dumps(merged.output))
    return merged.exit_code


def _read_stdin() -> str:
    """The whole input, UTF-8 whatever the locale says. Raises ValueError when it is none or too large."""
    if sys.stdin is None:
        raise ValueError("stdin is closed")
    raw = sys.stdin.buffer.read(MAX_STDIN + 1)
    if len(raw) > MAX_STDIN:
        raise ValueError("the input on stdin is larger than 16 MB")
    return raw.decode("utf-8")


def decide(event: str, stdin: str) -> "Merged | None":
    """Run the matching handlers and merge what they say; None where there are no hooks at all.

    Raises ValueError when event, input or configuration is bad.
    """
    if event not in EVENTS:
        raise ValueError(f"unknown event {event!r}; known: {', '.join(EVENTS)}")
    if len(stdin) > MAX_STDIN:
        raise ValueError("the input on stdin is larger than 16 MB")
    try:
        payload = json.loads(stdin)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"stdin is not the JSON of a hook event: {error}") from error
    if not isinstance(payload, dict) or payload.get("hook_event_name", event) != event:
        raise ValueError(f"stdin does not hold a {event} event")
    path = user_file()
    if not has_hooks(path):
        return None
    from cowork.hooks.config import handlers_for
    from cowork.hooks.decision import merge
    from cowork.hooks.run import run_handler

    return merge(event, [run_handler(handler, stdin) for handler in handlers_for(event, payload, path)])
