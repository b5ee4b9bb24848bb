"""Starts bwrap and stays before it: run as a file of its own, by a Python without site packages.

bwrap dies of a signal that its group is sent, and all inside with it, before an agent could end in order. This process takes
such a signal and hands it to the group inside. It also opens the files of `--copy FROM TO`, for bwrap copies from open files
only. When its parent dies, so does everything inside; so does it when this process is killed.
"""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence

PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_LOOK_S = 0.25
"""Seconds between looks whether the parent is still there."""


def main(words: Sequence[str]) -> int:
    """Run bwrap with these words, of which the first is its path; its exit status."""
    parent = os.getppid()
    waited = {*PASSED_ON, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, waited)
    told, tell = os.pipe()
    os.set_inheritable(tell, True)
    argv = [words[0], "--info-fd", str(tell), *_opened(words[1:])]
    child = os.posix_spawn(words[0], argv, os.environ, setpgroup=0, setsigmask=())
    os.close(tell)
    inside = 0
    while True:
        heard = signal.sigtimedwait(waited, _LOOK_S)
        if heard is not None and heard.si_signo != signal.SIGCHLD:
            inside = inside or _inside(told)
            if inside:
                _send(inside, heard.si_signo)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if os.getppid() != parent:
            os.kill(child, signal.SIGKILL)


def _opened(words: Sequence[str]) -> list[str]:
    """The words with every `--copy FROM TO` before the command turned into what bwrap knows."""
    made: list[str] = []
    rest = list(words)
    while rest and rest[0] != "--":
        word = rest.pop(0)
        if word == "--copy":
            handle = os.open(rest.pop(0), os.O_RDONLY)
            os.set_inheritable(handle, True)
            made += ["--file", str(handle)]
        else:
            made.append(word)
    return made + rest


def _inside(told: int) -> int:
    """The group of the command, as it is called out here; 0 when it never came to be. bwrap says it at once, or ends."""
    said = b""
    while piece := os.read(told, 4096):
        said += piece
        if b"}" in piece:
            break
    return int(json.loads(said)["child-pid"]) if said else 0


def _send(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
