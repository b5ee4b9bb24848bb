"""What a vote weighs, and when voting is expected to be worse than asking the best seat."""

from __future__ import annotations

from dataclasses import replace
from math import comb, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.patterns.solo import PATTERN
from cowork.patterns.weights import about, expected_accuracy, recalibrated, weigh
from tests.patterns.seats import setup


def told(**accuracies: float):  # type: ignore[no-untyped-def]
    return replace(setup(PATTERN, {}), accuracies=accuracies)


@pytest.mark.parametrize(
    ("stated", "worth"),
    [(1.0, 1.0), (0.99, 0.8), (0.9, 0.8), (0.89, 0.5), (0.8, 0.5), (0.79, 0.3), (0.61, 0.3), (0.6, 0.1), (0.0, 0.1)],
)
def test_stated_confidences_are_worth_less(stated: float, worth: float) -> None:
    assert recalibrated(stated) == worth


def test_one_seat_one_vote_unless_every_voter_was_measured() -> None:
    assert weigh(told(), "ab")("a") == 1
    assert weigh(told(a=0.9), "ab")("a") == 1
    assert weigh(told(a=0.9, b=0.6), "ab")("a") == pytest.approx(log(9))


def test_seats_of_which_none_is_better_than_chance_have_equal_votes() -> None:
    weight = weigh(told(a=0.5, b=0.4), "ab")
    assert (weight("a"), weight("b")) == (1, 1)


@pytest.mark.parametrize("broken", [float("nan"), 1.7, -0.2])
def test_an_accuracy_that_is_no_share_was_not_measured(broken: float) -> None:
    assert weigh(told(a=0.9, b=broken), "ab")("a") == 1


@pytest.mark.parametrize(("seats", "theory"), [(1, 0.6), (3, 0.648), (5, 0.68256), (7, 0.710208), (9, 0.733432)])
def test_equal_seats_follow_the_binomial_law(seats: int, theory: float) -> None:
    assert expected_accuracy([0.6] * seats) == pytest.approx(theory, abs=1e-5)


def test_unequal_seats() -> None:
    assert expected_accuracy([0.9, 0.6, 0.55]) == pytest.approx(0.771)
    assert expected_accuracy([0.9, 0.6, 0.55], [2.2, 0.4, 0.2]) == pytest.approx(0.9)


def test_a_tie_counts_half() -> None:
    assert expected_accuracy([0.6, 0.6]) == pytest.approx(0.6)


def test_beyond_twelve_seats_nothing_is_said() -> None:
    assert expected_accuracy([0.6] * 13) is None


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=8))
def test_log_odds_are_never_worse_than_the_best_seat_nor_than_a_plain_vote(accuracies: list[float]) -> None:
    better = [max(accuracy, 1 - accuracy) for accuracy in accuracies]
    weighted = expected_accuracy(better, [log(accuracy / (1 - accuracy)) for accuracy in better])
    assert weighted is not None
    assert weighted >= max(better) - 1e-9
    assert weighted >= (expected_accuracy(better) or 0) - 1e-9


@given(st.floats(0.01, 0.99), st.integers(1, 12))
def test_enumeration_equals_the_binomial_law(accuracy: float, seats: int) -> None:
    tail = sum(
        comb(seats, right) * accuracy**right * (1 - accuracy) ** (seats - right) * (0.5 if right * 2 == seats else 1)
        for right in range((seats + 1) // 2, seats + 1)
    )
    assert expected_accuracy([accuracy] * seats) == pytest.approx(tail)


def test_a_vote_that_is_worse_than_its_best_seat_is_warned_about() -> None:
    assert any("less than a alone with 90.0%" in note for note in about(told(a=0.9, b=0.6, c=0.55), "abc"))


def test_a_vote_that_is_better_than_its_best_seat_is_not() -> None:
    assert about(told(a=0.7, b=0.7, c=0.68), "abc") == ["votes are weighted by the log-odds of the measured accuracies"]
    assert about(told(a=0.9), "ab") == []
