"""A program that does what a script tells it: a list of steps, each [what, with what], in the file that FAKE_AGENT names.

It needs the standard library only, and starts fast.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys


def main() -> None:
    with open(os.environ["FAKE_AGENT"], encoding="utf-8") as script:
        steps = json.load(script)
    for what, value in steps:
        globals()[what](value)


def record(path: str) -> None:
    """Write down how it was started."""
    started = {"argv": sys.argv[1:], "stdin": sys.stdin.read(), "environment": dict(os.environ), "cwd": os.getcwd()}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(started, file)


def say(text: str) -> None:
    """Print, each byte by itself, so that whoever reads gets it in pieces cut anywhere."""
    for byte in text.encode("utf-8", "surrogateescape"):
        os.write(1, bytes((byte,)))


def say_at_once(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()


def repeat(what: tuple[str, int]) -> None:
    """Print a text so many times, much at a time."""
    text, times = what
    raw = text.encode()
    block = raw * max(1, (1 << 20) // len(raw))
    left = len(raw) * times
    while left > 0:
        left -= os.write(1, block[: min(left, len(block))])


def complain(text: str) -> None:
    os.write(2, text.encode())


def ignore(_: None) -> None:
    """Do not end when asked to."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def on_term(text: str) -> None:
    """Print a text and end when asked to."""

    def end(*_: object) -> None:
        say_at_once(text)
        os._exit(3)

    signal.signal(signal.SIGTERM, end)


def spawn(what: tuple[str, bool]) -> None:
    """Start a process that never ends, in a session of its own or not, and write its number to a file."""
    path, apart = what
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    child = subprocess.Popen([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE, start_new_session=apart)
    assert child.stdout is not None
    child.stdout.readline()
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{child.pid}\n")


def hang(_: None) -> None:
    while True:
        signal.pause()


def close_stdin(_: None) -> None:
    os.close(0)


def exit(code: int) -> None:
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main()
