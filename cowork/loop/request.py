"""What the user asked the loop to do, and who sits where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.models import select
from cowork.models.select import REHEARSAL_NOTICE, Target
from cowork.patterns import directory
from cowork.patterns.directory import PatternInfo
from cowork.prompts.context import Document, read_document


@dataclass(frozen=True)
class Seating:
    """A seat: the name the user gave it, its role in the pattern, and the model that sits there."""

    name: str
    role: str
    target: Target


@dataclass(frozen=True)
class LoopRequest:
    """A run to make: the task, the material, the pattern and its seats."""

    task: str
    documents: tuple[Document, ...]
    pattern: PatternInfo
    seats: tuple[Seating, ...]
    rounds: int
    seed: int
    max_tokens: int


def prepare(
    task: str,
    contexts: Sequence[str],
    settings: Settings,
    *,
    pattern: str | None,
    seats: Sequence[str],
    provider: str | None,
    model: str | None,
    seed: int,
) -> tuple[LoopRequest, tuple[Notice, ...]]:
    """A checked request: everything that can be refused is refused before a session exists.

    Raises `loop.empty_task`, `pattern.not_found`, `context.*`, seat and provider errors.
    """
    if not task.strip():
        raise InvalidInput("loop.empty_task", "the task is empty", hint='say what to do: cowork loop start "TASK"')
    info = directory.find(pattern or settings["default_pattern"])
    documents = tuple(read_document(path) for path in contexts)
    seated, notices = seat(info, seat_specs(seats), settings, provider=provider, model=model)
    for seating in seated:
        select.require_ready(seating.target)  # a key that lacks is no reason to begin
    rounds = settings["debate_rounds"] if info.name == "debate" else 0
    return LoopRequest(task, documents, info, seated, rounds, seed, settings["max_output_tokens"]), notices


def seat_specs(texts: Sequence[str]) -> dict[str, str]:
    """`NAME=PROVIDER[/MODEL]` options as a mapping. Raises `loop.bad_seat`."""
    specs: dict[str, str] = {}
    for text in texts:
        name, equals, target = text.partition("=")
        if not equals or not name.strip() or not target.strip():
            raise InvalidInput("loop.bad_seat", f"'{text}' is not a seat", hint="write --seat NAME=PROVIDER[/MODEL]")
        if name in specs:
            raise InvalidInput("loop.bad_seat", f"seat '{name}' is given twice", hint="give every seat its own name")
        specs[name] = target
    return specs


def seat(
    pattern: PatternInfo, specs: dict[str, str], settings: Settings, *, provider: str | None, model: str | None
) -> tuple[tuple[Seating, ...], tuple[Notice, ...]]:
    """Who sits where. A spec named like a role takes that role; the others fill the free roles in order.

    Roles nobody was named for get the default model. Raises `loop.too_many_seats` or a provider error.
    """
    roles = [*pattern.seats, *pattern.optional_seats]
    taken = {name: name for name in specs if name in roles}
    free = [role for role in pattern.seats if role not in taken and role != "judge"]
    for name in specs:
        if name not in taken:
            if not free:
                seats = ", ".join(roles)
                raise InvalidInput("loop.too_many_seats", f"there is no seat left for '{name}'", hint=f"seats: {seats}")
            taken[name] = free.pop(0)
    by_role = {role: name for name, role in taken.items()}
    notices: tuple[Notice, ...] = ()
    fallback: Target | None = None
    seated = []
    for role in roles:
        if role in by_role:
            seated.append(Seating(by_role[role], role, select.parse(specs[by_role[role]])))
        elif role in pattern.seats:
            if fallback is None:
                fallback, notices = select.default(settings, provider=provider, model=model)
            seated.append(Seating(role, role, fallback))
    return tuple(seated), (*notices, *_same_model(seated), *_half_rehearsal(seated, notices))


def _same_model(seated: list[Seating]) -> list[Notice]:
    real = [seat for seat in seated if not seat.target.rehearsal]
    labels = [seat.target.label for seat in real]
    shared = sorted({label for label in labels if labels.count(label) > 1})
    return [
        Notice(
            "loop.same_model",
            f"{label} sits on {labels.count(label)} seats: their errors are not independent, nor is a judge of its own kind",
        )
        for label in shared
    ]


def _half_rehearsal(seated: list[Seating], notices: tuple[Notice, ...]) -> list[Notice]:
    some = any(seat.target.rehearsal for seat in seated)
    if some and REHEARSAL_NOTICE not in notices:
        names = ", ".join(seat.name for seat in seated if seat.target.rehearsal)
        return [Notice("provider.rehearsal", f"rehearsal, not a model, sits on: {names}")]
    return []
