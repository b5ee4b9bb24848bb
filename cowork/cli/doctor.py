"""cowork doctor"""

from __future__ import annotations

from cowork.cli.commands import load, verb
from cowork.core.errors import CoworkError
from cowork.core.health import Report
from cowork.core.outcome import Outcome

_CHECKS = (
    "core.health:check_python",
    "core.health:check_home",
    "core.health:check_data",
    "core.health:check_settings",
    "core.health:check_git",
    "core.sandboxing.probe:check",
    "policy.store:check",
    "registry.world:check",
    "install.health:check",
    "models.select:check",
    "twins.store.health:check",
    "twins.health:check",
    "twins.delivery_health:check",
    "loop.sessions:check",
    "loop.notifying:check",
)


@verb()
def doctor() -> Outcome:
    """Check the installation, room by room. Exit 1 when something does not work."""
    items = tuple(load(reference)() for reference in _CHECKS)
    report = Report(items, len(items))
    failed = [item for item in items if item.status == "fail"]
    if failed:
        names = ", ".join(item.name for item in failed)
        raise CoworkError("doctor.failed", f"something does not work: {names}", hint="follow the messages above", data=report)
    return Outcome(report)
