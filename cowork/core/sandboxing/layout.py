"""What of the file system is there in a sandbox, and how: one rule a path, the deepest one above a path holds for it.

Paths are real ones. Links that lead to them are made anew, so that a path works inside under every name it has outside.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Access = Literal["private", "read", "write", "hide", "copy"]
"""`private` is an empty place of its own, gone afterwards; `hide` an empty one that cannot be written; `copy` a file's copy."""
_MOST_LINKS = 40


@dataclass(frozen=True)
class Layout:
    """The rules, parents first; the links, by where they stand; what to look at afterwards, with what it was before."""

    rules: tuple[tuple[Path, Access], ...]
    links: tuple[tuple[Path, str], ...] = ()
    watched: tuple[tuple[Path, str | None], ...] = ()

    def access(self, path: Path) -> Access | None:
        """What holds for a real path, None when it is not there at all."""
        known = dict(self.rules)
        return next((known[place] for place in (path, *path.parents) if place in known), None)

    def of(self, *accesses: Access) -> list[str]:
        """The paths with one of these rules."""
        return [str(path) for path, access in self.rules if access in accesses]


class Drawing:
    """A layout in the making. Of two rules for one path the later holds."""

    def __init__(self) -> None:
        self.rules: dict[Path, Access] = {}
        self.links: dict[Path, str] = {}
        self.watched: dict[Path, str | None] = {}

    def add(self, path: Path, access: Access) -> Path:
        """Give a path a rule, and every link on the way its place; where it really is."""
        real = self._follow(path)
        self.rules[real] = access
        return real

    def add_if_new(self, path: Path, access: Access) -> None:
        """The same, unless a rule of the same or a greater power holds for it already."""
        if self.access(Path(os.path.realpath(path))) not in ("read", "write"):
            self.add(path, access)
        else:
            self._follow(path)

    def guard(self, path: Path) -> None:
        """Have a path that could be written be read only, and watched.

        A link that leads elsewhere opens nothing: who works inside may have made it, for the next time that this is asked.
        """
        self.watch(path)
        if path.exists() and self.access(Path(os.path.realpath(path))) == "write":
            self.add(path, "read")

    def watch(self, path: Path) -> None:
        """Have it looked at afterwards whether it is still as it is now."""
        self.watched[path] = state(path)

    def _above(self, path: Path) -> Access | None:
        return self.access(path.parent) if path != path.parent else None

    def access(self, path: Path) -> Access | None:
        """What holds for a real path so far."""
        return next((self.rules[place] for place in (path, *path.parents) if place in self.rules), None)

    def finished(self) -> Layout:
        """The layout. Directories between what may be written and what may not are pinned: they could be renamed otherwise."""
        for path, access in list(self.rules.items()):
            if access in ("read", "hide"):
                self._pin(path)
        needed = {path: access for path, access in self.rules.items() if access != "read" or self._above(path) != "read"}
        rules = sorted(needed.items(), key=lambda rule: (len(rule[0].parts), str(rule[0])))
        seen = {place for place, _ in rules}
        links = [(at, to) for at, to in self.links.items() if at not in seen and self.access(at.parent) in (None, "private")]
        return Layout(tuple(rules), tuple(sorted(links)), tuple(sorted(self.watched.items())))

    def _pin(self, path: Path) -> None:
        between: list[Path] = []
        for place in path.parents:
            if place in self.rules:
                if self.rules[place] == "write":
                    self.rules.update(dict.fromkeys(between, "write"))
                return
            between.append(place)

    def _follow(self, path: Path) -> Path:
        """Where a path leads, with every link on the way noted."""
        parts, place = list(reversed(path.parts[1:])), Path("/")
        for _ in range(_MOST_LINKS * len(path.parts) + _MOST_LINKS):
            if not parts:
                break
            part = parts.pop()
            if part == "..":
                place = place.parent
                continue
            step = place / part
            try:
                target = str(step.readlink())
            except OSError:
                place = step
                continue
            self.links[step] = target
            parts += reversed([word for word in target.split("/") if word not in ("", ".")])
            place = Path("/") if target.startswith("/") else place
        return Path(os.path.realpath(path))


def state(path: Path) -> str | None:
    """What is at a path, in a word: the target of a link, `there`, or None."""
    try:
        return f"-> {path.readlink()}"
    except OSError:
        return "there" if os.path.lexists(path) else None
