"""Which versions a range holds: npm's meaning of ^, ~, x and the comparators."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.install.ranges import satisfies

HOLDS = {
    "1.2.3": "1.2.3",
    "=1.2.3": "1.2.3",
    "==1.2.3": "1.2.3",
    "v1.2.3": "1.2.3",
    "1.2.3+build": "1.2.3+build",
    "1": "1.0.0 1.2.3 1.99.0",
    "1.2": "1.2.0 1.2.9",
    "1.x": "1.0.0 1.9.9",
    "1.X": "1.0.0",
    "1.*": "1.0.0 1.9.9",
    "1.2.x": "1.2.0 1.2.9",
    "1.x.x": "1.2.3",
    "*": "0.0.0 1.2.3 99.0.0 1.0.0-rc.1",
    "x": "0.0.0 1.2.3",
    "^1.2.3": "1.2.3 1.2.4 1.3.0 1.99.99",
    "^1.2": "1.2.0 1.9.0",
    "^1": "1.0.0 1.9.9",
    "^1.x": "1.0.0 1.9.9",
    "^0.2.3": "0.2.3 0.2.9",
    "^0.0.3": "0.0.3",
    "^0.0": "0.0.0 0.0.9",
    "^0": "0.0.0 0.9.9",
    "^0.0.0": "0.0.0",
    "~1.2.3": "1.2.3 1.2.9",
    "~1.2": "1.2.0 1.2.9",
    "~1": "1.0.0 1.9.9",
    "~0.2.3": "0.2.3 0.2.9",
    ">=1.2.3": "1.2.3 1.2.4 2.0.0",
    ">1.2.3": "1.2.4 2.0.0",
    "<=1.2.3": "1.2.3 1.2.2 0.0.0",
    "<1.2.3": "1.2.2 0.9.9",
    ">=1": "1.0.0 5.0.0",
    ">1": "2.0.0 3.1.0",
    ">1.2": "1.3.0 2.0.0",
    "<=1": "1.0.0 1.9.9 0.1.0",
    "<=1.2": "1.2.9 1.1.0",
    "<2": "1.9.9 0.0.1",
    ">=1,<2": "1.0.0 1.9.9",
    ">=1 <2": "1.0.0 1.9.9",
    ">= 1.2 , < 2": "1.2.0 1.9.9",
    "^ 1.2": "1.2.0",
    "^1.2.3-rc.1": "1.2.3-rc.1 1.2.3-rc.2 1.2.3 1.9.0",
    "1.2.3-rc.1": "1.2.3-rc.1",
    ">=1.2.3-alpha <2": "1.2.3-beta 1.2.3 1.5.0",
}
HOLDS_NOT = {
    "1.2.3": "1.2.4 1.2.2 2.2.3 1.2.3-rc.1",
    "1": "0.9.9 2.0.0 1.0.0-rc.1 1.5.0-rc.1",
    "1.2": "1.3.0 1.1.9 2.2.0",
    "1.x": "0.9.9 2.0.0",
    "1.2.x": "1.3.0 1.1.0",
    "^1.2.3": "1.2.2 2.0.0 0.2.3 1.2.3-rc.1 1.3.0-rc.1 2.0.0-rc.1",
    "^1.2": "1.1.9 2.0.0",
    "^0.2.3": "0.2.2 0.3.0 1.2.3",
    "^0.0.3": "0.0.2 0.0.4 0.1.3",
    "^0.0": "0.1.0 1.0.0",
    "^0": "1.0.0",
    "^0.0.0": "0.0.1",
    "~1.2.3": "1.2.2 1.3.0 2.2.3",
    "~1.2": "1.1.9 1.3.0",
    "~1": "0.9.9 2.0.0",
    "~0.2.3": "0.3.0 0.2.2",
    ">=1.2.3": "1.2.2 0.9.9 1.2.3-rc.1 2.0.0-rc.1",
    ">1.2.3": "1.2.3 1.2.2",
    "<=1.2.3": "1.2.4 2.0.0",
    "<1.2.3": "1.2.3 1.2.4 1.2.3-rc.1",
    ">1": "1.0.0 1.9.9 0.1.0",
    ">1.2": "1.2.9",
    "<=1": "2.0.0",
    "<2": "2.0.0 2.0.0-rc.1",
    ">=1,<2": "0.9.9 2.0.0 2.0.0-rc.1",
    ">=1 <2 ^1.5": "1.4.9 2.0.0",
    "^1.2.3-rc.1": "1.2.3-alpha 1.3.0-rc.1 2.0.0",
    "1.2.3-rc.1": "1.2.3 1.2.3-rc.2",
    ">=1.2.3-alpha <2": "1.2.4-beta 2.0.0-beta",
}
JUNK = "latest 1a release1 foo-1 1.2.3.4 1..2 .1 1. - ^ ~ >= = , ^latest ^^1 ><1 =>1 1.2-rc 1.x-rc x1 01.2.3 1.2.3- 1|2".split()


@pytest.mark.parametrize("wanted", HOLDS)
def test_a_version_inside_a_range(wanted: str) -> None:
    for version in HOLDS[wanted].split():
        assert satisfies(version, wanted), version


@pytest.mark.parametrize("wanted", HOLDS_NOT)
def test_a_version_outside_a_range(wanted: str) -> None:
    for version in HOLDS_NOT[wanted].split():
        assert not satisfies(version, wanted), version


@pytest.mark.parametrize("wanted", [*JUNK, "", " ", "1.2.3 - 2.0.0", "1 || 2", "1 latest", "9" * 5_000])
def test_what_is_no_range_holds_nothing(wanted: str) -> None:
    for version in ("0.0.1", "1.0.0", "1.2.3", "2.0.0"):
        assert not satisfies(version, wanted)


@pytest.mark.parametrize("version", ["2026.1", "latest", "1.0", "", "v1.0.0"])
def test_a_version_that_is_not_semantic_is_only_itself(version: str) -> None:
    assert satisfies(version, version)
    for wanted in ("*", "^1", "1.x", ">=0", "<9"):
        assert not satisfies(version, wanted)


NUMBERS = st.tuples(*[st.integers(0, 3)] * 3)


@given(NUMBERS, NUMBERS)
def test_the_signs_agree_with_each_other(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    version, other = (".".join(map(str, numbers)) for numbers in (left, right))
    assert satisfies(version, f">={other}") == (left >= right)
    assert satisfies(version, f"<{other}") == (left < right)
    assert satisfies(version, f">{other}") == (left > right)
    assert satisfies(version, f"<={other}") == (left <= right)
    assert satisfies(version, other) == (left == right)
    assert satisfies(version, f"~{other}") == (right <= left < (right[0], right[1] + 1, 0))
    above = (right[0] + 1, 0, 0) if right[0] else (0, right[1] + 1, 0) if right[1] else (0, 0, right[2] + 1)
    assert satisfies(version, f"^{other}") == (right <= left < above)


@given(st.text("0123.x*^~<>=, -rcv", max_size=16), st.sampled_from(["0.0.0", "1.2.3", "1.2.3-rc.1", "latest"]))
def test_any_text_can_be_asked(wanted: str, version: str) -> None:
    assert satisfies(version, wanted) in (True, False)
