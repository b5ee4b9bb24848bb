"""Consensus building: members answer blind, see all answers grouped, and answer again until they agree or stop moving.

A group is an answer with the explanations and confidences that speak for it; labels are drawn anew for every member and
round. The rounds end when all agree, when two in a row brought the same answers, or when they are used up. Then the answers
vote, each with the recalibrated confidence of its seat, or with the log-odds of accuracies that were measured. The outcome
counts seats, not weights: unanimous, a majority of the seats asked, or no consensus; that rounds were used up is never
agreement. A member can put a dissent on record that no other sees. One that is lost keeps its last answer for that round,
then leaves, and the quorum is checked again. An optional writer words the result.

Calls: N(1+R) [+1 writer], at best N. Depth: 1+R [+1].
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from cowork.patterns.answers import normalise
from cowork.patterns.ballots import STANCE, Stance
from cowork.patterns.labels import labelled
from cowork.patterns.protocol import Asker, Question
from cowork.patterns.results import DecidedBy, Dissent, Ending, PatternResult, TieBreak
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table
from cowork.patterns.votes import Candidate, break_tie, candidates, leaders, quorum, short_handed
from cowork.patterns.weights import about, measured, recalibrated, weigh
from cowork.patterns.writing import written


def price(setup: Setup) -> Price:
    """An answer a member and round, and the writer."""
    members, rounds, wrote = len(setup.seats("member")), setup.options.rounds, bool(setup.seats("writer"))
    tail = " + 1" if wrote else ""
    worked = f"{members}(1+{rounds}){tail}"
    return Price(f"N(1+R){tail}", worked, members * (1 + rounds) + wrote, members, 1 + rounds + wrote)


async def consensus(asker: Asker, setup: Setup) -> PatternResult:
    """Run the protocol to its end. Lost seats degrade the result; they never raise."""
    return await _Consensus(asker, setup).run()


class _Consensus:
    def __init__(self, asker: Asker, setup: Setup) -> None:
        self.table = Table(asker, setup)
        self.setup = setup
        self.members = setup.seats("member")
        self.latest: dict[str, Stance] = {}
        self.left: dict[str, Stance] = {}
        self.carried: tuple[str, ...] = ()
        self.round = 0

    async def run(self) -> PatternResult:
        self.table.notes += about(self.setup, self.members)
        await self._heard([Question(seat, "consensus_opening") for seat in self.members])
        stable = False
        while self._quorate() and not self._agreed() and not stable and self.round < self.setup.options.rounds:
            stable = await self._discussed()
        if not self._quorate():
            return self._result(self._short_handed())
        if not self._agreed() and not stable and self.round:
            self.table.notes.append(f"the {self.round} round(s) were used up before the members agreed or stopped moving")
        ending = await self._voted()
        return self._result(await self._worded(ending))

    def _quorate(self) -> bool:
        return len(self.latest) >= quorum(len(self.members))

    def _agreed(self) -> bool:
        return len(self._answers()) == 1

    def _answers(self) -> set[str]:
        return {normalise(stance.answer) for stance in self.latest.values()}

    async def _discussed(self) -> bool:
        """One round. Whether it brought the same answers as the one before."""
        for seat in self.carried:  # lost in the round before: its last answer has stood for one
            self.left[seat] = self.latest.pop(seat)
            self.table.notes.append(f"{seat} left after round {self.round}")
        self.carried = ()
        if not self._quorate():
            return False
        self.round += 1
        before = {seat: normalise(stance.answer) for seat, stance in self.latest.items()}
        await self._heard([Question(seat, "consensus_round", self.round, self._view(seat)) for seat in self.latest])
        after = {seat: normalise(stance.answer) for seat, stance in self.latest.items()}
        return before == after and not self.carried  # who was lost did not say the same again

    async def _heard(self, questions: list[Question]) -> None:
        lost: list[str] = []
        for question, stance in zip(questions, await self.table.wave(questions, STANCE), strict=True):
            if stance is not None:
                self.latest[question.seat] = stance
                self.table.hear(self.round, question.seat, stance)
            elif self.round:
                lost.append(question.seat)
                self.table.notes.append(f"{question.seat} was lost in round {self.round}: its last answer stood for it")
        self.carried = tuple(lost)

    def _view(self, seat: str) -> dict[str, Any]:
        """All answers of the round before, grouped; the member's own words apart from the explanations of the others."""
        groups = {option.key: option for option in candidates(self.latest)}
        labels = labelled(self.setup, seat, self.round, tuple(groups))
        own = self.latest[seat]
        return {
            "own": f"{self._line(own.answer)}\n\n{self._line(own.reason)}".strip(),
            "groups": [self._group(label, groups[key], seat) for label, key in labels.items()],
        }

    def _group(self, label: str, option: Candidate, reader: str) -> dict[str, Any]:
        # in an order of the reader's own: that of the seats would tell who is who
        voters = labelled(self.setup, f"{reader}/{option.key}", self.round, option.voters).values()
        spoken = [self.latest[seat] for seat in voters if seat != reader]
        return {
            "label": label,
            "answer": self._line(option.answer.answer),
            "members": len(option.voters),
            "yours": reader in option.voters,
            "explanations": [{"confidence": stance.confidence, "reason": self._line(stance.reason)} for stance in spoken],
        }

    def _line(self, text: str) -> str:
        """On one line: nobody's words look like those of several."""
        return self.table.scrubbed(" ".join(text.split()))

    async def _voted(self) -> Ending:
        options = candidates(self.latest, self._weight)
        winner, rung = await break_tie(self.table, leaders(options))
        self._compare(winner, options)
        return self._counted(winner, rung)

    def _weight(self, seat: str) -> float:
        if measured(self.setup.accuracies, self.members):
            return weigh(self.setup, self.members)(seat)
        return recalibrated(self.latest[seat].confidence)

    def _counted(self, winner: Candidate, rung: TieBreak | None) -> Ending:
        votes, asked, answer = len(winner.voters), len(self.members), winner.answer
        if votes == asked and not self.carried:
            how: DecidedBy = "concession" if self.round else "agreement"
            return Ending("unanimous", how, answer, answer.reason, votes, asked)
        if votes * 2 > asked:
            return Ending("majority", "vote", answer, answer.reason, votes, asked, rung)
        return Ending("no_consensus", "plurality", answer, answer.reason, votes, asked, rung)

    def _compare(self, winner: Candidate, options: list[Candidate]) -> None:
        """Say where weights went against numbers, and where the discussion went against the blind round."""
        most = max(options, key=lambda option: len(option.voters))
        if len(most.voters) > len(winner.voters):
            self.table.notes.append(
                f"more seats say {most.answer.answer!r} ({len(most.voters)} of {len(self.members)}), but with less weight"
            )
        blind = Counter(normalise(said.answer) for said in self.table.statements if not said.round)
        first, count = blind.most_common(1)[0]
        if count * 2 > len(self.members) and first != winner.key:
            wording = next(said.answer for said in self.table.statements if normalise(said.answer) == first)
            self.table.notes.append(
                f"the blind majority was {wording!r} ({count} of {len(self.members)}); the discussion moved away"
            )

    def _short_handed(self) -> Ending:
        why = f"only {len(self.latest)} of {len(self.members)} members were left after round {self.round}" if self.left else ""
        return short_handed(self.latest or self.left, len(self.members), why)

    async def _worded(self, ending: Ending) -> Ending:
        """The writer's text, where there is something to word: not for one blind answer of all, nor for no consensus."""
        if ending.answer is None or ending.outcome == "no_consensus" or not self.round:
            return ending
        others = [option.answer for option in candidates(self.latest) if option.answer is not ending.answer]
        return await written(self.table, ending, others, "consensus_writing", self.round + 1)

    def _result(self, ending: Ending) -> PatternResult:
        return self.table.result(ending, rounds=self.round, dissent=tuple(self._dissent(ending)))

    def _dissent(self, ending: Ending) -> list[Dissent]:
        """Who does not stand behind the answer and why, and what members put on record that do."""
        held = normalise(ending.answer.answer) if ending.answer else ""
        return [
            Dissent(seat, stance.answer, stance.dissent or stance.reason)
            for seat, stance in self.latest.items()
            if stance.dissent or normalise(stance.answer) != held
        ]


PATTERN = Pattern(
    name="consensus",
    title="Consensus building",
    summary="Several models answer blind, see each other's answers grouped, and answer again until they agree or stop moving.",
    when="A question on which models of different families should come to one answer, and you want to see who moved and why.",
    not_when="Members would only follow the crowd: then the blind vote of `team` is worth more than what is left after rounds.",
    diagram="""\
          +-> [member-1] -+  all agree -----------------> answer
 task ----+-> [member-2] -+
          +-> [member-3] -+  else: grouped answers, R rounds
                 |  agree, two equal rounds, or rounds used up
                 v
        weighted vote -- unanimous | majority | no consensus --> [writer]""",
    roles=(
        Role("member", "answers, and answers again", default=3, least=2, most=16),
        Role("writer", "words the result and may not change it; no member", default=0, least=0, most=3, apart=True),
    ),
    options={"rounds": 2},
    most={"rounds": 3},
    formula="N(1+R) [+1]",
    price=price,
    run=consensus,
)
