"""M16, refinement under a noisy critic: statistical seats through the real pattern. Fixed seeds, intervals of 95 %."""

from __future__ import annotations

import itertools

import pytest

from cowork.patterns import refine
from cowork.patterns.intervals import Interval, mean_interval
from cowork.patterns.results import PatternResult
from tests.patterns.scripted_reviews import Seat, author, critic, many, quality_of, runs
from tests.patterns.seats import setup

REFINE = {"author": ["ann"], "critic": ["cy"]}


def refined(seats: dict[str, Seat], *, rounds: int = 6, count: int = 300) -> list[PatternResult]:
    return runs(refine.PATTERN, seats, many(setup(refine.PATTERN, REFINE, rounds=rounds), count))


def gains(results: list[PatternResult]) -> list[float]:
    """How much better in truth the version returned is than the last one."""
    return [quality_of(result.document) - quality_of(result.versions[-1].text) for result in results]


@pytest.mark.parametrize("rounds", [1, 2, 3, 6])
def test_m16_the_version_returned_scored_best_or_revises_the_best(rounds: int) -> None:
    for result in refined({"ann": author(), "cy": critic(noise=0.1)}, rounds=rounds, count=150):
        best = max(version.score for version in result.versions if version.score is not None)
        chosen = next(version for version in result.versions if version.chosen)
        before = dict(itertools.pairwise(reversed(result.versions)))
        assert best == (chosen.score if chosen.score is not None else before[chosen].score)


@pytest.mark.parametrize("noise", [0.05, 0.1, 0.2])
def test_m16_the_best_of_the_rounds_is_better_than_the_last(noise: float) -> None:
    assert mean_interval(gains(refined({"ann": author(), "cy": critic(noise=noise)}))).low > 0


@pytest.mark.parametrize("rounds", [2, 3])
def test_m16_an_author_that_always_improves_loses_little_and_one_that_always_harms_is_stopped(rounds: int) -> None:
    def mean_gain(start: float, drift: float) -> Interval:
        seats = {"ann": author(start=start, drift=drift, spread=0.05), "cy": critic(noise=0.05)}
        return mean_interval(gains(refined(seats, rounds=rounds, count=200)))

    assert mean_gain(0.3, 0.1).low > -0.03  # of the 0.1 that its last round brings
    assert mean_gain(0.8, -0.1).low > 0.05


def test_m16_a_critic_that_sees_nothing_gains_nothing() -> None:
    assert 0 in mean_interval(gains(refined({"ann": author(), "cy": critic(noise=0.2, informed=False)})))


def test_m16_is_seen_where_the_last_version_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refine._Refinement, "_best", lambda run: run.drafts.latest)
    assert mean_interval(gains(refined({"ann": author(), "cy": critic(noise=0.1)}))).low <= 0
