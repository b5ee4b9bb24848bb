"""A pack's files are judged as a whole: kinds, sizes, and that no two of them are one file somewhere."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.install import tree
from cowork.install.names import folded
from cowork.install.tree import MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, Entry, TreeFile, judge

NFC, NFD = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))


def refused(*entries: Entry) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        judge(entries)
    return caught.value


def files(*paths: str) -> list[Entry]:
    return [Entry(path, 1) for path in paths]


def test_files_come_sorted_with_size_and_executable_bit() -> None:
    found = judge([Entry("b/run", 7, executable=True), Entry("a.md", 3), Entry("b/a.md", 0)])
    assert found == (TreeFile("a.md", 3), TreeFile("b/a.md", 0), TreeFile("b/run", 7, executable=True))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("symlink", "install.symlink"),
        ("hardlink", "install.hardlink"),
        ("submodule", "install.submodule"),
        ("other", "install.irregular"),
    ],
)
def test_a_pack_holds_regular_files_only(kind: str, code: str) -> None:
    error = refused(Entry("a.md", 1), Entry("b.md", 0, kind))
    assert error.code == code
    assert error.details == {"path": "b.md"}


@pytest.mark.parametrize("path", [".gitmodules", "docs/.gitmodules"])
def test_a_list_of_submodules_is_as_good_as_one(path: str) -> None:
    assert refused(*files("a.md", path)).code == "install.submodule"


def test_names_are_judged_before_kinds() -> None:
    assert refused(Entry("../evil", 0, "symlink")).code == "install.path_climbs"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SKILL.md", "Skill.md"),
        (f"{NFC}.md", f"{NFD}.md"),
        (f"{NFC.upper()}.md", f"{NFD}.md"),
        ("docs/a.md", "Docs/b.md"),
        ("docs/x/a.md", "docs/X/b.md"),
        (f"{NFC}/a.md", f"{NFD}/b.md"),
        ("notes", "notes/a.md"),
        ("Notes", "notes/a/b.md"),
        ("a/Notes", "a/notes/b.md"),
        ("straße.md", "STRASSE.md"),
        ("a.md", "a.md"),
        ("A/b/c", "a"),
    ],
)
def test_two_names_for_one_file_are_refused_in_either_order(one: str, other: str) -> None:
    for paths in ((one, other), (other, one)):
        error = refused(*files("README.md", *paths))
        assert error.code == "install.path_collision"
        assert set(error.details) == {"path", "other"}


@pytest.mark.parametrize(
    "paths",
    [
        ("docs/a.md", "docs/b.md", "docs/c/a.md", "a.md"),
        ("notes", "notes.md", "notes-2/a", "anotes"),
        ("a/b/c/d", "a/b/c/e", "a/b/d", "b/c"),
        ("e.md", "é.md"),
    ],
)
def test_names_that_only_look_alike_live_together(paths: tuple[str, ...]) -> None:
    assert {file.path for file in judge(files(*paths))} == set(paths)


PATHS = st.lists(st.lists(st.sampled_from(["a", "A", "b", NFC, NFD, "c.md"]), min_size=1, max_size=3).map("/".join), max_size=6)


@given(PATHS, st.randoms())
def test_whether_a_tree_collides_does_not_depend_on_its_order(paths: list[str], chance: random.Random) -> None:
    shuffled = chance.sample(paths, len(paths))
    assert verdict(paths) == verdict(shuffled)
    prefixes = {"/".join(path.split("/")[:end]) for path in paths for end in range(1, path.count("/") + 1)}
    spelled = [*paths, *prefixes]  # every file, and every directory once
    if paths and len({folded(name) for name in spelled}) == len(spelled):
        assert verdict(paths) == "fine"
    elif paths:
        assert verdict(paths) == "install.path_collision"


def verdict(paths: list[str]) -> str:
    try:
        judge(files(*paths))
    except InvalidInput as error:
        return error.code
    return "fine"


def test_no_files_are_no_pack() -> None:
    assert refused().code == "install.empty"


def test_ten_thousand_files_are_the_most() -> None:
    at_the_limit = [Entry(f"f{number}", 0) for number in range(MAX_FILES)]
    assert len(judge(at_the_limit)) == MAX_FILES
    error = refused(*at_the_limit, Entry("one-more", 0))
    assert (error.code, error.details) == ("install.too_many_files", {"limit": MAX_FILES})


def test_a_listing_without_end_is_left_at_the_limit() -> None:
    taken = []

    def endless() -> Iterator[Entry]:
        while True:
            taken.append(None)
            yield Entry(f"f{len(taken)}", 0)

    with pytest.raises(InvalidInput):
        judge(endless())
    assert len(taken) == MAX_FILES + 1


def test_one_file_may_be_as_large_as_the_limit_and_no_larger() -> None:
    judge([Entry("a", MAX_FILE_BYTES)])
    error = refused(Entry("a", MAX_FILE_BYTES + 1))
    assert (error.code, error.details["path"]) == ("install.file_too_large", "a")


def test_all_files_together_may_be_as_large_as_the_limit_and_no_larger() -> None:
    count = MAX_TOTAL_BYTES // MAX_FILE_BYTES
    full = [Entry(f"f{number}", MAX_FILE_BYTES) for number in range(count)]
    judge(full)
    assert refused(*full, Entry("a", 1)).code == "install.too_large"


def test_a_hostile_name_is_shown_without_harm() -> None:
    error = tree.file_too_large("a\x1b[2J\u202e" + "b" * 500)
    assert "\x1b" not in error.message
    assert "\u202e" not in error.message
    assert len(error.message) < 200
