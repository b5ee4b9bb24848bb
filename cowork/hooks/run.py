"""Running the handlers of one event, all at the same time, in one loop and without threads."""

import _signal  # type: ignore[import-not-found]  # `signal` costs half a millisecond, most of it for enumerations
import select
import sys
import time

from cowork.hooks.command import arguments
from cowork.hooks.process import Process
from cowork.hooks.records import Ran

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from cowork.hooks.errand import Errand
    from cowork.hooks.records import Handler, Runner

    Job = Process | Errand
    Environment = Callable[[Handler], dict[str, str]]

_STOP_SLICE = 0.05  # seconds between looks at the caller's wish to stop
_SHELL_CODES: dict[type[Exception], int] = {FileNotFoundError: 127, NotADirectoryError: 127, PermissionError: 126}


class Round:
    """The handlers of one event under way. `background` holds the process ids of those that nobody waits for."""

    def __init__(self, stdin: str, environment: "Environment", runners: "Mapping[str, Runner]", directory: str = "") -> None:
        self._text = stdin
        self._stdin = stdin.encode("utf-8", "surrogateescape")
        self._environment = environment
        self._runners = runners
        self._directory = directory
        self._jobs: list[Job | Ran] = []
        self.background: list[int] = []

    def start(self, handlers: "Sequence[Handler]") -> None:
        """Start them all. One that cannot be started has its answer at once."""
        for handler in handlers:
            self._jobs.append(self._start(handler))

    def finish(self, stopping: "threading.Event | None" = None) -> list[Ran]:
        """Serve them until the last has ended, and return how, in their order. What is left when this raises is ended."""
        try:
            _serve([job for job in self._jobs if not isinstance(job, Ran)], stopping)
        except BaseException:
            self.abandon()
            raise
        return [job if isinstance(job, Ran) else job.result() for job in self._jobs]

    def abandon(self) -> None:
        """End everything that still runs."""
        for job in self._jobs:
            if not isinstance(job, Ran):
                job.abandon()

    def _start(self, handler: "Handler") -> "Job | Ran":
        if handler.kind != "command":
            return self._errand(handler)
        try:
            given = self._environment(handler)
            line = arguments(handler, given, self._directory)
            if handler.background:
                from cowork.hooks import background

                self.background.append(background.start(line, self._stdin, given))
                return Ran(handler.label, 0, "", "", handler=handler)
            return Process(handler, line, self._stdin, given)
        except (OSError, ValueError) as error:  # ValueError for a NUL
            code = _SHELL_CODES.get(type(error))
            if code is not None:  # as a shell would say it
                return Ran(handler.label, code, "", f"{handler.command}: {error}", handler=handler)
            return Ran(handler.label, 126, "", "", problem=str(error), handler=handler)

    def _errand(self, handler: "Handler") -> "Job | Ran":
        runner = self._runners.get(handler.kind)
        if runner is None:
            problem = f"there is nothing here that runs handlers of type '{handler.kind}'"
            return Ran(handler.label, 126, "", "", problem=problem, handler=handler)
        from cowork.hooks.errand import Errand

        return Errand(handler, runner, self._text)


def _serve(jobs: "list[Job]", stopping: "threading.Event | None") -> None:
    while True:
        now = time.monotonic()
        stop = stopping is not None and stopping.is_set()
        jobs = [job for job in jobs if not job.check(now, stop=stop)]
        if not jobs:
            return
        poller = select.poll()
        owners = {}
        for job in jobs:
            for fd, mask in job.fds.items():
                owners[fd] = job
                poller.register(fd, mask)
        wait = min(job.next_look(now) for job in jobs)
        wait = wait if stopping is None else min(wait, _STOP_SLICE)
        for fd, _ in poller.poll(int(wait * 1000) + 1):
            if fd in owners[fd].fds:  # an earlier step of this turn may have closed it
                owners[fd].step(fd)


def run_here(round_: Round, handlers: "Sequence[Handler]") -> list[Ran]:
    """Start and finish a round as a program of its own: SIGTERM and SIGINT end it with all its handlers, by SystemExit."""
    ending = _Ending()
    held = ending.take_over()
    try:
        round_.start(handlers)
        ending.ready()
        return round_.finish()
    except BaseException:
        round_.abandon()
        raise
    finally:
        ending.give_back(held)


class _Ending:
    """Answers SIGTERM and SIGINT with SystemExit, but not before it is known whom to take along."""

    def __init__(self) -> None:
        self._ready = False
        self._number = 0

    def __call__(self, number: int, _frame: object) -> None:
        self._number = number
        if self._ready:
            self._ready = False  # a second signal must not keep the first from ending the handlers
            raise SystemExit(128 + number)

    def ready(self) -> None:
        """From now on end at once, and now if a signal came already."""
        self._ready = True
        if self._number:
            raise SystemExit(128 + self._number)

    def take_over(self) -> "dict[int, Any]":
        """Stand in for the handlers there are, and return them. Ignored signals stay ignored."""
        threading = sys.modules.get("threading")
        if threading is not None and threading.current_thread() is not threading.main_thread():
            return {}  # Python allows no other thread to do this
        held: dict[int, Any] = {number: _signal.getsignal(number) for number in (_signal.SIGTERM, _signal.SIGINT)}
        held = {number: handler for number, handler in held.items() if handler != _signal.SIG_IGN}
        for number in held:
            _signal.signal(number, self)
        return held

    def give_back(self, held: "dict[int, Any]") -> None:
        """Put the former handlers back."""
        for number, handler in held.items():
            _signal.signal(number, handler)
