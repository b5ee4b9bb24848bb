"""What changes between two trees of a pack: files by content and mode, and what they can do."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput
from cowork.install.capabilities import Capability
from cowork.install.differences import TreeDiff, diff
from tests.registry.places import write

NOTHING = TreeDiff((), (), (), (), ())


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return tree(tmp_path / "old", {"a.md": "A", "docs/b.md": "B", "run": "#!/bin/sh"})


def tree(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        write(root / path, text)
    return root


def test_a_tree_and_its_copy_do_not_differ(old: Path, tmp_path: Path) -> None:
    new = tree(tmp_path / "new", {"run": "#!/bin/sh", "docs/b.md": "B", "a.md": "A"})
    assert diff(old, new, [], []) == NOTHING
    assert diff(old, old, ["hooks"], [Capability("hooks", ("other details",))]) == NOTHING


def test_files_come_go_and_change_each_in_its_list(old: Path, tmp_path: Path) -> None:
    new = tree(tmp_path / "new", {"z.md": "", "c.md": "", "a.md": "other", "run": "#!/bin/sh"})
    found = diff(old, new, [], [])
    assert (found.added, found.removed, found.changed) == (("c.md", "z.md"), ("docs/b.md",), ("a.md",))


def test_a_file_that_moves_comes_and_goes(old: Path, tmp_path: Path) -> None:
    new = tree(tmp_path / "new", {"a.md": "A", "docs/c.md": "B", "run": "#!/bin/sh"})
    found = diff(old, new, [], [])
    assert (found.added, found.removed, found.changed) == (("docs/c.md",), ("docs/b.md",), ())


def test_a_file_that_may_be_executed_now_has_changed(old: Path, tmp_path: Path) -> None:
    new = tree(tmp_path / "new", {"a.md": "A", "docs/b.md": "B", "run": "#!/bin/sh"})
    (new / "run").chmod(0o755)
    assert diff(old, new, [], []).changed == ("run",)
    assert diff(new, old, [], []).changed == ("run",)


def test_capabilities_come_and_go_sorted(old: Path) -> None:
    found = diff(old, old, ["shell", "mcp", "hooks"], [Capability("tools", ()), Capability("mcp", ()), Capability("lsp", ())])
    assert (found.capabilities_added, found.capabilities_removed) == (("lsp", "tools"), ("hooks", "shell"))


def test_a_directory_that_is_not_there_is_empty(old: Path, tmp_path: Path) -> None:
    assert diff(tmp_path / "gone", old, [], []).added == ("a.md", "docs/b.md", "run")
    assert diff(old, tmp_path / "gone", [], []).removed == ("a.md", "docs/b.md", "run")
    assert diff(tmp_path / "gone", tmp_path / "gone-too", [], []) == NOTHING


def test_what_no_pack_may_hold_is_refused_and_not_followed(old: Path, tmp_path: Path) -> None:
    (old / "link.md").symlink_to("/etc/passwd")
    with pytest.raises(InvalidInput) as caught:
        diff(old, tmp_path / "gone", [], [])
    assert caught.value.code == "install.symlink"
