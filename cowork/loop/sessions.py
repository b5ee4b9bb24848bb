"""Sessions of loops, as the `loop` verbs answer them: computed from the journal, with `session.json` as a projection."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from cowork.core.decode import from_plain
from cowork.core.errors import InvalidInput
from cowork.core.files import write_atomic
from cowork.core.outcome import Notice
from cowork.core.plain import to_plain
from cowork.loop.engine.closing import report_of
from cowork.loop.engine.pages import session_page
from cowork.loop.engine.reading import state_of
from cowork.loop.engine.state import LoopState
from cowork.loop.results import AgentSwitch, Cost, LoopRun, Tokens
from cowork.loop.session_results import SessionDetail, SessionItem, SessionList
from cowork.sessions import journal, places
from cowork.sessions.journal import Event
from cowork.sessions.places import Workplace
from cowork.sessions.reading import Stream

if TYPE_CHECKING:
    from cowork.core.health import Check


def checkpoint(place: Workplace) -> None:
    """Write `session.json` anew from the journal."""
    write_atomic(place.path / "session.json", json.dumps(to_plain(_load(place, _state(place))), indent=2).encode() + b"\n")


def list_sessions() -> tuple[SessionList, tuple[Notice, ...]]:
    """Every session, newest first; a session that cannot be read is a notice, not a failure."""
    items, notices = [], []
    for place in places.of_kind("loop"):
        try:
            detail = _load(place, _state(place))
        except InvalidInput as error:
            notices.append(Notice(error.code, error.message))
            continue
        answer = detail.result.answer if detail.result else None
        items.append(
            SessionItem(
                session_id=detail.session_id,
                status=detail.status,
                pattern=detail.pattern,
                task=detail.task,
                answer=answer,
                rehearsal=detail.rehearsal,
                created_at=detail.created_at,
                updated_at=detail.updated_at,
                iteration=detail.iteration,
                loop_enabled=detail.loop_enabled,
                project=detail.project,
            )
        )
    return SessionList(tuple(items), len(items)), tuple(notices)


def show_session(name: str) -> SessionDetail:
    """One session by id, unique prefix of an id, or `last`. Raises `session.not_found` or `session.ambiguous`."""
    place = places.find(name, places.of_kind("loop"), verb="loop list")
    state = _state(place)
    detail = _load(place, state)
    if state is None:
        return detail
    return replace(detail, report=replace(report_of(place.session_id, state), status=detail.status))


def _state(place: Workplace) -> LoopState | None:
    """The state of a working loop, read a piece at a time; None for other sessions. Raises what `_load` raises."""
    if "order" not in (places.beginning(place) or {}):
        return None
    return state_of(place, Stream(place.journal))


def _load(place: Workplace, state: LoopState | None) -> SessionDetail:
    """Raises `session.journal_corrupt`, also for events that are not as they were written."""
    try:
        if state is not None:
            return session_page(place, state, alive=places.alive(place))
        return _detail(place, journal.read(place.journal))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            "session.journal_corrupt",
            f"{place.journal}: its events are not as they were written",
            cause=f"{type(error).__name__}: {error}"[:200],
            hint="remove the session",
        ) from error


def _detail(place: Workplace, events: list[Event]) -> SessionDetail:
    head = places.head_of(place, events)
    status = places.status_of(place, events)
    last = places.end_of(events) or events[-1]
    seats = head.get("seats") or ()
    found = last["data"].get("result")
    result = from_plain(LoopRun, found) if found else None
    budget = head.get("budget") or {}
    return SessionDetail(
        session_id=place.session_id,
        status=status,
        pattern=head["pattern"],
        task=head["task"],
        rehearsal=head["rehearsal"],
        created_at=events[0]["at"],
        updated_at=last["at"],
        iteration=sum(event["type"] == "iteration.started" for event in events),
        max_iterations=1,
        completion_promise=None,
        loop_enabled=False,
        multi_model_per_iteration=False,
        fallback_agents=tuple(
            dict.fromkeys(f"{item['provider']}/{item['model']}" for seat in seats for item in seat["fallbacks"])
        ),
        rate_limited_agents={},
        current_agent=", ".join(dict.fromkeys(f"{seat['provider']}/{seat['model']}" for seat in seats)),
        agent_switch_history=tuple(
            AgentSwitch(event["at"], event["data"]["seat"], event["data"]["by"], "unusable")
            for event in events
            if event["type"] == "seat.substituted"
        ),
        iterations=sum(event["type"] == "iteration.completed" for event in events),
        failures=int(status == "failed"),
        tokens=result.tokens if result else Tokens(0, 0, "unknown"),
        cost=result.cost if result else Cost(None, False, budget.get("usd")),
        seconds=result.seconds if result else 0.0,
        commits=0,
        resumes=sum(event["type"] == "run.resumed" for event in events),
        questions={},
        project=None,
        tasks_file=None,
        events=len(events),
        error=last["data"].get("message") if status in ("failed", "interrupted") else None,
        reason=None,
        message=last["data"].get("message") or None,
        path=str(place.path),
        result=result,
    )


def check() -> Check:
    """For `doctor`: whether every session can be read."""
    from cowork.core.health import Check

    listed, notices = list_sessions()
    if notices:
        return Check("sessions", "warn", notices[0].message)
    return Check("sessions", "ok", f"{listed.count} session(s)")
