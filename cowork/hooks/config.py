"""Reading hooks in Claude Code's format: {"hooks": {Event: [{"matcher", "hooks": [handler]}]}}, from a file or an object."""

import json
import os

from cowork.hooks.command import SHELLS
from cowork.hooks.events import EVENTS, OTHERS, is_tool_rule, matches
from cowork.hooks.records import Handler, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

DEFAULT_TIMEOUT = 600.0
LONGEST_TIMEOUT = 24 * 3600.0
MAX_BYTES = 4 * 1024 * 1024
_MARK = b"\xef\xbb\xbf"
MAX_HANDLERS = 200  # of one event in one source: they all run at the same time
_TIMEOUTS = {"prompt": 30.0, "agent": 60.0}
_EVENT_TIMEOUTS = {"UserPromptSubmit": 30.0, "SessionEnd": 1.5}  # when the kind has no default of its own
_NEEDS = {
    "command": ("command",),
    "http": ("url",),
    "mcp_tool": ("server", "tool"),
    "prompt": ("prompt",),
    "agent": ("prompt",),
}
_KINDS_OF_FIELD = {
    "if": (str,), "statusMessage": (str,), "shell": (str,), "model": (str,), "args": (list,), "headers": (dict,),
    "allowedEnvVars": (list,), "input": (dict,), "async": (bool,), "asyncRewake": (bool,), "once": (bool,),
    "continueOnBlock": (bool,),
}  # fmt: skip


class Malformed:
    """An entry that cannot be used: its place in the document and what is wrong. It takes nothing else with it."""

    __slots__ = ("event", "place", "text")

    def __init__(self, event: str, place: str, text: str) -> None:
        self.event = event
        self.place = place
        self.text = text


def read(source: Source) -> "Any":
    """The document of a source; None when there is no file. Raises ValueError naming the file and what is wrong.

    A guard that cannot be read must not be mistaken for no guard.
    """
    if source.document is not None:
        return source.document
    path = source.path
    try:
        with open(path, "rb", opener=_open) as stream:
            raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ValueError("it is larger than 4 MB")
        return json.loads(raw.removeprefix(_MARK).decode("utf-8"))  # the codec that knows the mark would have to be loaded
    except (FileNotFoundError, NotADirectoryError) as error:
        if os.path.islink(path):
            raise ValueError(f"{path}: it is a link to a file that does not exist") from error
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from error


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a FIFO would keep us waiting for its writer


def strict(source: Source, event: str) -> list[Handler] | None:
    """The handlers a source has for an event; None where it turns all hooks off.

    Raises ValueError, with the file, at the first that cannot be used.
    """
    document = read(source)
    found: list[Handler] = []
    if document is None:
        return found
    if disables(document):
        return None
    for entry in entries(document, source, event):
        if isinstance(entry, Malformed):
            raise ValueError(f"{source.path}: {entry.event or event}: {entry.text}")
        found.append(entry)
    return found


def disables(document: "Any") -> bool:
    """Whether the file turns hooks off."""
    return isinstance(document, dict) and document.get("disableAllHooks") is True


def entries(document: "Any", source: Source, only: str | None = None) -> "Iterator[Handler | Malformed]":
    """Every handler of the document, or those of one event, in file order, and what cannot be used."""
    if source.settings and isinstance(document, dict) and document.get("hooks") is None:
        return
    events = document.get("hooks") if isinstance(document, dict) else None
    if not isinstance(events, dict):
        yield Malformed("", "", 'the file needs an object "hooks"')
        return
    for event in [only] if only else list(events):
        groups = events.get(event, [])
        if event not in EVENTS and event not in OTHERS:
            yield Malformed(event, f"hooks.{event}", "no such event; its hooks never run")
        elif not isinstance(groups, list):
            yield Malformed(event, f"hooks.{event}", "an event needs a list of matchers")
        else:
            yield from _bounded(event, groups, source)


def _bounded(event: str, groups: "list[Any]", source: Source) -> "Iterator[Handler | Malformed]":
    count = 0
    for at, group in enumerate(groups):
        for entry in _group(event, f"hooks.{event}[{at}]", group, source):
            count += 1
            if count > MAX_HANDLERS:
                yield Malformed(event, f"hooks.{event}", f"more than {MAX_HANDLERS} handlers; the rest is left out")
                return
            yield entry


def _group(event: str, place: str, group: "Any", source: Source) -> "Iterator[Handler | Malformed]":
    handlers = group.get("hooks") if isinstance(group, dict) else None
    if not isinstance(handlers, list):
        yield Malformed(event, place, 'a matcher needs a list "hooks"')
        return
    matcher = group.get("matcher")
    if matcher is not None and not isinstance(matcher, str):
        yield Malformed(event, f"{place}.matcher", f"a matcher is a text, not {matcher!r}"[:200])
        return
    if (EVENTS | OTHERS)[event] is not None:
        try:
            matches(matcher, "")
        except ValueError as error:
            if not is_tool_rule(matcher):
                yield Malformed(event, f"{place}.matcher", str(error))
                return
    for at, item in enumerate(handlers):
        try:
            yield _handler(event, matcher, f"{place}.hooks[{at}]", item, source)
        except ValueError as error:
            yield Malformed(event, f"{place}.hooks[{at}]", str(error))


def _handler(event: str, matcher: str | None, place: str, item: "Any", source: Source) -> Handler:
    kind = item.get("type") if isinstance(item, dict) else None
    if not isinstance(kind, str):
        raise ValueError('a handler is an object with a text "type"')
    texts = [item.get(key) for key in _NEEDS.get(kind, ())]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise ValueError(f"a {kind} handler needs a text {' and a text '.join(map(repr, _NEEDS[kind]))}")
    timeout = item.get("timeout", _TIMEOUTS.get(kind) or _EVENT_TIMEOUTS.get(event) or DEFAULT_TIMEOUT)
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or not timeout > 0:  # not for NaN either
        raise ValueError(f"a {kind} handler needs a positive 'timeout'")
    for key, kinds in _KINDS_OF_FIELD.items():
        if item.get(key) is not None and not isinstance(item[key], kinds):
            raise ValueError(f"'{key}' must be a {kinds[0].__name__}")
    if item.get("onError", "open") not in ("open", "closed"):
        raise ValueError('\'onError\' must be "open" or "closed"')
    if (item.get("shell") or "sh") not in SHELLS:
        raise ValueError(f"'shell' must be one of {', '.join(SHELLS)}")
    if not all(isinstance(word, str) for word in item.get("args") or ()):
        raise ValueError("'args' must be a list of texts")
    return Handler(
        _label(kind, texts),
        float(min(timeout, LONGEST_TIMEOUT)),
        kind=kind,
        event=event,
        matcher=matcher,
        fields=item,
        source=source,
        place=place,
    )


def _label(kind: str, texts: "list[str]") -> str:
    if kind in ("prompt", "agent"):
        return f"{kind}: {' '.join(texts[0].split())[:80]}"
    return ".".join(texts) or kind
