"""Which session is meant."""

from __future__ import annotations

from cowork.core.errors import NotFound
from cowork.core.paths import project_dir
from cowork.sessions import lock, places
from cowork.sessions.places import Workplace


def find(name: str | None) -> Workplace:
    """The session of this id, start of an id, or `last`; of no name the one that works on this project, else the last.

    Raises `session.not_found`, `session.ambiguous`.
    """
    among = places.of_kind("loop")
    if name is not None:
        return places.find(name, among, verb="loop list")
    if not among:
        raise NotFound("session.not_found", "there is no session yet", hint='start one with: cowork loop start "TASK"')
    working = lock.inspect(lock.project_lock(project_dir()))
    if working.state == "held" and working.holder is not None:
        at_it = [place for place in among if place.session_id == working.holder.session]
        return (at_it or among)[0]
    return among[0]
