"""Who sits where: seats named on the command line or in a preset, and roles that nobody was named for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.core.text import did_you_mean, one_line
from cowork.models import select
from cowork.models.select import REHEARSAL_NOTICE, Target
from cowork.patterns.setup import Pattern, Role

_NAME = re.compile(r"[\w.-]{1,40}")


@dataclass(frozen=True)
class Seating:
    """A seat: the name the user gave it, its role in the pattern, and the model that sits there.

    `fallbacks` are asked, in their order, when that model cannot answer. `accuracy` is the share of right answers that the
    user has measured for it, None when they have not.
    """

    name: str
    role: str
    target: Target
    fallbacks: tuple[Target, ...] = ()
    accuracy: float | None = None


@dataclass(frozen=True)
class SeatSpec:
    """What the user says of a seat."""

    target: str
    fallbacks: tuple[str, ...] = ()
    accuracy: float | None = None


def seat_specs(texts: Sequence[str]) -> dict[str, SeatSpec]:
    """`NAME=PROVIDER[/MODEL][,FALLBACK...]` options as a mapping. Raises `loop.bad_seat`."""
    specs: dict[str, SeatSpec] = {}
    for text in texts:
        name, equals, targets = text.partition("=")
        first, *others = (target.strip() for target in targets.split(","))
        if not equals or not name.strip() or not all((first, *others)):
            hint = "write --seat NAME=PROVIDER[/MODEL][,FALLBACK]"
            raise InvalidInput("loop.bad_seat", f"'{text}' is not a seat", hint=hint)
        if not _NAME.fullmatch(name):
            hint = "letters, digits, dots, dashes and underscores; at most 40"
            raise InvalidInput("loop.bad_seat", f"'{one_line(name, 40)}' is no name for a seat", hint=hint)
        if name in specs:
            raise InvalidInput("loop.bad_seat", f"seat '{name}' is given twice", hint="give every seat its own name")
        specs[name] = SeatSpec(first, tuple(others))
    return specs


def seated(
    pattern: Pattern,
    specs: Mapping[str, SeatSpec],
    settings: Settings,
    *,
    provider: str | None,
    model: str | None,
    count: int | None = None,
    empty: Sequence[str] = (),
) -> tuple[tuple[Seating, ...], tuple[Notice, ...]]:
    """The seats of a run. A spec named like a seat takes it; the others fill free seats in order, judging ones last.

    `count` is how many sit in the pattern's role for several; `empty` names roles that stay empty. Seats nobody was named for
    get the default model. Raises `loop.too_many_seats`, `loop.bad_seat_count`, `loop.no_such_role`, `loop.role_needed` or a
    provider error.
    """
    places = _places(pattern, specs, count, empty)
    usual: Target | None = None
    notices: tuple[Notice, ...] = ()
    found = []
    for (role, place), name in places.items():
        if name is None:
            if usual is None:
                usual, notices = select.default(settings, provider=provider, model=model)
            found.append(Seating(place, role, usual))
        else:
            spec = specs[name]
            fallbacks = tuple(map(select.parse, spec.fallbacks))
            found.append(Seating(name, role, select.parse(spec.target), fallbacks, spec.accuracy))
    return tuple(found), (*notices, *_same_model(found), *_half_rehearsal(found, notices))


def _places(
    pattern: Pattern, specs: Mapping[str, SeatSpec], count: int | None, empty: Sequence[str]
) -> dict[tuple[str, str], str | None]:
    """The seats by role and name, each with the spec that takes it or None; in the order of the roles."""
    growing = _growing(pattern)
    _require_dispensable(pattern, empty)
    sizes = {role.name: 0 if role.name in empty else role.default for role in pattern.roles}
    if count is not None:
        sizes[_counted(pattern, growing, count).name] = count
    known = {role.seat(number): role for role in pattern.roles for number in range(1, role.most + 1)}
    for name in specs:
        if name in known:  # named like a seat: that many sit there
            sizes[known[name].name] = max(sizes[known[name].name], _number(known[name], name))
    others = [name for name in specs if name not in known]
    room = _free(pattern, sizes, specs)
    if growing is not None and count is None and len(others) > len(room):
        sizes[growing.name] = min(growing.most, sizes[growing.name] + len(others) - len(room))
        room = _free(pattern, sizes, specs)
    if len(others) > len(room):
        taken = ", ".join(role.seat(number) for role in pattern.roles for number in range(1, sizes[role.name] + 1))
        raise InvalidInput(
            "loop.too_many_seats", f"there is no seat left for '{others[len(room)]}'", hint=f"seats of {pattern.name}: {taken}"
        )
    named = dict(zip(room, others, strict=False))
    return {
        (role.name, seat): named.get(seat, seat if seat in specs else None)
        for role in pattern.roles
        for seat in (role.seat(number) for number in range(1, sizes[role.name] + 1))
    }


def _require_dispensable(pattern: Pattern, empty: Sequence[str]) -> None:
    roles = {role.name: role for role in pattern.roles}
    for name in empty:
        if name not in roles:
            hint = did_you_mean(name, roles, f"roles of {pattern.name}: {', '.join(roles)}")
            raise InvalidInput("loop.no_such_role", f"{pattern.name} has no role '{name}'", hint=hint)
        if roles[name].least > 0:
            can = ", ".join(role.name for role in pattern.roles if role.least == 0) or "none"
            hint = f"roles that may stay empty: {can}"
            raise InvalidInput("loop.role_needed", f"{pattern.name} cannot do without its {name}", hint=hint)


def _growing(pattern: Pattern) -> Role | None:
    """The role that `--seats` counts: the one in which several usually sit, else one in which several may."""
    several = [role for role in pattern.roles if role.most > 1]
    return max(several, key=lambda role: (role.default > 1, role.most), default=None)


def _counted(pattern: Pattern, growing: Role | None, count: int) -> Role:
    if growing is None or not growing.least <= count <= growing.most:
        rule = f"{growing.least} to {growing.most} seats for {growing.name}" if growing else "a fixed table"
        hint = f"see: cowork loop patterns show {pattern.name}"
        raise InvalidInput("loop.bad_seat_count", f"{pattern.name} has {rule}, not {count}", hint=hint)
    return growing


def _free(pattern: Pattern, sizes: Mapping[str, int], specs: Mapping[str, SeatSpec]) -> list[str]:
    """The seats that a spec with a name of its own may take; who judges must be named for it."""
    return [
        seat
        for role in pattern.roles
        if not role.apart
        for seat in (role.seat(number) for number in range(1, sizes[role.name] + 1))
        if seat not in specs
    ]


def _number(role: Role, seat: str) -> int:
    return next(number for number in range(1, role.most + 1) if role.seat(number) == seat)


def _same_model(seats: list[Seating]) -> list[Notice]:
    real = [seat for seat in seats if not seat.target.rehearsal]
    labels = [seat.target.label for seat in real]
    shared = sorted({label for label in labels if labels.count(label) > 1})
    return [
        Notice(
            "loop.same_model",
            f"{label} sits on {labels.count(label)} seats: their errors are not independent, nor is a judge of its own kind",
        )
        for label in shared
    ]


def _half_rehearsal(seats: list[Seating], notices: tuple[Notice, ...]) -> list[Notice]:
    some = any(seat.target.rehearsal for seat in seats)
    if some and REHEARSAL_NOTICE not in notices:
        names = ", ".join(seat.name for seat in seats if seat.target.rehearsal)
        return [Notice("provider.rehearsal", f"rehearsal, not a model, sits on: {names}")]
    return []
