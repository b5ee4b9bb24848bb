"""Doing what a call of the script says, step by step."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from cowork.fake_agent.memory import Turn
from cowork.fake_agent.script import Doing
from cowork.fake_agent.speaking import Speaker, Usage, put
from cowork.fake_agent.steps import signal_number

READ_ONLY, FAILED = 91, 92
"""Exit statuses: of a call that would change files and may not, and of a step that did not do what the script expects."""
_SHOWN = 64 * 1024
_CHUNK = 64 * 1024
_ENDLESS = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)\nwhile True: signal.pause()"


class Ended(Exception):
    """The call is over, with this exit status."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Actor:
    """Does steps. `words` stand in texts as {{name}}; with `read_only` nothing is changed."""

    def __init__(self, speaker: Speaker, usage: Usage, usd: float, words: Mapping[str, str], *, read_only: bool) -> None:
        self._speaker = speaker
        self._usage, self._usd = usage, usd
        self._words = words
        self._read_only = read_only

    def play(self, turn: Turn) -> int:
        """All of a call; the exit status."""
        try:
            self._do(turn.call.steps, None)
            self._speaker.end(self._usage, self._usd)
        except Ended as end:
            return end.code
        return 0

    def _do(self, steps: Iterable[Doing], parent: str | None) -> None:
        for name, fields in steps:
            step: Callable[..., None] = getattr(self, f"_{name}")
            step(parent, **fields)

    def _fill(self, text: str) -> str:
        for name, value in self._words.items():
            text = text.replace("{{" + name + "}}", value)
        return text

    def _say(self, parent: str | None, text: str, pieces: int, sleep: float) -> None:
        self._speaker.say(self._fill(text), pieces, sleep, parent)

    def _tool(self, parent: str | None, name: str, input: dict[str, Any], result: str, failed: bool) -> None:
        self._speaker.used(self._speaker.use(name, input, parent), self._fill(result), failed, parent)

    def _write(self, parent: str | None, path: str, text: str) -> None:
        self._change(parent, "Write", path, lambda place: place.write_text(self._fill(text), encoding="utf-8"))

    def _append(self, parent: str | None, path: str, text: str) -> None:
        def add(place: Path) -> None:
            with place.open("a", encoding="utf-8") as stream:
                stream.write(self._fill(text))

        self._change(parent, "Edit", path, add)

    def _delete(self, parent: str | None, path: str) -> None:
        self._change(parent, "Bash", path, lambda place: place.unlink())

    def _change(self, parent: str | None, tool: str, path: str, change: Callable[[Path], object]) -> None:
        self._may_change(tool)
        place = Path(self._fill(path))
        id = self._speaker.use(tool, {"file_path": str(place)}, parent)
        try:
            if ".." in place.parts or place.is_absolute():
                raise OSError(0, "it lies outside of the working directory")
            place.parent.mkdir(parents=True, exist_ok=True)
            change(place)
        except OSError as error:
            self._give_up(f"{place}: {error.strerror or error}")
        self._speaker.used(id, "ok", False, parent)

    def _run(self, parent: str | None, command: str, expect: int) -> None:
        import subprocess

        self._may_change("run")
        id = self._speaker.use("Bash", {"command": command}, parent)
        environment = {**os.environ, **{f"FAKE_{name.upper()}": value for name, value in self._words.items()}}
        done = subprocess.run(  # noqa: S602 - the script is the user's own, and says that it is for a shell
            command, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        )
        self._speaker.used(id, done.stdout[-_SHOWN:].decode("utf-8", "replace"), done.returncode != 0, parent)
        if done.returncode != expect:
            self._give_up(f"the command ended with {done.returncode}, not {expect}: {command}")

    def _subagent(
        self, parent: str | None, type: str, description: str, prompt: str, do: Iterable[Doing], result: str, failed: bool
    ) -> None:
        wish = {"subagent_type": type, "description": description, "prompt": self._fill(prompt)}
        id = self._speaker.use("Task", wish, parent)
        self._do(do, id)
        self._speaker.used(id, self._fill(result), failed, parent)

    def _sleep(self, parent: str | None, seconds: float) -> None:
        time.sleep(seconds)

    def _stderr(self, parent: str | None, text: str) -> None:
        put(f"{self._fill(text)}\n".encode(), 2)

    def _raw(self, parent: str | None, text: str) -> None:
        put(f"{self._fill(text)}\n".encode())

    def _flood(self, parent: str | None, mb: int, into: str) -> None:
        text = "x" * (_CHUNK - 1)
        block, times = f"{text}\n".encode(), mb * (1 << 20) // _CHUNK
        id = self._speaker.use("Bash", {"command": "yes"}, parent) if into == "tool" else ""
        for _ in range(times):
            if into == "say":
                self._speaker.say(text, 1, 0, parent)
            elif into == "tool":
                self._speaker.used(id, text, False, parent)
            else:
                put(block if into != "line" else text.encode() + b"x", 2 if into == "stderr" else 1)
        if into == "line":
            put(b"\n")

    def _rate_limit(self, parent: str | None, form: str, exit: int, **said: Any) -> None:
        words = _limit_words(**said)
        if form == "structured":
            self._speaker.fail(words, "rate_limit", 529 if said["overloaded"] else 429)
        else:
            put(f"{words}\n".encode(), 2 if form == "stderr" else 1)
        raise Ended(exit)

    def _auth_failure(self, parent: str | None, words: str) -> None:
        self._speaker.fail(words, "authentication_failed", 401)
        raise Ended(1)

    def _spawn(self, parent: str | None, pid_file: str | None, apart: bool) -> None:
        import subprocess

        command = [sys.executable, "-S", "-c", _ENDLESS]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=apart)  # noqa: S603 - words of our own
        assert child.stdout is not None
        child.stdout.readline()  # from here on it ignores TERM
        if pid_file:
            with Path(pid_file).open("a", encoding="utf-8") as stream:
                stream.write(f"{child.pid}\n")

    def _ignore_term(self, parent: str | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def _hang(self, parent: str | None) -> None:
        while True:
            signal.pause()

    def _crash(self, parent: str | None, signal: str | int) -> None:
        number = signal_number(signal)
        assert number is not None
        os.kill(os.getpid(), number)
        time.sleep(1)  # one that is not deadly
        raise Ended(0)

    def _exit(self, parent: str | None, code: int, result: bool) -> None:
        if result:
            self._speaker.end(self._usage, self._usd)
        raise Ended(code)

    def _may_change(self, what: str) -> None:
        if self._read_only:
            put(f"cowork-fake-agent: {what}: this call may only read\n".encode(), 2)
            raise Ended(READ_ONLY)

    def _give_up(self, why: str) -> None:
        put(f"cowork-fake-agent: {why}\n".encode(), 2)
        raise Ended(FAILED)


def _limit_words(resets: str | None, in_s: float | None, epoch_in_s: float | None, overloaded: bool, words: str | None) -> str:
    """What the real programs say of a limit."""
    if words is not None:
        return words
    if overloaded:
        return 'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    if resets is not None:
        return f"You've hit your limit · resets {resets}"
    if epoch_in_s is not None:
        return f"Claude AI usage limit reached|{int(time.time() + epoch_in_s)}"
    if in_s is not None:
        return f"You've hit your usage limit. Try again in {in_s:g} seconds."
    message = "This request would exceed your account's rate limit. Please try again later."
    return f'API Error: 429 {{"type":"error","error":{{"type":"rate_limit_error","message":"{message}"}}}}'
