"""What the ground floor tells the doctor."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cowork.core import health
from tests.core.installation import install


def test_the_interpreter_is_named() -> None:
    check = health.check_python()

    assert check.status == "ok"
    assert sys.executable in check.message
    assert "{}.{}.{}".format(*sys.version_info) in check.message


def test_a_home_that_can_be_made_is_fine_and_is_not_made(home: Path) -> None:
    check = health.check_home()

    assert (check.status, check.message) == ("ok", f"{home} (will be made when needed)")
    assert not home.exists()


def test_a_home_that_exists_is_fine(home: Path) -> None:
    home.mkdir()

    assert health.check_home() == health.Check("home", "ok", str(home))


@pytest.mark.parametrize("below", ["file", "file/below"])
def test_a_home_that_is_a_file_or_below_one_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("COWORK_HOME", str(tmp_path / below))

    check = health.check_home()

    assert check.status == "fail"
    assert str(tmp_path / below) in check.message


def test_missing_data_fails_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.check_data().status == "ok"

    installation = install(tmp_path, monkeypatch)
    (installation.root / "personas").rmdir()

    check = health.check_data()
    assert check.status == "fail"
    assert "personas" in check.message
    assert "packs" not in check.message


def test_settings_are_valid_doubtful_or_broken(home: Path) -> None:
    assert health.check_settings().status == "ok"

    home.mkdir()
    (home / "config.yaml").write_text("colour: always\n")
    assert (health.check_settings().status, "colour" in health.check_settings().message) == ("warn", True)

    (home / "config.yaml").write_text("color: purple\n")
    assert (health.check_settings().status, "color" in health.check_settings().message) == ("fail", True)


def test_git_is_found_or_missed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\necho git version 9.9\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert health.check_git() == health.Check("git", "ok", f"git version 9.9 at {tmp_path / 'git'}")

    (tmp_path / "git").write_text("#!/bin/sh\nexit 1\n")
    assert health.check_git().status == "warn"
    (tmp_path / "git").unlink()
    assert health.check_git().status == "warn"
