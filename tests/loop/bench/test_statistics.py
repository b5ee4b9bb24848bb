"""Intervals and latencies, against values worked by hand and against chance."""

from __future__ import annotations

import math
import random

import pytest

from cowork.loop.bench.statistics import NOT_SHOWN, SHOWN, Outcomes, accuracy, difference, latency


def outcomes(right: list[bool]) -> Outcomes:
    return {str(number): {1: value} for number, value in enumerate(right)}


def test_accuracy_is_a_wilson_interval_over_questions() -> None:
    share = accuracy(outcomes([True] * 15 + [False] * 5))
    assert share
    assert (share.estimate, round(share.low, 4), round(share.high, 4)) == (0.75, 0.5313, 0.8881)


def test_asking_a_question_again_makes_no_interval_narrower() -> None:
    once = accuracy(outcomes([True, False] * 10))
    often = accuracy({str(number): dict.fromkeys(range(1, 6), number % 2 == 0) for number in range(20)})
    assert once == often


def test_a_question_counts_with_the_mean_of_its_repeats() -> None:
    share = accuracy({"a": {1: True, 2: False}, "b": {1: False, 2: False}})
    assert share
    assert share.estimate == 0.25


def test_the_paired_difference_is_the_adjusted_wald_interval() -> None:
    """12 questions only this gets right, 4 only the other, 84 alike: (13/102 - 5/102) +- z sqrt((18/102 - (8/102)^2) / 102)."""
    this = outcomes([True] * 12 + [False] * 4 + [True] * 84)
    other = outcomes([False] * 12 + [True] * 4 + [True] * 84)
    found = difference(this, other, against="other")
    assert found
    half = 1.959963984540054 * math.sqrt((18 / 102 - (8 / 102) ** 2) / 102)
    assert (found.estimate, found.only_this, found.only_other) == (0.08, 12, 4)
    assert (found.low, found.high) == (pytest.approx(8 / 102 - half, abs=1e-6), pytest.approx(8 / 102 + half, abs=1e-6))
    assert found.finding == NOT_SHOWN


def test_the_same_totals_unpaired_would_say_less() -> None:
    """Ten wins without a loss show a difference that two separate intervals, 60 % and 50 %, could not."""
    this, other = outcomes([True] * 60 + [False] * 40), outcomes([True] * 50 + [False] * 50)
    found = difference(this, other, against="other")
    one, two = accuracy(this), accuracy(other)
    assert found and one and two
    assert found.finding == SHOWN
    assert one.low < two.high


def test_only_what_both_have_answered_is_compared() -> None:
    this, other = {"a": {1: True, 2: True}, "b": {1: True}}, {"a": {1: False}, "c": {1: False}}
    found = difference(this, other, against="other")
    assert found
    assert (found.questions, found.only_this, found.only_other) == (1, 1, 0)
    assert difference({"a": {1: True}}, {}, against="other") is None


def test_the_interval_holds_the_true_difference_about_nineteen_times_in_twenty() -> None:
    random_, held, tries = random.Random(7), 0, 2000
    for _ in range(tries):
        pairs = [_pair(random_) for _ in range(60)]
        found = difference(outcomes([one for one, _ in pairs]), outcomes([two for _, two in pairs]), against="other")
        assert found
        held += found.low <= 0.1 <= found.high
    assert 0.935 < held / tries < 0.98


def _pair(random_: random.Random) -> tuple[bool, bool]:
    """A question that only this gets right in 25 % of cases, only the other in 15 %: a true difference of 10 points."""
    drawn = random_.random()
    return (True, False) if drawn < 0.25 else (False, True) if drawn < 0.4 else (drawn < 0.7, drawn < 0.7)


def test_the_questions_that_are_needed_would_show_it_four_times_in_five() -> None:
    this, other = outcomes([True] * 25 + [False] * 15 + [True] * 60), outcomes([False] * 25 + [True] * 15 + [True] * 60)
    found = difference(this, other, against="other")
    assert found and found.questions_needed
    random_, shown, tries = random.Random(11), 0, 600
    for _ in range(tries):
        pairs = [_pair(random_) for _ in range(found.questions_needed)]
        drawn = difference(outcomes([one for one, _ in pairs]), outcomes([two for _, two in pairs]), against="other")
        assert drawn
        shown += drawn.finding == SHOWN
    assert 0.75 < shown / tries < 0.86


def test_no_difference_seen_needs_no_number_of_questions() -> None:
    found = difference(outcomes([True, False]), outcomes([False, True]), against="other")
    assert found
    assert (found.estimate, found.questions_needed) == (0.0, None)


def test_latency_is_the_median_and_the_nearest_rank_of_95_percent() -> None:
    found = latency([float(number) for number in range(20, 0, -1)])
    assert found
    assert (found.runs, found.median_s, found.p95_s) == (20, 10.5, 19.0)
    assert latency([]) is None
