"""What the user asked the loop to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cowork.core.errors import InvalidInput, UsageError
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.loop.budget import NO_BUDGET, Budget
from cowork.loop.seating import Seating, SeatSpec, seated
from cowork.models import select
from cowork.models.select import Target
from cowork.patterns import directory
from cowork.patterns.setup import OPTION_NAMES, Options, Pattern, Price, Setup
from cowork.patterns.steps import StepName, priced
from cowork.prompts.context import Document, read_documents


@dataclass(frozen=True)
class LoopRequest:
    """A run to make: the task, the material, the pattern with its options, the seats, and what it may spend."""

    task: str
    documents: tuple[Document, ...]
    pattern: Pattern
    options: Options
    seats: tuple[Seating, ...]
    steps: tuple[StepName, ...]
    seed: int
    max_tokens: int
    budget: Budget
    checks: tuple[str, ...] = ()

    @property
    def setup(self) -> Setup:
        """The pattern's side of it."""
        roles: dict[str, tuple[str, ...]] = {}
        for seat in self.seats:
            roles[seat.role] = (*roles.get(seat.role, ()), seat.name)
        targets = [target for seat in self.seats for target in (seat.target, *seat.fallbacks)]
        return Setup(
            roles=roles,
            options=self.options,
            seed=str(self.seed),
            names=tuple(sorted({name for target in targets for name in (target.provider, target.model)})),
            accuracies={seat.name: seat.accuracy for seat in self.seats if seat.accuracy is not None},
        )

    @property
    def price(self) -> Price:
        """Calls and depth of the pattern with its extra steps."""
        return priced(self.pattern, self.setup, self.steps)

    @property
    def rehearsal(self) -> bool:
        """Whether any seat is no model."""
        return any(seat.target.rehearsal for seat in self.seats)


@dataclass(frozen=True)
class Wish:
    """What the command line, or a preset, says; None and empty where it says nothing."""

    pattern: str | None = None
    seats: Mapping[str, SeatSpec] = field(default_factory=dict)
    count: int | None = None
    empty: tuple[str, ...] = ()
    options: Mapping[str, int | bool] = field(default_factory=dict)
    steps: tuple[StepName, ...] = ()
    fallbacks: tuple[str, ...] = ()
    provider: str | None = None
    model: str | None = None
    seed: int | None = None
    budget: Budget = NO_BUDGET
    checks: tuple[str, ...] = ()


def prepare(task: str, contexts: Sequence[str], settings: Settings, wish: Wish) -> tuple[LoopRequest, tuple[Notice, ...]]:
    """A checked request: everything that can be refused is refused before a session exists.

    Raises `loop.empty_task`, `pattern.not_found`, `loop.bad_option`, `context.*`, seat and provider errors.
    """
    if not task.strip():
        raise InvalidInput("loop.empty_task", "the task is empty", hint='say what to do: cowork loop start "TASK"')
    pattern = directory.find(wish.pattern or settings["default_pattern"])
    options = _options(pattern, wish.options, settings)
    _require_use(pattern, wish.checks)
    documents, passed_over = read_documents(contexts)
    table = _with_step_seats(pattern, wish.steps)
    empty = (*wish.empty, *(("writer",) if options.verbatim else ()))  # nobody rewrites what is returned as it is
    seats, notices = seated(
        table, wish.seats, settings, provider=wish.provider, model=wish.model, count=wish.count, empty=empty
    )
    common = tuple(map(select.parse, wish.fallbacks))
    seats = tuple(_with_fallbacks(seat, common) for seat in seats)
    for target in {target: None for seat in seats for target in (seat.target, *seat.fallbacks)}:
        select.require_ready(target)  # a key that lacks is no reason to begin
    request = LoopRequest(
        task=task,
        documents=documents,
        pattern=pattern,
        options=options,
        seats=seats,
        steps=wish.steps,
        seed=_seed(wish.seed, seats),
        max_tokens=settings["max_output_tokens"],
        budget=wish.budget,
        checks=wish.checks,
    )
    return request, (*passed_over, *notices, *_useless_fallbacks(seats))


def _seed(given: int | None, seats: Sequence[Seating]) -> int:
    """What labels and ties are drawn from: another number for every run, so that no seat is favoured in all of them.

    A rehearsal says the same each time; it is there to be compared with.
    """
    if given is not None or all(seat.target.rehearsal for seat in seats):
        return given or 0
    import secrets

    return secrets.randbelow(2**31)


def _options(pattern: Pattern, given: Mapping[str, int | bool], settings: Settings) -> Options:
    """The pattern's options. Raises `loop.bad_option` for one that it has not, or a number beyond its bounds."""
    chosen: dict[str, Any] = dict(pattern.options)
    if pattern.name == "debate":
        chosen["rounds"] = settings["debate_rounds"]
    for name, value in given.items():
        flag = "--" + name.replace("_", "-")
        if name not in OPTION_NAMES or name not in pattern.options:
            takes = ", ".join("--" + option.replace("_", "-") for option in pattern.options) or "none"
            raise UsageError("loop.bad_option", f"{flag} means nothing to {pattern.name}", hint=f"its options: {takes}")
        chosen[name] = value
    for name, most in pattern.most.items():
        least = pattern.least.get(name, 0 if name == "rounds" or pattern.options[name] == 0 else 1)
        if not least <= chosen[name] <= most:
            flag = "--" + name.replace("_", "-")
            raise UsageError("loop.bad_option", f"{flag} of {pattern.name} is from {least} to {most}, not {chosen[name]}")
    return Options(**chosen)


def _require_use(pattern: Pattern, checks: Sequence[str]) -> None:
    if checks and not pattern.checks:
        able = ", ".join(other.name for other in directory.PATTERNS.values() if other.checks)
        raise UsageError(
            "loop.bad_option", f"--check means nothing to {pattern.name}", hint=f"patterns that check drafts: {able}"
        )


def _with_step_seats(pattern: Pattern, steps: Sequence[StepName]) -> Pattern:
    from dataclasses import replace

    from cowork.patterns.steps import roles_of

    return replace(pattern, roles=(*pattern.roles, *roles_of(steps)))


def _with_fallbacks(seat: Seating, common: Sequence[Target]) -> Seating:
    from dataclasses import replace

    if seat.target.rehearsal:
        return seat
    more = [target for target in common if target != seat.target and target not in seat.fallbacks]
    return replace(seat, fallbacks=(*seat.fallbacks, *more))


def _useless_fallbacks(seats: Sequence[Seating]) -> list[Notice]:
    taken = {seat.target for seat in seats}
    barred = sorted({target.label for seat in seats for target in seat.fallbacks if target in taken})
    why = "sits at the table already and stands in for nobody: its votes would count twice"
    return [Notice("loop.fallback_seated", f"{label} {why}") for label in barred]
