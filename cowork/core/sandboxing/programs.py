"""Where a program's files are: the program, what its links lead to, what it is written in, and the directories they belong to.

A directory `bin` stands for the installation around it, unless that is as wide as the home directory.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_DEEPEST = 8
_BINS = frozenset({"bin", "sbin", "shims"})
_WIDE = frozenset({".local", ".config", ".cargo", ".cache"})  # of the home directory: more is there than programs
_BESIDE = {".cargo/bin": (".rustup",)}


def places(program: str, path: str, home: Path, deepest: int = _DEEPEST) -> Iterator[Path]:
    """The files and directories that a program, looked for on `path`, cannot do without; none when it is not there."""
    found = shutil.which(program, path=path)
    if found is None or deepest == 0:
        return
    place = Path(found).absolute()
    for _ in range(_DEEPEST):
        yield around(place, home)
        try:
            place = Path(os.path.normpath(place.parent / place.readlink()))
        except OSError:
            break
    real = Path(os.path.realpath(found))
    yield around(real, home)
    for word in _interpreter(real):
        yield from places(word, path, home, deepest - 1)


def on_path(path: str, home: Path) -> Iterator[Path]:
    """The installations of the directories where programs are looked for."""
    for word in path.split(os.pathsep):
        place = Path(word)
        if place.is_absolute() and place.is_dir():
            yield around(place / "program", home)
            if place.is_relative_to(home):
                yield from (home / name for name in _BESIDE.get(str(place.relative_to(home)), ()) if (home / name).is_dir())


def around(program: Path, home: Path) -> Path:
    """The directory that a program belongs to; itself, where that would be too much."""
    parts = program.parts
    if "node_modules" in parts:
        return Path(*parts[: parts.index("node_modules") + 1])
    place = program.parent
    if place.name in _BINS and not _is_wide(place.parent, home):
        return place.parent
    return program if _is_wide(place, home) else place


def _is_wide(place: Path, home: Path) -> bool:
    return home.is_relative_to(place) or (place.parent == home and place.name in _WIDE)


def _interpreter(program: Path) -> list[str]:
    """What a script names in its first line, `env` left out."""
    try:
        with program.open("rb") as stream:
            first = stream.readline(512)
    except OSError:
        return []
    if not first.startswith(b"#!"):
        return []
    words = first[2:].decode("utf-8", "replace").split()
    if words and Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return words[:1]
