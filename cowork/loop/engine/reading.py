"""The state of a session, read from its journal."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cowork.core.errors import InvalidInput
from cowork.loop.engine.folding import apply
from cowork.loop.engine.state import LoopState, fold
from cowork.sessions import places
from cowork.sessions.places import Workplace
from cowork.sessions.reading import Event, Stream, cut


@dataclass(frozen=True)
class Known:
    """The state of a session, by the first `length` bytes of a journal that had `size`."""

    state: LoopState
    length: int
    size: int


def read(place: Workplace) -> LoopState:
    """The state of a session, to go on with it.

    Raises `session.journal_corrupt` for lines that are no events, and `session.not_resumable` for what is no working loop.
    """
    return look(place).state


def look(place: Workplace) -> Known:
    """The state of a session, with how much of its journal that is. Raises what `read` raises."""
    events = Stream(place.journal)
    try:
        state = fold(_begun(place, events))
        if state.order is None:
            raise KeyError("order")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        from cowork.loop import heads

        raise heads.not_resumable(place.session_id, error, verb="loop run") from error
    return Known(state, events.length, events.size)


def mended(place: Workplace, known: Known) -> tuple[LoopState, bool]:
    """The state once this process holds the session, and whether a last line was cut off that is no event.

    What was `known` before counts when the journal is as long as then: it only grows. Raises what `read` raises, and
    `file.not_writable`.
    """
    if place.journal.stat().st_size != known.size:
        known = look(place)
    spoilt = known.length < known.size
    if spoilt:
        cut(place.journal, known.length)
    return known.state, spoilt


def _begun(place: Workplace, events: Iterable[Event]) -> Iterator[Event]:
    """The same events. Raises `session.journal_corrupt` when the first one does not begin a run."""
    each = iter(events)
    first = list(itertools.islice(each, 1))
    places.head_of(place, first)
    return itertools.chain(first, each)


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
