"""Hooks and events as `hook list` and `hook events` answer them."""

from dataclasses import dataclass

from cowork.hooks.events import BLOCKS, EVENTS, OTHERS
from cowork.hooks.gather import Gathered
from cowork.hooks.records import Handler


@dataclass(frozen=True)
class HookItem:
    """One handler. `runs`: it would, were its event to happen; else `why` says why not. `condition` is its `if`.

    `origin`: enterprise, user, project, plugin. `place` is where it stands in its file. `timeout` is in seconds.
    """

    event: str
    matcher: str | None
    type: str
    command: str
    origin: str
    scope: str
    path: str
    place: str
    condition: str | None
    timeout: float
    on_error: str
    background: bool
    fired: bool
    runs: bool
    why: str


@dataclass(frozen=True)
class HookList:
    """Hooks by event, within one in the order in which they count."""

    items: tuple[HookItem, ...]
    count: int


@dataclass(frozen=True)
class EventItem:
    """An event. `matches` is the field of its input that matchers look at, `block` what a block does; null for none."""

    event: str
    fired: bool
    matches: str | None
    can_block: bool
    block: str | None


@dataclass(frozen=True)
class EventList:
    """Events, those that cowork fires first."""

    items: tuple[EventItem, ...]
    count: int


def list_hooks(found: Gathered, event: str | None = None) -> HookList:
    """All hooks that were read, or those of one event."""
    order = {name: at for at, name in enumerate((*EVENTS, *OTHERS))}
    handlers = sorted(found.handlers, key=lambda handler: order[handler.event])
    items = tuple(_item(handler) for handler in handlers if event in (None, handler.event))
    return HookList(items, len(items))


def list_events() -> EventList:
    """All events there are."""
    items = tuple(
        EventItem(event, event in EVENTS, field, event in BLOCKS, BLOCKS.get(event))
        for event, field in {**EVENTS, **OTHERS}.items()
    )
    return EventList(items, len(items))


def _item(handler: Handler) -> HookItem:
    why = _why_not(handler)
    return HookItem(
        handler.event,
        handler.matcher,
        handler.kind,
        handler.command,
        handler.source.origin,
        handler.source.scope,
        handler.source.path,
        handler.place,
        handler.condition,
        handler.timeout,
        "closed" if handler.closed else "open",
        handler.background,
        handler.event in EVENTS,
        not why,
        why,
    )


def _why_not(handler: Handler) -> str:
    if handler.source.ignored:
        return handler.source.ignored
    if handler.event not in EVENTS:
        return f"cowork does not fire {handler.event}"
    if handler.condition is not None and EVENTS[handler.event] != "tool_name":
        return f"it has an 'if', and {handler.event} is about no tool"
    return ""
