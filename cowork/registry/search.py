"""Ranked, case-insensitive search over named fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Field(NamedTuple):
    """A searchable text and what a match in it is worth."""

    name: str
    text: str
    weight: int


def rank(query: str, things: Iterable[T], fields: Callable[[T], list[Field]]) -> list[tuple[T, int, tuple[str, ...]]]:
    """The things in which every word of `query` occurs, as (thing, score, matched field names), best first.

    No word at all asks for nothing in particular: everything comes back, with score 0.
    A word counts its field's weight where it occurs, twice where it is the whole field and half more where a word of
    the field starts with it. Equal scores keep the order of `things`.
    """
    words = query.casefold().split()
    hits: list[tuple[T, int, tuple[str, ...]]] = []
    for thing in things:
        searched = fields(thing)
        scores = [sum(_score(word, field) for word in words) for field in searched]
        found = all(any(_score(word, field) for field in searched) for word in words)
        if found:
            order = sorted(range(len(searched)), key=lambda position: -scores[position])
            matched = tuple(searched[position].name for position in order if scores[position])
            hits.append((thing, sum(scores), matched))
    return sorted(hits, key=lambda hit: -hit[1])


def _score(word: str, field: Field) -> int:
    text = field.text.casefold()
    if word not in text:
        return 0
    if word == text:
        return field.weight * 2
    starts = text.startswith(word) or any(part.startswith(word) for part in text.split())
    return field.weight + field.weight // 2 if starts else field.weight
