"""The hash of a pack's content: names and bytes decide, and nothing else does."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.install.tree_hash import combined, file_digest, tree_hash
from tests.registry.places import write

HELLO = hashlib.sha256(b"hello").hexdigest()
EMPTY = hashlib.sha256(b"").hexdigest()
TREE = {"README.md": "Notes\n", "docs/a.md": "A\n", "docs/b/größe.md": "Ü\n", "run": ""}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in TREE.items():
        write(tmp_path / "pack" / path, text)
    return tmp_path / "pack"


def test_a_known_tree_has_a_known_hash(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "hello")
    write(tmp_path / "b/c.txt", "world\n")
    by_hand = "08ea206718372ce4d4ece51673a0b1d0b05b349426f9a730322db2492b8636e6"  # sha256sum a.txt b/c.txt | sha256sum
    assert tree_hash(tmp_path, ["a.txt", "b/c.txt"]) == f"h1:{by_hand}"


def test_the_construction_is_that_of_gos_dirhash_in_hex(root: Path) -> None:
    lines = [f"{hashlib.sha256(TREE[path].encode()).hexdigest()}  {path}\n" for path in sorted(TREE)]
    assert tree_hash(root, TREE) == "h1:" + hashlib.sha256("".join(lines).encode()).hexdigest()


def test_no_files_have_the_hash_of_nothing(tmp_path: Path) -> None:
    assert tree_hash(tmp_path, []) == f"h1:{EMPTY}"


def test_the_order_of_the_files_does_not_matter(root: Path) -> None:
    assert tree_hash(root, reversed(TREE)) == tree_hash(root, TREE)
    assert tree_hash(root, [*TREE, *TREE]) == tree_hash(root, TREE)


def test_modes_and_times_do_not_matter(root: Path) -> None:
    before = tree_hash(root, TREE)
    (root / "run").chmod(0o755)
    (root / "docs").chmod(0o700)
    os.utime(root / "README.md", (0, 0))
    assert tree_hash(root, TREE) == before


def test_files_that_are_not_named_do_not_matter(root: Path) -> None:
    before = tree_hash(root, TREE)
    write(root / "more.md", "more")
    assert tree_hash(root, TREE) == before


def test_other_content_is_another_tree(root: Path) -> None:
    before = tree_hash(root, TREE)
    write(root / "docs/a.md", "a\n")
    assert tree_hash(root, TREE) != before


def test_another_name_is_another_tree(root: Path) -> None:
    before = tree_hash(root, TREE)
    (root / "docs/a.md").rename(root / "docs/A.md")
    assert tree_hash(root, [path.replace("docs/a", "docs/A") for path in TREE]) != before


def test_contents_that_change_places_are_another_tree() -> None:
    assert combined({"a": HELLO, "b": EMPTY}) != combined({"a": EMPTY, "b": HELLO})


def test_one_file_less_is_another_tree(root: Path) -> None:
    assert tree_hash(root, [path for path in TREE if path != "run"]) != tree_hash(root, TREE)


def test_a_name_sorts_by_its_bytes() -> None:
    assert combined({"\uff00": EMPTY, "\U00010000": EMPTY}) == combined({"\U00010000": EMPTY, "\uff00": EMPTY})
    lines = f"{EMPTY}  \uff00\n{EMPTY}  \U00010000\n"  # in UTF-16 it would be the other way round
    assert combined({"\U00010000": EMPTY, "\uff00": EMPTY}) == "h1:" + hashlib.sha256(lines.encode()).hexdigest()


def test_a_name_that_is_no_text_still_has_a_hash() -> None:
    assert re.fullmatch("h1:[0-9a-f]{64}", combined({"caf\udce9": EMPTY}))


def test_a_file_that_is_gone_is_an_error_and_no_empty_file(root: Path) -> None:
    with pytest.raises(OSError):
        tree_hash(root, ["gone"])


def test_a_large_file_is_hashed_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    (tmp_path / "large").write_bytes(content)
    assert file_digest(tmp_path / "large") == hashlib.sha256(content).hexdigest()


@given(st.dictionaries(st.text("ab/ é0", min_size=1, max_size=5), st.sampled_from([EMPTY, HELLO]), max_size=4), st.data())
def test_two_trees_with_one_hash_are_the_same_tree(digests: dict[str, str], data: st.DataObject) -> None:
    other = data.draw(st.dictionaries(st.sampled_from([*digests, "other"]), st.sampled_from([EMPTY, HELLO])))
    assert (combined(digests) == combined(other)) == (digests == other)
