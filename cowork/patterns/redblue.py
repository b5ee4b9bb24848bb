"""Red team / blue team: blue builds, red attacks, a verifier reproduces or rejects, blue patches what was confirmed.

In every round the attackers see the draft and what is known already, in parallel; equal claims about the same place are one.
The verifier, neither red nor blue, checks each claim against the draft, and with them everything that was confirmed before:
so it is the verifier of the next round who says whether a patch holds, and what comes back has regressed. A round that
confirms nothing ends it. The patches of the last round were verified by nobody and are never called fixed. Without a
verifier claims stay unconfirmed; without blue there is a report of findings; without any attacker in a round it stops.

Calls: 1 + R(A+1+1), at best 1 + A. Depth: 1 + 3R.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cowork.patterns.answers import Answer, body
from cowork.patterns.attacks import ATTACKS, BUILD, checks_contract, patch_contract
from cowork.patterns.ledger import Entry, Ledger
from cowork.patterns.protocol import Asker, Question
from cowork.patterns.results import Ending, Outcome, PatternResult, Version
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table


def price(setup: Setup) -> Price:
    """The draft, and in each round the attacks, one call to verify them all and one to patch."""
    attackers, rounds = len(setup.seats("red")), setup.options.rounds
    calls = 1 + rounds * (attackers + 2)
    fewest = 1 + attackers if rounds else 1
    return Price("1 + R(A+1+1)", f"1 + {rounds}({attackers}+1+1)", calls, fewest, 1 + 3 * rounds)


async def redblue(asker: Asker, setup: Setup) -> PatternResult:
    """Run the protocol to its end. Lost seats degrade the result; they never raise."""
    return await _RedBlue(asker, setup).run()


class _RedBlue:
    def __init__(self, asker: Asker, setup: Setup) -> None:
        self.table = Table(asker, setup)
        self.setup = setup
        self.blue = setup.seat("blue")
        self.reds = setup.seats("red")
        self.ledger = Ledger()
        self.drafts: list[tuple[int, Answer, str]] = []
        self.round = 0
        self.quiet = 0  # attackers that claimed nothing in the latest round
        self.checked: bool | None = None  # whether the latest verifier found nothing; None when none was needed
        self.checked_in = 0

    async def run(self) -> PatternResult:
        built = await self.table.one(Question(self.blue, "redblue_build"), BUILD)
        if built is None:
            return self._result(Ending("failed", "nobody", None, "blue gave no draft, so there was nothing to attack", 0, 1))
        self._keep(built)
        while self.round < self.setup.options.rounds:
            self.round += 1
            stopped = await self._attacked()
            if stopped:
                return self._stopped(stopped)
            claims = self.ledger.to_check()
            reproduced = await self._verified(claims) if claims else []
            if reproduced is None:
                return self._stopped("the verifier was lost, so what was claimed last is unconfirmed")
            if not reproduced:
                return self._quiet_round()
            if not await self._patched(reproduced):
                return self._stopped("blue was lost, so this is a report of findings and what is open stays open")
        return self._used_up()

    def _keep(self, answer: Answer) -> None:
        text = body(answer.text)
        if self.drafts and not text:
            self.table.notes.append(f"the patch of round {self.round} came without a draft: the one before it stands")
            text = self.drafts[-1][2]
        self.drafts.append((self.round, answer, text or answer.answer))
        self.table.hear(self.round, self.blue, answer)

    def _draft(self) -> str:
        return self.table.scrubbed(self.drafts[-1][2])

    async def _attacked(self) -> str:
        """Why the run must stop, empty when anybody attacked."""
        known = [self._shown(entry) for entry in self.ledger.entries]
        view = {"draft": self._draft(), "known": known}
        found = await self.table.wave([Question(seat, "redblue_attack", self.round, view) for seat in self.reds], ATTACKS)
        self.quiet = sum(attacks == () for attacks in found)
        for seat, attacks in zip(self.reds, found, strict=True):
            for attack in attacks or ():
                self.ledger.claim(self.round, seat, attack)
        attacked = sum(attacks is not None for attacks in found)
        if attacked < len(self.reds):
            self.table.notes.append(f"attacked by {attacked} of {len(self.reds)} in round {self.round}")
        return "" if attacked else f"nobody attacked in round {self.round}"

    async def _verified(self, claims: list[Entry]) -> list[Entry] | None:
        """What the verifier reproduced, None when there is none. It is not told which claims are new."""
        view = {"draft": self._draft(), "findings": [self._shown(entry) for entry in claims]}
        found = await self.table.first_of(
            self.setup.seats("verifier"),
            lambda seat: Question(seat, "redblue_verify", self.round, view),
            checks_contract([entry.id for entry in claims]),
        )
        if found is None:
            return None
        reproduced = self.ledger.judge(self.round, found[1])
        self.checked, self.checked_in = not reproduced, self.round
        return reproduced

    async def _patched(self, reproduced: list[Entry]) -> bool:
        fixed = [self._shown(entry) for entry in self.ledger.entries if entry.status == "fixed"]
        view = {"draft": self._draft(), "findings": [self._shown(entry) for entry in reproduced], "fixed": fixed}
        contract = patch_contract([entry.id for entry in reproduced])
        patch = await self.table.one(Question(self.blue, "redblue_patch", self.round, view), contract)
        if patch is None:
            return False
        self._keep(patch.answer)
        self.ledger.patch(self.round, reproduced, patch.how)
        return True

    def _shown(self, entry: Entry) -> dict[str, Any]:
        attack, scrubbed = entry.attack, self.table.scrubbed
        said = {"claim": scrubbed(attack.claim), "place": scrubbed(attack.place), "repro": scrubbed(attack.repro)}
        return {"id": entry.id, "severity": attack.severity, **said}

    def _behind(self) -> tuple[int, int]:
        """Who stands behind the draft, of those asked: blue, quiet attackers, and a verifier that reproduced nothing."""
        verifier = 0 if self.checked is None else 1
        return 1 + self.quiet + bool(self.checked), 1 + len(self.reds) + verifier

    def _quiet_round(self) -> PatternResult:
        """A round that confirmed nothing."""
        self.table.spare(self.setup.all_seats)
        behind, asked = self._behind()
        why = f"round {self.round} confirmed nothing: {self.ledger.summary()}"
        answer = self.drafts[-1][1]
        if self.ledger.count("open", "regressed", "unconfirmed"):
            return self._result(Ending("no_consensus", "nobody", answer, why, behind, asked))
        outcome: Outcome = "unanimous" if behind == asked else "majority" if behind * 2 > asked else "no_consensus"
        return self._result(Ending(outcome, "review", answer, why, behind, asked))

    def _used_up(self) -> PatternResult:
        behind, asked = self._behind()
        why = f"the rounds ended before one confirmed nothing: {self.ledger.summary()}"
        if not self.round:
            why = "unattacked: there were no rounds"
        return self._result(Ending("no_consensus", "nobody", self.drafts[-1][1], why, behind, asked))

    def _stopped(self, why: str) -> PatternResult:
        behind, asked = self._behind()
        return self._result(Ending("degraded", "nobody", self.drafts[-1][1], f"{why}: {self.ledger.summary()}", behind, asked))

    def _result(self, ending: Ending) -> PatternResult:
        ledger, notes = self.ledger, self.table.notes
        if ledger.entries:
            confirmed = sum(entry.confirmed for entry in ledger.entries)
            notes.append(f"confirmed {confirmed} of {len(ledger.entries)} claims, fixed {ledger.count('fixed')} of {confirmed}")
            risk = ledger.count("open", "regressed", "unconfirmed")
            notes.append(f"residual risk: {risk} of {len(ledger.entries)} not known to be fixed or wrong")
        unverified = [entry.id for entry in ledger.entries if entry.patched and entry.patched >= self.checked_in]
        if unverified:
            notes.append(f"patched, and verified by nobody: {', '.join(unverified)}")
        last = len(self.drafts) - 1
        versions = tuple(
            Version(number, self.blue, answer.answer, text, None, index == last)
            for index, (number, answer, text) in enumerate(self.drafts)
        )
        ending = replace(ending, text=self.drafts[last][2] if self.drafts else "")
        return self.table.result(ending, rounds=self.round, findings=ledger.findings(), versions=versions)


PATTERN = Pattern(
    name="redblue",
    title="Red team / blue team",
    summary="One model builds, others attack, a third party reproduces what they claim, and the builder patches it.",
    when="A design, a text or a piece of code that somebody will try to break: access rules, a migration, a contract.",
    not_when="There is nothing to attack, or a test could show the faults: run the test.",
    diagram="""\
 task --> [blue] --> draft --+-> [red-1] -+
             ^               +-> [red-2] -+-> claims --> [verifier]
             |                                           |      |
             +-- patch, R rounds <-- confirmed, open ----+      v
                                                  nothing confirmed: end""",
    roles=(
        Role("blue", "builds and patches"),
        Role("red", "attacks; best of another family than blue", default=2, least=1, most=6),
        Role("verifier", "reproduces or rejects; neither red nor blue", most=2, apart=True),
    ),
    options={"rounds": 1},
    least={"rounds": 1},
    most={"rounds": 4},
    formula="1 + R(A+1+1)",
    price=price,
    run=redblue,
)
