"""Searching with Python's regular expressions in a process that can be killed, because some of them never end.

A job is a JSON object on stdin; the answer on stdout is what `rg --null` would print. Exit 0 found, 1 nothing, 2 with a reason.
Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from cowork.core.ignored import fits_glob
from cowork.core.walk import Walk

MOST_ENTRIES = 200_000
MOST_BYTES = 16 * 1024 * 1024
"""A larger file is not searched."""
_LOOK = 8192
_WIDTH = 2000


def main() -> int:
    """Do the job on stdin; the exit status."""
    job = json.load(sys.stdin)
    try:
        flags = (re.IGNORECASE if job.get("ignore_case") else 0) | (re.DOTALL | re.MULTILINE if job.get("multiline") else 0)
        pattern = re.compile(job["pattern"], flags)
    except (re.error, RecursionError, OverflowError) as error:
        sys.stdout.write(f"{error}")
        return 2
    if job["kind"] == "lines":
        return _filter(pattern, job["text"])
    out = sys.stdout.buffer
    found = False
    for name, text in _texts(job):
        for piece in _answer(job, name, text, pattern):
            found = True
            out.write(piece)
        out.flush()
    return 0 if found else 1


def _filter(pattern: re.Pattern[str], text: str) -> int:
    lines = [line for line in text.split("\n") if pattern.search(line)]
    sys.stdout.write("\n".join(lines))
    return 0 if lines else 1


def _texts(job: dict[str, Any]) -> Iterator[tuple[bytes, str]]:
    """Each file to search: its path, and its text."""
    top = job["top"]
    if not job["directory"]:
        text = _text(os.open(top, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC))
        if text is not None:
            yield os.fsencode(top), text
        return
    end = time.monotonic() + job["seconds"]
    walk = Walk(top, most=MOST_ENTRIES, over=lambda: time.monotonic() > end)
    for met in walk.files((), job["above"]):
        if not met.entry.is_file(follow_symlinks=False) or (job["globs"] and not fits_glob(job["globs"], met.names)):
            continue
        if job["also"] and not fits_glob(job["also"], met.names):
            continue
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            text = _text(os.open(met.entry.name, flags, dir_fd=met.directory))
        except OSError:
            continue
        if text is not None:
            yield os.fsencode("/".join([top.rstrip("/"), *met.names])), text


def _text(handle: int) -> str | None:
    """The text in an open file, which is closed; None for what is no text, or too large."""
    with os.fdopen(handle, "rb") as stream:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            return None
        start = stream.read(_LOOK)
        return None if b"\0" in start else (start + stream.read(MOST_BYTES)).decode("utf-8", "replace")


def _answer(job: dict[str, Any], name: bytes, text: str, pattern: re.Pattern[str]) -> Iterator[bytes]:
    """What is printed of one file."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    hits = _spans(text, lines, pattern) if job.get("multiline") else _hits(lines, pattern)
    if job["mode"] == "files_with_matches":
        if next(hits, None) is not None:
            yield name + b"\0"
        return
    if job["mode"] == "count":
        number = sum(1 for _ in hits)
        if number:
            yield name + b"\0" + str(number).encode() + b"\n"
        return
    yield from _content(name, lines, hits, job["before"], job["after"])


def _hits(lines: list[str], pattern: re.Pattern[str]) -> Iterator[int]:
    search: Callable[[str], object] = pattern.search
    return (number for number, line in enumerate(lines) if search(line[:-1] if line.endswith("\r") else line))


def _spans(text: str, lines: list[str], pattern: re.Pattern[str]) -> Iterator[int]:
    """The lines that matches across lines touch, each once."""
    at = line = 0
    last = -1
    for match in pattern.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        end = line + match.group().removesuffix("\n").count("\n")
        for number in range(max(line, last + 1), min(end, len(lines) - 1) + 1):
            last = number
            yield number


def _content(name: bytes, lines: list[str], hits: Iterator[int], before: int, after: int) -> Iterator[bytes]:
    last, until = -1, -1  # the last line printed, and the last one that is still context

    def line(number: int, sign: str) -> bytes:
        text = lines[number].rstrip("\r")[:_WIDTH]
        return name + b"\0" + f"{number + 1}{sign}{text}\n".encode("utf-8", "replace")

    for hit in hits:
        for number in range(last + 1, min(until, hit - 1) + 1):
            yield line(number, "-")
            last = number
        start = max(last + 1, hit - before)
        if (before or after) and last >= 0 and start > last + 1:
            yield b"--\n"
        for number in range(start, hit):
            yield line(number, "-")
        yield line(hit, ":")
        last, until = hit, hit + after
    for number in range(last + 1, min(until, len(lines) - 1) + 1):
        yield line(number, "-")


if __name__ == "__main__":
    sys.exit(main())
