"""Where things are kept; and that asking creates nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowork.core import paths
from cowork.core.errors import InvalidInput
from tests.core.installation import DATA, install
from tests.support import ROOT, run_program


def test_home_is_what_the_environment_says(home: Path) -> None:
    assert paths.home() == home
    assert not home.exists()


def test_home_is_in_the_users_directory_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COWORK_HOME")
    assert paths.home() == tmp_path / "user" / ".cowork"

    monkeypatch.setenv("COWORK_HOME", "")
    assert paths.home() == tmp_path / "user" / ".cowork"


def test_a_tilde_in_the_home_is_the_users_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COWORK_HOME", "~/elsewhere")

    assert paths.home() == tmp_path / "user" / "elsewhere"


def test_a_relative_home_counts_from_the_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COWORK_HOME", "here")

    assert paths.home() == tmp_path / "work" / "here"


def test_the_home_of_a_user_who_does_not_exist_is_an_error_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COWORK_HOME", "~no-such-user/x")

    with pytest.raises(InvalidInput, match="~no-such-user/x") as caught:
        paths.home()

    assert caught.value.code == "home.unknown"


@pytest.mark.parametrize("marker", [".cowork", ".git"])
def test_a_project_begins_at_the_nearest_marker_above(tmp_path: Path, marker: str) -> None:
    (tmp_path / "p" / marker).mkdir(parents=True)
    (tmp_path / "p" / "a" / "b").mkdir(parents=True)

    assert paths.project_dir(tmp_path / "p" / "a" / "b") == tmp_path / "p"
    assert paths.project_dir(tmp_path / "p") == tmp_path / "p"


def test_the_nearest_project_wins_over_one_above_it(tmp_path: Path) -> None:
    (tmp_path / "p" / ".git").mkdir(parents=True)
    (tmp_path / "p" / "sub" / ".cowork").mkdir(parents=True)

    assert paths.project_dir(tmp_path / "p" / "sub") == tmp_path / "p" / "sub"


def test_a_worktrees_git_file_marks_a_project(tmp_path: Path) -> None:
    (tmp_path / "p" / "a").mkdir(parents=True)
    (tmp_path / "p" / ".git").write_text("gitdir: elsewhere")

    assert paths.project_dir(tmp_path / "p" / "a") == tmp_path / "p"


def test_without_a_marker_the_start_is_the_project(tmp_path: Path) -> None:
    assert paths.project_dir() == tmp_path / "work"
    assert paths.project_dir(tmp_path / "user") == tmp_path / "user"


def test_the_personal_directory_does_not_make_a_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COWORK_HOME")
    (tmp_path / "user" / ".cowork").mkdir()
    (tmp_path / "user" / "notes").mkdir()

    assert paths.project_dir(tmp_path / "user" / "notes") == tmp_path / "user" / "notes"


def test_a_directory_nobody_may_look_into_is_no_project(tmp_path: Path) -> None:
    unreachable = tmp_path / ("x" * 300)  # longer than a name can be: the system refuses to look, for root as well

    assert paths.project_dir(unreachable) == unreachable


def test_a_removed_working_directory_is_no_reason_to_fail(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()

    assert paths.project_dir() == Path("/")
    ran = run_program("pack", "list", "--json")
    assert (ran.code, ran.document["ok"]) == (0, True)


@pytest.mark.parametrize("name", DATA)
def test_the_shipped_data_is_there(name: str) -> None:
    assert paths.data_dir(name) == ROOT / name
    assert any(paths.data_dir(name).iterdir())


def test_packaged_data_comes_before_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = install(tmp_path, monkeypatch)
    assert paths.data_dir("packs") == installation.root / "packs"

    (installation.root / "cowork" / "_data" / "packs").mkdir(parents=True)
    assert paths.data_dir("packs") == installation.root / "cowork" / "_data" / "packs"
