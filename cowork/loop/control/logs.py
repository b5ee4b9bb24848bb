"""What agents printed: the logs of a session's iterations, read from their ends, and cleaned away."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cowork.core.errors import Conflict, NotFound
from cowork.core.files import cannot_write
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.loop.control import readable
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.sessions import journal, places
from cowork.sessions.places import Workplace
from cowork.sessions.reading import Event

What = Literal["output", "errors", "prompt"]
MOST_BYTES = 1024 * 1024
"""At most so much of all logs together is answered; the file itself is named."""
_ENDINGS: dict[What, str] = {"output": ".log", "errors": ".log.err", "prompt": ".prompt.md"}
_NAME = re.compile(r"(\d{4,})(\.log|\.log\.err|\.prompt\.md)")


@dataclass(frozen=True)
class LogText:
    """The log of an iteration. `what`: output, errors or prompt. `left_out` are the bytes before `text` that are not shown."""

    iteration: int
    task: str | None
    agent: str | None
    what: str
    text: str
    left_out: int
    path: str


@dataclass(frozen=True)
class LogPage:
    """Logs of a session in the order of its iterations; or, when cleaning, `removed` files and the bytes they had."""

    session_id: str
    items: tuple[LogText, ...]
    count: int
    removed: tuple[str, ...] = ()
    bytes: int = 0
    dry_run: bool = False
    plan: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Selection:
    """Which logs: of one iteration, of a task, of an agent; without any of them of the last iteration. `tail` are lines.

    What agents printed for programs is put into words unless it is to be `raw`.
    """

    iteration: int | None = None
    task: str | None = None
    agent: str | None = None
    what: What = "output"
    tail: int | None = None
    raw: bool = False

    @property
    def is_of_the_last(self) -> bool:
        """Whether nothing but the last iteration is meant."""
        return self.iteration is None and self.task is None and self.agent is None


def read(place: Workplace, selection: Selection) -> LogPage:
    """The logs that are meant, shortened from their beginnings to what fits. Raises `loop.no_log`."""
    events = journal.read(place.journal)
    who = _who(events)
    chosen = [number for number in sorted(_numbers(place, _ENDINGS[selection.what])) if _fits(number, who, selection)]
    if selection.is_of_the_last:
        chosen = chosen[-1:]
    if not chosen:
        raise _no_log(place, selection, who)
    readers = {} if selection.raw or selection.what != "output" else readable.readers(events)
    room, items = MOST_BYTES, []
    for number in reversed(chosen):
        path = path_of(place, number, selection.what)
        reader = readers.get(number)
        text, left_out = _end(path, room, None if reader else selection.tail)
        room -= len(text)
        if reader:
            lines = readable.words(text, reader).splitlines(keepends=True)
            text = "".join(lines if selection.tail is None else lines[max(0, len(lines) - selection.tail) :])
        task, agent = who.get(number, (None, None))
        items.append(LogText(number, task, agent, selection.what, text, left_out, str(path)))
    items.reverse()
    return LogPage(place.session_id, tuple(items), len(items))


def _no_log(place: Workplace, selection: Selection, who: dict[int, tuple[str | None, str | None]]) -> NotFound:
    numbers = sorted(_numbers(place, _ENDINGS[selection.what]))
    name = {"output": "output", "errors": "output to stderr", "prompt": "prompt"}[selection.what]
    if not numbers:
        hint = f"see how it stands with: cowork loop status {place.session_id}"
        return NotFound("loop.no_log", f"session {place.session_id} has no {name} of any iteration", hint=hint)
    runs = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
    fit = [number for number in sorted(who) if _fits(number, who, selection)]
    tasks, agents = ({text for found in who.values() if (text := found[at])} for at in (0, 1))
    hint = f"there is some of iteration {runs}" if len(numbers) == 1 else f"there is some of iterations {runs}"
    if not fit and selection.task not in (None, *tasks):
        hint = f"tasks that were worked on: {', '.join(one_line(task, 60) for task in sorted(tasks)[:9])}"
    elif not fit and selection.agent not in (None, *agents):
        hint = f"agents that worked: {', '.join(one_line(agent, 60) for agent in sorted(agents)[:9])}"
    return NotFound("loop.no_log", f"session {place.session_id} has no {name} of that", hint=hint)


def path_of(place: Workplace, iteration: int, what: What) -> Path:
    """The file of an iteration's log."""
    return place.outputs / f"{iteration:04d}{_ENDINGS[what]}"


def last_iteration(place: Workplace, what: What) -> int | None:
    """The last iteration that has such a log."""
    return max(_numbers(place, _ENDINGS[what]), default=None)


def clean(place: Workplace, keep: int, *, dry_run: bool) -> LogPage:
    """Remove the logs of all iterations but the last `keep`; the journal keeps what came of them.

    Raises `session.running` (Conflict), `policy.*`, `file.not_writable`.
    """
    if places.alive(place):
        raise Conflict("session.running", f"session {place.session_id} is running", hint="clean up when it has ended")
    gate.require(Action("loop logs", what=place.session_id, removes=True), dry_run=dry_run)
    numbers = sorted({number for ending in _ENDINGS.values() for number in _numbers(place, ending)})
    old = set(numbers[: len(numbers) - keep] if keep else numbers)
    paths = [path for number in sorted(old) for what in _ENDINGS if _is_log(path := path_of(place, number, what))]
    size = sum(path.stat().st_size for path in paths)
    plan = tuple(Step("remove", str(path)) for path in paths) or (Step("keep", str(place.outputs), "nothing is older"),)
    if not dry_run:
        for path in paths:
            try:
                path.unlink()
            except OSError as error:
                raise cannot_write(path, error) from error
    return LogPage(place.session_id, (), 0, tuple(map(str, paths)), size, dry_run, plan)


def _is_log(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _numbers(place: Workplace, ending: str) -> list[int]:
    try:
        names = [path.name for path in place.outputs.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    matches = [match for name in names if (match := _NAME.fullmatch(name)) and match[2] == ending]
    return [int(match[1]) for match in matches if _is_log(place.outputs / match.string)]


def _who(events: list[Event]) -> dict[int, tuple[str | None, str | None]]:
    """The task and the agent of every iteration."""
    started = (event["data"] for event in events if event["type"] == "iteration.started")
    return {data["iteration"]: (data.get("task"), data.get("agent")) for data in started}


def _fits(number: int, who: dict[int, tuple[str | None, str | None]], selection: Selection) -> bool:
    task, agent = who.get(number, (None, None))
    return (
        selection.iteration in (None, number)
        and (selection.task is None or selection.task == task)
        and (selection.agent is None or selection.agent == agent)
    )


def _end(path: Path, most: int, lines: int | None) -> tuple[str, int]:
    """The end of a file, at most so many bytes and lines, and the bytes before it."""
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        start = max(0, size - most)
        stream.seek(start)
        raw = stream.read(most)
    if start and (newline := raw.find(b"\n")) >= 0:
        raw = raw[newline + 1 :]  # from the beginning of a line
    if lines is not None:
        kept = raw.splitlines(keepends=True)
        raw = b"".join(kept[max(0, len(kept) - lines) :])
    return raw.decode(errors="replace"), size - len(raw)
