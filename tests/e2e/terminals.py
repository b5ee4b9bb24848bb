"""The installed program at a pseudo-terminal, and somebody who answers its question."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import termios
from collections.abc import Mapping

from tests.support import PROGRAM


def at_a_terminal(*argv: str, answer: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run the program at a pseudo-terminal and answer its question: the exit code and everything it showed."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [str(PROGRAM), *argv],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm", **(env or {})},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(terminal)
    shown = b""
    answered = False
    try:
        while process.poll() is None or select.select([controller], [], [], 0)[0]:
            if not select.select([controller], [], [], 1)[0]:
                if answered:  # what came between the question and the reading of the answer is not seen: say it again
                    os.write(controller, answer.encode())
                continue
            try:
                chunk = os.read(controller, 1 << 16)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
            if b"[y/N]" in shown and not answered:
                os.write(controller, answer.encode())
                answered = True
    finally:
        code = process.wait(30)
        os.close(controller)
    return code, shown.decode()
