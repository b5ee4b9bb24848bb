"""Result objects as plain JSON values."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from cowork.core.plain import to_plain


class Colour(enum.StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    at: datetime
    where: Path


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner
    tags: tuple[str, ...]
    extra: dict[Any, Any]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (1.5, 1.5),
        ("text", "text"),
        (Colour.RED, "red"),
        (Path("/a/b"), "/a/b"),
        (datetime(2026, 1, 31, 8, 5, tzinfo=UTC), "2026-01-31T08:05:00.000Z"),
        ((1, [2, ()]), [1, [2, []]]),
        ({"b", "a"}, ["a", "b"]),
        (MappingProxyType({1: Colour.RED}), {"1": "red"}),
    ],
)
def test_a_value_becomes_what_json_can_hold(value: Any, plain: Any) -> None:
    assert to_plain(value) == plain


def test_a_dataclass_becomes_a_dict_by_field_all_the_way_down() -> None:
    value = Outer("n", Inner(datetime(2026, 1, 1, tzinfo=UTC), Path("p")), ("t",), {"k": Colour.RED})

    plain = to_plain(value)

    assert plain == {
        "name": "n",
        "inner": {"at": "2026-01-01T00:00:00.000Z", "where": "p"},
        "tags": ["t"],
        "extra": {"k": "red"},
    }
    assert json.loads(json.dumps(plain)) == plain


@pytest.mark.parametrize("value", [object(), b"raw", Outer])
def test_what_has_no_plain_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no plain form"):
        to_plain(value)
