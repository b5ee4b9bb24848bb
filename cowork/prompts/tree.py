"""A file tree for prompts: what a project consists of, without what it ignores, and no longer than asked for.

When there is no room for everything, what is near the top is shown first, and every directory gets its share. What is not shown
is counted where it would stand.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cowork.core.errors import InvalidInput
from cowork.core.text import printable
from cowork.prompts.listing import Names, listed

MOST_LINES = 1000
LEAST_TOKENS = 100
"""A budget below this is refused: it would hold no more than what is left out."""
_CHARACTERS_A_TOKEN = 4
_CLOSING = 120  # characters kept free for the last line

_LONGEST_NAME = 120

Kind = Literal["directory", "file", "link", "repository", "other"]
_MARKS = {"file": "", "link": "@", "repository": "/ (a repository)", "other": " (no file)"}


@dataclass(frozen=True)
class TreeEntry:
    """A line of the tree. `path` is below the root, made safe to show; `files` are those below a directory, all of them.

    `open` says whether a directory's content is shown, at least in part. A `repository` is another one within this one.
    """

    path: str
    kind: Kind
    depth: int
    files: int
    open: bool


@dataclass(frozen=True)
class Tree:
    """A tree: its lines as `text`, and the same as `entries`.

    `files` are all there are, `shown` those with a line of their own; `too_deep` and `no_room` are those without one, and why.
    `ignored` counts files and whole directories that are ignored. `problem` says why not everything was looked at, if so.
    """

    root: str
    entries: tuple[TreeEntry, ...]
    text: str
    tokens: int
    files: int
    shown: int
    too_deep: int
    no_room: int
    ignored: int
    problem: str | None


@dataclass
class _Node:
    """A directory: its files, its directories, and what is chosen to be shown of them: names with their kinds."""

    name: str
    place: Path
    depth: int
    files: list[str] = field(default_factory=list)
    directories: dict[str, _Node] = field(default_factory=dict)
    total: int = 0
    chosen: dict[str, Kind] = field(default_factory=dict)

    @property
    def entries(self) -> int:
        """How many lines it takes to show all that is in it itself."""
        return len(self.files) + len(self.directories)


def tree(root: str | Path, *, depth: int | None = None, most: int = MOST_LINES, budget_tokens: int | None = None) -> Tree:
    """The tree below a directory: at most `depth` levels, `most` entries and `budget_tokens` tokens.

    Raises `context.missing`, `context.not_a_directory`, `context.unreadable`, `context.budget_too_small`.
    """
    from cowork.prompts.builder import tokens

    if budget_tokens is not None and budget_tokens < LEAST_TOKENS:
        raise InvalidInput(
            "context.budget_too_small",
            f"a budget of {budget_tokens} tokens holds no tree",
            hint=f"give it at least {LEAST_TOKENS}",
        )
    top = directory_at(root)
    found = listed(top)
    node = _built(found.paths, top)
    head = f"{_short(node.name)}/"
    around = len(head) + _CLOSING + len(found.problem or "")
    room = None if budget_tokens is None else budget_tokens * _CHARACTERS_A_TOKEN - around
    deep = _choose(node, depth, most, room)
    drawn = list(_drawn(node, ""))
    entries = tuple(entry for entry, _ in drawn if entry)
    shown = sum(entry.kind != "directory" for entry in entries)
    counts = node.total, shown, deep, node.total - shown - deep, found.ignored
    text = "\n".join([head, *(line for _, line in drawn), _closing(*counts, found.problem)])
    return Tree(safe_name(str(top)), entries, text, tokens(text), *counts, found.problem)


def directory_at(path: str | Path) -> Path:
    """The directory at a path, without links. Raises `context.missing`, `context.not_a_directory`, `context.unreadable`."""
    try:
        real = Path(os.path.realpath(path, strict=True))
        is_directory = real.is_dir()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise _refused("missing", f"there is no directory: {safe_name(str(path))}", path) from None
    except OSError as error:
        raise _refused("unreadable", f"cannot read {safe_name(str(path))} ({error.strerror})", path) from error
    if not is_directory:
        raise _refused("not_a_directory", f"this is no directory: {safe_name(str(path))}", path)
    return real


def safe_name(name: str) -> str:
    """A file's name on one line, with what could drive a terminal, break the line or hide as its escape."""
    return printable(name.replace("\r", "\\r")).replace("\n", "\\n").replace("\t", "\\t")


def ordered(paths: tuple[Names, ...]) -> list[Names]:
    """Paths as the tree has them: what is in a directory itself before what is in the directories below it."""
    return sorted(paths, key=lambda names: tuple((at + 1 < len(names), name) for at, name in enumerate(names)))


def _refused(code: str, message: str, path: str | Path) -> InvalidInput:
    return InvalidInput(f"context.{code}", message, hint="name a directory", details={"path": safe_name(str(path))})


