"""Labels tell a seat nothing about who is behind them, and two seats nothing they could share."""

from __future__ import annotations

from collections import Counter

from cowork.patterns.labels import labelled
from cowork.patterns.panel import PATTERN
from tests.patterns.seats import setup

NAMES = ("ann", "bob", "cat", "dan")


def orders(seed: str = "s", voter: str = "v", round_number: int = 1) -> tuple[str, ...]:
    return tuple(labelled(setup(PATTERN, {}, seed=seed), voter, round_number, NAMES).values())


def test_every_name_has_one_label_from_a_on() -> None:
    found = labelled(setup(PATTERN, {}), "v", 1, NAMES)
    assert (list(found), sorted(found.values())) == (list("ABCD"), sorted(NAMES))


def test_they_are_the_same_for_the_same_seed_voter_and_round_whatever_the_order_of_the_names() -> None:
    assert labelled(setup(PATTERN, {}), "v", 1, NAMES) == labelled(setup(PATTERN, {}), "v", 1, NAMES[::-1])


def test_they_are_drawn_anew_for_every_seed_voter_and_round() -> None:
    assert len({orders(seed=str(number)) for number in range(40)}) > 15
    assert len({orders(voter=str(number)) for number in range(40)}) > 15
    assert len({orders(round_number=number) for number in range(40)}) > 15


def test_no_name_has_a_place_of_its_own() -> None:
    firsts = Counter(orders(seed=str(number))[0] for number in range(2_000))
    assert all(430 < count < 570 for count in firsts.values())  # 500 expected, and a little over three deviations
