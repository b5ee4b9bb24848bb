"""The hooks of a session of our own agent: read once when it begins, so that what happens in it cannot change them."""

import contextlib
import json
import os
import threading
import time

from cowork.hooks.choose import concerned
from cowork.hooks.command import DEPTH, environment, working_directory
from cowork.hooks.decision import merge
from cowork.hooks.events import EVENTS
from cowork.hooks.gather import Gathered, gather
from cowork.hooks.records import Merged
from cowork.hooks.run import Round

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from cowork.hooks.records import Handler, Ran, Runner, Source

MAX_DEPTH = 4  # a hook may run an agent that has hooks; this many times, and then no further


class Hooks:
    """All hooks of a session. `problems` are the lines to report: entries that are malformed, with file and line.

    `project` is where handlers run unless the event names a `cwd`; `environ` what they get, by default ours. It may be used
    from several threads.
    """

    def __init__(
        self,
        sources: "Iterable[Source]",
        runners: "Mapping[str, Runner] | None" = None,
        *,
        project: "str | os.PathLike[str]",
        environ: "Mapping[str, str] | None" = None,
    ) -> None:
        self.project = os.fspath(project)
        self._given: Gathered = gather(sources)
        self.problems = tuple(self._given.problems)
        self._runners = dict(runners or {})
        self._environ = dict(os.environ if environ is None else environ)
        self._depth = _number(self._environ.get(DEPTH))
        self._environ[DEPTH] = str(self._depth + 1)
        self._done: set[int] = set()
        self._background: list[int] = []
        self._reaping = threading.Lock()

    @property
    def handlers(self) -> "tuple[Handler, ...]":
        """Every handler that was read, those of sources that are ignored too (`handler.source.ignored` says why)."""
        return tuple(self._given.handlers)

    def has(self, event: str) -> bool:
        """Whether any handler listens to an event: if not, nothing need be prepared for it."""
        return bool(self._given.in_force(event))

    def matching(self, event: str, payload: "Mapping[str, Any]") -> "tuple[list[Handler], list[str]]":
        """The handlers that `fire` would run, and what could not be judged. Raises ValueError for an event that is not ours."""
        if event not in EVENTS:
            raise ValueError(f"unknown event {event!r}; known: {', '.join(EVENTS)}")
        listening = [handler for handler in self._given.in_force(event) if id(handler) not in self._done]
        return concerned(listening, event, {**payload, "hook_event_name": event})

    def fire(self, event: str, payload: "Mapping[str, Any]", stopping: "threading.Event | None" = None) -> Merged:
        """Run the matching handlers, all at the same time, and merge what they say.

        `payload` are the event's fields in Claude Code's names; `hook_event_name` is set here. When `stopping` is set, what
        still runs is killed with its group. It blocks until the slowest handler has ended or its time is up. Raises ValueError
        for an event that is not ours; a handler never makes it raise.
        """
        handlers, doubts = self.matching(event, payload)
        if not handlers:
            return _with(merge(event, []), doubts)
        if self._depth >= MAX_DEPTH:
            return _too_deep(event, handlers)
        self._done |= {id(handler) for handler in handlers if handler.fields.get("once") and handler.source.origin == "skill"}
        exports = _Exports() if event == "SessionStart" else None
        try:
            merged = merge(event, self._run(event, payload, handlers, exports, stopping))
            if exports is not None:
                merged.env = exports.read(self._environ, merged.errors)
        finally:
            if exports is not None:
                exports.remove()
        return _with(merged, doubts)

    def close(self) -> None:
        """Kill what still runs in the background. The hooks can be used no less afterwards."""
        for pid in self._background:
            with contextlib.suppress(OSError):  # it has ended
                os.killpg(pid, 9)
        give_up = time.monotonic() + 1
        while self._background and time.monotonic() < give_up:
            self._reap()
            time.sleep(0.001)

    def _run(
        self,
        event: str,
        payload: "Mapping[str, Any]",
        handlers: "list[Handler]",
        exports: "_Exports | None",
        stopping: "threading.Event | None",
    ) -> "list[Ran]":
        self._reap()
        extra = {"CLAUDE_ENV_FILE": exports.path} if exports else {}
        stdin = json.dumps({**payload, "hook_event_name": event})
        round_ = Round(stdin, lambda handler: self._environment(handler, extra), self._runners, self._directory(payload))
        try:
            round_.start(handlers)
            return round_.finish(stopping)
        except BaseException:
            round_.abandon()
            raise
        finally:
            self._background += round_.background

    def _environment(self, handler: "Handler", extra: "Mapping[str, str]") -> dict[str, str]:
        data = handler.source.env.get("CLAUDE_PLUGIN_DATA")
        if data:
            os.makedirs(data, mode=0o700, exist_ok=True)
        return environment(handler, {**self._environ, "CLAUDE_PROJECT_DIR": self.project}, self.project, extra)

    def _directory(self, payload: "Mapping[str, Any]") -> str:
        """Where the handlers run; empty for where we are."""
        cwd = payload.get("cwd")
        wanted = cwd if isinstance(cwd, str) and os.path.isdir(cwd) else self.project
        return "" if wanted == working_directory() or not os.path.isdir(wanted) else os.path.abspath(wanted)

    def _reap(self) -> None:
        """Let go of background handlers that have ended."""
        with self._reaping:
            for pid in list(self._background):
                try:
                    ended, _ = os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    ended = pid
                if ended:
                    self._background.remove(pid)


class _Exports:
    """The file that SessionStart hooks write their exports to."""

    def __init__(self) -> None:
        import tempfile

        handle, self.path = tempfile.mkstemp(prefix="cowork-env-")
        os.close(handle)

    def read(self, base: "Mapping[str, str]", errors: list[str]) -> dict[str, str]:
        from cowork.hooks.exports import read

        return read(self.path, base, errors)

    def remove(self) -> None:
        with contextlib.suppress(OSError):  # a hook took it away
            os.unlink(self.path)


def _with(merged: Merged, doubts: list[str]) -> Merged:
    merged.errors += doubts
    return merged


def _too_deep(event: str, handlers: "list[Handler]") -> Merged:
    """Hooks that start agents that fire hooks without end: the guards among them must not just fall away."""
    from cowork.hooks.records import Ran

    problem = f"hooks run each other {MAX_DEPTH} deep"
    return merge(event, [Ran(handler.label, 126, "", "", problem=problem, handler=handler) for handler in handlers])


def _number(text: str | None) -> int:
    """How deep we are. What is no number was put there by somebody else, and is no reason to run without end."""
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else MAX_DEPTH
