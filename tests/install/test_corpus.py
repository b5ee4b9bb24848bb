"""The hostile corpus is what it says: real git serves it, common tools write it, and its harm is really in it."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.install import hostile_archives, sample_packs
from tests.install.git_repo import git
from tests.install.git_server import git_server
from tests.install.hostile_archives import TOP
from tests.install.hostile_git import HARMLESS, HOSTILE, HOSTILE_MANIFESTS, HOSTILE_REFS, PACK
from tests.registry.places import write
from tests.support import run_here

CHEAP = {**HOSTILE, **HOSTILE_MANIFESTS, **{name: build for name, (build, _) in HOSTILE_REFS.items()}, **HARMLESS}
for _name in ("big-blob", "many-files", "large-together", "deep"):
    del CHEAP[_name]
ARCHIVES = {
    f"{table}-{name}": build
    for table in ("HOSTILE_ZIPS", "ODD_ZIPS", "HARMLESS_ZIPS", "HOSTILE_TARS", "ODD_TARS", "HARMLESS_TARS")
    for name, build in getattr(hostile_archives, table).items()
    if not name.startswith("many-members")
}


def test_every_repository_is_called_by_its_id(tmp_path: Path) -> None:
    for name, build in CHEAP.items():
        assert build(tmp_path).name == name


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("dot-dot", b"40000 ..\0"),
        ("dot-git-zero-width", b"40000 .g\xe2\x80\x8cit\0"),
        ("climb-in-name", b"100644 ../evil.md\0"),
        ("symlink-out", b"120000 passwd.md\0"),
        ("submodule-ext", b"160000 vendored\0"),
        ("invalid-utf8", b"100644 caf\xe9.md\0"),
    ],
)
def test_git_serves_the_harm_to_who_does_not_check(tmp_path: Path, name: str, entry: bytes) -> None:
    HOSTILE[name](tmp_path / "srv")
    with git_server(tmp_path / "srv") as server:
        git("init", "-q", "--bare", str(tmp_path / "copy"))
        git("-C", str(tmp_path / "copy"), "fetch", "-q", "--depth=1", server.url(name), "+HEAD:refs/pin")
    tree = git("-C", str(tmp_path / "copy"), "cat-file", "tree", "refs/pin^{tree}")
    assert entry in tree.encode(errors="surrogateescape")
    assert b" cowork.plugin.json\0" in tree.encode(errors="surrogateescape")


def test_a_blob_of_zeros_is_as_large_as_it_says_and_costs_little(tmp_path: Path) -> None:
    repo = HOSTILE["large-together"](tmp_path)
    assert repo.git("cat-file", "-s", "HEAD:part-99.md") == str(10 * 1024 * 1024)
    assert sum(path.stat().st_size for path in repo.path.rglob("*.pack")) < 20_000


def test_a_tree_bomb_has_ten_levels_of_ten(tmp_path: Path) -> None:
    repo = HOSTILE["tree-bomb"](tmp_path)
    at = "HEAD:bomb" + "/d9" * 9
    assert len(repo.git("ls-tree", "--name-only", at).splitlines()) == 10


def test_the_pack_in_every_repository_is_valid(tmp_path: Path) -> None:
    for path, text in PACK.items():
        write(tmp_path / path, text)
    assert run_here("pack", "validate", "--strict", str(tmp_path)).code == 0


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_is_small_enough_to_be_downloaded_and_always_the_same(name: str) -> None:
    archive = ARCHIVES[name]()
    assert len(archive) < 8_000_000
    assert archive == ARCHIVES[name]()


@pytest.mark.parametrize("name", hostile_archives.HARMLESS_ZIPS)
def test_a_harmless_zip_holds_the_pack_for_every_reader(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(hostile_archives.HARMLESS_ZIPS[name]())) as archive:
        found = {item.filename: archive.read(item).decode() for item in archive.infolist() if not item.is_dir()}
    assert found in (dict(PACK), sample_packs.below(TOP.rstrip("/"), PACK))


@pytest.mark.parametrize("name", hostile_archives.HARMLESS_TARS)
def test_a_harmless_tar_holds_the_pack_for_every_reader(name: str) -> None:
    with tarfile.open(fileobj=io.BytesIO(hostile_archives.HARMLESS_TARS[name]()), mode="r:gz") as archive:
        found = {item.name: archive.extractfile(item).read().decode() for item in archive if item.isfile()}  # type: ignore[union-attr]
    assert found in (dict(PACK), sample_packs.below(TOP.rstrip("/"), PACK))


def tar_names(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return opened.getnames()


def test_the_harm_in_archives_is_what_the_standard_library_reads() -> None:
    names = zipfile.ZipFile(io.BytesIO(hostile_archives.HOSTILE_ZIPS["climb"]())).namelist()
    assert "../evil.md" in names
    assert "../evil.md" in tar_names(hostile_archives.HOSTILE_TARS["pax-path"]())
    halved = tar_names(hostile_archives.HOSTILE_TARS["damaged-header"]())
    assert halved == ["cowork.plugin.json"]  # without an error, which is why it has to be refused
    with pytest.raises(RuntimeError, match="encrypted"):
        zipfile.ZipFile(io.BytesIO(hostile_archives.HOSTILE_ZIPS["encrypted"]())).read("extra.md")


def test_a_bomb_unfolds_to_a_gigabyte() -> None:
    zeros = gzip.GzipFile(fileobj=io.BytesIO(hostile_archives.HOSTILE_TARS["bomb"]()))
    zeros.seek(512 * 1024 * 1024 // 16)
    assert zeros.read(100) == bytes(100)
    info = zipfile.ZipFile(io.BytesIO(hostile_archives.HOSTILE_ZIPS["bomb"]())).getinfo("zeros.md")
    assert (info.file_size, info.compress_size < 2_000_000) == (hostile_archives.GIBI, True)


def test_benign_builders_keep_names_contents_and_modes() -> None:
    files, modes = {"a.md": "ä\n", "bin/run": b"#!/bin/sh\n"}, {}
    with tarfile.open(fileobj=io.BytesIO(hostile_archives.targz_of(files, executable=["bin/run"]))) as archive:
        modes = {item.name: item.mode for item in archive}
        assert archive.extractfile("repo-abc/a.md").read() == "ä\n".encode()  # type: ignore[union-attr]
    assert modes == {"repo-abc/a.md": 0o644, "repo-abc/bin/run": 0o755}
    with zipfile.ZipFile(io.BytesIO(hostile_archives.zip_of(files, "top/", executable=["bin/run"]))) as zipped:
        assert {item.filename: item.external_attr >> 16 & 0o777 for item in zipped.infolist()} == {
            "top/a.md": 0o644,
            "top/bin/run": 0o755,
        }


@pytest.mark.parametrize(
    "name", ["COWORK_PACK", "CLAUDE_PLUGIN", "CLAUDE_PLUGIN_WITHOUT_MANIFEST", "SKILLS_DIRECTORY", "ROOT_SKILL", "AGENT_PLUGIN"]
)
def test_every_sample_is_valid_and_strict(tmp_path: Path, name: str) -> None:
    root = tmp_path / "epsilon"
    for path, text in getattr(sample_packs, name).items():
        write(root / path, text)
    ran = run_here("pack", "validate", "--strict", str(root), "--json")
    assert (ran.code, ran.data["warnings"], ran.data["notes"]) == (0, 0, 0), ran.out


def test_the_marketplace_and_the_large_pack_are_valid_too(tmp_path: Path) -> None:
    for where, files in (
        ("m", sample_packs.marketplace()),
        ("old", sample_packs.fifty_files()),
        ("new", sample_packs.fifty_files("1.1.0")),
    ):
        for path, text in files.items():
            write(tmp_path / where / path, text)
    ran = run_here("pack", "validate", "--strict", *(str(tmp_path / where) for where in ("m", "old", "new")), "--json")
    assert (ran.code, [item["name"] for item in ran.data["items"]]) == (
        0,
        ["example-market", "tidy", "writing-skills", "fifty-files", "fifty-files"],
    )
    assert len(sample_packs.fifty_files()) == len(sample_packs.fifty_files("1.1.0")) == 50
