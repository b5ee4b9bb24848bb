"""Trying hooks: the handlers of an event are really run, and each one's end is shown."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.agent.plugin_hooks import session_sources
from cowork.core.errors import InvalidInput, NotFound, Terminated
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.text import did_you_mean
from cowork.hooks.dispatch import Hooks
from cowork.hooks.events import EVENTS, OTHERS
from cowork.hooks.records import Handler, Merged, Ran
from cowork.policy import gate
from cowork.policy.actions import Action

if TYPE_CHECKING:
    from cowork.hooks.records import Runner

_EXCERPT = 2_000


@dataclass(frozen=True)
class TriedHook:
    """How one handler ended. Of what it wrote, the beginning; `problem` says why it could not be run."""

    command: str
    type: str
    origin: str
    path: str
    exit_code: int
    timed_out: bool
    problem: str
    seconds: float
    stdout: str
    stderr: str


@dataclass(frozen=True)
class HookTest:
    """What the hooks of an event said to an input, one by one in `items` and together. With `dry_run` nothing was run."""

    event: str
    items: tuple[TriedHook, ...]
    count: int
    blocked: bool
    reason: str
    decision: str | None
    decision_reason: str
    updated_input: dict[str, Any] | None
    contexts: tuple[str, ...]
    halt: bool
    messages: tuple[str, ...]
    errors: tuple[str, ...]
    dry_run: bool
    plan: tuple[Step, ...]


def try_hooks(
    event: str, payload: Any, project: Path, load_runners: Callable[[], Mapping[str, Runner]], *, dry_run: bool = False
) -> tuple[HookTest, tuple[Notice, ...]]:
    """Run what matches. `load_runners` is called when one of the handlers is no command.

    Raises `hook.unknown_event`, `hook.bad_input`, and Denied as the gate does.
    """
    known_event(event)
    if not isinstance(payload, dict) or payload.get("hook_event_name", event) != event:
        hint = f'for example {{"hook_event_name": "{event}", "tool_name": "Bash", "tool_input": {{"command": "ls"}}}}'
        raise InvalidInput("hook.bad_input", f"the input is no {event} event", cause=_what(payload), hint=hint)
    gate.require(Action("hook test", what=event), dry_run=dry_run)
    sources = session_sources(project)
    hooks = Hooks(sources, project=project)
    notices = tuple(Notice("hook.malformed", problem) for problem in hooks.problems)
    handlers, doubts = hooks.matching(event, payload)
    if not dry_run and any(handler.kind != "command" for handler in handlers):
        hooks = Hooks(sources, load_runners(), project=project)
    plan = tuple(Step("run", handler.label, handler.source.path) for handler in handlers)
    plan = plan or (Step("run", "nothing", f"no hook matches this {event}"),)
    if dry_run:
        merged = Merged(0, None, doubts)
    else:
        try:
            with _ending_in_order() as stopping:
                merged = hooks.fire(event, payload, stopping)
        finally:
            hooks.close()
    return _result(event, merged, plan, dry_run), notices


def known_event(event: str, *, fired: bool = True) -> None:
    """Let an event pass that cowork fires, or without `fired` that there is at all. Raises `hook.unknown_event`."""
    known = EVENTS if fired else {**EVENTS, **OTHERS}
    if event not in known:
        hint = did_you_mean(event, known, "see: cowork hook events")
        text = f"cowork fires no event '{event}'" if fired else f"there is no event '{event}'"
        raise NotFound("hook.unknown_event", text, hint=hint, details={"event": event})


def read_input(raw: bytes) -> Any:
    """The JSON of an event. Raises `hook.bad_input`."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        hint = 'write it as {"tool_name": "Bash", ...}'
        raise InvalidInput("hook.bad_input", "the input is not JSON", cause=str(error), hint=hint) from error


@contextlib.contextmanager
def _ending_in_order() -> Iterator[threading.Event]:
    """SIGTERM and SIGINT set the event, so that all handlers are ended first; then they are raised."""
    stopping = threading.Event()
    asked: list[int] = []
    held: dict[int, Any] = {}

    def note(number: int, _frame: object) -> None:
        asked.append(number)
        stopping.set()

    if threading.current_thread() is threading.main_thread():
        held = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        held = {number: handler for number, handler in held.items() if handler is not signal.SIG_IGN}
    for number in held:
        signal.signal(number, note)
    try:
        yield stopping
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
    if signal.SIGINT in asked:
        raise KeyboardInterrupt
    if asked:
        raise Terminated("hook.terminated", "the test was asked to end", hint="the hooks that still ran were ended, too")


def _result(event: str, merged: Merged, plan: tuple[Step, ...], dry_run: bool) -> HookTest:
    items = tuple(_tried(ran, ran.handler) for ran in merged.ran if ran.handler is not None)
    return HookTest(
        event, items, len(items), merged.blocked, merged.reason, merged.decision, merged.decision_reason, merged.updated_input,
        tuple(merged.contexts), merged.halt, tuple(merged.messages), tuple(merged.errors), dry_run, plan,
    )  # fmt: skip


def _tried(ran: Ran, handler: Handler) -> TriedHook:
    return TriedHook(
        handler.label,
        handler.kind,
        handler.source.origin,
        handler.source.path,
        ran.exit_code,
        ran.timed_out,
        ran.problem,
        round(ran.seconds, 3),
        ran.stdout[:_EXCERPT],
        ran.stderr[:_EXCERPT],
    )


def _what(payload: Any) -> str:
    return f"it is for {payload.get('hook_event_name')!r}" if isinstance(payload, dict) else f"it is a {type(payload).__name__}"
