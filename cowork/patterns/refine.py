"""Iterative refinement: an author, and a critic that scores each version and says what to change.

The critic sees the task and the draft, not who wrote it, nor earlier scores. It gives points for each line of a rubric and
actionable findings; the author revises; and so on until the critic is satisfied, the score has not risen by at least 0.03
above the best before it twice in a row, the draft comes back unchanged, or the rounds are used up.

Every version is kept, and what is returned is the best scored, not the last: of equals the later one. Before all else
counts that the user's check passes, and then that the critic is satisfied. When rounds run out, or the critic is lost, the
last revision has no score. It is returned only where it revises the best version, so that nothing speaks against it, or
where it is the only one that passes the check; otherwise the best scored is.

A critic that is satisfied makes it unanimous, 2 of 2; without that there is no consensus, and the score has decided. A
version that fails the check satisfies nobody.

Calls: 1+2R, at best 2. Depth: the same.
"""

from __future__ import annotations

from cowork.patterns.contracts import ANSWER
from cowork.patterns.drafts import Draft, Drafts
from cowork.patterns.protocol import Asker, Question
from cowork.patterns.results import Ending, PatternResult
from cowork.patterns.reviewing import REVISION
from cowork.patterns.scoring import CRITIQUE, RUBRIC, Critique
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table

LEAST_GAIN = 0.03
_STALLED = 2


def price(setup: Setup) -> Price:
    """A draft; every round a critique and a revision."""
    rounds = setup.options.rounds
    return Price("1 + 2R", f"1 + 2*{rounds}", 1 + 2 * rounds, min(2, 1 + rounds), 1 + 2 * rounds)


async def refine(asker: Asker, setup: Setup) -> PatternResult:
    """Run the protocol to its end. Lost seats degrade the result; they never raise."""
    return await _Refinement(asker, setup).run()


class _Refinement:
    def __init__(self, asker: Asker, setup: Setup) -> None:
        self.table = Table(asker, setup)
        self.author, self.critic = setup.seat("author"), setup.seat("critic")
        self.rounds = setup.options.rounds
        self.drafts = Drafts(self.table)
        self.satisfying: Draft | None = None
        self.revised = 0
        self.stalled = 0

    async def run(self) -> PatternResult:
        first = await self.table.one(Question(self.author, "refine_draft"), ANSWER)
        if first is None:
            return self.table.result(Ending("failed", "nobody", None, "the author gave no draft", 0, 2))
        await self.drafts.write(0, self.author, first)
        for number in range(1, self.rounds + 1):
            if not await self._scored(number) or not await self._revised(number):
                break
        return self._result(self._best())

    async def _scored(self, number: int) -> bool:
        """Whether the critic wants a revision that is worth a call."""
        view = {**self.drafts.shown(self.drafts.against_latest), "rubric": dict(RUBRIC)}
        said = await self.table.one(Question(self.critic, "refine_critique", number, view), CRITIQUE)
        if said is None:
            return False
        self._take(number, said)
        return self.satisfying is None and self.stalled < _STALLED

    def _take(self, number: int, said: Critique) -> None:
        draft, before = self.drafts.latest, [draft.score for draft in self.drafts.all if draft.score is not None]
        draft.score = said.score
        gained = not before or said.score - max(before) >= LEAST_GAIN
        self.stalled = 0 if gained else self.stalled + 1
        self.drafts.hold(number, self.critic, said.points)
        if said.satisfied and draft.passes:
            self.satisfying = draft

    async def _revised(self, number: int) -> bool:
        """Whether the author gave another draft."""
        view = self.drafts.shown(self.drafts.against_latest)
        said = await self.table.one(Question(self.author, "refine_revise", number, view), REVISION)
        if said is None:
            return False
        if not await self.drafts.write(number, self.author, said):
            self.table.notes.append("the author left the draft as it was")
            return False
        self.revised += 1
        return True

    def _best(self) -> Draft:
        *earlier, last = self.drafts.all
        scored = [draft for draft in self.drafts.all if draft.score is not None]
        if not scored:
            return last
        best = max(scored, key=self._merit)
        if last.score is not None or last.passes < best.passes:
            return best
        return last if last.passes > best.passes or best is earlier[-1] else best

    def _merit(self, draft: Draft) -> tuple[bool, bool, float, int]:
        return draft.passes, draft is self.satisfying, draft.score or 0.0, self.drafts.all.index(draft)

    def _result(self, chosen: Draft) -> PatternResult:
        last = self.drafts.latest
        if self.table.problems:
            self.table.notes.append(f"refined_rounds: {self.revised}")
        if chosen is not last:
            self.table.notes.append("an earlier version is returned: it is the best of those that were scored")
        elif last.score is None and self.revised:
            self.table.notes.append("the last revision was not scored; it is returned because it revises the best version")
        return self.table.result(
            self._ending(chosen),
            rounds=self.revised,
            findings=self.drafts.ledger(chosen),
            versions=self.drafts.versions(chosen),
        )

    def _ending(self, chosen: Draft) -> Ending:
        answer = chosen.answer
        if chosen is self.satisfying:
            return Ending("unanimous", "review", answer, f"the critic is satisfied: {answer.reason}", 2, 2)
        scores = [f"{draft.score:.2f}" for draft in self.drafts.all if draft.score is not None]
        if not scores:
            return Ending("no_consensus", "nobody", answer, "no version was scored", 1, 2)
        state = "every version fails its check" if not chosen.passes else "the critic was not satisfied"
        return Ending("no_consensus", "score", answer, f"{state}; the scores were {', '.join(scores)}", 1, 2)


PATTERN = Pattern(
    name="refine",
    title="Iterative refinement",
    summary="One model drafts, another scores and criticizes, the first revises; the best version is returned.",
    when="A text or a plan whose quality can be described in a few lines, best with a check that can be run on it.",
    not_when="The task needs reasoning that nobody can check: criticism without evidence turns right into wrong too.",
    diagram="""\
 task --> [author] --> draft --> [critic] -- satisfied --> the draft
             ^           + check    | score, findings
             +---- R rounds --------+
 without satisfaction --> the best version, not the last""",
    roles=(
        Role("author", "drafts and revises"),
        Role("critic", "scores each version and says what to change; best another model than the author", apart=True),
    ),
    options={"rounds": 2},
    least={"rounds": 1},
    most={"rounds": 6},
    formula="1 + 2R",
    checks=True,
    price=price,
    run=refine,
)
