"""Profiles of columns: their numbers agree with each other, whatever was added."""

from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.evidence.columns import MOST_DISTINCT, Column, Profile, outliers


def profile(*cells: str, name: str = "amount", comma: bool = False) -> Profile:
    column = Column(name, comma=comma)
    column.add(cells)
    return column.profile()


@pytest.mark.parametrize(
    ("cells", "type"),
    [
        (["1", "2", ""], "integer"),
        (["1", "2.5"], "number"),
        (["yes", "no"], "boolean"),
        (["2026-01-01", "NA"], "date"),
        (["a", "b"], "text"),
        (["a", "b", "c", "1"], "text"),
        (["1", "2", "3", "a"], "mixed"),
        (["1", "2026-01-01"], "mixed"),
        (["", "NA"], "empty"),
        ([], "empty"),
    ],
)
def test_types(cells: list[str], type: str) -> None:
    assert profile(*cells).type == type


def test_counts_and_spread() -> None:
    told = profile("1", " 3 ", "", "NA", "3", "5")
    assert (told.rows, told.nulls, told.values, told.null_share, told.distinct) == (6, 2, 4, 0.3333, 3)
    assert told.spread is not None
    assert (told.spread.least, told.spread.most, told.spread.mean, told.spread.median) == (1, 5, 3, 3)
    assert told.spread.deviation == pytest.approx(statistics.pstdev([1, 3, 3, 5]))


def test_outliers_by_the_median_of_distances() -> None:
    assert outliers([*range(100), 10_000]) == [10_000]
    assert outliers([*range(10), 10_000]) == []  # too few to say
    assert outliers(list(range(1000))) == []


def test_outliers_where_most_are_equal_by_quartiles() -> None:
    values = [0.0] * 60 + [1.0] * 39 + [50.0]
    assert statistics.median([abs(value - statistics.median(values)) for value in values]) == 0
    assert outliers(values) == [50.0]
    assert outliers([0.0] * 99 + [1.0]) == []


def test_noise_has_few_outliers() -> None:
    noise = random.Random(7)
    assert len(outliers([noise.gauss(0, 1) for _ in range(5000)])) < 15


def test_a_stray_text_does_not_hide_what_is_far_out() -> None:
    told = profile(*map(str, range(100)), "99999", "oops")
    assert told.type == "mixed"
    assert told.shares == {"number": 0.9902, "text": 0.0098}
    assert told.spread is not None
    assert told.spread.outliers == 1


def test_personal_columns_have_no_statistics() -> None:
    for told in (profile("30", "40", name="salary"), profile("+491701234567", "+491701234568", name="c")):
        assert told.personal
        assert told.spread is None
        assert not {"min", "max", "mean", "median"} & told.data.keys()


def test_distinct_values_are_counted_up_to_a_bound() -> None:
    told = profile(*map(str, range(MOST_DISTINCT + 5)))
    assert (told.distinct, told.distinct_is_bound) == (MOST_DISTINCT, True)


def test_constant_is_the_same_in_every_row() -> None:
    assert profile("x", "x").is_constant
    assert not profile("x", "x", "").is_constant


@given(
    st.lists(st.one_of(st.text(max_size=8), st.integers().map(str), st.floats().map(str), st.sampled_from(["", "NA", "1e149"])))
)
def test_the_numbers_of_a_profile_agree(cells: list[str]) -> None:
    told = profile(*cells)
    assert told.rows == len(cells)
    assert 0 <= told.nulls <= told.rows
    assert told.distinct <= told.values
    assert not told.shares or sum(told.shares.values()) == pytest.approx(1, abs=0.001)
    if told.spread:
        assert told.spread.least <= told.spread.median <= told.spread.most
        assert told.spread.least <= told.spread.mean <= told.spread.most
        assert 0 <= told.spread.outliers < told.values
