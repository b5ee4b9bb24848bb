"""A directory of this machine as a pack: regular files, nothing followed, nothing of the work on it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput
from cowork.install import local
from cowork.install.local import entries_of, left_out, list_local
from cowork.install.tree import TreeFile
from tests.registry.places import write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "pack/b.md", "bb")
    write(tmp_path / "pack/docs/a.md", "")
    write(tmp_path / "pack/bin/run", "#!/bin/sh\n").chmod(0o755)
    return tmp_path / "pack"


def refusal(root: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        list_local(root)
    return caught.value.code


def test_the_files_come_sorted_with_size_and_executable_bit(root: Path) -> None:
    assert list_local(root) == (TreeFile("b.md", 2), TreeFile("bin/run", 10, executable=True), TreeFile("docs/a.md", 0))


@pytest.mark.parametrize("mode", [0o700, 0o744, 0o654, 0o645])
def test_a_file_that_anybody_may_execute_is_executable(root: Path, mode: int) -> None:
    (root / "b.md").chmod(mode)
    assert list_local(root)[0].executable


@pytest.mark.parametrize("path", [".git/config", "node_modules/x/index.js", "docs/__pycache__/a.pyc", "docs/.git"])
def test_what_belongs_to_the_work_on_a_pack_is_left_out(root: Path, path: str) -> None:
    write(root / path, "x")
    assert [file.path for file in list_local(root)] == ["b.md", "bin/run", "docs/a.md"]


def test_nothing_is_looked_at_in_what_is_left_out(root: Path) -> None:
    (root / "node_modules").mkdir()
    (root / "node_modules/evil").symlink_to("/etc/passwd")
    (root / "__pycache__").symlink_to("/etc")
    assert len(list_local(root)) == 3


@pytest.mark.parametrize(
    ("path", "is_left_out"),
    [
        ("node_modules/x.js", True),
        ("a/__pycache__/b/c", True),
        ("__pycache__", True),
        (".git/config", False),  # from anywhere else, it is refused
        ("my_node_modules/x.js", False),
        ("node_modules.md", False),
    ],
)
def test_other_sources_leave_out_the_same(path: str, is_left_out: bool) -> None:
    assert left_out(path) is is_left_out


def test_other_hidden_files_are_part_of_a_pack(root: Path) -> None:
    write(root / ".mcp.json", "{}")
    write(root / ".claude-plugin/plugin.json", "{}")
    assert {".mcp.json", ".claude-plugin/plugin.json"} <= {file.path for file in list_local(root)}


@pytest.mark.parametrize("target", ["b.md", "docs", "/etc/passwd", "/nowhere", ".."])
def test_a_link_is_refused_wherever_it_leads(root: Path, target: str) -> None:
    (root / "link").symlink_to(target)
    assert refusal(root) == "install.symlink"


def test_a_fifo_is_refused_and_not_read(root: Path) -> None:
    os.mkfifo(root / "pipe.md")
    assert refusal(root) == "install.irregular"


def test_a_socket_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)  # the path of a socket has to be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.md")
        assert refusal(root) == "install.irregular"


def test_a_name_that_is_not_utf8_is_refused(root: Path) -> None:
    (Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.md"))).touch()
    assert refusal(root) == "install.path_unreadable"


def test_a_name_that_means_something_elsewhere_is_refused(root: Path) -> None:
    write(root / "docs/aux.md", "")
    assert refusal(root) == "install.path_reserved"


def test_two_names_for_one_file_are_refused(root: Path) -> None:
    write(root / "docs/A.md", "")
    if len(list((root / "docs").iterdir())) == 2:  # on this file system they are two
        assert refusal(root) == "install.path_collision"


def test_an_empty_directory_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "empty/also-empty").mkdir(parents=True)
    assert refusal(tmp_path / "empty") == "install.empty"


@pytest.mark.parametrize("name", ["gone", "file.md"])
def test_what_is_no_directory_is_unreadable(tmp_path: Path, name: str) -> None:
    write(tmp_path / "file.md", "")
    assert refusal(tmp_path / name) == "install.unreadable"


def test_the_root_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert list_local(tmp_path / "link") == list_local(root)


def test_a_tree_that_is_too_deep_is_refused(root: Path) -> None:
    deep = root / "/".join(["d"] * 100)
    deep.mkdir(parents=True)
    (deep / "a.md").touch()
    assert refusal(root) == "install.path_too_long"


def test_a_listing_has_an_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "LARGEST_LISTING", 20)
    for number in range(15):
        (root / f"f{number}").mkdir()
    assert len(list(entries_of(root))) == 3
    (root / "g").mkdir()
    assert refusal(root) == "install.too_many_files"
