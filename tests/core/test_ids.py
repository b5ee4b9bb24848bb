"""Identifiers and seeded choices."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from cowork.core.ids import seeded, session_id

NOW = datetime(2026, 1, 31, 8, 5, tzinfo=UTC)


def test_a_session_id_is_the_time_and_a_random_part() -> None:
    assert re.fullmatch(r"20260131-080500-[0-9a-f]{6}", session_id(NOW))


def test_session_ids_of_one_second_differ() -> None:
    assert len({session_id(NOW) for _ in range(20)}) > 1


def test_session_ids_sort_by_time() -> None:
    assert session_id(NOW) < session_id(NOW + timedelta(seconds=1))


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert seeded("task", 1) == 4468031178330542511


def test_a_seed_tells_the_parts_apart() -> None:
    assert len({seeded("ab", "c"), seeded("a", "bc"), seeded("abc"), seeded("a", "b", "c")}) == 4


def test_a_seed_can_be_made_of_any_text() -> None:
    assert 0 <= seeded("\ud800", "\x00") < 2**64
