"""Devil's advocate: a proposer, advocates who argue against its answer, and a judge.

The proposer answers. In each round the advocates, in parallel and blind to each other, make the strongest case against the
answer as it stands, each objection with a severity and a test that would decide it; "no material objection" is a reply
like any other. A round without a major objection ends it. Otherwise the proposer accepts or rejects every objection with
a reason, and revises. At the end the judge compares the original with the last revision, in both orders and unlabelled.

An advocate stands behind the answer when nothing material of its last word is left: it had none, or all was accepted.
- No material objection, and no revision: unanimous, of the proposer and its advocates, without a judge.
- The judge prefers the revision in both orders: a majority when nothing material is left, else no consensus. It is never
  called unanimous: objections that were accepted count as met on the proposer's word and the judge's preference alone.
- The judge prefers the original in both orders: the original, without consensus, for its proposer has given it up.
- Neither: undecided, and the original is kept. Both versions are in the result.
- Objections that were rejected without any revision: no consensus, and no judge, for there is nothing to compare.
An answer that no advocate spoke on is degraded and `unchallenged`: it survived nothing.

Calls: 1 + R(A+1) + 2, at best 1+A. Depth: 2+2R. A judge that is lost hands over to the next, beside the formula.
"""

from __future__ import annotations

from cowork.patterns.contracts import ANSWER
from cowork.patterns.drafts import Draft, Drafts, text_of
from cowork.patterns.objecting import OBJECTIONS, replied
from cowork.patterns.pairwise import Side, judged, why_undecided
from cowork.patterns.protocol import Asker, Question
from cowork.patterns.results import Dissent, Ending, Finding, Outcome, PatternResult
from cowork.patterns.reviewing import is_material
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table


def price(setup: Setup) -> Price:
    """The proposal; every round its advocates and a reply; the judge's two verdicts."""
    rounds, advocates = setup.options.rounds, len(setup.seats("advocate"))
    if not rounds:
        return Price("1", "1", 1, 1, 1)
    calls = 1 + rounds * (advocates + 1) + 2
    return Price("1 + R(A+1) + 2", f"1 + {rounds}({advocates}+1) + 2", calls, 1 + advocates, 2 + 2 * rounds)


async def devil(asker: Asker, setup: Setup) -> PatternResult:
    """Run the protocol to its end. Lost seats degrade the result; they never raise."""
    return await _Devil(asker, setup).run()


