"""Expert panel: experts answer blind, each through a lens of its own, and a moderator concludes.

A role writer, when there is one, writes the lenses and the questions each must answer; otherwise they are generic. With
rounds the experts examine each other: each sees the claims of the others, says which it disputes, and from then on only
those that it disputes and what is held against its own; who has neither is not asked. It ends when nobody disputes
anything, and does not begin when all gave the same answer. There is no vote, for lenses are not exchangeable: the moderator
says what is agreed, keeps what is not, and recommends. A lost expert's lens goes to another seat, and is not covered when
that is lost too. Without a moderator the statements stand side by side.

Calls: [1] + N(1+R) + 1, at best [1] + N + 1. Depth: [1] + 1 + R + 1.
"""

from __future__ import annotations

from cowork.patterns.answers import Answer, same
from cowork.patterns.labels import labelled
from cowork.patterns.lenses import (
    GENERIC,
    Lens,
    Recommendation,
    crossing_contract,
    lenses_contract,
    opinion_contract,
    recommendation_contract,
)
from cowork.patterns.panel_places import (
    Place,
    against,
    coverage,
    cross_view,
    dissent,
    lens_view,
    minutes,
    moderator_view,
    side_by_side,
)
from cowork.patterns.protocol import Asker, Question
from cowork.patterns.results import Ending, Outcome, PatternResult
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table
from cowork.patterns.votes import quorum


def price(setup: Setup) -> Price:
    """A call for each expert in each round, the moderator's, and the role writer's where there is one."""
    experts, rounds, written = len(setup.seats("expert")), setup.options.rounds, len(setup.seats("role-writer"))
    lead = "1 + " if written else ""
    most, fewest = written + experts * (1 + rounds) + 1, written + experts + 1
    return Price(f"{lead}N(1+R) + 1", f"{lead}{experts}(1+{rounds}) + 1", most, fewest, written + 1 + rounds + 1)


async def panel(asker: Asker, setup: Setup) -> PatternResult:
    """Run the protocol to its end. Lost seats degrade the result; they never raise."""
    return await _Panel(asker, setup).run()


