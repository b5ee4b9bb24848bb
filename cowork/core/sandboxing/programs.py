"""Where a program's files are: the program, what its links lead to, what it is written in, and the directories they belong to.

A directory `bin` stands for the installation around it, unless that is as wide as the home directory.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

_DEEPEST = 8
_BINS = frozenset({"bin", "sbin", "shims"})
_MANAGERS = frozenset(
    ".nvm .pyenv .rbenv .nodenv .goenv .asdf .bun .deno .volta .sdkman .n .fnm .dotnet .npm-global .npm-packages .opam .ghcup "
    ".juliaup .venv .venvs .virtualenvs".split()
)
"""Of the hidden directories at home, those with nothing but programs. In others may be a login."""
_BESIDE = {".cargo/bin": (".rustup",)}


def places(program: str, path: str, home: Path, writable: Sequence[Path] = (), deepest: int = _DEEPEST) -> Iterator[Path]:
    """The files and directories that a program, looked for on `path`, cannot do without; none when it is not there.

    What is in a `writable` place is left out, and not followed: who works inside may have made it lead anywhere.
    """
    found = shutil.which(program, path=path)
    if found is None or deepest == 0:
        return
    place = Path(found).absolute()
    for _ in range(_DEEPEST):
        if _is_within(place, writable):
            return
        yield around(place, home)
        try:
            place = Path(os.path.normpath(Path(os.path.realpath(place.parent)) / place.readlink()))
        except OSError:
            break
    for word in _interpreter(place):
        yield from places(word, path, home, writable, deepest - 1)


def on_path(path: str, home: Path, writable: Sequence[Path] = ()) -> Iterator[Path]:
    """The installations of the directories where programs are looked for, but for those in a `writable` place."""
    for word in path.split(os.pathsep):
        place = Path(word)
        if place.is_absolute() and place.is_dir() and not _is_within(place, writable):
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


def _is_within(place: Path, writable: Sequence[Path]) -> bool:
    """Whether a path is in such a place, as it is called or as it really is."""
    forms = (Path(os.path.normpath(place)), Path(os.path.realpath(place.parent)) / place.name, Path(os.path.realpath(place)))
    return any(form.is_relative_to(known) for form in forms for known in writable)


def _is_wide(place: Path, home: Path) -> bool:
    hidden = place.parent == home and place.name.startswith(".") and place.name not in _MANAGERS
    return home.is_relative_to(place) or hidden or place.parent == home / ".config"


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
