"""The state of a session, read from its journal."""

from __future__ import annotations

from collections.abc import Iterable

from cowork.core.errors import InvalidInput
from cowork.loop.engine.folding import apply
from cowork.loop.engine.state import LoopState, fold
from cowork.sessions import journal, places
from cowork.sessions.places import Workplace
from cowork.sessions.reading import Event


def read(place: Workplace) -> LoopState:
    """The state of a session, to go on with it.

    Raises `session.journal_corrupt` for lines that are no events, and `session.not_resumable` for what is no working loop.
    """
    events = journal.read(place.journal)
    places.head_of(place, events)
    try:
        state = fold(events)
        if state.order is None:
            raise KeyError("order")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        from cowork.loop import heads

        raise heads.not_resumable(place.session_id, error, verb="loop run") from error
    return state


def state_of(place: Workplace, events: Iterable[Event]) -> LoopState:
    """The state that events come to. Raises `session.journal_corrupt`, with the line of the first one that is bad."""
    state = LoopState()
    for event in events:
        take(place, state, event)
    return state


def take(place: Workplace, state: LoopState, event: Event) -> None:
    """Change the state as the next event says. Raises `session.journal_corrupt` for one that does not say what it should."""
    try:
        apply(state, event)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise corrupt(place, event, error) from error


def corrupt(place: Workplace, event: Event, error: Exception) -> InvalidInput:
    """The refusal of an event that does not say what its kind has to."""
    return InvalidInput(
        "session.journal_corrupt",
        f"{place.journal}:{event['seq']}: this event does not say what it should",
        cause=f"{event['type']}: {type(error).__name__}: {error}",
        hint="restore the file from a copy, or remove the session",
    )
