"""Reading `policies.json`, and what the doctor says about it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput
from cowork.formats.policies import Policies
from cowork.policy import store
from cowork.policy.view import view
from tests.policy.conftest import Write


def test_without_a_file_the_defaults_hold_and_nothing_is_made(home: Path) -> None:
    assert store.load() == Policies()
    assert store.organization_dir() is None
    assert (store.check().status, store.check().message) == ("ok", "defaults")
    assert not home.exists()


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("{", "file.corrupt", ":1:2"),
        (b"\xff", "file.corrupt", "policies.json"),
        ("", "file.corrupt", ":1:1"),
        ("[" * 100_000, "file.corrupt", "policies.json"),
        ("null", "policy.invalid", "the document"),
        ([], "policy.invalid", "the document"),
        ({"packs": {"blocked": "x"}}, "policy.invalid", "packs.blocked"),
        (" " * (4 * 1024 * 1024 + 1), "file.too_large", "policies.json"),
    ],
)
def test_a_bad_file_is_reported_by_name_and_left_as_it_is(write: Write, content: object, code: str, place: str) -> None:
    path = write(content)
    before = path.read_bytes()

    for read in (store.load, view):
        with pytest.raises(InvalidInput, match=str(path)) as caught:
            read()
        assert caught.value.code == code
        assert place in caught.value.message
    check = store.check()
    assert check.status == "fail"
    assert "every change is refused" in check.message
    assert store.organization_dir() is None
    assert path.read_bytes() == before


def test_a_link_to_a_file_out_of_reach_is_not_the_same_as_no_file(home: Path) -> None:
    home.mkdir()
    (home / "policies.json").symlink_to("/unmounted/policies.json")

    with pytest.raises(InvalidInput, match=str(home / "policies.json")) as caught:
        store.load()

    assert (caught.value.code, caught.value.cause) == ("file.unreadable", "it is a link to a file that does not exist")


def test_a_link_to_a_file_is_read(write: Write, home: Path, tmp_path: Path) -> None:
    write({"packs": {"blocked": ["x"]}}).rename(tmp_path / "central.json")
    (home / "policies.json").symlink_to(tmp_path / "central.json")

    assert store.load().names("packs.blocked") == {"x"}


@pytest.mark.parametrize(("configured", "found"), [("/srv/packs", "/srv/packs"), ("~/packs", "{home}/packs"), ("~", "{home}")])
def test_the_directory_of_the_organization_may_be_below_the_users_home(write: Write, configured: str, found: str) -> None:
    write({"general": {"orgPluginDir": configured}})
    assert str(store.organization_dir()) == found.format(home=os.environ["HOME"])


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_the_doctor_warns_of_a_file_that_others_can_write(write: Write, mode: int) -> None:
    path = write({})
    assert store.check().status == "ok"

    path.chmod(mode)

    assert store.check().status == "warn"
    assert f"chmod go-w {path}" in store.check().message


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_the_doctor_warns_of_a_file_that_belongs_to_somebody_else(write: Write) -> None:
    path = write({})
    os.chown(path, 12_345, -1)
    assert store.check().status == "warn"
    assert "12345" in store.check().message
