"""A catalogue beside the one before it."""

from __future__ import annotations

from typing import Any

import pytest

from cowork.registry import catalogue_read
from cowork.registry.catalogue_history import moment, older, republished
from cowork.registry.catalogue_read import Catalogue
from tests.registry.samples import entry

HASH, OTHER = "h1:" + "a" * 64, "h1:" + "b" * 64
OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def of(*entries: dict[str, Any], **about: Any) -> Catalogue:
    return catalogue_read.whole({**about, "packs": list(entries)}, "here")


@pytest.mark.parametrize(
    ("held", "new", "is_older"),
    [
        ({"updatedAt": OLD}, {"updatedAt": NEW}, False),
        ({"updatedAt": OLD}, {"updatedAt": OLD}, False),
        ({"updatedAt": NEW}, {"updatedAt": OLD}, True),
        ({"updatedAt": "2026-01-01T01:00:00+02:00"}, {"updatedAt": "2025-12-31T23:00:00Z"}, False),
        ({"updatedAt": "2026-01-01T00:00:00Z"}, {"updatedAt": "2026-01-01T01:00:00+02:00"}, True),
        ({"updatedAt": "2026-01-02"}, {"updatedAt": OLD}, True),
        ({"updatedAt": OLD}, {}, True),
        ({"updatedAt": OLD}, {"updatedAt": "soon"}, True),
        ({"updatedAt": OLD}, {"updatedAt": 5}, True),
        ({"updatedAt": "soon"}, {"updatedAt": OLD}, False),
        ({}, {"updatedAt": OLD}, False),
        ({}, {}, False),
        ({"serial": 2}, {"serial": 1}, True),
        ({"serial": 1}, {"serial": 2}, False),
        ({"serial": 1, "updatedAt": NEW}, {"serial": 2, "updatedAt": OLD}, False),
        ({"serial": 2, "updatedAt": OLD}, {"serial": 1, "updatedAt": NEW}, True),
        ({"serial": 2, "updatedAt": NEW}, {"serial": 2, "updatedAt": OLD}, True),
        ({"serial": 2}, {}, True),
        ({"serial": 2}, {"serial": "3"}, True),
        ({"serial": 2}, {"serial": -3}, True),
        ({"serial": 2, "updatedAt": OLD}, {"updatedAt": NEW}, False),
    ],
)
def test_the_older_document_is_told_by_serial_then_by_time(held: dict[str, Any], new: dict[str, Any], is_older: bool) -> None:
    assert (older(of(**new), of(**held)) is not None) == is_older


@pytest.mark.parametrize(
    ("held", "new", "is_older"),
    [
        ({"version": "1.10.0"}, {"version": "1.9.0"}, True),
        ({"version": "1.9.0"}, {"version": "1.10.0"}, False),
        ({"version": "1.0.0"}, {"version": "1.0.0"}, False),
        ({"version": "2.0.0", "updatedAt": OLD}, {"version": "1.0.0", "updatedAt": NEW}, False),
        ({"version": "2.0.0", "updatedAt": OLD}, {"version": "1.0.0", "updatedAt": OLD}, True),
        ({"version": "2.0.0"}, {"version": "1.0.0", "updatedAt": NEW}, True),
        ({"version": "two"}, {"version": "one"}, False),
    ],
)
def test_where_documents_do_not_say_a_version_that_goes_back_counts(
    held: dict[str, Any], new: dict[str, Any], is_older: bool
) -> None:
    assert (older(of(entry("a", **new)), of(entry("a", **held))) is not None) == is_older


@pytest.mark.parametrize(
    ("held", "new", "again"),
    [
        ({"treeHash": HASH}, {"treeHash": HASH}, False),
        ({"treeHash": HASH}, {"treeHash": OTHER}, True),
        ({"treeHash": HASH}, {}, True),
        ({}, {"treeHash": HASH}, False),
        ({"treeHash": HASH}, {"treeHash": OTHER, "version": "1.0.1"}, False),
        ({"treeHash": HASH, "commit": "a" * 40}, {"treeHash": HASH, "commit": "b" * 40}, False),
        ({"commit": "a" * 40}, {"commit": "b" * 40}, True),
        ({"commit": "a" * 40}, {}, True),
        ({"commit": "a" * 40}, {"commit": "b" * 40, "treeHash": HASH}, True),
        ({}, {"commit": "b" * 40}, False),
    ],
)
def test_content_that_changes_behind_its_version_is_noticed(held: dict[str, Any], new: dict[str, Any], again: bool) -> None:
    marks = republished(of(entry("a", **new)), of(entry("a", **held)), {})
    assert marks == ({"a": "1.0.0"} if again else {})


def test_a_mark_stays_until_the_version_changes() -> None:
    same = of(entry("a", treeHash=OTHER))
    assert republished(same, same, {"a": "1.0.0"}) == {"a": "1.0.0"}
    assert republished(of(entry("a", version="1.0.1")), same, {"a": "1.0.0"}) == {}


@pytest.mark.parametrize("text", ["", "x", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", None])
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert moment(text) is None
