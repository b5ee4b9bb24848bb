"""Debate 2v1: two debaters and a judge.

Round 0 is blind and parallel; equal answers end it with two calls. Otherwise both rebut at the same time, seeing the
previous round only, until one adopts the other's answer, both repeat themselves, or the rounds are used up. The judge
then sees the transcript twice, with the sides swapped: verdicts that disagree decide nothing. A tie-break seat, when
there is one, is asked in both orders too; without its clear word the result is "undecided" and both answers stand.

Calls: 2(1+R) + 2, at best 2. Depth: R+2. A declared tie-break adds 2 calls and 1 level where it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.ids import seeded
from cowork.patterns.answers import ANSWER_SHAPE, VERDICT_SHAPE, Answer, normalise, parse_answer, parse_verdict, repeats, same
from cowork.patterns.identity import scrub
from cowork.patterns.protocol import Asker, Ballot, DecidedBy, Outcome, PatternResult, Question, Statement, Table


@dataclass(frozen=True)
class DebateSeats:
    """Who sits where. `names` are provider and model names that no seat may learn about another."""

    first: str
    second: str
    judge: str
    tie_break: str | None = None
    names: tuple[str, ...] = ()


def full_calls(rounds: int, *, tie_break: bool) -> int:
    """The most calls a debate makes, repairs and retries aside."""
    return 2 * (1 + rounds) + 2 + (2 if tie_break else 0)


def full_depth(rounds: int, *, tie_break: bool) -> int:
    """The longest chain of calls that wait for each other."""
    return rounds + 2 + (1 if tie_break else 0)


async def debate(asker: Asker, seats: DebateSeats, *, rounds: int, run_seed: str) -> PatternResult:
    """Run the protocol to its end. Lost seats degrade the result; they never raise."""
    return await _Debate(asker, seats, rounds, run_seed).run()


class _Debate:
    def __init__(self, asker: Asker, seats: DebateSeats, rounds: int, run_seed: str) -> None:
        extra = (seats.tie_break,) if seats.tie_break else ()
        self.table = Table(asker, (seats.first, seats.second, seats.judge, *extra))
        self.seats = seats
        self.pair = (seats.first, seats.second)
        self.rounds = rounds
        self.seed = run_seed
        self.statements: list[Statement] = []
        self.ballots: list[Ballot] = []
        self.latest: dict[str, Answer] = {}
        self.round = 0

    async def run(self) -> PatternResult:
        await self._openings()
        if len(self.latest) < 2:
            return self._short_handed()
        first, second = (self.latest[seat] for seat in self.pair)
        if same(first, second):
            return self._agreed("agreement")
        while self.round < self.rounds:
            before = dict(self.latest)
            await self._rebuttals()
            if same(self.latest[self.seats.first], self.latest[self.seats.second]):
                return self._agreed("concession")
            if all(repeats(before[seat], self.latest[seat]) for seat in self.pair):
                break
        return await self._judged()

    async def _openings(self) -> None:
        questions = [Question(seat, "opening", 0) for seat in self.pair]
        for seat, answer in zip(self.pair, await self.table.wave(questions, parse_answer, ANSWER_SHAPE), strict=True):
            if answer is not None:
                self._hear(seat, answer)

    async def _rebuttals(self) -> None:
        self.round += 1
        questions = [
            Question(seat, "rebuttal", self.round, {"own": self._shown(seat), "other": self._shown(other)})
            for seat, other in (self.pair, self.pair[::-1])
        ]
        for seat, answer in zip(self.pair, await self.table.wave(questions, parse_answer, ANSWER_SHAPE), strict=True):
            if answer is not None:  # a seat lost here forfeits the round: its last statement stands
                self._hear(seat, answer)

    def _hear(self, seat: str, answer: Answer) -> None:
        self.latest[seat] = answer
        self.statements.append(Statement.of(self.round, seat, answer))

    def _shown(self, seat: str) -> str:
        return scrub(self.latest[seat].text, self.seats.names)

    async def _judged(self) -> PatternResult:
        winner, ballots = await self._both_orders(self.seats.judge)
        decided_by: DecidedBy = "judge"
        if winner is None and self.seats.tie_break is not None:
            winner, ballots = await self._both_orders(self.seats.tie_break)
            decided_by = "tie_break"
        if winner is None:
            return self._result("undecided", "nobody", None, self._why_undecided(), votes=1)
        reason = next(ballot.reason for ballot in ballots if ballot.winner == winner)
        return self._result("majority", decided_by, self.latest[winner], reason, votes=2)

    async def _both_orders(self, judge: str) -> tuple[str | None, list[Ballot]]:
        """The winner both orders agree on, if any, and the ballots. One order alone decides nothing."""
        drawn = self.pair if seeded(self.seed, "labels", judge) % 2 == 0 else self.pair[::-1]
        orders = (drawn, drawn[::-1])
        questions = [Question(judge, "judge", self.round + 1, {"sides": self._sides(order)}) for order in orders]
        verdicts = await self.table.wave(questions, parse_verdict, VERDICT_SHAPE)
        ballots = []
        for order, verdict in zip(orders, verdicts, strict=True):
            if verdict is not None:
                seat = {"A": order[0], "B": order[1]}.get(verdict.winner)
                ballots.append(Ballot(judge, order, seat, verdict.confidence, verdict.reason))
        self.ballots += ballots
        agreed = len(ballots) == 2 and ballots[0].winner == ballots[1].winner
        return (ballots[0].winner if agreed else None), ballots

    def _sides(self, order: tuple[str, str]) -> list[dict[str, object]]:
        return [
            {
                "label": label,
                "statements": [scrub(item.text, self.seats.names) for item in self.statements if item.seat == seat],
            }
            for label, seat in zip("AB", order, strict=True)
        ]

    def _why_undecided(self) -> str:
        cast = [ballot for ballot in self.ballots if ballot.judge == self.seats.judge]
        if len(cast) < 2:
            return "the judge did not give both verdicts, and one order alone decides nothing"
        if cast[0].winner is None and cast[1].winner is None:
            return f"the judge found neither side better supported: {cast[0].reason}"
        return "the judge's verdict changed when the sides were swapped, so it decides nothing"

    def _agreed(self, decided_by: DecidedBy) -> PatternResult:
        answer = max((self.latest[seat] for seat in self.pair), key=lambda item: item.confidence)
        return self._result("unanimous", decided_by, answer, answer.reason, votes=2)

    def _short_handed(self) -> PatternResult:
        if not self.latest:
            return self._result("failed", "nobody", None, "no debater answered", votes=0)
        (answer,) = self.latest.values()
        return self._result("degraded", "nobody", answer, f"only one debater answered: {answer.reason}", votes=1)

    def _result(self, outcome: Outcome, by: DecidedBy, answer: Answer | None, reason: str, *, votes: int) -> PatternResult:
        lost = outcome != "failed" and bool(self.table.problems)
        judged = by in ("judge", "tie_break")
        return PatternResult(
            outcome="degraded" if lost else outcome,
            decided_by=by,
            answer=answer.answer if answer else None,
            reason=reason,
            confidence=answer.confidence if answer else None,
            votes_for=votes,
            votes_of=3 if judged or outcome == "undecided" else 2,
            statements=tuple(self.statements),
            ballots=tuple(self.ballots),
            rounds=self.round,
            calls=self.table.calls,
            depth=self.table.depth,
            repairs=self.table.repairs,
            states=self.table.states,
            problems=tuple(self.table.problems),
        )


def round_zero(result: PatternResult) -> dict[str, list[str]]:
    """The blind votes: each distinct answer, as first worded, with the seats that gave it."""
    wording: dict[str, str] = {}
    votes: dict[str, list[str]] = {}
    for statement in result.statements:
        if statement.round == 0:
            key = normalise(statement.answer)
            votes.setdefault(wording.setdefault(key, statement.answer), []).append(statement.seat)
    return votes
