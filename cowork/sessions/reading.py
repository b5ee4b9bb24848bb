"""Reading a journal: all of it, what is new in it, and cutting off what a crash left at its end.

A line is an event when it is a JSON object with the schema, a time, a type and data, and the number after the one before it:
time may go backwards, numbers may not. The last line may be anything, for a crash or a power failure may have spoilt it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from json.decoder import JSONDecoder
from pathlib import Path
from typing import Any, NamedTuple

from cowork.core.errors import InvalidInput
from cowork.core.files import cannot_write
from cowork.core.undisturbed import undisturbed

Event = dict[str, Any]
EVENT_SCHEMA = "cowork.event/1"
LONGEST_LINE = 64 * 1024 * 1024
_PIECE = 4 * 1024 * 1024
_scan: Callable[[str, int], tuple[Any, int]] = vars(JSONDecoder())["scan_once"]  # in C, and without a look around


class Mended(NamedTuple):
    """A journal that can be appended to: the number of the last event, bytes that were cut off after it, and all events."""

    last: int
    cut: int
    events: list[Event]


class Position(NamedTuple):
    """How far a journal was read: bytes, and the number of the last event, which is also that of its line."""

    offset: int = 0
    seq: int = 0


def read(path: Path) -> list[Event]:
    """The events of a journal in order, without a last line that is none. Any other bad line raises
    `session.journal_corrupt` with its number.
    """
    return _whole(path, path.read_bytes())[0]


class Stream:
    """The events of a journal in order, a few of them in memory at a time, as `read` has them; raises what it raises.

    Once all were had, `length` is how many bytes of the file's `size` they are.
    """

    def __init__(self, path: Path) -> None:
        self.length = self.size = 0
        self._path = path

    def __iter__(self) -> Iterator[Event]:
        seq, rest = 0, b""
        with self._path.open("rb") as stream:
            piece = stream.read(_PIECE)
            while piece:
                following = stream.read(_PIECE)
                self.size += len(piece)
                lines = (rest + piece).split(b"\n")
                rest = lines.pop()
                events, bad = _parse(lines, seq)
                seq += len(events)
                self.length += sum(len(line) + 1 for line in lines[: len(events)])
                yield from events
                if bad is not None:
                    if len(events) + 1 < len(lines) or rest or following:
                        raise _corrupt(self._path, seq + 1, bad)
                    return
                piece = following


def mend(path: Path) -> Mended:
    """Cut off a last line that is no event, so that appending is safe.

    Raises `session.journal_corrupt` for any other bad line, and `file.not_writable`; then the file is as it was.
    """
    raw = path.read_bytes()
    events, length = _whole(path, raw)
    if length < len(raw):
        cut(path, length)
    return Mended(len(events), len(raw) - length, events)


def cut(path: Path, length: int) -> None:
    """Cut off what is behind so many bytes of a journal. Raises `file.not_writable`; then the file is as it was."""
    try:
        with path.open("r+b") as stream:
            stream.truncate(length)
            os.fsync(stream.fileno())
    except OSError as error:
        raise cannot_write(path, error) from error


def follow(path: Path, position: Position) -> tuple[list[Event], Position]:
    """The next events after a position, and the position after them; none when nothing new is there yet.

    A line that is not whole, or is the last one and no event, is waited for: it is still being written, or will be cut off.
    Raises `session.journal_corrupt` for a bad line before others, and for a journal that has become shorter.
    """
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size < position.offset:
            raise _corrupt(path, position.seq, "the file has become shorter")
        stream.seek(position.offset)
        piece = _lines(stream.read(_PIECE), stream, path, position.seq)
    lines = piece.split(b"\n")
    lines.pop()
    events, bad = _parse(lines, position.seq)
    taken = len(piece) if bad is None else sum(len(line) + 1 for line in lines[: len(events)])
    if bad is not None and position.offset + taken + len(lines[len(events)]) + 1 < size:
        raise _corrupt(path, position.seq + len(events) + 1, bad)
    return events, Position(position.offset + taken, position.seq + len(events))


def _lines(piece: bytes, stream: Any, path: Path, seq: int) -> bytes:
    """The whole lines at the beginning of a piece, and more of the file when there is none."""
    pieces, length = [piece], len(piece)
    while piece and b"\n" not in piece:
        if length > LONGEST_LINE:
            raise _corrupt(path, seq + 1, f"it is longer than {LONGEST_LINE} bytes")
        piece = stream.read(_PIECE)
        pieces.append(piece)
        length += len(piece)
    whole = b"".join(pieces)
    return whole[: whole.rfind(b"\n") + 1]


def _whole(path: Path, raw: bytes) -> tuple[list[Event], int]:
    """The events, and how many bytes of the file they are."""
    lines = raw.split(b"\n")
    tail = lines.pop()  # empty when the file ends with a newline
    events, bad = _parse(lines, 0)
    length = len(raw) - len(tail)
    if bad is None:
        return events, length
    if len(events) + 1 < len(lines) or tail:
        raise _corrupt(path, len(events) + 1, bad)
    return events, length - len(lines[-1]) - 1


def _parse(lines: Sequence[bytes], seq: int) -> tuple[list[Event], str | None]:
    """The events up to the first line that is none, and what is wrong with that one."""
    events: list[Event] = []
    with undisturbed():
        try:
            for line in lines:
                text = line.decode()
                event, end = _scan(text, 0)
                seq += 1
                if (
                    end != len(text)
                    or type(event) is not dict
                    or event["schema"] != EVENT_SCHEMA
                    or event["seq"] != seq
                    or type(event["seq"]) is not int
                    or type(event["data"]) is not dict
                    or type(event["type"]) is not str
                    or type(event["at"]) is not str
                    or len(line) > LONGEST_LINE
                ):
                    return events, _amiss(event, seq, whole=end == len(text), size=len(line))
                events.append(event)
        except StopIteration:
            return events, "it is not JSON"
        except (ValueError, RecursionError) as error:
            return events, str(error) or type(error).__name__
        except KeyError as error:
            return events, f"it has no {error}"
    return events, None


def _amiss(event: Any, seq: int, *, whole: bool, size: int) -> str:
    if not whole:
        return "there is something after the event"
    if size > LONGEST_LINE:
        return f"it is longer than {LONGEST_LINE} bytes"
    if type(event) is not dict:
        return "it is not an object"
    if event["schema"] != EVENT_SCHEMA:
        return f"unknown schema {str(event['schema'])[:60]!r}"
    if event["seq"] != seq or type(event["seq"]) is not int:
        return f"its number is {str(event['seq'])[:20]}, and {seq} comes next"
    return "its time, type or data are none"


def _corrupt(path: Path, line: int, cause: str) -> InvalidInput:
    return InvalidInput(
        "session.journal_corrupt",
        f"{path}:{line}: this line is not an event",
        cause=cause,
        hint="restore the file from a copy; the lines before it are intact",
        details={"path": str(path), "line": line},
    )
