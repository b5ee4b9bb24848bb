"""What the names in the policies mean here: names of nothing known, and two names of one pack that contradict each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from cowork.core.outcome import Notice
from cowork.core.text import did_you_mean, one_line
from cowork.formats.policies import Policies, known_as
from cowork.formats.policies_check import Judged
from cowork.formats.problem import Problem

_MOST = 20  # names of nothing that are named one by one


class Known(NamedTuple):
    """What there is: packs as (name, name of the directory), connectors as `name` and as `pack:name`."""

    packs: tuple[tuple[str, str | None], ...] = ()
    connectors: frozenset[str] = frozenset()


def clashes(policies: Policies, known: Known, file: str) -> list[Problem]:
    """Packs that are required under one of their names and blocked under another."""
    judged = Judged(file)
    blocked = policies.names("packs.blocked")
    required = {name: at for at, name in enumerate(policies.value("packs.required"))}
    for name, directory in known.packs if blocked and required else ():
        names = known_as(name, directory)
        if names & blocked and names & required.keys():
            first, second = min(names & required.keys()), min(names & blocked)
            message = f"'{one_line(first, 80)}' and '{one_line(second, 80)}' are one pack, both required and blocked"
            place = ("packs", "required", required[first])
            judged.add(place, "policy.conflict", message, "remove it from one of the two")
    return judged.problems


def unknown(policies: Policies, known: Known, file: str) -> list[Problem]:
    """Warnings about names that fit no pack and no connector there is."""
    judged = Judged(file)
    packs = {name for pack in known.packs for name in known_as(*pack)}
    called = [name for name, _ in known.packs]
    for key in ("allowed", "blocked", "required"):
        _strangers("pack", policies, f"packs.{key}", packs, called, judged)
    _strangers("connector", policies, "connectors.blocked", known.connectors, known.connectors, judged)
    return judged.problems


def _strangers(what: str, policies: Policies, path: str, known: Collection[str], called: Iterable[str], judged: Judged) -> None:
    place, rule = tuple(path.split(".")), f"policy.unknown_{what}"
    strangers = [(at, name) for at, name in enumerate(policies.value(path)) if name not in known]
    for at, name in strangers[:_MOST]:
        fix = did_you_mean(name, called, f"see what there is with: cowork {'pack list' if what == 'pack' else 'pack context'}")
        judged.add((*place, at), rule, f"no {what} here is called '{one_line(name, 80)}'", fix, "warning")
    if len(strangers) > _MOST:
        message = f"{len(strangers) - _MOST} more names fit no {what} here"
        judged.add(place, rule, message, "check their spelling", "warning")


def notices(problems: Iterable[Problem]) -> tuple[Notice, ...]:
    """Warnings as notices."""
    return tuple(Notice(item.rule, f"{item.where.removeprefix('$.')}: {item.message}; {item.fix}") for item in problems)
