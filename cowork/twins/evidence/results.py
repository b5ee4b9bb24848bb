"""What the verbs about evidence answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cowork.core.clock import Clock
from cowork.core.errors import Unavailable, UsageError
from cowork.core.outcome import Notice, Outcome
from cowork.twins.evidence.collecting import Told, collect
from cowork.twins.evidence.collectors import COLLECTORS, NAMES
from cowork.twins.evidence.findings import Evidence


@dataclass(frozen=True)
class CollectorLine:
    """A collector: what it finds, the program it needs (empty for none), and what its result depends on."""

    name: str
    help: str
    needs: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class CollectorList:
    """All collectors, in the order in which they are told of."""

    items: tuple[CollectorLine, ...]
    count: int


@dataclass(frozen=True)
class Collected:
    """Evidence about a workspace, in the order in which it was asked for."""

    workspace: str
    items: tuple[Evidence, ...]
    count: int


def list_collectors() -> CollectorList:
    """Every collector there is."""
    lines = tuple(CollectorLine(one.name, one.help, one.needs, one.basis) for one in COLLECTORS)
    return CollectorList(lines, len(lines))


def run(names: Sequence[str], workspace: Path, clock: Clock, *, everything: bool, fresh: bool, told: Told) -> Outcome:
    """The evidence of these collectors, or of all. What is not to be had is warned about.

    Raises `evidence.unavailable`, with what was told as data, when nothing is to be had, `evidence.not_found` and
    `evidence.no_workspace`.
    """
    if everything == bool(names):
        text = "--all stands alone" if names else "no collector is named"
        hint = f"name some of {', '.join(NAMES)}, or all of them with --all"
        raise UsageError("usage.invalid", text, hint=hint)
    wanted = NAMES if everything else tuple(dict.fromkeys(names))
    found = collect(wanted, workspace, clock, fresh=fresh, told=told)
    data = Collected(str(workspace.resolve()), found, len(found))
    missing = [evidence for evidence in found if evidence.status == "unavailable"]
    if len(missing) == len(found):
        first = missing[0]
        others = f" and {len(missing) - 1} others" if len(missing) > 1 else ""
        raise Unavailable(
            "evidence.unavailable",
            f"{first.collector}{others}: no evidence",
            cause=first.reason,
            hint=first.hint or "cowork evidence list says what each needs",
            details={"collectors": [evidence.collector for evidence in missing]},
            data=data,
        )
    return Outcome(data, tuple(_notice(evidence) for evidence in missing))


def _notice(evidence: Evidence) -> Notice:
    hint = f" ({evidence.hint})" if evidence.hint else ""
    return Notice("evidence.unavailable", f"{evidence.collector}: {evidence.reason}{hint}")
