"""Reading one run of an agent: its output becomes an answer, a trace and a record as it comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cowork.core.secrets import Redactor
from cowork.models.chat import OnText
from cowork.models.command_line import plain
from cowork.models.command_line.answer import Answer
from cowork.models.command_line.capture import Capture
from cowork.models.command_line.dialects import Dialect
from cowork.models.command_line.events import Finished
from cowork.models.command_line.jsonl import Dropped, Line, LineReader, Record
from cowork.models.command_line.tracing import Tracer

_NOISE_LINES, _NOISE_LENGTH = 20, 500


@dataclass(frozen=True)
class Captures:
    """Where what an agent prints is kept: stdout in `output`, stderr in `errors`."""

    output: Capture
    errors: Capture

    @classmethod
    def at(cls, path: Path | None, redactor: Redactor) -> Captures:
        """In the file at `path` and one beside it that ends in `.err`, or in temporary ones."""
        beside = path.with_name(path.name + ".err") if path else None
        return cls(Capture(redactor, path), Capture(redactor, beside))

    def close(self, *, keep: bool) -> None:
        """No more will come."""
        self.output.close(keep=keep)
        self.errors.close(keep=keep)


class Reading:
    """Hears what an agent prints. When hearing goes wrong, such as in `on_text`, `failed` is set, and `error` says it."""

    def __init__(self, dialect: Dialect, on_text: OnText, tracer: Tracer | None, captures: Captures) -> None:
        self.answer = Answer()
        self.error: Exception | None = None
        self.failed = asyncio.Event()
        self.dropped = 0  # bytes of the longest line that was too long to read
        self.captures = captures
        self.heard_at = asyncio.get_running_loop().time()  # when it last said something, by the clock of the event loop
        self._stdout = plain.Stdout() if dialect is plain.events else None
        self._dialect, self._on_text, self._tracer = dialect, on_text, tracer
        self._lines = LineReader()
        self._noise: deque[str] = deque(maxlen=_NOISE_LINES)

    @property
    def noise(self) -> str:
        """The last lines of its output that are no records."""
        return "\n".join(self._noise)

    @property
    def is_plain(self) -> bool:
        """Whether it just prints, so that nothing but its exit status says how it went."""
        return self._stdout is not None

    @property
    def said(self) -> str:
        """Its last message so far, whole or not."""
        return self._stdout.text if self._stdout else self.answer.text

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said of its message."""
        return (self._stdout.note,) if self._stdout and self._stdout.note else ()

    def output(self, piece: bytes) -> None:
        """Take a piece of stdout."""
        self.heard_at = asyncio.get_running_loop().time()
        self.captures.output.add(piece)
        if self._stdout is None:
            self._take(self._lines.feed(piece))
        else:
            self._pass_on(self._stdout.add(piece))

    def errors(self, piece: bytes) -> None:
        """Take a piece of stderr."""
        self.heard_at = asyncio.get_running_loop().time()
        self.captures.errors.add(piece)

    def finish(self) -> None:
        """What just prints has ended by itself: what it printed is its answer."""
        if self._stdout is not None and self._stdout.text.strip():
            self.answer.finished = Finished(self._stdout.text)

    def end(self) -> None:
        """The agent has ended."""
        self._take(self._lines.end())
        if self._tracer and self.error is None:
            try:
                self._tracer.end()
            except Exception as error:
                self._fail(error)

    def _take(self, lines: Iterable[Line]) -> None:
        if self.error is not None:
            return
        try:
            for line in lines:
                self._read(line)
        except Exception as error:  # nobody would hear of it in a callback of the loop: the model raises it
            self._fail(error)

    def _pass_on(self, text: str) -> None:
        if self.error is not None or not text:
            return
        try:
            self._on_text(text)
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.error = error
        self.failed.set()

    def _read(self, line: Line) -> None:
        if isinstance(line, Dropped):
            self.dropped = max(self.dropped, line.size)
            self.answer.miss()
        elif isinstance(line, Record):
            for event in self._dialect(line.value):
                fresh = self.answer.take(event)
                if fresh:
                    self._on_text(fresh)
                if self._tracer:
                    self._tracer.take(event)
        else:
            self._noise.append(line.text[:_NOISE_LENGTH])