class _Panel:
    def __init__(self, asker: Asker, setup: Setup) -> None:
        self.table = Table(asker, setup)
        self.setup = setup
        self.seats = setup.seats("expert")
        self.places: list[Place] = []
        self.forfeits: dict[str, int] = {}
        self.round = 0

    async def run(self) -> PatternResult:
        lenses = await self._lenses()
        self.places = [Place(number, lens, seat) for number, (lens, seat) in enumerate(zip(lenses, self.seats, strict=True))]
        await self._opinions(self.places)
        if len(self._heard()) < quorum(len(self.seats)):
            return self._short_handed()
        await self._lend()
        while self.round < self.setup.options.rounds and not self._of_one_mind():
            await self._cross()
            if not self._disputed():
                break
        return await self._moderated()

    async def _lenses(self) -> tuple[Lens, ...]:
        wanted = len(self.seats)
        for writer in self.setup.seats("role-writer"):
            written = await self.table.one(Question(writer, "panel_lenses", view={"experts": wanted}), lenses_contract(wanted))
            if written is not None:
                return written
            self.table.notes.append("the lenses are generic: the role writer was lost")
        return GENERIC[:wanted]

    async def _opinions(self, places: list[Place], *, extra: bool = False) -> None:
        questions = [
            Question(
                place.seat, "panel_expert", view=lens_view(self.table, place), item=f"lens-{place.number + 1}", extra=extra
            )
            for place in places
        ]
        contracts = [opinion_contract(len(place.lens.questions)) for place in places]
        for place, opinion in zip(places, await self.table.wave(questions, contracts), strict=True):
            if opinion is not None:
                place.opinion, place.latest = opinion, opinion.answer
                # Through a second lens a seat is no longer blind, and has no second voice among those who are.
                self.table.hear(1 if extra else 0, place.seat, opinion.answer)

    async def _lend(self) -> None:
        """Give the lenses of lost seats to others, in turn."""
        able = [place.seat for place in self.places if place.opinion]
        lent = [place for place in self.places if place.opinion is None]
        for number, place in enumerate(lent):
            taker = able[number % len(able)]
            self.table.notes.append(f"the lens '{place.lens.name}' of {place.seat} went to {taker}")
            place.seat, place.lent = taker, True
        if lent:
            await self._opinions(lent, extra=True)
        self.table.notes += [f"not covered: the lens '{place.lens.name}'" for place in lent if place.opinion is None]

    async def _cross(self) -> None:
        self.round += 1
        asked = [
            place for place in self.places if place.own and (self.round == 1 or place.disputes or against(place, self.places))
        ]
        views = [cross_view(self.table, place, self.places, self.round) for place in asked]
        questions = [
            Question(place.seat, "panel_cross", self.round, view) for place, (view, _) in zip(asked, views, strict=True)
        ]
        contracts = [crossing_contract(list(names), len(place.claims)) for place, (_, names) in zip(asked, views, strict=True)]
        found = await self.table.wave(questions, contracts)
        for place, (_, names), crossing in zip(asked, views, found, strict=True):
            if crossing is None:  # its last statement stands, and so does what it disputes
                self.forfeits[place.seat] = self.forfeits.get(place.seat, 0) + 1
                continue
            place.latest = crossing.answer
            place.withdrawn |= crossing.withdrawn
            place.disputes = {names[claim]: why for claim, why in crossing.disputes.items()}
            self.table.hear(self.round, place.seat, crossing.answer)
        self._forget_withdrawn()

    def _forget_withdrawn(self) -> None:
        gone = {(place.number, index) for place in self.places for index in place.withdrawn}
        for place in self.places:
            place.disputes = {claim: why for claim, why in place.disputes.items() if claim not in gone}

    async def _moderated(self) -> PatternResult:
        moderators = self.setup.seats("moderator")
        spoken = {str(place.number): place for place in self.places if place.opinion}
        drawn = labelled(self.setup, moderators[0], self.round + 1, list(spoken))
        labels = {label: spoken[number] for label, number in drawn.items()}
        view = moderator_view(self.table, labels)
        found = await self.table.first_of(
            moderators,
            lambda seat: Question(seat, "panel_moderator", self.round + 1, view),
            recommendation_contract(list(labels)),
        )
        if found is None:
            return self._unconcluded("the moderator was lost, so the statements stand side by side")
        return self._recommended(found[1], labels)

    def _recommended(self, found: Recommendation, labels: dict[str, Place]) -> PatternResult:
        heard, asked = self._heard(), len(self.seats)
        behind = sum(same(answer, found.answer) for answer in heard)
        outcome: Outcome = "majority" if behind * 2 > asked else "no_consensus"
        if behind == asked and not self._disputed():
            outcome = "unanimous"
        text = minutes(found, labels)
        return self._result(
            Ending(outcome, "writer", found.answer, found.answer.reason, behind, asked, text=text), found.answer
        )

    def _short_handed(self) -> PatternResult:
        heard, asked = len(self._heard()), len(self.seats)
        if not heard:
            return self._result(Ending("failed", "nobody", None, "no expert answered", 0, asked), None)
        return self._unconcluded(f"only {heard} of {asked} experts answered, which is no quorum")

    def _unconcluded(self, why: str) -> PatternResult:
        """The statements side by side, with an answer only where all who spoke gave the same."""
        heard, text = self._heard(), side_by_side(self.places)
        common = heard[0] if all(same(heard[0], answer) for answer in heard) else None
        votes = len(heard) if common else 0
        return self._result(Ending("degraded", "nobody", common, why, votes, len(self.seats), text=text), common)

    def _heard(self) -> list[Answer]:
        """What those who speak through their own lens last said."""
        return [place.latest for place in self.places if place.own and place.latest]

    def _of_one_mind(self) -> bool:
        heard = self._heard()
        return len(heard) == len(self.seats) and all(same(heard[0], answer) for answer in heard)

    def _disputed(self) -> int:
        return sum(len(place.disputes) for place in self.places)

    def _result(self, ending: Ending, answer: Answer | None) -> PatternResult:
        notes = self.table.notes
        notes += [f"{seat} forfeited {rounds} round(s): its last statement stood" for seat, rounds in self.forfeits.items()]
        if self.round:
            withdrawn = sum(len(place.withdrawn) for place in self.places)
            notes.append(f"cross-examination: {withdrawn} claim(s) withdrawn, {self._disputed()} still disputed")
        rows = coverage(self.places)
        open_ = sum(not row.covered for row in rows)
        if open_:
            notes.append(f"{open_} of {len(rows)} questions are not covered")
        kept = dissent(self.places, answer) if answer else ()
        return self.table.result(ending, rounds=self.round, coverage=rows, dissent=kept)


PATTERN = Pattern(
    name="panel",
    title="Expert panel",
    summary="Experts answer blind, each through a lens of its own, and a moderator keeps what they agree and disagree on.",
    when="A decision with several sides that one reader would not all think of: risk, cost, people, operation.",
    not_when="There is one checkable right answer, or you want a vote: lenses are not exchangeable.",
    diagram="""\
 task --> [role-writer]? --> N lenses
            +-> [expert-1] -+
 lenses ----+-> [expert-2] -+--> cross-examination, R rounds
            +-> [expert-3] -+             |
                                          v
    agreed, not agreed, who said what <-- [moderator] --> recommendation""",
    roles=(
        Role("role-writer", "writes the lenses and their questions", default=0, least=0, apart=True),
        Role("expert", "answers through one lens; best each of another family", default=3, least=2, most=8),
        Role("moderator", "concludes; best not an expert's model", most=3, apart=True),
    ),
    options={"rounds": 0},
    most={"rounds": 3},
    formula="[1] + N(1+R) + 1",
    price=price,
    run=panel,
)
