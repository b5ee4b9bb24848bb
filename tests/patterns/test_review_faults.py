"""Every seat of chain, devil and refine lost at every question it is asked, once and from then on."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest

from cowork.patterns import chain, devil, refine
from cowork.patterns.protocol import Question, Reply, SeatLost, SeatState
from cowork.patterns.results import PatternResult
from cowork.patterns.setup import Pattern, Setup
from tests.patterns.drafting import changes, drafted, objects, replies, scores
from tests.patterns.scripted_reviews import Drawn
from tests.patterns.seats import rules, setup

CHAIN = {"author": ["ann"], "reviewer": ["r1", "r2", "r3"]}
DEVIL = {"proposer": ["ann"], "advocate": ["a1", "a2"], "judge": ["jay", "joe"]}
RUNS: dict[str, tuple[Pattern, Setup]] = {
    "chain": (chain.PATTERN, setup(chain.PATTERN, CHAIN)),
    "separate": (chain.PATTERN, setup(chain.PATTERN, CHAIN, separate=True)),
    "devil": (devil.PATTERN, setup(devil.PATTERN, DEVIL, rounds=2)),
    "refine": (refine.PATTERN, setup(refine.PATTERN, {"author": ["ann"], "critic": ["cy"]}, rounds=3)),
}
STATES: tuple[SeatState, ...] = ("timed_out", "rate_limited", "out_of_funds", "refused", "unavailable")


def full(question: Question, draw: random.Random) -> str:
    """A reply that keeps a run going to its last call."""
    assert question.form is not None
    text, findings = f"Draft {draw.random()}", question.view.get("findings", [])
    if question.form.name in ("answer", "revision"):
        return drafted(text)
    if question.form.name == "replies":
        return replies(text, **{finding["id"]: "accept" for finding in findings})
    if question.form.name == "critique":
        return scores(10 + 5 * question.round, "a gap")
    return {
        "rewrite": lambda: changes(text, f"gap {draw.random()}"),
        "review": lambda: changes("", f"gap {draw.random()}"),
        "objections": lambda: objects(f"objection {draw.random()}"),
        "verdict": lambda: rules("tie"),
    }[question.form.name]()


class Failing(Drawn):
    """Seats of which one is lost at one question, or from it on."""

    def __init__(self, run: Setup, key: str, state: SeatState, *, for_good: bool) -> None:
        super().__init__(dict.fromkeys(run.all_seats, full), run.seed)
        self.key, self.state, self.for_good = key, state, for_good
        self.gone = ""

    async def ask(self, question: Question) -> Reply:
        if question.key == self.key or (self.for_good and question.seat == self.gone):
            self.gone = question.seat
            raise SeatLost(question.seat, self.state, "gone")
        return await super().ask(question)


def keys(name: str) -> list[str]:
    pattern, run = RUNS[name]
    asker = Drawn(dict.fromkeys(run.all_seats, full), run.seed)
    result = asyncio.run(pattern.run(asker, run))
    assert (result.problems, result.calls) == ((), pattern.price(run).most_calls)
    return [question.key for question in asker.asked]


FAULTS = [(name, key, for_good) for name in RUNS for key in keys(name) for for_good in (False, True)]


@pytest.mark.parametrize(("name", "key", "for_good"), FAULTS)
def test_no_loss_raises_or_passes_for_a_full_result(name: str, key: str, for_good: bool) -> None:
    pattern, run = RUNS[name]
    for state in STATES:
        asker = Failing(run, key, state, for_good=for_good)
        result = asyncio.run(pattern.run(asker, run))
        assert result.outcome == ("failed" if key == keys_first(name) else "degraded")
        assert result.states[asker.gone] == state
        assert any(problem.startswith(asker.gone) for problem in result.problems)
        assert (result.answer is None) == (result.outcome == "failed")
        assert result.calls + result.extra_calls <= pattern.price(run).most_calls + 2  # the second judge
        assert _one_is_chosen(result)


def keys_first(name: str) -> str:
    """The question without whose answer there is nothing to review."""
    return f"ann/{RUNS[name][0].name}_{'proposal' if name == 'devil' else 'draft'}/0//"


def _one_is_chosen(result: PatternResult) -> bool:
    chosen = [version.text for version in result.versions if version.chosen]
    return chosen == ([] if result.outcome == "failed" else [result.document])


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("room", range(12))
def test_no_budget_is_too_small_to_end_well(name: str, room: int) -> None:
    pattern, run = RUNS[name]
    asker = Drawn(dict.fromkeys(run.all_seats, full), run.seed)
    left = iter([1] * room)
    asker.admit = lambda questions: sum(next(left, 0) for _ in questions)  # type: ignore[method-assign]
    result = asyncio.run(pattern.run(asker, replace(run, seed="budget")))
    full_run = room >= pattern.price(run).most_calls
    assert len(asker.asked) == min(room, pattern.price(run).most_calls)
    assert (result.problems == ()) == full_run
    assert result.outcome in (("failed",) if room == 0 else ("no_consensus", "undecided") if full_run else ("degraded",))