class _Devil:
    def __init__(self, asker: Asker, setup: Setup) -> None:
        self.table = Table(asker, setup)
        self.setup = setup
        self.proposer = setup.seat("proposer")
        self.advocates = setup.seats("advocate")
        self.drafts = Drafts(self.table, checked=False)
        self.last_word: dict[str, int] = {}
        self.round = 0

    async def run(self) -> PatternResult:
        proposal = await self.table.one(Question(self.proposer, "devil_proposal"), ANSWER)
        if proposal is None:
            return self.table.result(Ending("failed", "nobody", None, "the proposer gave no answer", 0, 1))
        await self.drafts.write(0, self.proposer, proposal)
        while self.round < self.setup.options.rounds:
            self.round += 1
            if not await self._attacked() or not await self._replied():
                break
        return await self._ended()

    async def _attacked(self) -> bool:
        """Whether the advocates raised anything material in this round."""
        view = self.drafts.shown(self.drafts.findings.values())
        questions = [Question(seat, "devil_attack", self.round, view) for seat in self.advocates]
        raised = await self.table.wave(questions, OBJECTIONS)
        for seat, points in zip(self.advocates, raised, strict=True):
            if points is not None:
                self.last_word[seat] = self.round
                self.drafts.hold(self.round, seat, points)
        return any(point.material for points in raised if points is not None for point in points)

    async def _replied(self) -> bool:
        """Whether the proposer took the objections of this round up, one by one."""
        asked = [finding for finding in self.drafts.findings.values() if finding.status == "open"]
        question = Question(self.proposer, "devil_reply", self.round, self.drafts.shown(asked))
        said = await self.table.one(question, replied([finding.id for finding in asked]))
        if said is None:
            return False
        for label, reason in said.rejected.items():
            self.drafts.mark([label], "rejected", reason)
        if not await self.drafts.write(self.round, self.proposer, said.answer) and said.accepted:
            self.drafts.mark(said.accepted, "open", "accepted, but the answer was not changed")
        return True

    async def _ended(self) -> PatternResult:
        original, revised = self.drafts.all[0], self.drafts.latest
        if not self.last_word:
            self.table.notes.append("unchallenged")
            reason = f"no advocate spoke on it: {original.answer.reason}"
            return self._result(Ending("degraded", "nobody", original.answer, reason, 1, self._asked), original)
        if len(self.last_word) < len(self.advocates):
            self.table.notes.append(f"challenged_by {len(self.last_word)} of {len(self.advocates)}")
        if original is revised:
            return self._result(self._unrevised(original), original)
        return await self._judged(original, revised)

    def _unrevised(self, original: Draft) -> Ending:
        self.table.spare(self.setup.seats("judge"))
        left, answer = self._left(), original.answer
        if left:
            reason = f"{len(left)} material objection(s) are left, and the answer was not changed: {left[0].claim}"
            return Ending("no_consensus", "nobody", answer, reason, 1 + self._content, self._asked)
        reason = f"no material objection: {answer.reason}"
        return Ending("unanimous", "review", answer, reason, 1 + self._content, self._asked)

    async def _judged(self, original: Draft, revised: Draft) -> PatternResult:
        sides = (self._side("original", original), self._side("revised", revised))
        winner, ballots = await judged(self.table, self.setup.seats("judge"), sides, round_number=self.round + 1)
        asked = self._asked + 1
        if winner is None:
            reason = f"{why_undecided(ballots)}; the original is kept"
            return self._result(Ending("undecided", "nobody", original.answer, reason, 0, asked), original)
        reason = ballots[0].reason
        if winner == "original":
            return self._result(Ending("no_consensus", "judge", original.answer, reason, 1, asked), original)
        outcome: Outcome = "no_consensus" if self._left() else "majority"
        if outcome == "majority":
            self.table.notes.append("objections count as met because they were accepted; the advocates were not asked again")
        return self._result(Ending(outcome, "judge", revised.answer, reason, 2 + self._content, asked), revised)

    def _side(self, name: str, draft: Draft) -> Side:
        texts = dict.fromkeys((text_of(draft.answer), draft.answer.answer))
        return Side(name, tuple(map(self.table.scrubbed, texts)))

    @property
    def _asked(self) -> int:
        return 1 + len(self.advocates)

    def _left(self) -> list[Finding]:
        """What is material in each advocate's last word and was not accepted."""
        return [
            finding
            for finding in self.drafts.findings.values()
            if is_material(finding.severity)
            and finding.status in ("open", "rejected")
            and finding.round == self.last_word[finding.seat]
        ]

    @property
    def _content(self) -> int:
        """The advocates of whose last word nothing material is left."""
        return len(self.last_word.keys() - {finding.seat for finding in self._left()})

    def _result(self, ending: Ending, chosen: Draft) -> PatternResult:
        against = {finding.seat: finding for finding in reversed(self._left())}
        dissent = [Dissent(seat, "", finding.claim) for seat, finding in sorted(against.items())]
        if chosen is not self.drafts.latest:
            revised = self.drafts.latest.answer
            dissent.insert(0, Dissent(self.proposer, revised.answer, revised.reason))
        return self.table.result(
            ending,
            rounds=self.round,
            findings=self.drafts.ledger(chosen),
            versions=self.drafts.versions(chosen),
            dissent=tuple(dissent),
        )


PATTERN = Pattern(
    name="devil",
    title="Devil's advocate",
    summary="One model proposes, others make the strongest case against it, a judge compares the revision with the original.",
    when="A plan or a decision that seems right and would be expensive to get wrong.",
    not_when="The question is open: then let several answer, instead of one that others can only object to.",
    diagram="""\
 task --> [proposer] --> answer --+-> [advocate-1] -+ no material objection --> answer
                          ^       +-> [advocate-2] -+
                          |                         | objections
                          +-- R rounds -- [proposer] accepts or rejects each, revises
                                              v
            [judge] original|revised and revised|original --> the better one, or undecided""",
    roles=(
        Role("proposer", "answers, replies to objections and revises"),
        Role("advocate", "argues against the answer; best of other families than the proposer", default=2, most=5),
        Role("judge", "compares the original with the revision", most=3, apart=True),
    ),
    options={"rounds": 1},
    least={"rounds": 1},
    most={"rounds": 3},
    formula="1 + R(A+1) + 2",
    price=price,
    run=devil,
)
