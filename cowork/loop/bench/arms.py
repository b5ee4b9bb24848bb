"""The arms of a bench: what is measured, and the single model that gets as many calls beside each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cowork.core.errors import InvalidInput, UsageError
from cowork.core.ids import seeded
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.core.text import did_you_mean
from cowork.loop.bench.questions import BenchQuestion
from cowork.loop.request import LoopRequest, prepare
from cowork.loop.seating import Seating
from cowork.loop.wishes import wish
from cowork.models import select
from cowork.models.select import Target
from cowork.patterns import directory
from cowork.prompts.context import Document

MOST_SAMPLES = directory.find("solo").most["samples"]
Kind = Literal["pattern", "preset", "solo", "equal_calls"]


@dataclass(frozen=True)
class Arm:
    """One thing that is measured, with a request that lacks only its question.

    `against` of a pattern or preset names the arm that gets as many calls; that of an equal-call arm the arm whose calls it
    gets.
    """

    name: str
    kind: Kind
    request: LoopRequest
    against: str | None = None

    def asking(self, question: BenchQuestion, repeat: int, *, samples: int | None = None) -> LoopRequest:
        """The request for one question. Labels and ties differ from question to question, and are the same when resumed."""
        options = self.request.options if samples is None else replace(self.request.options, samples=samples)
        return replace(
            self.request,
            task=question.question,
            documents=(Document("context", question.context),) if question.context else (),
            seed=seeded(self.request.seed, question.id, repeat) % 2**31,
            options=options,
        )


@dataclass(frozen=True)
class Asked:
    """What the command line says of the arms."""

    patterns: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    baseline: bool = True
    baseline_seat: str | None = None
    provider: str | None = None
    model: str | None = None
    seed: int | None = None


def arms_of(asked: Asked, settings: Settings) -> tuple[tuple[Arm, ...], tuple[Notice, ...]]:
    """The arms in the order in which they are shown, with the notices of their seats.

    Raises `bench.arm_twice`, `bench.no_such_arm`, and what `loop.request.prepare` raises.
    """
    names = [*(asked.patterns or (() if asked.presets else (settings["default_pattern"],))), *asked.presets]
    for name in names:
        if names.count(name) > 1:
            hint = "give the other one a name of its own, as a preset"
            raise UsageError("bench.arm_twice", f"'{name}' is measured once in a bench", hint=hint)
    common, own = _seats(asked.seats, names)
    notices: dict[Notice, None] = {}
    measured: list[Arm] = []
    for name in names:
        preset = name in asked.presets
        wanted, said = wish(
            settings,
            pattern=None if preset else name,
            preset=name if preset else None,
            seats=(*common, *own.get(name, ())),
            provider=asked.provider,
            model=asked.model,
            seed=asked.seed or 0,
        )
        request, more = prepare("the questions of the bench", (), settings, wanted)
        measured.append(Arm(name, "preset" if preset else "pattern", request))
        notices.update(dict.fromkeys((*said, *more)))
    if not asked.baseline:
        return tuple(measured), tuple(notices)
    return _with_baselines(measured, select.parse(asked.baseline_seat) if asked.baseline_seat else None), tuple(notices)


def _seats(texts: Sequence[str], arms: Sequence[str]) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """Seats for every arm, and those for one: `ARM:NAME=TARGET`."""
    common: list[str] = []
    own: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, equals, target = text.partition("=")
        arm, colon, seat = name.rpartition(":")
        if not colon:
            common.append(text)
        elif arm not in arms:
            hint = did_you_mean(arm, arms, f"the arms are: {', '.join(arms)}")
            raise InvalidInput("bench.no_such_arm", f"'{text}' is for an arm that is not measured", hint=hint)
        else:
            own[arm] = (*own.get(arm, ()), f"{seat}{equals}{target}")
    return tuple(common), own


def _with_baselines(measured: Sequence[Arm], declared: Target | None) -> tuple[Arm, ...]:
    """The arms, before them each baseline model alone, after each arm the same model with as many calls."""
    targets = {arm.name: declared or arm.request.seats[0].target for arm in measured}
    singles = list(dict.fromkeys(targets.values()))
    alone = {_single(arm) for arm in measured}
    found = [
        Arm(
            "solo" if len(singles) == 1 and "solo" not in targets else f"solo {target.label}",
            "solo",
            _solo(measured[0], target),
        )
        for target in singles
        if target not in alone
    ]
    for arm in measured:
        if _samples_of(arm) == targets[arm.name]:
            found.append(arm)  # it is its own baseline
            continue
        beside = f"{arm.name}@equal-calls"
        found.append(replace(arm, against=beside))
        found.append(Arm(beside, "equal_calls", _solo(arm, targets[arm.name]), arm.name))
    return tuple(found)


def _single(arm: Arm) -> Target | None:
    """The model of an arm that is one model asked once."""
    return _samples_of(arm) if arm.request.options.samples == 1 else None


def _samples_of(arm: Arm) -> Target | None:
    request = arm.request
    return request.seats[0].target if request.pattern.name == "solo" and not request.steps else None


def _solo(like: Arm, target: Target) -> LoopRequest:
    select.require_ready(target)
    pattern = directory.find("solo")
    seat = Seating("solo", "solo", target)
    return replace(like.request, pattern=pattern, options=pattern.defaults, seats=(seat,), steps=())
