"""One handler as a process in a group of its own: started, fed, heard as far as is kept, and ended with its group.

`subprocess` would cost more than the handlers themselves; this is what is needed of it.
"""

import os
import select
import time

from cowork.hooks.records import Handler, Ran

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEPT = 1024 * 1024  # bytes of each stream that are kept; the rest is read and dropped
GRACE = 0.25  # seconds that a handler's own children may hold its output once it has ended
_CHUNK = 65536
_FEW = 32
_KILL, _PIPE, _XFSZ = 9, 13, 25  # the `signal` module is not worth its start-up


class Process:
    """A running command. `fds` maps what is open to what is to be done with it; `step` and `check` move it on."""

    def __init__(self, handler: Handler, argv: "Sequence[str]", stdin: bytes, environment: "Mapping[str, str]") -> None:
        """Start it. Raises OSError when it cannot be started."""
        self.handler = handler
        self.started = time.monotonic()
        self.deadline = self.started + handler.timeout
        self.code: int | None = None
        self.out = bytearray()
        self.err = bytearray()
        self.cut = False
        self.timed_out = False
        self.stopped = False
        self.seconds = 0.0
        self._pending = memoryview(stdin)
        self._ended = 0.0
        ours: list[int] = []
        theirs: list[int] = []
        fill_standard_streams()
        try:
            for reads in (True, False, False):
                read, write = os.pipe()
                theirs.append(read if reads else write)
                ours.append(write if reads else read)
            self.pid = spawn(argv, theirs, environment)
        except BaseException:
            for fd in ours:
                os.close(fd)
            raise
        finally:
            for fd in theirs:
                os.close(fd)
        self._in, self._out, self._err = ours
        for fd in ours:
            os.set_blocking(fd, False)
        self.fds = {self._in: select.POLLOUT, self._out: select.POLLIN, self._err: select.POLLIN}
        self._watch = _pidfd(self.pid)
        if self._watch >= 0:
            self.fds[self._watch] = select.POLLIN

    def step(self, fd: int) -> None:
        """Do what `fd` is ready for."""
        if fd == self._watch:
            self._reap()
        elif fd == self._in:
            self._feed()
        else:
            self._hear(fd, self.out if fd == self._out else self.err)

    def check(self, now: float, *, stop: bool = False) -> bool:
        """Whether it is over; at its deadline, or with `stop`, it is ended."""
        if self.code is None and (self._watch < 0 or stop or now >= self.deadline):
            self._reap()
        if self.code is None and (stop or now >= self.deadline):
            self.stopped, self.timed_out = stop, not stop
            self.kill()
        if self.code is None:
            return False
        heard = self._out not in self.fds and self._err not in self.fds
        if heard or self.timed_out or self.stopped or now - self._ended >= GRACE:
            self._close()
            self.seconds = now - self.started
            return True
        return False

    def next_look(self, now: float) -> float:
        """Seconds until `check` should be asked again, whatever happens to the descriptors."""
        if self.code is not None:
            return max(0.0, self._ended + GRACE - now)
        slice_ = 0.01 if self._watch < 0 else 60.0
        return max(0.0, min(slice_, self.deadline - now))

    def kill(self) -> None:
        """End it and its whole group, and wait for it."""
        for kill, target in ((os.killpg, self.pid), (os.kill, self.pid)):
            try:
                kill(target, _KILL)
            except OSError:
                continue  # it is gone
        give_up = time.monotonic() + 5  # a process in an uninterruptible call dies later, without us
        while self.code is None and time.monotonic() < give_up:
            self._reap()
            if self.code is None:
                time.sleep(0.001)
        if self.code is None:
            self.code = -_KILL

    def result(self) -> Ran:
        """How it ended."""
        silent = self.timed_out or self.stopped  # half an answer is none
        return Ran(
            self.handler.label,
            -_KILL if silent else self.code or 0,
            "" if silent else self.out.decode("utf-8", "replace"),
            "" if silent else self.err.decode("utf-8", "replace"),
            timed_out=self.timed_out,
            stopped=self.stopped,
            cut=self.cut,
            seconds=self.seconds,
            handler=self.handler,
        )

    def abandon(self) -> None:
        """End it at once: the caller is going."""
        self._reap()
        if self.code is None:
            self.kill()
        self._close()

    def _reap(self) -> None:
        if self.code is not None:
            return
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:  # somebody else has waited for it: how it ended is not known, so it counts as a failure
            pid, status = self.pid, 255 << 8
        if pid:
            self.code = os.waitstatus_to_exitcode(status)
            self._ended = time.monotonic()
            if self._watch >= 0:
                self._drop(self._watch)

    def _feed(self) -> None:
        try:
            self._pending = self._pending[os.write(self._in, self._pending[:_CHUNK]) :] if self._pending else self._pending
        except BlockingIOError:
            return
        except OSError:  # it does not read what it is given, and need not
            self._pending = memoryview(b"")
        if not self._pending:
            self._drop(self._in)

    def _hear(self, fd: int, kept: bytearray) -> None:
        try:
            data = os.read(fd, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(fd)
            return
        room = KEPT - len(kept)
        kept += data[:room]
        self.cut = self.cut or (len(data) > room and fd == self._out)

    def _drop(self, fd: int) -> None:
        if self.fds.pop(fd, None) is not None:
            os.close(fd)

    def _close(self) -> None:
        for fd in list(self.fds):
            self._drop(fd)


def fill_standard_streams() -> None:
    """Open what we were started without: a pipe would take its number, and the child's streams would get mixed up."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(fd)


def spawn(argv: "Sequence[str]", theirs: "Sequence[int]", environment: "Mapping[str, str]") -> int:
    """A new process in a session of its own that has the three descriptors and no other of ours. Raises OSError."""
    actions: list[tuple[int, int] | tuple[int, int, int]] = [(os.POSIX_SPAWN_DUP2, fd, at) for at, fd in enumerate(theirs)]
    actions += [(os.POSIX_SPAWN_CLOSE, fd) for fd in _inherited()]
    return os.posix_spawnp(
        argv[0], list(argv), environment, file_actions=actions, setsid=True, setsigmask=(), setsigdef=(_PIPE, _XFSZ)
    )


def _inherited() -> list[int]:
    """Descriptors beyond the usual three that somebody left open for us; they are none of a handler's business."""
    found = []
    for fd in range(3, _FEW):  # Python's own are never inherited, and what we were started with has low numbers
        try:
            if os.get_inheritable(fd):
                found.append(fd)
        except OSError:
            continue
    return found


def _pidfd(pid: int) -> int:
    """What becomes readable when the process ends; -1 where the system has no such thing."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return -1
