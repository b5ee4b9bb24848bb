"""Entries as anybody may have written them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import CoworkError
from cowork.registry import catalogue_read
from cowork.registry.catalogue_entry import CatalogueEntry, read_entries
from tests.registry.samples import entry


def one(**changes: Any) -> CatalogueEntry:
    (found,), notices = read_entries([entry(**changes)], "here")
    assert notices == ()
    return found


def refusal(**changes: Any) -> str:
    found, (notice,) = read_entries([entry(**changes)], "here")
    assert found == ()
    assert notice.code == "registry.entry_skipped"
    return notice.message.removeprefix("here: packs[0] ")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"pack_id": "a b"}, "has the id 'a b', which is no name"),
        ({"pack_id": ""}, "has the id '', which is no name"),
        ({"pack_id": "../x"}, "has the id '../x', which is no name"),
        ({"pack_id": "a..b"}, "has the id 'a..b', which is no name"),
        ({"pack_id": ".a"}, "has the id '.a', which is no name"),
        ({"pack_id": "-rf"}, "has the id '-rf', which is no name"),
        ({"pack_id": "a\n"}, "has the id 'a', which is no name"),
        ({"pack_id": "\x1b[2J"}, "has the id '\\u001b[2J', which is no name"),
        ({"pack_id": "а"}, "has the id 'а', which is no name"),  # Cyrillic
        ({"pack_id": "a" * 129}, "has a id of more than 128 characters"),
        ({"name": "a/b"}, "has the name 'a/b', which is no name"),
        ({"description": "x" * 4_001}, "has a description of more than 4000 characters"),
        ({"version": "1" * 101}, "has a version of more than 100 characters"),
        ({"treeHash": "sha256:abc"}, "has a treeHash that is none"),
        ({"treeHash": 5}, "has a treeHash that is none"),
        ({"treeHash": ""}, "has a treeHash that is none"),
        ({"treeHash": "h1:" + "A" * 64}, "has a treeHash that is none"),
        ({"treeHash": "h1:" + "a" * 64 + "\n"}, "has a treeHash that is none"),
        ({"commit": "main"}, "has a commit that is none"),
        ({"commit": "abc123"}, "has a commit that is none"),
        ({"ref": "--upload-pack=x"}, "has a ref that is none"),
        ({"ref": "a b"}, "has a ref that is none"),
        ({"ref": ["v1"]}, "has a ref that is none"),
        ({"path": "../up"}, "has a path that is none"),
        ({"path": "a/../../b"}, "has a path that is none"),
        ({"path": "/etc"}, "has a path that is none"),
        ({"path": "a//b"}, "has a path that is none"),
        ({"path": "a\\b"}, "has a path that is none"),
        ({"path": "a/.."}, "has a path that is none"),
        ({"path": "x" * 1_001}, "has a path that is none"),
    ],
)
def test_an_entry_that_could_harm_is_skipped(changes: dict[str, Any], problem: str) -> None:
    assert refusal(**changes) == problem


@pytest.mark.parametrize(
    ("key", "value", "field", "held"),
    [
        ("downloads", -1, "downloads", None),
        ("downloads", 10**12, "downloads", None),
        ("downloads", 7, "downloads", 7),
        ("skillCount", 10**30, "skill_count", 0),
        ("rating", 5, "rating", 5.0),
        ("rating", 5.1, "rating", None),
        ("rating", True, "rating", None),
        ("rating", "4", "rating", None),
        ("icon", "x" * 33, "icon", "📦"),
        ("category", "x" * 101, "category", "Custom"),
        ("tags", ["a", 5, None, "x" * 101, "b"], "tags", ("a", "b")),
        ("tags", ["x"] * 51, "tags", ("x",) * 50),
        ("gitUrl", "x" * 2_001, "git_url", None),
        ("status", "active", "status", "active"),
        ("status", "deleted", "status", "deleted"),
        ("status", "yanked", "status", "deprecated"),
        ("status", ["deleted"], "status", "deprecated"),
        ("path", "packs/.hidden/..x", "path", "packs/.hidden/..x"),
        ("ref", "release/1.x", "ref", "release/1.x"),
        ("commit", "a" * 64, "commit", "a" * 64),
        ("treeHash", None, "tree_hash", None),
    ],
)
def test_what_an_entry_may_have_is_taken_or_left(key: str, value: Any, field: str, held: Any) -> None:
    assert getattr(one(**{key: value}), field) == held


def test_of_two_entries_with_one_id_the_first_counts() -> None:
    found, notices = read_entries([entry("a", version="1.0.0"), entry("a", version="9.0.0")], "here")

    assert [item.version for item in found] == ["1.0.0"]
    assert [notice.message for notice in notices] == ["here: packs[1] repeats the id a"]


def test_thousands_of_bad_entries_make_a_few_warnings() -> None:
    found, notices = read_entries([None] * 5_000, "here")

    assert (found, len(notices)) == ((), 21)
    assert notices[-1].message == "here: 4980 more entries are skipped"


def test_a_catalogue_of_a_newer_format_is_read_as_far_as_it_is_understood() -> None:
    found = catalogue_read.whole({"version": 2, "packs": [entry("a")]}, "here")

    assert [item.id for item in found.entries] == ["a"]
    assert [notice.code for notice in found.notices] == ["registry.newer_format"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
KEYS = (
    "id name displayName description version author icon category tags gitUrl downloadUrl ref commit treeHash path "
    "skillCount agentCount downloads rating updatedAt status"
).split()
ENTRIES = st.builds(
    lambda base, changes: {**base, **changes},
    st.just({}) | st.builds(entry, st.sampled_from(["a", "b", "c"])),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4),
)


@given(st.lists(ENTRIES | VALUES, max_size=8))
def test_whatever_the_entries_are_what_is_kept_is_well_formed(items: list[Any]) -> None:
    found, notices = read_entries(items, "here")

    assert len({item.id for item in found}) == len(found)
    assert len(found) + len(notices) == len(items)
    for item in found:
        assert item.id
        assert "/" not in item.id + item.name
        assert item.skill_count >= 0
        assert item.rating is None or 0 <= item.rating <= 5
        assert item.status in ("active", "deprecated", "deleted")


@given(VALUES | st.fixed_dictionaries({"packs": VALUES}, optional={"version": VALUES, "updatedAt": VALUES, "serial": VALUES}))
def test_any_document_is_a_catalogue_or_a_typed_refusal(document: Any) -> None:
    for read in (catalogue_read.whole, catalogue_read.page, catalogue_read.categories):
        try:
            found = read(document, "here")
        except CoworkError as error:
            assert error.code == "registry.invalid"
        else:
            assert found.serial is None or found.serial >= 0


@given(st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_json_or_a_typed_refusal(body: bytes) -> None:
    try:
        catalogue_read.parse(body, "here")
    except CoworkError as error:
        assert error.code == "registry.invalid"
