"""Running hook handlers as processes of their own group."""

import os
import signal
import subprocess

from cowork.hooks.config import Handler
from cowork.hooks.decision import Ran


def run_handler(handler: Handler, stdin: str) -> Ran:
    """Run one command with the event's JSON on stdin; on time-out its whole process group is killed."""
    environment = {**os.environ, "CLAUDE_PROJECT_DIR": os.environ.get("CLAUDE_PROJECT_DIR", os.getcwd())}
    process = subprocess.Popen(
        ["/bin/sh", "-c", handler.command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(stdin, timeout=handler.timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return Ran(handler.command, -signal.SIGKILL, "", "", timed_out=True)
    return Ran(handler.command, process.returncode, stdout, stderr)
