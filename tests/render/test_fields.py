"""--fields: checked against the type, applied to the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from cowork.core.errors import UsageError
from cowork.render.fields import check, pick


@dataclass(frozen=True)
class Leaf:
    name: str
    size: int


@dataclass(frozen=True)
class Page:
    items: tuple[Leaf, ...]
    count: int
    best: Leaf | None
    extra: dict[str, Any]


@dataclass(frozen=True)
class Short:
    name: str
    best: Page | None


@pytest.mark.parametrize("path", ["name", "size", "best.count", "best.items.size"])
def test_of_a_result_that_is_one_of_several_types_every_field_of_any_is_accepted(path: str) -> None:
    check(Leaf | Short, [path])


@pytest.mark.parametrize(
    ("path", "valid"), [("siz", ["name", "size", "best"]), ("name.more", []), ("best.nope", [*Page.__annotations__])]
)
def test_other_fields_of_such_a_result_are_refused_with_those_of_all_types(path: str, valid: list[str]) -> None:
    with pytest.raises(UsageError) as refused:
        check(Leaf | Short, [path])
    assert refused.value.details["valid"] == valid
    assert path != "siz" or "size" in (refused.value.hint or "")


@pytest.mark.parametrize("path", ["count", "items", "items.name", "name", "best.size", "extra", "extra.any.thing"])
def test_paths_that_the_type_has_are_accepted(path: str) -> None:
    check(Page, [path])


@pytest.mark.parametrize(
    ("path", "valid"),
    [
        ("nope", ["name", "size"]),
        ("items.nope", ["name", "size"]),
        ("best.nope", ["name", "size"]),
        ("count.more", []),
    ],
)
def test_other_paths_are_refused_with_the_valid_names(path: str, valid: list[str]) -> None:
    with pytest.raises(UsageError) as refused:
        check(Page, [path])
    assert refused.value.details["valid"] == valid


DATA = {"items": [{"name": "a", "size": 1}, {"name": "b", "size": 2}], "count": 2, "best": None, "extra": {"x": {"y": 1}}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["count"], {"count": 2}),
        (["name"], {"items": [{"name": "a"}, {"name": "b"}]}),
        (["name", "size"], {"items": DATA["items"]}),
        (["items.size", "count"], {"items": [{"size": 1}, {"size": 2}], "count": 2}),
        (["best.name"], {"best": None}),
        (["extra.x.y"], {"extra": {"x": {"y": 1}}}),
        (["extra.nope"], {"extra": {"nope": None}}),
    ],
)
def test_only_what_was_asked_for_is_left(fields: list[str], expected: dict[str, Any]) -> None:
    assert pick(DATA, fields) == expected
