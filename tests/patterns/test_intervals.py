"""Intervals of counts and means, and what correlated seats are worth."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.patterns.intervals import correlation, effective_seats, mean_interval, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (1, 1, 0.2065, 1.0), (648, 1000, 0.6179, 0.6770)],
)
def test_the_wilson_interval_of_known_counts(successes: int, trials: int, low: float, high: float) -> None:
    found = wilson(successes, trials)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
    assert found.estimate == successes / trials


@given(st.integers(1, 5000), st.data())
def test_it_holds_the_estimate_and_stays_between_0_and_1(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    found = wilson(successes, trials)
    assert 0 <= found.low <= found.high <= 1
    assert found.low - 1e-12 <= successes / trials <= found.high + 1e-12
    mirrored = wilson(trials - successes, trials)
    assert mirrored.low == pytest.approx(1 - found.high, abs=1e-9)


def test_it_covers_the_truth_about_as_often_as_it_says() -> None:
    draw = random.Random(7)
    covered = sum(0.3 in wilson(sum(draw.random() < 0.3 for _ in range(60)), 60) for _ in range(1000))
    assert 920 <= covered <= 980


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_has_no_interval(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(successes, trials)


def test_the_interval_of_a_mean() -> None:
    found = mean_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert (found.estimate, found.low, found.high) == (3.0, pytest.approx(1.6141, abs=1e-4), pytest.approx(4.3859, abs=1e-4))
    with pytest.raises(ValueError, match="fewer than two"):
        mean_interval([1.0])


def test_correlation_of_seats_that_agree_oppose_or_never_vary() -> None:
    assert correlation([[True, True], [False, False]]) == pytest.approx(1)
    assert correlation([[True, False], [False, True]]) == pytest.approx(-1)
    assert correlation([[True, True], [True, False], [False, True], [False, False]]) == pytest.approx(0)
    assert correlation([[True, True], [True, False]]) == 0
    assert correlation([]) == correlation([[True]]) == 0


@pytest.mark.parametrize(
    ("seats", "correlated", "worth"), [(9, 0.0, 9), (9, 0.25, 3), (9, 1.0, 1), (1, 0.5, 1), (5, -0.2, 5), (5, 0.5, 5 / 3)]
)
def test_correlated_seats_are_worth_fewer(seats: int, correlated: float, worth: float) -> None:
    assert effective_seats(seats, correlated) == pytest.approx(worth)
