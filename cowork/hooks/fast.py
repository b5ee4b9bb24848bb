"""`cowork hook run EVENT` without click: stdin JSON in, the merged decision out, the host's exit codes."""

import json
import os
import sys

from cowork.hooks.events import EVENTS
from cowork.hooks.place import has_hooks, project_file, user_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from cowork.hooks.records import Handler, Merged, Runner, Source

    Load = Callable[[], Mapping[str, Runner]]

MAX_STDIN = 16 * 1024 * 1024


def run_event(event: str, load_runners: "Load | None" = None) -> int:
    """Answer the host on stdout and stderr; returns 0, or 2 to block.

    `load_runners` gives what runs handlers that are no commands; it is called only when there is one to run.
    """
    try:
        merged = None if inside_our_agent() else decide(event, _read_stdin(), load_runners)
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


def inside_our_agent() -> bool:
    """Whether a hook of our own agent runs us: it has run these hooks itself, and they must not run each other."""
    return bool(os.environ.get("COWORK_HOOK_DEPTH"))


def _read_stdin() -> str:
    """The whole input, UTF-8 whatever the locale says. Raises ValueError when it is none or too large."""
    if sys.stdin is None:
        raise ValueError("stdin is closed")
    raw = sys.stdin.buffer.read(MAX_STDIN + 1)
    if len(raw) > MAX_STDIN:
        raise ValueError("the input on stdin is larger than 16 MB")
    return raw.decode("utf-8")


def decide(event: str, stdin: str, load_runners: "Load | None" = None) -> "Merged | None":
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
    files = [path for path in (user_file(), project_file()) if path and has_hooks(path)]
    return _run(event, payload, stdin, files, load_runners) if files else None


def _run(event: str, payload: "Mapping[str, Any]", stdin: str, files: list[str], load_runners: "Load | None") -> "Merged":
    from cowork.hooks.choose import concerned
    from cowork.hooks.command import environment, working_directory
    from cowork.hooks.decision import merge
    from cowork.hooks.run import Round, run_here

    sources = [_source(path) for path in files]
    handlers, doubts = concerned(_handlers(sources, event), event, payload)
    given = working_directory()
    round_ = Round(stdin, lambda handler: environment(handler, os.environ, given), _runners(handlers, load_runners))
    merged = merge(event, run_here(round_, handlers))
    merged.errors += doubts
    merged.errors += [f"{source.path} is ignored: {source.ignored}" for source in sources if source.ignored]
    return merged


def _source(path: str) -> "Source":
    from cowork.hooks.records import Source

    if path == user_file():
        return Source(path, "user", root=os.path.dirname(path))
    from cowork.hooks.sources import of_project

    return of_project(path)


def _handlers(sources: "list[Source]", event: str) -> "list[Handler]":
    from cowork.hooks.config import strict

    found: list[Handler] = []
    for source in sources:
        handlers = [] if source.ignored else strict(source, event)
        if handlers is None:  # this source turns all of them off
            return []
        found += handlers
    return found


def _runners(handlers: "list[Handler]", load: "Load | None") -> "Mapping[str, Runner]":
    """What runs the handlers that are no commands; without it they are answered as what cannot be run."""
    if load is None or all(handler.kind == "command" for handler in handlers):
        return {}
    try:
        return load()
    except ImportError:
        return {}
