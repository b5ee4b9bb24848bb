"""The index: fast, and never trusted over the files."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from cowork.registry import entries, index
from cowork.registry.roots import Root
from tests.registry.places import pack, skill


@pytest.fixture
def root(home: Path) -> Root:
    home.mkdir()
    return Root(home / "extensions", "personal")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The directories that were read anew."""
    seen: list[str] = []
    real = entries.build

    def build(directory: Path, root: Root) -> entries.Entry:
        seen.append(directory.name)
        return real(directory, root)

    monkeypatch.setattr(entries, "build", build)
    return seen


def old(path: Path, seconds: float = 60) -> Path:
    """A file whose clock has settled: last changed a while ago."""
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def names(root: Root) -> list[str]:
    return [head["name"] for head in index.load(root).heads.values()]


def test_a_second_look_reads_nothing_anew(root: Root, built: list[str]) -> None:
    old(pack(root.path, "one", skill("a")))
    old(pack(root.path, "two", skill("b")))
    assert names(root) == ["one", "two"]
    assert names(root) == ["one", "two"]
    assert built == ["one", "two"]
    assert [body["skills"][0]["id"] for body in index.load(root).bodies.values()] == ["a", "b"]


def test_a_change_reads_that_pack_alone(root: Root, built: list[str]) -> None:
    old(pack(root.path, "one"))
    old(pack(root.path, "two"))
    names(root)
    old(pack(root.path, "three", directory="two"), seconds=30)
    assert names(root) == ["one", "three"]
    assert built == ["one", "two", "two"]


def test_a_change_of_the_same_size_and_time_is_seen_by_its_inode(root: Root) -> None:
    path = old(pack(root.path, "one", directory="x"))
    names(root)
    other = path.with_name("new")
    other.write_text(path.read_text().replace('"one"', '"two"'))
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)
    assert names(root) == ["two"]


def test_new_and_removed_packs_are_noticed(root: Root) -> None:
    path = old(pack(root.path, "one"))
    assert names(root) == ["one"]
    old(pack(root.path, "two"))
    assert names(root) == ["one", "two"]
    path.unlink()
    assert [head["name"] for head in index.load(root).heads.values() if head["kind"] != "none"] == ["two"]


def test_a_file_still_settling_is_not_kept(root: Root, built: list[str]) -> None:
    old(pack(root.path, "fresh"), seconds=-60)  # its clock is ahead of ours: it may yet change within the same tick
    names(root)
    names(root)
    assert built == ["fresh", "fresh"]


def test_without_a_home_nothing_is_written(tmp_path: Path, home: Path) -> None:
    old(pack(tmp_path / "packs", "one"))
    assert names(Root(tmp_path / "packs", "personal")) == ["one"]
    assert not home.exists()


def test_a_deleted_index_heals(root: Root) -> None:
    old(pack(root.path, "one"))
    names(root)
    index.path_of(root).unlink()
    assert names(root) == ["one"]
    assert index.path_of(root).exists()


def test_any_damage_to_the_index_heals(root: Root) -> None:
    old(pack(root.path, "one", skill("a")))
    names(root)
    whole = index.path_of(root).read_bytes()
    for position in [*range(0, 200, 7), *range(8192, len(whole), 37), len(whole) - 1]:
        for damaged in (whole[:position], whole[:position] + b"\xff" + whole[position + 1 :]):
            index.path_of(root).write_bytes(damaged)
            loaded = index.load(root)
            assert [head["name"] for head in loaded.heads.values()] == ["one"]
            assert loaded.may_hold("a")
            assert loaded.bodies[str(root.path / "one")]["skills"][0]["id"] == "a"
    index.path_of(root).write_bytes(b"")
    assert names(root) == ["one"]


def test_an_index_of_another_root_or_version_is_not_believed(root: Root) -> None:
    old(pack(root.path, "one"))
    names(root)
    path = index.path_of(root)
    whole = path.read_bytes()
    header = json.loads(whole[:8192])
    for key, value in (("version", 0), ("root", "/elsewhere")):
        changed = json.dumps(header | {key: value}).encode().ljust(8191) + b"\n"
        path.write_bytes(changed + whole[8192:].replace(b'"one"', b'"two"'))
        assert names(root) == ["one"]


def test_many_processes_may_build_it_at_once(root: Root) -> None:
    for number in range(20):
        old(pack(root.path, f"pack-{number:02}"))
    with ProcessPoolExecutor(4) as pool:
        found = list(pool.map(_names_of, [str(root.path)] * 12))
    assert found == [[f"pack-{number:02}" for number in range(20)]] * 12
    assert names(root) == found[0]


def _names_of(path: str) -> list[str]:
    return names(Root(Path(path), "personal"))


def test_one_skill_is_found_without_reading_the_bodies_that_cannot_hold_it(root: Root) -> None:
    old(pack(root.path, "one", skill("my:skill")))
    names(root)
    loaded = index.load(root)
    assert loaded.may_hold("my:skill")
    assert not loaded.may_hold("skill")
    assert not loaded.may_hold("nowhere")
