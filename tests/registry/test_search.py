"""Ranked search: what is found, and what comes first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.registry.search import Field, rank


def fields(thing: dict[str, str]) -> list[Field]:
    weights = {"name": 100, "text": 30, "odd": 15}
    return [Field(name, thing.get(name, ""), weight) for name, weight in weights.items()]


def found(query: str, *things: dict[str, str]) -> list[tuple[int, int, tuple[str, ...]]]:
    """The hits as (position of the thing, score, matched fields)."""
    return [(things.index(thing), score, matched) for thing, score, matched in rank(query, things, fields)]


@pytest.mark.parametrize(
    ("query", "name", "score"),
    [
        ("deploy", "deploy", 200),  # the whole field
        ("deploy", "deployment", 150),  # the field begins with it
        ("deploy", "the deployment", 150),  # a word of it begins with it
        ("ploy", "deployment", 100),  # somewhere inside
        ("deploy", "redeploy", 100),
        ("deploy", "dep loy", None),
        ("deploys", "deploy", None),
    ],
)
def test_a_word_counts_more_the_better_it_fits(query: str, name: str, score: int | None) -> None:
    assert found(query, {"name": name}) == ([] if score is None else [(0, score, ("name",))])


def test_an_odd_weight_is_rounded_down() -> None:
    assert found("a", {"odd": "ab"}) == [(0, 22, ("odd",))]


def test_every_word_must_occur_but_not_in_one_field() -> None:
    assert found("one two", {"name": "one", "text": "two"}) == [(0, 260, ("name", "text"))]
    assert found("one two", {"name": "one"}, {"text": "two"}) == []


def test_the_words_may_come_in_any_order_with_any_space_between() -> None:
    assert found(" two\t one ", {"text": "one two"}) == [(0, 90, ("text",))]


@pytest.mark.parametrize("query", ["STRASSE", "straße", "Straße"])
def test_case_does_not_count(query: str) -> None:
    assert found(query, {"name": "Straße"}) == [(0, 200, ("name",))]


def test_the_best_match_comes_first_and_names_its_best_field_first() -> None:
    things = {"text": "deploy"}, {"name": "deploy", "text": "deploy it"}, {"text": "redeploy", "name": "redeploy"}

    assert found("deploy", *things) == [(1, 245, ("name", "text")), (2, 130, ("name", "text")), (0, 60, ("text",))]


def test_equal_matches_keep_their_order() -> None:
    things = [{"name": "a", "odd": str(number)} for number in range(5)]

    assert [position for position, _, _ in found("a", *things)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("query", ["", "  \n"])
def test_no_word_at_all_finds_everything(query: str) -> None:
    assert found(query, {"name": "b"}, {"name": "a"}) == [(0, 0, ()), (1, 0, ())]


def test_a_query_is_text_not_an_expression() -> None:
    assert found(".*", {"name": "anything"}) == []
    assert found("c++", {"name": "c++"}) == [(0, 200, ("name",))]


@given(st.text("ab ", max_size=6), st.lists(st.fixed_dictionaries({"name": st.text("ab ", max_size=6)}), max_size=5))
def test_exactly_the_things_with_all_words_are_found(query: str, things: list[dict[str, str]]) -> None:
    hits = rank(query, things, fields)

    expected = [thing for thing in things if all(word in thing["name"] for word in query.split())]
    assert sorted(thing["name"] for thing, _, _ in hits) == sorted(thing["name"] for thing in expected)
    assert [score for _, score, _ in hits] == sorted((score for _, score, _ in hits), reverse=True)
