"""Telling characters without a pattern: the same answer as the pattern gives."""

from __future__ import annotations

import re

import pytest

from cowork.install.scan import hidden
from cowork.install.scan.characters import DRESSED, INVISIBLE, NOTHING, UNSEEN, among, lowered

CLASSES = [*INVISIBLE.values(), UNSEEN, NOTHING, DRESSED, hidden._JOINING, hidden._NO_SPACES, hidden._EMOJI, hidden._IDEOGRAPH]


@pytest.mark.parametrize("characters", CLASSES)
def test_a_character_is_among_those_that_the_pattern_matches(characters: str) -> None:
    matches = re.compile(f"[{characters}]").fullmatch
    edges = {ord(character) + step for character in characters for step in (-1, 0, 1)} | set(range(0, 0x110000, 1009))
    for character in map(chr, edges - {-1}):
        assert among(character, characters) == bool(matches(character)), hex(ord(character))


def test_no_character_is_not_among_any() -> None:
    assert not among("", UNSEEN)


def test_what_is_nothing_between_letters_is_unseen() -> None:
    nothing = re.findall(f"[{NOTHING}]", "".join(map(chr, range(0x110000))))
    assert all(among(character, UNSEEN) for character in nothing)


def test_lower_case_keeps_every_place() -> None:
    everything = "".join(map(chr, range(0x110000)))
    assert len(lowered(everything)) == len(everything)
