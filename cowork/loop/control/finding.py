"""Which session is meant: one that is named, else one of the project that the user is in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowork.core.errors import NotFound
from cowork.core.paths import project_dir
from cowork.core.text import one_line
from cowork.sessions import lock, places
from cowork.sessions.places import Workplace

_SHOWN = 3


def find(name: str | None, *, steering: bool = False) -> Workplace:
    """The session of this id or start of an id; of no name the one that works on this project, else its last; `last` is that.

    Another project's is only ever meant by its id. Where this one has no loop, the last run of a pattern is meant, which is of
    no project; but not for `steering`. Raises `session.not_found`, with what runs elsewhere, and `session.ambiguous`.
    """
    among = places.of_kind("loop")
    if name is not None and name != "last":
        return places.find(name, among, verb="loop list")
    project = project_dir()
    here = of_project(project, among)
    if name is None:
        working = lock.inspect(lock.project_lock(project))
        if working.state == "held" and working.holder is not None:
            here = [place for place in here if place.session_id == working.holder.session] or here
    if not here and not steering:
        here = [place for place in among if not _is_loop(place)]
    if not here:
        raise _nothing(project, among)
    return here[0]


def last(name: str) -> Workplace:
    """The session to go on with: of `last` the newest that is of this project, or of none. Raises what `find` raises."""
    among = places.of_kind("loop")
    if name != "last":
        return places.find(name, among, verb="loop list")
    project = project_dir()
    mine = [place for place in among if not _is_loop(place) or _is_of(project, place)]
    if not mine:
        raise _nothing(project, among)
    return mine[0]


def of_project(project: Path, among: list[Workplace]) -> list[Workplace]:
    """The working loops of a project, in the order they have."""
    return [place for place in among if _is_of(project, place)]


def project_of(place: Workplace) -> str | None:
    """The project of a working loop; None for a run of a pattern, and for what cannot be read."""
    order = (places.beginning(place) or {}).get("order")
    project = order.get("project") if isinstance(order, dict) else None
    return project if isinstance(project, str) else None


def _is_loop(place: Workplace) -> bool:
    return "order" in (places.beginning(place) or {})


def _is_of(project: Path, place: Workplace) -> bool:
    found = project_of(place)
    if found is None:
        return False
    try:
        return found == str(project) or Path(found).resolve() == project.resolve()
    except (OSError, ValueError, RuntimeError):  # a link to itself, or no path at all
        return False


def _nothing(project: Path, among: list[Workplace]) -> NotFound:
    if not among:
        return NotFound("session.not_found", "there is no session yet", hint='start one with: cowork loop run "TASK"')
    running = [place for place in among if places.alive(place)]
    words = [f"{place.session_id} ({one_line(project_of(place) or 'a pattern', 100)})" for place in running]
    listed = ", ".join(words[:_SHOWN]) + (f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else "")
    details: dict[str, Any] = {"project": str(project), "running": [place.session_id for place in running]}
    return NotFound(
        "session.not_found",
        f"no loop has worked on {one_line(str(project), 200)}",
        hint=f"name the session; these run: {listed}" if running else "name the session; list them with: cowork loop list",
        details=details,
    )