def _built(paths: tuple[Names, ...], place: Path) -> _Node:
    top = _Node(place.name, place, 0)
    for names in paths:
        node = top
        node.total += 1
        for part in names[:-1]:
            if part not in node.directories:
                node.directories[part] = _Node(part, node.place / part, node.depth + 1)
            node = node.directories[part]
            node.total += 1
        node.files.append(names[-1])
    return top


def _choose(top: _Node, depth: int | None, most: int, room: int | None) -> int:
    """Open directories, level by level, each with its share of what is left; how many files are too deep.

    What shares leave over goes to the directories that got too little, the upper ones first.
    """
    level, short = deque([top]), deque[_Node]()
    left = room if room is not None else 1 << 60
    too_deep = 0
    while level or short:
        again = not level
        node = short.popleft() if again else level.popleft()
        if depth is not None and node.depth >= depth:
            too_deep += node.total
            continue
        sharing = 1 if again else 1 + sum(other.depth == node.depth for other in level) + bool(node.directories)
        before = set(node.chosen)
        left += _reserved(node)
        used = _fill(node, -(-most // sharing), left // sharing)
        most, left = most - (len(node.chosen) - len(before)), left - used - _reserved(node)
        if not again and len(node.chosen) < node.entries:
            short.append(node)
        level.extend(node.directories[name] for name in sorted(set(node.chosen) - before) if name in node.directories)
    return too_deep


def _reserved(node: _Node) -> int:
    """Characters for the line that counts what is not shown of a directory, if there will be one."""
    return len(_more(node)) + 1 if 0 < len(node.chosen) < node.entries else 0


def _more(node: _Node) -> str:
    """That line. It is longest as long as nothing is chosen."""
    directories = len(node.directories) - sum(name in node.directories for name in node.chosen)
    files = node.entries - len(node.chosen) - directories
    counts = [_files(files)] * bool(files) + [f"{directories:,} director{'y' if directories == 1 else 'ies'}"] * bool(
        directories
    )
    return f"{'  ' * (node.depth + 1)}… and {', '.join(counts)}"


def _fill(node: _Node, lines: int, room: int) -> int:
    """Choose what fits of what is not chosen yet of a directory, directories first; the characters that it takes."""
    names = [name for name in (*sorted(node.directories), *sorted(node.files)) if name not in node.chosen]
    reserve = len(_more(node)) + 3  # "1 directory" is longer than "9 files"
    used = 0
    for number, name in enumerate(names[:lines], 1):
        kind: Kind = "directory" if name in node.directories else _kind(node.place / name)
        cost = len(_line(node, name, kind, closed=True)) + 1
        if used + cost + (reserve if number < len(names) else 0) > room:
            break
        node.chosen[name] = kind
        used += cost
    return used


def _kind(path: Path) -> Kind:
    """What something is; what git knows and is not there, or cannot be seen, counts as a file."""
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return "file"
    if stat.S_ISDIR(mode):
        return "repository"  # it is listed as a whole
    return "link" if stat.S_ISLNK(mode) else "file" if stat.S_ISREG(mode) else "other"


def _line(node: _Node, name: str, kind: Kind, *, closed: bool) -> str:
    indent = "  " * (node.depth + 1)
    if kind == "directory":
        return f"{indent}{_short(name)}/" + (f" ({_files(node.directories[name].total)})" if closed else "")
    return f"{indent}{_short(name)}{_MARKS[kind]}"


def _drawn(node: _Node, above: str) -> Iterator[tuple[TreeEntry | None, str]]:
    """Every chosen entry with its line; after those of a directory a line without an entry that counts the others."""
    for name in (*sorted(set(node.files) & set(node.chosen)), *sorted(set(node.directories) & set(node.chosen))):
        kind, path, below = node.chosen[name], f"{above}{safe_name(name)}", node.directories.get(name)
        is_open = below is not None and bool(below.chosen)
        entry = TreeEntry(path, kind, node.depth + 1, below.total if below else 0, is_open)
        yield entry, _line(node, name, kind, closed=not is_open)
        if below is not None:
            yield from _drawn(below, f"{path}/")
    if 0 < len(node.chosen) < node.entries:
        yield None, _more(node)


def _closing(files: int, shown: int, deep: int, no_room: int, ignored: int, problem: str | None) -> str:
    said = [_files(files), f"{shown:,} shown"] if shown < files else [_files(files)]
    said += [f"{no_room:,} left out for want of room"] if no_room else []
    said += [f"{deep:,} deeper than asked for"] if deep else []
    said += [f"{ignored:,} ignored"] if ignored else []
    return f"({', '.join(said)}{f'; {problem}' if problem else ''})"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _short(name: str) -> str:
    shown = safe_name(name)
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[:_LONGEST_NAME]}…"
