"""The areas of a workspace: its top directories, and the directories of one that holds nearly everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

TOP = "(top level)"
Area = Callable[[str], str]
"""What tells a path's area."""
_NEARLY_ALL = 0.75


def areas(paths: Iterable[str]) -> Area:
    """What tells a path's area, made for these paths: of `src/a/x` that is `src`, or `src/a` where nearly all is in `src`."""
    known = list(paths)
    tops = Counter(_first(path) for path in known)
    whole = {top for top, count in tops.items() if top != TOP and count > _NEARLY_ALL * len(known)}
    split = {top for top in whole if len({_first(path.partition("/")[2]) for path in known if _first(path) == top} - {TOP}) > 1}

    def area(path: str) -> str:
        top = _first(path)
        below = _first(path.partition("/")[2]) if top in split else TOP
        return top if below == TOP else f"{top}/{below}"

    return area


def _first(path: str) -> str:
    top, slash, _ = path.partition("/")
    return top if slash else TOP
