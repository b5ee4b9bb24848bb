"""What several heartbeats come to together, as the exit code says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cowork.core.errors import CoworkError, Degraded
from cowork.core.outcome import Notice
from cowork.twins.beats.report import Beat, Status
from cowork.twins.beats.running import Ended


class Standing(NamedTuple):
    """How one heartbeat stands, and why it is not simply done."""

    twin: str
    status: Status
    reason: str


def standing(ended: Ended) -> Standing | None:
    """How a turn stands that was begun; None for others."""
    if ended.beat is not None:
        return standing_of(ended.beat)
    return Standing(ended.due.name, "failed", ended.error.message) if ended.failed and ended.error else None


def standing_of(beat: Beat) -> Standing:
    """How a heartbeat stands."""
    return Standing(beat.twin, beat.status, beat.reason)


def require_whole(standings: Sequence[Standing], data: Any, notices: tuple[Notice, ...] = ()) -> None:
    """Raises `twin.failed` when all failed, Degraded `twin.degraded` when some did or are not whole; with data and notices."""
    wanting = [item for item in standings if item.status in ("failed", "degraded")]
    if not wanting:
        return
    if all(item.status == "failed" for item in standings):
        raise CoworkError("twin.failed", f"{wanting[0].twin}: {wanting[0].reason}", data=data, notices=notices)
    names = ", ".join(item.twin for item in wanting[:5])
    raise Degraded(
        "twin.degraded",
        f"{len(wanting)} of {len(standings)} heartbeats are not whole: {names}",
        cause=wanting[0].reason,
        hint="what there is is stored; see: cowork twin results",
        data=data,
        notices=notices,
    )
