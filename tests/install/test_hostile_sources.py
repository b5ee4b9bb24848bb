"""Hostile repositories and archives through the whole of `pack install`: refused with a code of their own, without a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError
from cowork.install.approval import Approval
from cowork.install.install import Options, install
from cowork.install.places import place_of
from cowork.install.sources import parse
from cowork.install.wanted import Wanted
from tests.install.git_server import GitServer, git_server
from tests.install.hostile_archives import HARMLESS_TARS, HARMLESS_ZIPS, HOSTILE_TARS, HOSTILE_ZIPS, ODD_TARS, ODD_ZIPS
from tests.install.hostile_git import HARMLESS, HOSTILE, HOSTILE_MANIFESTS, HOSTILE_REFS
from tests.support import FakeClock

GIT = {
    "install.empty": """
        empty-tree
    """,
    "install.file_too_large": """
        big-blob
    """,
    "install.git_objects": """
        dot-dot dot-dot-file dot dot-git dot-git-file dot-git-upper dot-git-short dot-git-zero-width
        dot-git-trailing-dot dot-git-trailing-space dot-git-stream dot-git-below slash-in-name climb-in-name climb-below
        absolute-name symlink-and-directory duplicate-entry file-and-directory missing-blob zero-padded-mode
    """,
    "install.path_backslash": """
        backslash
    """,
    "install.path_climbs": """
        drive
    """,
    "install.path_collision": """
        case-collision case-collision-directory unicode-collision case-collision-sharp-s
    """,
    "install.path_control": """
        control-bell control-newline control-escape control-delete control-c1 bidi zero-width tag-characters
    """,
    "install.path_reserved": """
        stream device-con device-aux device-nul device-com1 device-com-superscript device-lpt device-directory
        trailing-dot trailing-space forbidden-character
    """,
    "install.path_too_long": """
        deep long-name longest-name long-name-bytes long-path
    """,
    "install.path_unreadable": """
        invalid-utf8 surrogate overlong-slash
    """,
    "install.ref_not_found": """
        empty-repository
    """,
    "install.submodule": """
        submodule submodule-ext odd-mode
    """,
    "install.symlink": """
        symlink-out symlink-up symlink-within symlink-manifest
    """,
    "install.too_large": """
        large-together
    """,
    "install.too_many_files": """
        many-files many-directories tree-bomb
    """,
}
MANIFESTS = {
    "file.corrupt": """
        not-json not-utf8 nan nested
    """,
    "file.too_large": """
        too-large
    """,
    "install.bad_name": """
        name-climbs name-absolute name-control name-device name-hidden name-option name-long name-homoglyph
        plugin-name-climbs
    """,
    "install.invalid": """
        name-empty no-version not-an-object skill-directory-climbs
    """,
    "install.name_mismatch": """
        plugin-lies-about-its-name
    """,
    "install.name_taken": """
        named-like-bundled named-like-bundled-pack named-like-bundled-case
    """,
    "install.nothing_found": """
        plugin-source-climbs plugin-source-absolute plugin-source-command
    """,
    "source.option_like": "plugin-source-option",
    "source.transport": "plugin-source-ext",
    "source.bad_ref": """
        plugin-ref-option
    """,
}
ZIP = {
    "install.archive_bomb": """
        overlapping offset-into-another
    """,
    "install.archive_damaged": """
        invalid-utf8 smaller-than-it-says larger-than-it-says packed-larger-than-it-says wrong-checksum not-deflate
        two-names offset-beyond-the-end unknown-method deflate64 truncated end-only-cut directory-beyond-the-end
        several-disks no-zip
    """,
    "install.archive_encrypted": """
        encrypted encrypted-strongly
    """,
    "install.archive_unknown": """
        prefix nothing
    """,
    "install.empty": """
        empty only-directories
    """,
    "install.file_too_large": """
        bomb
    """,
    "install.irregular": """
        fifo device socket
    """,
    "install.path_backslash": """
        backslash
    """,
    "install.path_climbs": """
        climb climb-inside absolute drive drive-slash double-slash dot nul-in-name
    """,
    "install.path_collision": """
        case-collision unicode-collision duplicate file-and-directory
    """,
    "install.path_control": """
        control newline bidi
    """,
    "install.path_git": """
        dot-git dot-git-upper dot-git-zero-width
    """,
    "install.path_reserved": """
        device-name trailing-dot
    """,
    "install.path_too_long": """
        long-name deep
    """,
    "install.symlink": """
        symlink symlink-within symlink-then-file
    """,
    "install.too_many_files": """
        many-members many-members-hidden directory-larger-than-file zip64-locator-to-nowhere
    """,
}
TAR = {
    "install.archive_damaged": """
        pax-size-negative pax-bomb pax-digits long-name-bomb negative-size negative-size-of-a-block endless-size
        size-is-no-number truncated cut-inside damaged-header wrong-checksum no-tar only-gzip-magic
    """,
    "install.archive_unknown": """
        not-gzip
    """,
    "install.empty": """
        nothing-in-gzip only-the-end
    """,
    "install.hardlink": """
        hardlink hardlink-within
    """,
    "install.irregular": """
        fifo character-device block-device sparse sparse-pax
    """,
    "install.path_backslash": """
        backslash
    """,
    "install.path_climbs": """
        climb climb-inside absolute drive double-slash pax-path pax-path-absolute long-name-header
    """,
    "install.path_collision": """
        hardlink-then-file case-collision unicode-collision duplicate file-and-directory
    """,
    "install.path_control": """
        control newline bidi pax-path-with-nul
    """,
    "install.path_git": """
        dot-git dot-git-upper dot-git-short
    """,
    "install.path_reserved": """
        device-name trailing-space
    """,
    "install.path_too_long": """
        long-name deep
    """,
    "install.path_unreadable": """
        invalid-utf8
    """,
    "install.symlink": """
        symlink symlink-within symlink-then-file symlinks-through-symlinks pax-link
    """,
    "install.too_large": """
        bomb many-gzip-members
    """,
    "install.too_many_files": """
        many-members
    """,
}


def pairs(codes: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, code) for code, names in codes.items() for name in names.split()]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("repositories")


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[GitServer]:
    with git_server(root) as running:
        yield running


@pytest.fixture
def trusted(server: GitServer, monkeypatch: pytest.MonkeyPatch) -> GitServer:
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", server.host)
    return server


def refused(source: str) -> CoworkError:
    """The refusal of a source whose every capability is approved."""
    approval = Approval(("network", "executables", "hooks", "mcp", "shell", "script"))
    with pytest.raises(CoworkError) as caught:
        install(Wanted(parse(source)), Options(place_of("user"), approval), FakeClock(), lambda _kind, _data: None)
    return caught.value


def assert_no_trace(home: Path, outside: Path) -> None:
    """Nothing is left in the home but the audit log, and nothing was written beside it."""
    left = {path.relative_to(home).parts[0] for path in home.rglob("*")} if home.exists() else set()
    assert left <= {"audit.jsonl", "cache", ".audit.lock", "audit.lock"}, left
    assert not [path for path in outside.rglob("*") if "evil" in path.name]


@pytest.mark.parametrize(("name", "code"), pairs(GIT))
def test_a_hostile_repository_is_refused(
    name: str, code: str, trusted: GitServer, root: Path, home: Path, tmp_path: Path
) -> None:
    error = refused("git+" + trusted.url(HOSTILE[name](root).name))
    assert error.code == code, error.message
    assert_no_trace(home, tmp_path)


@pytest.mark.parametrize(("name", "code"), pairs(MANIFESTS))
def test_a_hostile_manifest_is_refused(
    name: str, code: str, trusted: GitServer, root: Path, home: Path, tmp_path: Path
) -> None:
    error = refused("git+" + trusted.url(HOSTILE_MANIFESTS[name](root).name))
    assert error.code == code, error.message
    assert_no_trace(home, tmp_path)


@pytest.mark.parametrize(("name", "code"), pairs(ZIP))
def test_a_hostile_zip_is_refused(name: str, code: str, home: Path, tmp_path: Path) -> None:
    assert_archive_refused(HOSTILE_ZIPS[name], ".zip", code, home, tmp_path)


@pytest.mark.parametrize(("name", "code"), pairs(TAR))
def test_a_hostile_tar_is_refused(name: str, code: str, home: Path, tmp_path: Path) -> None:
    assert_archive_refused(HOSTILE_TARS[name], ".tar.gz", code, home, tmp_path)


def assert_archive_refused(build: Callable[[], bytes], ending: str, code: str, home: Path, tmp_path: Path) -> None:
    path = tmp_path / f"archive{ending}"
    path.write_bytes(build())
    error = refused(str(path))
    assert error.code == code, (error.message, error.cause)
    assert_no_trace(home, tmp_path)


def test_the_tables_know_every_hostile_sample() -> None:
    for codes, samples in ((GIT, HOSTILE), (MANIFESTS, HOSTILE_MANIFESTS), (ZIP, HOSTILE_ZIPS), (TAR, HOSTILE_TARS)):
        assert {name for name, _ in pairs(codes)} == set(samples)


@pytest.mark.parametrize("name", HOSTILE_REFS)
def test_a_ref_that_is_no_commit_or_an_option_is_refused(
    name: str, trusted: GitServer, root: Path, home: Path, tmp_path: Path
) -> None:
    build, ref = HOSTILE_REFS[name]
    error = refused(f"git+{trusted.url(build(root).name)}@{ref}")
    assert error.code in ("source.bad_ref", "install.git_objects", "install.commit_not_found"), error.message
    assert_no_trace(home, tmp_path)


@pytest.mark.parametrize("name", HARMLESS)
def test_an_odd_but_harmless_repository_is_installed(name: str, trusted: GitServer, root: Path, home: Path) -> None:
    assert installed("git+" + trusted.url(HARMLESS[name](root).name)).exists()


@pytest.mark.parametrize(("name", "ending"), [*((n, ".zip") for n in HARMLESS_ZIPS), *((n, ".tar.gz") for n in HARMLESS_TARS)])
def test_an_ordinary_archive_is_installed(name: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"archive{ending}"
    path.write_bytes((HARMLESS_ZIPS if ending == ".zip" else HARMLESS_TARS)[name]())
    assert installed(str(path)).exists()


@pytest.mark.parametrize(("name", "ending"), [*((n, ".zip") for n in ODD_ZIPS), *((n, ".tar.gz") for n in ODD_TARS)])
def test_an_odd_archive_is_refused_or_installed_but_never_harms(name: str, ending: str, home: Path, tmp_path: Path) -> None:
    path = tmp_path / f"archive{ending}"
    path.write_bytes((ODD_ZIPS if ending == ".zip" else ODD_TARS)[name]())
    try:
        place = installed(str(path))
    except CoworkError:
        assert_no_trace(home, tmp_path)
    else:
        assert not [item for item in tmp_path.rglob("*") if "evil" in item.name or item.is_symlink()]
        assert place.is_relative_to(home / "extensions")


def installed(source: str) -> Path:
    """Where a pack was put."""
    approval = Approval(("executables",))
    found, _ = install(Wanted(parse(source)), Options(place_of("user"), approval), FakeClock(), lambda _kind, _data: None)
    return Path(found.items[0].path)
