"""For `doctor`: whether results can be delivered. Nobody is told anything, and no address is shown."""

from __future__ import annotations

from cowork.core.clock import SystemClock, millis
from cowork.core.errors import CoworkError
from cowork.core.health import Check
from cowork.loop.notifying import understands
from cowork.twins.addresses import FROM_ENVIRONMENT, resolved, shown
from cowork.twins.store import outbox
from cowork.twins.store.outbox import Standing

_WEEK_MS = 7 * 86_400_000
_MOST_LOOKED_AT = 200
_MOST_NAMED = 3


def check() -> Check:
    """Deliveries that wait and that failed within a week, and addresses that lead nowhere as they are now."""
    try:
        standing = outbox.standing(millis(SystemClock().now()) - _WEEK_MS)
    except CoworkError as error:
        return Check("deliveries", "fail", error.message)
    if not standing.addresses and not standing.failed:
        return Check("deliveries", "ok", "no twin delivers anything; see: cowork twin edit --help")
    bad = _unusable(standing)
    told = [f"{len(standing.addresses)} address(es), {standing.waiting} waiting, {standing.failed} failed for good this week"]
    if standing.failed:
        told.append("try them again with: cowork twin deliver --retry")
    told += [*bad[:_MOST_NAMED], *([f"and {len(bad) - _MOST_NAMED} more"] if len(bad) > _MOST_NAMED else [])]
    return Check("deliveries", "warn" if bad or standing.failed else "ok", "; ".join(told))


def _unusable(standing: Standing) -> list[str]:
    """Each address once, with one of the twins that have it."""
    twins = {address: name for name, address in reversed(standing.addresses)}
    told = []
    for address, name in list(twins.items())[:_MOST_LOOKED_AT]:
        url = resolved(address)
        if url is None:
            told.append(f"{name}: the variable {address.removeprefix(FROM_ENVIRONMENT)} is not set")
        elif not understands(url):
            told.append(f"{name}: apprise knows no address like {shown(address)}")
    return sorted(told)
