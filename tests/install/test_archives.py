"""Archives as the source of a pack: what they hold is listed and read exactly, and what means harm is refused in bounds."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.install import archives
from cowork.install.archives import open_archive
from cowork.install.material import Material, open_source
from cowork.install.sources import Source
from cowork.install.tree import MAX_FILE_BYTES, Entry, judge
from tests.install.hostile_archives import (
    EXTRA,
    HARMLESS_TARS,
    HARMLESS_ZIPS,
    HOSTILE_TARS,
    HOSTILE_ZIPS,
    ODD_TARS,
    ODD_ZIPS,
    TOP,
    gzipped,
    tar_member,
    targz_of,
    zip_of,
)
from tests.install.hostile_git import PACK
from tests.install.raw_zip import Member, raw_zip

Build = Callable[[], bytes]
ENDINGS = {"zip": zip_of, "tar.gz": targz_of}
CODES = {
    "archive_bomb": "overlapping offset-into-another",
    "archive_damaged": """
        smaller-than-it-says larger-than-it-says packed-larger-than-it-says wrong-checksum not-deflate two-names
        offset-beyond-the-end unknown-method deflate64 truncated end-only-cut directory-beyond-the-end several-disks no-zip
        pax-size-negative pax-bomb pax-digits long-name-bomb negative-size negative-size-of-a-block endless-size
        size-is-no-number cut-inside damaged-header no-tar only-gzip-magic
    """,
    "archive_encrypted": "encrypted encrypted-strongly",
    "archive_unknown": "prefix nothing not-gzip",
    "empty": "empty only-directories nothing-in-gzip only-the-end",
    "file_too_large": "bomb.zip",
    "hardlink": "hardlink hardlink-within",
    "irregular": "fifo device socket character-device block-device sparse sparse-pax",
    "path_backslash": "backslash",
    "path_climbs": """
        climb climb-inside absolute drive-slash double-slash dot nul-in-name pax-path pax-path-absolute long-name-header drive
    """,
    "path_collision": "case-collision unicode-collision duplicate file-and-directory hardlink-then-file",
    "path_control": "control newline bidi pax-path-with-nul",
    "path_git": "dot-git dot-git-upper dot-git-zero-width dot-git-short",
    "path_reserved": "device-name trailing-dot trailing-space",
    "path_too_long": "long-name deep",
    "path_unreadable": "invalid-utf8.tar",
    "symlink": "symlink symlink-within symlink-then-file symlinks-through-symlinks pax-link",
    "too_large": "bomb.tar many-gzip-members",
    "too_many_files": "many-members many-members-hidden directory-larger-than-file zip64-locator-to-nowhere",
}
OTHERWISE = {"invalid-utf8.zip": "archive_damaged"}
CODE_OF = {**{name: code for code, names in CODES.items() for name in names.split()}, **OTHERWISE}
HOSTILE = [(f"{name}.zip", build) for name, build in HOSTILE_ZIPS.items()]
HOSTILE += [(f"{name}.tar", build) for name, build in HOSTILE_TARS.items() if name != "many-members"]  # which takes seconds


def opened(path: Path, content: bytes, ending: str = "zip") -> Material:
    """The archive as a source, as `pack install` opens it."""
    file = path / f"notes.{ending}"
    file.write_bytes(content)
    return open_source(Source("local", str(file)), path, lambda *_: None)


def unpacked(material: Material) -> dict[str, str]:
    """Every file of a material, judged and read."""
    files = judge(material.entries)
    contents = dict(material.contents([file.path for file in files]))
    assert set(contents) == {file.path for file in files}
    assert all(len(contents[file.path]) == file.size for file in files)
    return {path: content.decode() for path, content in contents.items()}


# -- what is sound -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_archive_holds_its_files_with_size_and_executable_bit(tmp_path: Path, ending: str) -> None:
    content = ENDINGS[ending]({"a.md": "A\n", "bin/run": "#!/bin/sh\n", "größe/日本.md": ""}, "", executable=["bin/run"])
    material = opened(tmp_path, content, ending)
    assert set(material.entries) == {Entry("a.md", 2), Entry("bin/run", 10, executable=True), Entry("größe/日本.md", 0)}
    assert unpacked(material) == {"a.md": "A\n", "bin/run": "#!/bin/sh\n", "größe/日本.md": ""}


@pytest.mark.parametrize("ending", ENDINGS)
def test_only_what_is_asked_for_is_read(tmp_path: Path, ending: str) -> None:
    material = opened(tmp_path, ENDINGS[ending](PACK, ""), ending)
    assert dict(material.contents(["README.md", "not-there.md"])) == {"README.md": b"Notes\n"}
    assert dict(material.contents([])) == {}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_single_directory_that_holds_everything_is_the_root(tmp_path: Path, ending: str) -> None:
    assert unpacked(opened(tmp_path, ENDINGS[ending](PACK, "repo-1.0/"), ending)) == PACK
    beside = {**{f"repo-1.0/{path}": text for path, text in PACK.items()}, "README.md": ""}
    assert set(unpacked(opened(tmp_path, ENDINGS[ending](beside, ""), ending))) == set(beside)


@pytest.mark.parametrize("top", ["../", "./", "/", "a\\"])
def test_a_hostile_directory_that_holds_everything_is_no_root(tmp_path: Path, top: str) -> None:
    material = opened(tmp_path, targz_of(PACK, top), "tar.gz")
    with pytest.raises(InvalidInput):
        judge(material.entries)


def test_the_kind_is_told_by_the_content_and_not_by_the_name(tmp_path: Path) -> None:
    assert unpacked(opened(tmp_path, zip_of(PACK), "tar.gz")) == PACK
    assert unpacked(opened(tmp_path, targz_of(PACK, ""), "zip")) == PACK


@pytest.mark.parametrize(("ending", "table"), [("zip", HARMLESS_ZIPS), ("tar.gz", HARMLESS_TARS)])
def test_archives_of_common_tools_are_read(tmp_path: Path, ending: str, table: Mapping[str, Build]) -> None:
    for name, build in table.items():
        assert unpacked(opened(tmp_path, build(), ending)) == PACK, name


def test_a_name_in_an_old_code_page_is_that_name(tmp_path: Path) -> None:
    members = [Member(b"caf\x82.md", b"1\n", flags=0), Member(b"\x81ber.md", b"2\n", flags=0), Member(b"a.md", b"3\n")]
    assert unpacked(opened(tmp_path, raw_zip(members))) == {"café.md": "1\n", "über.md": "2\n", "a.md": "3\n"}


def test_an_archive_is_closed_again(tmp_path: Path) -> None:
    for content in (zip_of(PACK), targz_of(PACK)):
        material = opened(tmp_path, content)
        next(iter(material.contents(["README.md"])))
    (tmp_path / "notes.zip").unlink()  # and a warning about an open file would fail the test


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..")
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join) | st.integers(90, 300).map(lambda length: "n" * length)
FILES = st.dictionaries(PATHS, st.tuples(st.binary(max_size=1_200), st.sampled_from([0o644, 0o755, 0o600, 0o100])), max_size=5)


@given(FILES, st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_what_the_standard_library_packs_as_tar_is_read(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, tuple[bytes, int]], form: int, directories: bool
) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", format=form) as archive:
        for path, (content, mode) in files.items():
            if directories:
                directory = tarfile.TarInfo(path + ".d/")
                directory.type = tarfile.DIRTYPE
                archive.addfile(directory)
            info = tarfile.TarInfo(path)
            info.size, info.mode, info.mtime = len(content), mode, 1.5
            archive.addfile(info, io.BytesIO(content))
    read_back(tmp_path_factory, target.getvalue(), files)


@given(FILES, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
@settings(max_examples=40, deadline=None)
def test_what_the_standard_library_packs_as_zip_is_read(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, tuple[bytes, int]], method: int
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for path, (content, mode) in files.items():
            info = zipfile.ZipInfo(path)
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, content, method)
    read_back(tmp_path_factory, target.getvalue(), files)


def read_back(factory: pytest.TempPathFactory, packed: bytes, files: Mapping[str, tuple[bytes, int]]) -> None:
    path = factory.mktemp("archive") / "x"
    path.write_bytes(packed)
    archive = open_archive(path)
    expected = {Entry(name, len(content), executable=bool(mode & 0o111)) for name, (content, mode) in files.items()}
    assert set(archive.entries) == expected
    assert dict(archive.contents(files)) == {name: content for name, (content, _) in files.items()}


# -- what means harm -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "build"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_a_hostile_archive_is_refused_by_its_own_code(tmp_path: Path, name: str, build: Build) -> None:
    content = build()
    with pytest.raises(InvalidInput) as caught:
        unpacked(opened(tmp_path, content))
    expected = CODE_OF.get(name) or CODE_OF[name.rpartition(".")[0]]
    assert caught.value.code == f"install.{expected}"
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("user", "work")] == ["notes.zip"]


ODD = [
    *((f"{name}.zip", build) for name, build in ODD_ZIPS.items()),
    *((f"{name}.tar", build) for name, build in ODD_TARS.items()),
]


@pytest.mark.parametrize("build", [build for _, build in ODD], ids=[name for name, _ in ODD])
def test_an_odd_archive_is_refused_or_holds_exactly_the_pack(tmp_path: Path, build: Build) -> None:
    content = build()
    try:
        found = unpacked(opened(tmp_path, content))
    except InvalidInput as error:
        assert error.code.startswith("install.")
        return
    assert {path: text for path, text in found.items() if path not in EXTRA} == PACK


@pytest.mark.parametrize(
    "name", ["bomb.zip", "bomb.tar", "pax-bomb.tar", "long-name-bomb.tar", "many-gzip-members.tar", "overlapping.zip"]
)
def test_a_bomb_takes_little_memory(tmp_path: Path, name: str) -> None:
    content = dict(HOSTILE)[name]()
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput):
            unpacked(opened(tmp_path, content))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_listing_is_left_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr(archives, "LARGEST_LISTING", 20)
    files = {f"f{number}.md": "" for number in range(20)}
    assert len(opened(tmp_path, ENDINGS[ending](files, ""), ending).entries) == 20
    with pytest.raises(InvalidInput) as caught:
        opened(tmp_path, ENDINGS[ending]({**files, "one-more.md": ""}, ""), ending)
    assert caught.value.code == "install.too_many_files"


def test_a_file_may_be_as_large_as_the_limit_and_is_not_read_beyond_it(tmp_path: Path) -> None:
    large = {"large.md": b"x" * MAX_FILE_BYTES}
    for content in (zip_of(large), targz_of(large)):
        material = opened(tmp_path, content)
        assert len(next(iter(material.contents(["large.md"])))[1]) == MAX_FILE_BYTES
    larger = {"large.md": b"x" * (MAX_FILE_BYTES + 1)}
    for content in (zip_of(larger), targz_of(larger)):
        material = opened(tmp_path, content)
        with pytest.raises(InvalidInput) as caught:
            next(iter(material.contents(["large.md"])))
        assert caught.value.code == "install.file_too_large"


def test_a_file_that_changed_since_it_was_listed_is_refused(tmp_path: Path) -> None:
    material = opened(tmp_path, zip_of(PACK))
    (tmp_path / "notes.zip").write_bytes(b"PK\3\4")
    with pytest.raises(InvalidInput) as caught:
        unpacked(material)
    assert caught.value.code == "install.archive_damaged"


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_damaged_archive_is_refused_or_read_and_nothing_else_happens(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(data.draw(st.sampled_from([ZIP, TAR])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.sampled_from([None, None, len(content) // 2, len(content) - 1]))]
    path = tmp_path_factory.mktemp("damaged")
    try:
        unpacked(opened(path, bytes(content)))
    except (InvalidInput, UnicodeDecodeError) as error:  # the latter from this test, for contents that are no text
        assert isinstance(error, UnicodeDecodeError) or error.code.startswith("install.")


ZIP = zip_of(PACK, TOP)
TAR = targz_of(PACK, TOP)
PLAIN = b"".join(tar_member(path, text.encode()) for path, text in PACK.items())


@given(st.lists(st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_damaged_tar_inside_sound_gzip_is_refused_or_read(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(PLAIN)
    for at, value in changes:
        content[at] = value
    path = tmp_path_factory.mktemp("damaged")
    try:
        unpacked(opened(path, gzipped(bytes(content) + bytes(1024))))
    except (InvalidInput, UnicodeDecodeError) as error:
        assert isinstance(error, UnicodeDecodeError) or error.code.startswith("install.")
