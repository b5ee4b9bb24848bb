"""For `doctor`: whether somebody lets the twins work."""

from __future__ import annotations

from cowork.core.clock import Clock, SystemClock, from_millis, millis
from cowork.core.errors import CoworkError
from cowork.core.health import Check
from cowork.twins.store import listing, servers

LATE_MS = 3_600_000
"""A twin that is overdue for longer, while nothing beats, waits for a scheduler that is not there."""


def check(clock: Clock | None = None) -> Check:
    """How many twins are active and overdue, and whether a scheduler runs; a warning where nobody lets them work."""
    now = millis((clock or SystemClock()).now())
    try:
        fleet = listing.fleet(now)
        running = len(servers.running(now))
    except CoworkError as error:
        return Check("twins", "fail", f"{error.message}; {error.hint}")
    if not fleet.active + fleet.paused:
        return Check("twins", "ok", "none is active; for one: cowork twin activate software-engineer")
    scheduler = {0: "no scheduler runs", 1: "a scheduler runs"}.get(running, f"{running} schedulers run")
    text = f"{fleet.active} active, {fleet.paused} paused, {fleet.overdue} overdue; {scheduler}"
    late = fleet.overdue_since_ms is not None and now - fleet.overdue_since_ms > LATE_MS
    beaten = fleet.last_beat_ms is not None and now - fleet.last_beat_ms <= LATE_MS
    if fleet.overdue_since_ms is None or not late or running or beaten:
        return Check("twins", "ok", text)
    since = from_millis(fleet.overdue_since_ms)
    return Check("twins", "warn", f"{text}, and nothing beat since {since}: cowork twin serve, or cowork twin install-service")
