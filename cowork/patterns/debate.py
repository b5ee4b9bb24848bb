"""Debate 2v1: two debaters and a judge.

Round 0 is blind and parallel; equal answers end it with two calls. Otherwise both rebut at the same time, seeing the
previous round only, until one adopts the other's answer, both repeat themselves, or the rounds are used up. The judge
then sees the transcript twice, with the sides swapped: verdicts that disagree decide nothing. A tie-break seat, when
there is one, is asked in both orders too; without its clear word the result is "undecided" and both answers stand. A judge
that is lost hands over to the next one that is named.

Calls: 2(1+R) + 2, at best 2. Depth: R+2. A judge that speaks before every rebuttal adds R calls and R levels; a declared
tie-break adds 2 calls and 1 level where it is needed.
"""

from __future__ import annotations

from typing import Any

from cowork.patterns.answers import Answer, repeats, same
from cowork.patterns.contracts import ANSWER, REMARK
from cowork.patterns.pairwise import Side, both_orders, judged, why_undecided
from cowork.patterns.protocol import Asker, Question
from cowork.patterns.results import Ballot, DecidedBy, Ending, PatternResult, TieBreak
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table


def price(setup: Setup) -> Price:
    """Two statements a round, and the judge's two verdicts."""
    rounds, tie_break = setup.options.rounds, bool(setup.seats("tie-break"))
    spoken = rounds if setup.options.judge_speaks else 0
    formula = "2(1+R) + 2" + (" + R" if setup.options.judge_speaks else "") + (" + 2 with tie-break" if tie_break else "")
    worked = f"2(1+{rounds}) + 2" + (f" + {rounds}" if spoken else "") + (" + 2" if tie_break else "")
    calls = 2 * (1 + rounds) + 2 + spoken + (2 if tie_break else 0)
    return Price(formula, worked, calls, 2, rounds + 2 + spoken + tie_break)


async def debate(asker: Asker, setup: Setup) -> PatternResult:
    """Run the protocol to its end. Lost seats degrade the result; they never raise."""
    return await _Debate(asker, setup).run()


class _Debate:
    def __init__(self, asker: Asker, setup: Setup) -> None:
        self.table = Table(asker, setup)
        self.setup = setup
        self.pair = (setup.seat("first"), setup.seat("second"))
        self.latest: dict[str, Answer] = {}
        self.forfeits: dict[str, int] = {}
        self.round = 0

    async def run(self) -> PatternResult:
        await self._said([Question(seat, "opening") for seat in self.pair])
        if len(self.latest) < 2:
            return self._short_handed()
        if same(*self._answers()):
            return self._agreed("agreement")
        while self.round < self.setup.options.rounds:
            before = dict(self.latest)
            await self._rebuttals()
            if same(*self._answers()):
                return self._agreed("concession")
            if all(repeats(before[seat], self.latest[seat]) for seat in self.pair):
                break
        return await self._judged()

    def _answers(self) -> tuple[Answer, Answer]:
        return self.latest[self.pair[0]], self.latest[self.pair[1]]

    async def _rebuttals(self) -> None:
        self.round += 1
        remark = await self._remark() if self.setup.options.judge_speaks else {}
        questions = [
            Question(seat, "rebuttal", self.round, {"own": self._shown(seat), "other": self._shown(other), **remark})
            for seat, other in (self.pair, self.pair[::-1])
        ]
        await self._said(questions)

    async def _remark(self) -> dict[str, Any]:
        """What the judge wants settled in the coming round; it decides nothing yet."""
        sides = [{"label": label, "statements": [self._shown(seat)]} for label, seat in zip("AB", self.pair, strict=True)]
        said = await self.table.one(Question(self.setup.seat("judge"), "judge_remark", self.round, {"sides": sides}), REMARK)
        return {"remark": self.table.scrubbed(said)} if said else {}

    async def _said(self, questions: list[Question]) -> None:
        for seat, answer in zip(self.pair, await self.table.wave(questions, ANSWER), strict=True):
            if answer is not None:
                self.latest[seat] = answer
                self.table.hear(self.round, seat, answer)
            elif self.round:  # its last statement stands
                self.forfeits[seat] = self.forfeits.get(seat, 0) + 1

    def _shown(self, seat: str) -> str:
        return self.table.scrubbed(self.latest[seat].text)

    async def _judged(self) -> PatternResult:
        sides = (self._side(self.pair[0]), self._side(self.pair[1]))
        winner, ballots = await judged(self.table, self.setup.seats("judge"), sides, round_number=self.round + 1)
        if winner is not None:
            return self._decided(winner, ballots, "judge")
        why = why_undecided(ballots)
        for seat in self.setup.seats("tie-break"):
            winner, ballots = await both_orders(self.table, seat, sides, round_number=self.round + 1)
            self.table.ballots += ballots
            if winner is not None:
                return self._decided(winner, ballots, "tie_break")
        return self._result(Ending("undecided", "nobody", None, why, 1, 3))

    def _decided(self, winner: str, ballots: list[Ballot], decided_by: DecidedBy) -> PatternResult:
        reason = next(ballot.reason for ballot in ballots if ballot.winner == winner)
        broken: TieBreak | None = "tie_break_seat" if decided_by == "tie_break" else None
        return self._result(Ending("majority", decided_by, self.latest[winner], reason, 2, 3, broken))

    def _side(self, seat: str) -> Side:
        said = (statement.text for statement in self.table.statements if statement.seat == seat)
        return Side(seat, tuple(map(self.table.scrubbed, said)))

    def _agreed(self, decided_by: DecidedBy) -> PatternResult:
        answer = max(self._answers(), key=lambda item: item.confidence)
        return self._result(Ending("unanimous", decided_by, answer, answer.reason, 2, 2))

    def _short_handed(self) -> PatternResult:
        if not self.latest:
            return self._result(Ending("failed", "nobody", None, "no debater answered", 0, 2))
        (answer,) = self.latest.values()
        return self._result(Ending("degraded", "nobody", answer, f"only one debater answered: {answer.reason}", 1, 2))

    def _result(self, ending: Ending) -> PatternResult:
        for seat, rounds in self.forfeits.items():
            self.table.notes.append(f"{seat} forfeited {rounds} round(s): its last statement stood")
        return self.table.result(ending, rounds=self.round)


PATTERN = Pattern(
    name="debate",
    title="Debate 2v1",
    summary="Two models answer blind, rebut each other when they disagree, and a judge decides in both orders.",
    when="A question with a defensible answer on both sides: a design choice, a trade-off, a disputed reading.",
    not_when="There is one checkable right answer: samples of one good model that vote are cheaper.",
    diagram="""\
          +-> [first] --+ agree -------------> answer
 task ----+             +
          +-> [second] -+ disagree
                 |  rebut each other, R rounds
                 v
        [judge] A|B and B|A -- same verdict --> answer
                 +-- another verdict --> [tie-break] or undecided""",
    roles=(
        Role("first", "argues its own answer"),
        Role("second", "argues its own answer"),
        Role("judge", "decides; best of another family than the debaters", most=3, apart=True),
        Role("tie-break", "decides where the judge does not", default=0, least=0, apart=True),
    ),
    options={"rounds": 1, "judge_speaks": False},
    most={"rounds": 3},
    formula="2(1+R) + 2",
    price=price,
    run=debate,
)
