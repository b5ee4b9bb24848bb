"""A handler that a runner answers: in a thread of its own, served beside the processes, left behind when its time is up."""

import os
import select
import threading
import time

from cowork.hooks.records import Handler, Ran

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cowork.hooks.records import Runner


class Errand:
    """A runner at work. It has the same face as `Process`."""

    def __init__(self, handler: Handler, runner: "Runner", stdin: str) -> None:
        self.handler = handler
        self.started = time.monotonic()
        self.deadline = self.started + handler.timeout
        self._runner = runner
        self._stdin = stdin
        self._stopping = threading.Event()
        self._answer: Ran | None = None
        self._over: Ran | None = None
        self._read, self._wake = os.pipe()
        self.fds = {self._read: select.POLLIN}
        threading.Thread(target=self._run, name="hook", daemon=True).start()

    def step(self, fd: int) -> None:
        """The thread has answered."""
        os.close(fd)
        del self.fds[fd]
        self._end(self._answer or Ran(self.handler.label, 1, "", "it did not answer"))

    def check(self, now: float, *, stop: bool = False) -> bool:
        """Whether it is over; at its deadline, or with `stop`, it is told to end and left behind."""
        if self._over is None and (stop or now >= self.deadline):
            self._end(Ran(self.handler.label, -9, "", "", timed_out=not stop, stopped=stop))
            self.abandon()
        return self._over is not None

    def next_look(self, now: float) -> float:
        """Seconds until `check` should be asked again."""
        return max(0.0, min(60.0, self.deadline - now))

    def result(self) -> Ran:
        """How it ended."""
        assert self._over is not None
        return self._over

    def abandon(self) -> None:
        """Tell it to end: nobody listens any more."""
        self._stopping.set()
        for fd in list(self.fds):
            os.close(fd)
            del self.fds[fd]

    def _end(self, ran: Ran) -> None:
        ran.handler = self.handler
        ran.seconds = time.monotonic() - self.started
        self._over = ran

    def _run(self) -> None:
        try:
            answer = self._runner(self.handler, self._stdin, self._stopping)
            if not isinstance(answer, Ran):
                raise TypeError(f"the runner of '{self.handler.kind}' answered with {type(answer).__name__}")
        except BaseException as error:  # whatever it is, a thread that dies in silence would look like an endless one
            answer = Ran(self.handler.label, 1, "", f"{type(error).__name__}: {error}")
        self._answer = answer
        os.close(self._wake)  # the other end sees the end of the pipe
