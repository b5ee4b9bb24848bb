"""The ledger of red and blue: every claim once, whether it was confirmed, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cowork.patterns.answers import normalise
from cowork.patterns.attacks import Attack, Check
from cowork.patterns.results import SEVERITIES, Finding, FindingStatus


@dataclass
class Entry:
    """A claim against the draft. `confirmed` stays true once a verifier has reproduced it."""

    id: str
    attack: Attack
    seats: list[str]
    round: int
    status: FindingStatus = "unconfirmed"
    confirmed: bool = False
    fix: str = ""
    patched: int = 0
    notes: list[str] = field(default_factory=list)


class Ledger:
    """Claims in the order in which they were made. Equal claims about the same place are one."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._known: dict[tuple[str, str], Entry] = {}

    def claim(self, round_number: int, seat: str, attack: Attack) -> None:
        """Enter a claim, or the seat beside those who made it already. One rejected before is open to another look."""
        key = (normalise(attack.claim), normalise(attack.place))
        entry = self._known.get(key)
        if entry is None:
            entry = self._known[key] = Entry(f"F{len(self.entries) + 1}", attack, [], round_number)
            self.entries.append(entry)
        elif SEVERITIES.index(attack.severity) > SEVERITIES.index(entry.attack.severity):
            entry.attack = attack
        if seat not in entry.seats:
            entry.seats.append(seat)
        if entry.status == "rejected":
            entry.status = "unconfirmed"

    def to_check(self) -> list[Entry]:
        """What a verifier has to look at: claims without a verdict, and whatever was confirmed, fixed or not."""
        return [entry for entry in self.entries if entry.confirmed or entry.status == "unconfirmed"]

    def judge(self, round_number: int, checks: Mapping[str, Check]) -> list[Entry]:
        """Enter verdicts; those that were reproduced."""
        reproduced = []
        for entry in self.entries:
            check = checks.get(entry.id)
            if check is not None:
                self._enter(entry, check, round_number)
                if check.verdict == "reproduced":
                    reproduced.append(entry)
        return reproduced

    def _enter(self, entry: Entry, check: Check, round_number: int) -> None:
        if check.verdict == "reproduced":
            if entry.status == "fixed":
                entry.status = "regressed"
                entry.notes.append(f"came back in round {round_number}")
            elif entry.confirmed:
                entry.notes.append(f"the patch of round {entry.patched} did not fix it" if entry.patched else "not patched")
            else:
                entry.status, entry.confirmed = "open", True
        elif check.verdict == "rejected":
            entry.status = "fixed" if entry.confirmed else "rejected"
        elif entry.confirmed:  # nobody can say that it is gone
            entry.status = "open"
            entry.notes.append(f"unclear in round {round_number} whether it is gone")
        if check.why:
            entry.notes.append(f"round {round_number}, {check.verdict}: {check.why}")

    def patch(self, round_number: int, entries: list[Entry], how: Mapping[str, str]) -> None:
        """Enter what was done about confirmed claims. Only a later verdict can call one fixed."""
        for entry in entries:
            if entry.id in how:
                entry.fix, entry.patched = how[entry.id], round_number
            else:
                entry.notes.append(f"not patched in round {round_number}")

    def count(self, *statuses: FindingStatus) -> int:
        """How many have one of these states."""
        return sum(entry.status in statuses for entry in self.entries)

    def summary(self) -> str:
        """The states and how many have each, the worst first."""
        states: tuple[FindingStatus, ...] = ("regressed", "open", "unconfirmed", "fixed", "rejected")
        parts = [f"{self.count(state)} {state}" for state in states if self.count(state)]
        return ", ".join(parts) or "nothing was claimed"

    def findings(self) -> tuple[Finding, ...]:
        """The record."""
        return tuple(
            Finding(
                entry.id,
                ", ".join(entry.seats),
                entry.round,
                entry.attack.severity,
                entry.attack.claim,
                entry.attack.repro,
                entry.fix,
                entry.status,
                "; ".join(entry.notes),
                entry.attack.place,
            )
            for entry in self.entries
        )
