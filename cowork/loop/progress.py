"""What iterations did, kept from one to the next: written by the engine as Markdown, and read back exactly.

Texts of agents stand behind `> ` and can look like anything; an entry begins only where the engine began one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import InvalidInput
from cowork.core.files import read_regular
from cowork.core.text import one_line, printable
from cowork.prompts.builder import tokens

FILE = Path(".cowork") / "progress.md"
"""Where agents note what they learnt, below a project."""
PATTERNS_HEADING = "## Codebase Patterns"
MOST_BYTES = 1024 * 1024
MOST_PATTERNS = 50
LONGEST_PATTERN = 500
_TITLE = "# Progress\n"
_HEADING = re.compile(r"## Iteration (\d{1,15})")
_FIELDS = ("task", "title", "outcome", "at")


@dataclass(frozen=True)
class Entry:
    """One iteration: its number, the id and title of its task (id None without a task file), what came of it, what it said
    about itself, and when it ended, RFC 3339.
    """

    iteration: int
    task: str | None
    title: str
    outcome: str
    summary: str
    at: str


def write(entries: Sequence[Entry]) -> str:
    """The entries as Markdown, in their order."""
    return _TITLE + "".join(f"\n{_section(entry)}" for entry in entries)


def read(text: str) -> list[Entry]:
    """The entries of what `write` wrote. Lines that are no entry are passed over.

    Raises `progress.corrupt` with the line of an entry that begins and is not whole.
    """
    lines = text.split("\n")
    found, at = [], 0
    while at < len(lines):
        match = _HEADING.fullmatch(lines[at])
        if match:
            entry, at = _entry(lines, at, int(match[1]))
            found.append(entry)
        else:
            at += 1
    return found


def recent(entries: Sequence[Entry], budget: int) -> str:
    """The newest entries for a prompt, oldest first, in at most `budget` tokens (an estimate); it says what was left out."""
    kept: list[str] = []
    for entry in reversed(entries):
        candidate = [_item(entry, entry.summary), *kept]
        if tokens(_joined(candidate, len(entries) - len(candidate))) > budget:
            break
        kept = candidate
    if kept or not entries:
        return _joined(kept, len(entries) - len(kept))
    return _cut(entries[-1], len(entries) - 1, budget)


def patterns(project: Path) -> str:
    """The bullets below `## Codebase Patterns` in a project's progress file, as agents noted them; empty where there are none.

    A file that cannot be read, or leads out of the project, has none.
    """
    path = project / FILE
    try:
        if not path.resolve().is_relative_to(project.resolve()):
            return ""
        text = read_regular(path, MOST_BYTES)[:MOST_BYTES].decode("utf-8", "replace")
    except (OSError, RuntimeError):
        return ""
    found: list[str] = []
    inside = False
    for line in text.splitlines():
        if re.match(r"#{1,2}\s", line):
            inside = line.strip().casefold() == PATTERNS_HEADING.casefold()
        elif inside and (match := re.match(r"\s{0,3}[-*+]\s+(\S.*)", line)):
            found.append(f"- {one_line(match[1], LONGEST_PATTERN)}")
    if len(found) > MOST_PATTERNS:
        return "\n".join([f"({len(found) - MOST_PATTERNS} older ones left out)", *found[-MOST_PATTERNS:]])
    return "\n".join(found)


def _section(entry: Entry) -> str:
    given = {name: getattr(entry, name) for name in _FIELDS}
    fields = "".join(f"- {name}: {_field(value)}\n" for name, value in given.items() if value is not None)
    quoted = "".join(f"> {_quoted(line)}\n" if line else ">\n" for line in entry.summary.split("\n"))
    return f"## Iteration {entry.iteration}\n\n{fields}\n{quoted}"


def _field(value: str) -> str:
    """A value on one line: as it is where it can be read back, as a JSON text otherwise."""
    plain = value.isprintable() and value.strip() == value != "" and not value.startswith('"')
    return value if plain else json.dumps(value)


def _quoted(line: str) -> str:
    """A line of a summary: as it is, or as a JSON text behind a backslash where characters would not survive a file."""
    plain = line.replace("\t", " ").isprintable() and not line.startswith('\\"')
    return line if plain else f"\\{json.dumps(line)}"


def _entry(lines: list[str], at: int, iteration: int) -> tuple[Entry, int]:
    """The entry whose heading is line `at`, and the line behind it."""
    start = at
    given: dict[str, str] = {}
    at += 2
    while at < len(lines) and (match := re.fullmatch(r"- (task|title|outcome|at): (.+)", lines[at])):
        if match[1] in given:
            raise _corrupt(at, f"'{match[1]}' stands there twice")
        given[match[1]] = _unquoted(match[2], at)
        at += 1
    missing = [name for name in _FIELDS if name != "task" and name not in given]
    if missing or lines[start + 1] or lines[at : at + 1] != [""]:
        raise _corrupt(start, f"it lacks {', '.join(missing)}" if missing else "it is not laid out as the loop does")
    at += 1
    said: list[str] = []
    while at < len(lines) and (lines[at] == ">" or lines[at].startswith("> ")):
        line = lines[at][2:]
        said.append(_unquoted(line[1:], at) if line.startswith('\\"') else line)
        at += 1
    if not said:
        raise _corrupt(start, "it has no summary")
    entry = Entry(iteration, given.get("task"), given["title"], given["outcome"], "\n".join(said), given["at"])
    return entry, at


def _unquoted(text: str, at: int) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        raise _corrupt(at, "a text in quotes is not whole") from None


def _corrupt(at: int, why: str) -> InvalidInput:
    return InvalidInput(
        "progress.corrupt",
        f"line {at + 1} of the progress is not what the loop wrote",
        cause=why,
        hint="take the entry out; the session's journal has it all",
        details={"line": at + 1},
    )


def _item(entry: Entry, summary: str) -> str:
    """An entry for a prompt: a bullet, and what was said behind marks, so that it opens no section of the prompt."""
    what = one_line(" ".join(part for part in (entry.task, entry.title) if part), 200)
    head = f"- Iteration {entry.iteration}{f', {what}' if what else ''}: {one_line(entry.outcome, 60)}"
    lines = printable(summary).strip().split("\n")
    return "\n".join([head, *(f"  > {line}".rstrip() for line in lines)]) if summary.strip() else head


def _joined(items: Sequence[str], left_out: int) -> str:
    note = [f"({left_out} earlier iteration(s) left out)"] if left_out else []
    return "\n".join([*note, *items])


def _cut(entry: Entry, left_out: int, budget: int) -> str:
    """One entry that is too long by itself: as much of its beginning as fits, or only how many there were, or nothing."""
    low, high, best = 0, len(entry.summary), ""
    while low <= high:
        middle = (low + high) // 2
        text = _joined([_item(entry, entry.summary[:middle].rstrip() + " … (cut)")], left_out)
        if tokens(text) <= budget:
            best, low = text, middle + 1
        else:
            high = middle - 1
    if best:
        return best
    note = _joined([], left_out + 1)
    return note if tokens(note) <= budget else ""
