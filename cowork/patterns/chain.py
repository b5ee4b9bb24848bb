"""Chain review: an author, and reviewers one after the other.

Each reviewer gets the task, the draft as it stands and the findings that are open, without anybody's name. It says which
of those are settled and what else is wrong, and approves or asks for changes. Who asks for changes rewrites the draft in
the same call; with `separate` the author does. Who approves does not rewrite: a text that comes with an approval is not
read. Two approvals in a row end the chain. A draft that the user's check fails cannot be approved.

What is returned is the best version: one that passes the check before one that does not, then the one against which the
least severe finding stands, then the latest. Its writer stands behind it, and whoever approved it: all seats asked are
unanimous, more than half a majority. A reviewer that is lost is skipped, and the result says how many reviewed.

Calls: N for an author and N-1 reviewers, 1+2(N-1) with `separate`; at best 3. Depth: the same.
"""

from __future__ import annotations

from cowork.patterns.answers import Answer
from cowork.patterns.contracts import ANSWER
from cowork.patterns.drafts import Draft, Drafts
from cowork.patterns.protocol import Asker, Question
from cowork.patterns.results import Dissent, Ending, PatternResult
from cowork.patterns.reviewing import REVISION, Review, review
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table

_ENOUGH = 2


def price(setup: Setup) -> Price:
    """A call a seat; with `separate` a rewrite after every review."""
    seats = 1 + len(setup.seats("reviewer"))
    fewest = min(seats, 1 + _ENOUGH)
    if setup.options.separate:
        calls = 1 + 2 * (seats - 1)
        return Price("1 + 2(N-1)", f"1 + 2({seats}-1)", calls, fewest, calls)
    return Price("N", str(seats), seats, fewest, seats)


async def chain(asker: Asker, setup: Setup) -> PatternResult:
    """Run the protocol to its end. Lost seats degrade the result; they never raise."""
    return await _Chain(asker, setup).run()


class _Chain:
    def __init__(self, asker: Asker, setup: Setup) -> None:
        self.table = Table(asker, setup)
        self.author = setup.seat("author")
        self.reviewers = setup.seats("reviewer")
        self.separate = setup.options.separate
        self.drafts = Drafts(self.table)
        self.asked: list[str] = []
        self.reviewed: list[str] = []
        self.in_a_row = 0

    async def run(self) -> PatternResult:
        first = await self.table.one(Question(self.author, "chain_draft"), ANSWER)
        if first is None:
            return self.table.result(Ending("failed", "nobody", None, "the author gave no draft", 0, 1))
        await self.drafts.write(0, self.author, first)
        for link, reviewer in enumerate(self.reviewers, 1):
            if self.in_a_row < _ENOUGH:
                await self._link(link, reviewer)
        self.table.spare(self.reviewers)
        return self._result(max(self.drafts.all, key=self._merit))

    async def _link(self, link: int, reviewer: str) -> None:
        known = {finding.id: finding.severity for finding in self.drafts.open}
        step = "chain_findings" if self.separate else "chain_review"
        question = Question(reviewer, step, link, self.drafts.shown())
        found = await self.table.one(question, review(known, rewrites=not self.separate))
        self.asked.append(reviewer)
        if found is None:  # the link is skipped: the next one gets what this one got
            return
        self.reviewed.append(reviewer)
        self.drafts.settle(found.settled)
        self.drafts.hold(link, reviewer, found.points)
        if found.approves:
            self._approved(reviewer)
        else:
            self.in_a_row = 0
            await self._rewritten(link, reviewer, found)

    def _approved(self, reviewer: str) -> None:
        if self.drafts.latest.passes:
            self.drafts.latest.approved_by.append(reviewer)
            self.in_a_row += 1
        else:
            self.table.notes.append(f"{reviewer} approved a draft that fails its check: that does not count")

    async def _rewritten(self, link: int, reviewer: str, found: Review) -> None:
        writer, draft = reviewer, found.rewrite
        if self.separate:
            writer, draft = self.author, await self._rewrite(link)
        if draft is not None and not await self.drafts.write(link, writer, draft):
            self.table.notes.append(f"{writer} was asked for a new draft and gave none")

    async def _rewrite(self, link: int) -> Answer | None:
        return await self.table.one(Question(self.author, "chain_rewrite", link, self.drafts.shown()), REVISION)

    def _merit(self, draft: Draft) -> tuple[bool, int, int]:
        return draft.passes, -self.drafts.worst(draft), self.drafts.all.index(draft)

    def _result(self, chosen: Draft) -> PatternResult:
        behind = {chosen.seat, *chosen.approved_by}
        asked = 1 + len(self.asked)
        ending = self._ending(chosen, len(behind), asked)
        findings = self.drafts.ledger(chosen)
        against = {finding.seat: finding for finding in findings if finding.status == "open"}
        self._note(chosen)
        return self.table.result(
            ending,
            rounds=len(self.reviewed),
            findings=findings,
            versions=self.drafts.versions(chosen),
            dissent=tuple(Dissent(seat, "", against[seat].claim) for seat in self.reviewed if seat in against.keys() - behind),
        )

    def _ending(self, chosen: Draft, behind: int, asked: int) -> Ending:
        answer = chosen.answer
        reason = f"{len(chosen.approved_by)} of {len(self.reviewed)} reviewers approve the draft as it is: {answer.reason}"
        if not self.reviewed:
            return Ending("degraded", "nobody", answer, "nobody reviewed the draft", behind, asked)
        if not chosen.passes:
            return Ending("no_consensus", "review", answer, "every draft fails its check", behind, asked)
        if behind == asked:
            return Ending("unanimous", "review", answer, reason, behind, asked)
        return Ending("majority" if behind * 2 > asked else "no_consensus", "review", answer, reason, behind, asked)

    def _note(self, chosen: Draft) -> None:
        if len(self.reviewed) < len(self.asked):
            self.table.notes.append(f"reviewed_by {len(self.reviewed)} of {len(self.asked)}")
        if chosen is not self.drafts.latest:
            self.table.notes.append("an earlier version is returned: less stands against it than against the last one")
        elif len(self.drafts.all) > 1 and not chosen.held and not chosen.approved_by:
            self.table.notes.append("nobody has reviewed the draft since it was last rewritten")


PATTERN = Pattern(
    name="chain",
    title="Chain review",
    summary="An author writes a draft; reviewers improve it one after the other until two in a row approve.",
    when="A document or a change that must be right in detail, above all with a check that can be run on it.",
    not_when="There is a short answer to decide on: reviewing without outside evidence turns right into wrong too.",
    diagram="""\
 task --> [author] --> draft --> [reviewer-1] --> draft' --> [reviewer-2] --> ... --> draft
                          + check    | findings     + check      |
                                     +-- approves ---------------+-- approves --> done""",
    roles=(
        Role("author", "writes the draft; with --separate also every rewrite"),
        Role("reviewer", "finds faults and mends them, or approves; the strongest model last", default=2, most=8),
    ),
    options={"separate": False},
    formula="N",
    checks=True,
    price=price,
    run=chain,
)
