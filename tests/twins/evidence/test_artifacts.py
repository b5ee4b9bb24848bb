"""Files that builds leave behind: found wherever they are, and never beyond the workspace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowork.twins.evidence import artifacts
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.reading import NotRead, read_start
from tests.twins.evidence.fake_gh import NOW


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    path.mkdir()
    return path


def write(root: Path, name: str, content: str = "x", mtime: float = 1000) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (mtime, mtime))
    return path


def found(root: Path, most: int = 10) -> tuple[list[str], dict[str, int]]:
    with Look(root, NOW) as look:
        names = [artifact.name for artifact in artifacts.find(look, lambda _, name: name.endswith(".xml"), most)]
        return names, look.left_out


def test_the_last_written_come_first(root: Path) -> None:
    for name, mtime in (("b.xml", 1), ("deep/er/c.xml", 3), ("a.xml", 2), ("odd\nname.xml", 1)):
        write(root, name, mtime=mtime)
    assert found(root) == (["deep/er/c.xml", "a.xml", "b.xml", "odd\nname.xml"], {})


def test_more_than_are_wanted_are_counted(root: Path) -> None:
    for number in range(5):
        write(root, f"{number}.xml", mtime=number)
    assert found(root, most=2) == (["4.xml", "3.xml"], {"files beyond the latest 2": 3})


def test_links_pipes_and_what_is_behind_links_are_not_found(root: Path, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", "secret.xml")
    (root / "link.xml").symlink_to(outside)
    (root / "directory").symlink_to(outside.parent)
    os.mkfifo(root / "pipe.xml")
    (root / "directory.xml").mkdir()
    assert found(root) == ([], {})


def test_a_workspace_that_is_a_link_is_looked_through(root: Path, tmp_path: Path) -> None:
    write(root, "a.xml")
    (tmp_path / "link").symlink_to(root)
    assert found(tmp_path / "link")[0] == ["a.xml"]


def test_too_many_files_end_the_search(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "MOST_ENTRIES", 2)
    for name in ("a.xml", "b/c.xml", "b/d.xml"):
        write(root, name)
    names, left = found(root)
    assert names == ["a.xml"]
    assert len(left) == 1


def test_deep_directories_are_not_entered(root: Path) -> None:
    write(root, "/".join(["d"] * artifacts.DEEPEST) + "/near.xml")
    write(root, "/".join(["d"] * (artifacts.DEEPEST + 1)) + "/far.xml")
    assert [name.rpartition("/")[2] for name in found(root)[0]] == ["near.xml"]


def test_the_start_of_a_file_is_read_without_following_links_or_waiting(root: Path, tmp_path: Path) -> None:
    write(root, "deep/a.xml", "abcdef")
    assert read_start(root, "deep/a.xml", 4) == (b"abcd", True)
    assert read_start(root, "deep/a.xml", 6) == (b"abcdef", False)
    (root / "link").symlink_to(root / "deep")
    os.mkfifo(root / "pipe")
    for name in ("link/a.xml", "pipe", "deep", "../x", "gone"):
        with pytest.raises(NotRead):
            read_start(root, name, 4)
