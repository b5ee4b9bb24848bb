"""The seats of one run: asks them in waves, repairs once, and keeps the count of calls, depth and states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from cowork.patterns.answers import Answer, ContractError, normalise, rejoined
from cowork.patterns.contracts import Contract
from cowork.patterns.identity import scrub
from cowork.patterns.protocol import Asker, Question, Reply, SeatLost, SeatState
from cowork.patterns.results import Ballot, BestSingle, Ending, PatternResult, Statement, Vote
from cowork.patterns.setup import Setup

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
Enough = Callable[[Mapping[str, T]], bool]
"""Whether the decision can no longer change, given what the seats that have answered said."""


class Table:
    """Where a protocol asks. Calls and depth are those of the protocol; repairs and stand-ins are counted beside them."""

    def __init__(self, asker: Asker, setup: Setup) -> None:
        self._asker = asker
        self.setup = setup
        self.states: dict[str, SeatState] = dict.fromkeys(setup.all_seats, "unasked")
        self.substitutes: dict[str, str] = {}
        self.statements: list[Statement] = []
        self.ballots: list[Ballot] = []
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.calls = 0
        self.extra_calls = 0
        self.depth = 0
        self.repairs = 0

    async def wave(
        self, questions: Sequence[Question], contract: Contract[T] | Sequence[Contract[T]], *, enough: Enough[T] | None = None
    ) -> list[T | None]:
        """Ask in parallel: one level of depth. A seat that is lost gives None, a state and a problem.

        Several contracts are one for each question. With `enough`, seats that have not answered when it says so are let go
        of. Questions marked extra count beside.
        """
        import asyncio

        if not questions:
            return []
        contracts = [contract] * len(questions) if isinstance(contract, Contract) else contract
        asked = self._admitted([replace(item, form=kept.form) for item, kept in zip(questions, contracts, strict=True)])
        if asked and not asked[0].extra:
            self.depth += 1
        pairs = zip(asked, contracts, strict=False)  # a question that was not admitted leaves its contract over
        tasks = [asyncio.create_task(self._one(question, kept)) for question, kept in pairs]
        try:
            await self._gather(tasks, asked, enough)
        finally:
            await _cancelled(tasks)
        found = [task.result() if not task.cancelled() else None for task in tasks]
        return found + [None] * (len(questions) - len(asked))

    async def in_turn(self, questions: Sequence[Question], contract: Contract[T], *, enough: Enough[T]) -> list[T | None]:
        """Ask one after the other, each a level of depth, until `enough`; who is left is not asked."""
        found: list[T | None] = []
        for question in questions:
            found += await self.wave([question], contract)
            if enough(_heard(questions, found)):
                break
        self.spare(question.seat for question in questions[len(found) :])
        return found + [None] * (len(questions) - len(found))

    async def one(self, question: Question, contract: Contract[T]) -> T | None:
        """Ask one seat: one level of depth."""
        (found,) = await self.wave([question], contract)
        return found

    async def first_of(
        self, seats: Iterable[str], question: Callable[[str], Question], contract: Contract[T]
    ) -> tuple[str, T] | None:
        """Ask the first seat of a role; when it is lost, the next one takes over. None when nobody is left."""
        chain = list(seats)
        for number, seat in enumerate(chain):
            found = await self.one(replace(question(seat), extra=number > 0), contract)
            if found is not None:
                self.spare(chain[number + 1 :])
                return seat, found
        return None

    def spare(self, seats: Iterable[str]) -> None:
        """Seats that need not be asked any more."""
        for seat in seats:
            if self.states[seat] == "unasked":
                self.states[seat] = "not_needed"

    async def check(self, draft: str) -> str | None:
        """What the user's own check has against a draft, None when nothing."""
        return await self._asker.check(draft)

    def scrubbed(self, text: str) -> str:
        """`text` as another seat may see it."""
        return scrub(text, self.setup.names)

    def hear(self, round_number: int, seat: str, answer: Answer) -> None:
        """Put a statement on record."""
        self.statements.append(Statement.of(round_number, seat, answer))

    def result(self, ending: Ending, *, rounds: int = 0, **details: Any) -> PatternResult:
        """The result: `ending`, degraded when a seat was lost, with everything on record."""
        lost = bool(self.problems) and ending.outcome != "failed"
        answer = ending.answer
        return PatternResult(
            outcome="degraded" if lost else ending.outcome,
            decided_by=ending.decided_by,
            answer=answer.answer if answer else None,
            reason=ending.reason,
            confidence=answer.confidence if answer else None,
            votes_for=ending.votes_for,
            votes_of=ending.votes_of,
            statements=tuple(self.statements),
            ballots=tuple(self.ballots),
            rounds=rounds,
            calls=self.calls,
            depth=self.depth,
            repairs=self.repairs,
            states=dict(self.states),
            problems=tuple(self.problems),
            extra_calls=self.extra_calls,
            document=ending.document,
            tie_broken_by=ending.tie_broken_by,
            substitutes=dict(self.substitutes),
            round0=round_zero(self.statements),
            best_single=best_single(self.statements),
            notes=tuple(self.notes),
            **details,
        )

    def _admitted(self, questions: Sequence[Question]) -> Sequence[Question]:
        admitted = self._asker.admit(questions)
        for question in questions[admitted:]:
            self._lose(question, "skipped_budget", "the budget has no room for this call")
        extra = sum(question.extra for question in questions[:admitted])
        self.extra_calls += extra
        self.calls += admitted - extra
        return questions[:admitted]

    async def _gather(self, tasks: list[asyncio.Task[T | None]], asked: Sequence[Question], enough: Enough[T] | None) -> None:
        import asyncio

        left = set(tasks)
        while left:
            done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED if enough else asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()  # seats fail as None; anything else stops the run, as itself
            if enough and left and enough(_heard(asked, [task.result() if task.done() else None for task in tasks])):
                answered = {question.seat for question, task in zip(asked, tasks, strict=True) if task.done()}
                for question in asked:
                    if question.seat not in answered:  # of the samples of one seat some are in
                        self.states[question.seat] = "not_needed"
                return

    async def _one(self, question: Question, contract: Contract[T]) -> T | None:
        try:
            reply = await self._asker.ask(question)
            self._note(question.seat, reply)
            try:
                return contract.parse(reply.text)
            except ContractError as problem:
                return await self._repaired(question, contract, reply.text, str(problem))
        except ContractError as problem:
            self._lose(question, "invalid", f"its answer broke the contract twice: {problem}")
        except SeatLost as lost:
            self._lose(question, lost.state, lost.message)
        return None

    async def _repaired(self, question: Question, contract: Contract[T], said: str, problem: str) -> T:
        again = replace(
            question,
            view={"previous": said, "problem": problem, "shape": contract.shape},
            form=replace(contract.form, whole=True),
            repair=True,
            extra=True,
        )
        if not self._asker.admit([again]):
            raise SeatLost(question.seat, "skipped_budget", f"the budget has no room to ask again: {problem}")
        self.repairs += 1
        reply = await self._asker.ask(again)
        self._note(question.seat, reply)
        value = contract.parse(rejoined(said, reply.text))
        self.states[question.seat] = "repaired"
        return value

    def _note(self, seat: str, reply: Reply) -> None:
        if self.states[seat] in ("unasked", "ok") or reply.state == "substituted":
            self.states[seat] = reply.state
        if reply.by:
            self.substitutes[seat] = reply.by

    def _lose(self, question: Question, state: SeatState, message: str) -> None:
        self.states[question.seat] = state
        self.problems.append(f"{question.seat} ({question.step}): {message}")


async def _cancelled(tasks: list[asyncio.Task[T | None]]) -> None:
    """Let go of what is still under way, and wait until it has gone."""
    import asyncio

    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _heard(asked: Sequence[Question], found: Sequence[T | None]) -> dict[str, T]:
    """What was answered, by the keys of the questions."""
    return {question.key: answer for question, answer in zip(asked, found, strict=False) if answer is not None}


def round_zero(statements: Iterable[Statement]) -> tuple[Vote, ...]:
    """The blind votes: each distinct answer, as first worded, with the seats that gave it."""
    wording: dict[str, str] = {}
    votes: dict[str, list[str]] = {}
    for statement in statements:
        if statement.round == 0:
            key = normalise(statement.answer)
            votes.setdefault(wording.setdefault(key, statement.answer), []).append(statement.seat)
    return tuple(Vote(answer, tuple(seats)) for answer, seats in votes.items())


def best_single(statements: Iterable[Statement]) -> BestSingle | None:
    """The blind statement given with the highest confidence, the first of them where several are."""
    blind = [statement for statement in statements if statement.round == 0]
    if not blind:
        return None
    best = max(blind, key=lambda statement: statement.confidence)
    return BestSingle(best.seat, best.answer, best.confidence)
