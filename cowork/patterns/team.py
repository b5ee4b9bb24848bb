"""Team collaboration with voting: members propose blind, rank each other's proposals, and a writer merges.

More than half of the members with the same answer end it after the blind round. Otherwise every member ranks the others'
proposals under labels of its own, never its own; Copeland's rule finds the winner, and a tie goes down the ladder of
`votes.break_tie`. A writer, who proposed nothing, works named improvements of the others into the winner's text; it may not
change the answer. With `verbatim`, or when no writer is left, the winner's text stands as it was. Fewer than three
proposals are not ranked. With `layers` there is no vote but a mixture of agents: see `team_layers`.

Calls: 2N+1, at best N. Depth: 3. A tie-break seat adds 2 calls and 1 level where it is needed. With `sequential` the members
propose one after the other, and no more of them than can still change the decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cowork.patterns.answers import Answer, normalise
from cowork.patterns.ballots import ranking
from cowork.patterns.contracts import ANSWER
from cowork.patterns.labels import labelled
from cowork.patterns.protocol import Asker, Question
from cowork.patterns.rankings import standings
from cowork.patterns.results import Ballot, DecidedBy, Dissent, Ending, PatternResult, TieBreak
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table
from cowork.patterns.team_layers import layered, price_of_layers
from cowork.patterns.votes import Candidate, break_tie, candidates, leaders, quorum, short_handed
from cowork.patterns.weights import about, weigh
from cowork.patterns.writing import shown, written

LEAST_RANKED = 3


def price(setup: Setup) -> Price:
    """A proposal and a ballot a member, and the writer."""
    if setup.options.layers:
        return price_of_layers(setup)
    members, in_turn = len(setup.seats("member")), setup.options.sequential
    ranked = members >= LEAST_RANKED
    wrote, tie = not setup.options.verbatim and bool(setup.seats("writer")), bool(setup.seats("tie-break"))
    tail = ("+1" if wrote else "") + (" + 2 with tie-break" if tie else "")
    worked = (f"2*{members}" if ranked else str(members)) + (" + 1" if wrote else "") + (" + 2" if tie else "")
    calls = members * (1 + ranked) + wrote + 2 * tie
    depth = (members if in_turn else 1) + ranked + wrote + tie
    return Price(("2N" if ranked else "N") + tail, worked, calls, _fewest(setup) if in_turn else members, depth)


def _fewest(setup: Setup) -> int:
    """How many members must at least have spoken, in their order, before the decision can stand."""
    weighed = list(map(weigh(setup, setup.seats("member")), setup.seats("member")))
    return next(number for number in range(1, len(weighed) + 1) if sum(weighed[:number]) * 2 > sum(weighed))


async def team(asker: Asker, setup: Setup) -> PatternResult:
    """Run the protocol to its end. Lost seats degrade the result; they never raise."""
    table = Table(asker, setup)
    return await (layered(table) if setup.options.layers else _Team(table).run())


class _Team:
    def __init__(self, table: Table) -> None:
        self.table = table
        self.setup = table.setup
        self.members = self.setup.seats("member")
        self.weigh = weigh(self.setup, self.members)
        self.answers: dict[str, Answer] = {}
        self.ranked = False

    async def run(self) -> PatternResult:
        self.table.notes += about(self.setup, self.members)
        await self._propose()
        if len(self.answers) < quorum(len(self.members)) and not self._decided(self.answers):
            return self.table.result(short_handed(self.answers, len(self.members)))
        options = candidates(self.answers, self.weigh)
        if self._decided(self.answers):
            return self._result(self._counted(leaders(options)[0], None))
        if len(self.answers) < LEAST_RANKED:
            winner, rung = await break_tie(self.table, leaders(options))
        else:
            await self._rank()
            if len(self.table.ballots) < quorum(len(self.members)):
                return self._result(self._unranked(options))
            winner, rung = await self._most_preferred()
        ending = self._counted(winner, rung)
        return self._result(await written(self.table, ending, self._others(winner), "team_writing", 2))

    async def _propose(self) -> None:
        questions = [Question(seat, "team_proposal") for seat in self.members]

        def enough(heard: Mapping[str, Answer]) -> bool:
            return self._decided({question.seat: heard[question.key] for question in questions if question.key in heard})

        options = self.setup.options
        if options.sequential:
            found = await self.table.in_turn(questions, ANSWER, enough=enough)
        else:
            found = await self.table.wave(questions, ANSWER, enough=enough if options.early_stop else None)
        for seat, answer in zip(self.members, found, strict=True):
            if answer is not None:
                self.answers[seat] = answer
                self.table.hear(0, seat, answer)

    def _decided(self, answers: Mapping[str, Answer]) -> bool:
        """Whether one answer has more than half of all the weight at the table, whatever is still to come."""
        whole = sum(map(self.weigh, self.members))
        return any(option.weight * 2 > whole for option in candidates(answers, self.weigh))

    async def _rank(self) -> None:
        self.ranked, voters = True, tuple(self.answers)
        labels = {
            voter: labelled(self.setup, voter, 1, [seat for seat in voters if seat != voter]) for voter in voters
        }  # nobody ranks its own
        questions = [Question(voter, "team_ranking", 1, {"candidates": self._shown(labels[voter])}) for voter in voters]
        given = await self.table.wave(questions, ranking(tuple(labels[voters[0]])))
        for voter, ranked in zip(voters, given, strict=True):
            if ranked is not None:
                order = tuple(labels[voter][label] for label in ranked.labels)
                asked = tuple(labels[voter].values())
                self.table.ballots.append(Ballot(voter, asked, order[0], ranked.confidence, ranked.reason, order))
        if len(self.table.ballots) < len(self.members):
            self.table.notes.append(f"ranked by {len(self.table.ballots)} of {len(self.members)}")

    def _shown(self, labels: Mapping[str, str]) -> list[dict[str, str]]:
        said = {label: self.answers[seat] for label, seat in labels.items()}
        return [{"label": label, "text": shown(self.table, answer, styled=False)} for label, answer in said.items()]

    async def _most_preferred(self) -> tuple[Candidate, TieBreak | None]:
        """The proposal that Copeland's rule prefers. Proposals with the same answer share their confidences, and no tie."""
        standing = standings(tuple(self.answers), self.table.ballots, self.weigh)
        most = max(held.score for held in standing.values())
        alike = {option.key: option for option in candidates(self.answers, self.weigh)}
        tied: dict[str, tuple[str, Candidate]] = {}
        for seat in sorted(self.answers, key=lambda seat: -self.answers[seat].confidence):
            if standing[seat].score == most:
                option = alike[normalise(self.answers[seat].answer)]
                tied.setdefault(option.key, (seat, replace(option, answer=self.answers[seat])))
        return await break_tie(
            self.table,
            [option for _, option in tied.values()],
            wins={key: standing[seat].wins for key, (seat, _) in tied.items()},
            last_places={key: standing[seat].last_places for key, (seat, _) in tied.items()},
        )

    def _counted(self, winner: Candidate, rung: TieBreak | None) -> Ending:
        """How many stand behind the winner, of the seats asked."""
        votes, asked, answer = len(self._behind(winner.key)), len(self.members), winner.answer
        if len(winner.voters) == asked:
            return Ending("unanimous", "agreement", answer, answer.reason, votes, asked)
        how: DecidedBy = "tie_break" if rung == "tie_break_seat" else "vote"
        if votes * 2 > asked:
            return Ending("majority", how, answer, answer.reason, votes, asked, rung)
        return Ending("no_consensus", how, answer, answer.reason, votes, asked, rung)

    def _behind(self, key: str) -> set[str]:
        """Who stands behind an answer: those who gave it themselves, and those who ranked it first."""
        own = {seat for seat, answer in self.answers.items() if normalise(answer.answer) == key}
        return own | {ballot.judge for ballot in self.table.ballots if ballot.ranking and ballot.ranking[0] in own}

    def _result(self, ending: Ending) -> PatternResult:
        behind = self._behind(normalise(ending.answer.answer)) if ending.answer else set()
        dissent = [Dissent(seat, said.answer, said.reason) for seat, said in self.answers.items() if seat not in behind]
        return self.table.result(ending, rounds=int(self.ranked), dissent=tuple(dissent))

    def _unranked(self, options: list[Candidate]) -> Ending:
        best = max(options, key=lambda option: (option.weight, option.confidence))
        reason = f"only {len(self.table.ballots)} of {len(self.members)} ballots: {best.answer.reason}"
        return Ending("degraded", "nobody", best.answer, reason, len(best.voters), len(self.members))

    def _others(self, winner: Candidate) -> list[Answer]:
        return [answer for answer in self.answers.values() if answer is not winner.answer]


PATTERN = Pattern(
    name="team",
    title="Team collaboration with voting",
    summary="Several models propose blind, rank each other's proposals, and a writer merges the best of them.",
    when="A proposal or a decision with several defensible shapes, and models of similar strength from different families.",
    not_when="One of the seats is far stronger than the others: they outvote it. Ask it alone, or let its samples vote.",
    diagram="""\
          +-> [member-1] -+  most agree ------------------> answer
 task ----+-> [member-2] -+
          +-> [member-3] -+  else: each ranks the others
                 |
                 v
        Copeland -- tie: ladder, [tie-break] --> winner --> [writer] --> answer

 --layers L: propose, then improve on all candidates L-1 times --> [writer] --> answer""",
    roles=(
        Role("member", "proposes, and ranks the others' proposals", default=3, least=2, most=16),
        Role("writer", "merges; no member, best of another family; the next one takes over", least=0, most=3, apart=True),
        Role("tie-break", "decides between two that tie; no member", default=0, least=0, apart=True),
    ),
    options={"layers": 0, "verbatim": False, "early_stop": False, "sequential": False},
    most={"layers": 4},
    formula="2N+1",
    price=price,
    run=team,
)
