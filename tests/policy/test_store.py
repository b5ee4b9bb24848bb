"""Reading `policies.json`."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput
from cowork.formats.policies import Policies
from cowork.policy import store
from tests.policy.conftest import Write

DEFAULTS = {
    "version": 2,
    "packs": {"allowed": [], "blocked": [], "required": []},
    "connectors": {"blocked": []},
    "agents": {"maxHeartbeatFrequencySec": 60, "maxConcurrentAgents": 10},
    "general": {"allowCustomPacks": True, "allowGitInstall": True, "allowUrlInstall": True},
}


def test_without_a_file_the_defaults_hold_and_nothing_is_made(home: Path) -> None:
    assert store.load() == Policies()
    assert store.view() == store.PolicyView("default", str(home / "policies.json"), DEFAULTS)
    assert (store.check().status, store.check().message) == ("ok", "defaults")
    assert not home.exists()


def test_the_file_is_shown_over_the_defaults(write: Write) -> None:
    path = write({"packs": {"blocked": ["x"]}, "general": {"orgName": "Org"}})

    shown = store.view()

    assert (shown.source, shown.path) == ("file", str(path))
    assert shown.policies == {
        **DEFAULTS,
        "packs": {"allowed": [], "blocked": ["x"], "required": []},
        "general": {**DEFAULTS["general"], "orgName": "Org"},  # type: ignore[dict-item]
    }
    assert (store.check().status, store.check().message) == ("ok", str(path))


def test_sections_and_keys_nobody_knows_are_shown_as_they_stand(write: Write) -> None:
    runtime = {"allowedPermissionModes": ["default"], "network": {"defaultAction": "deny", "note": None, "snake_case": 1}}
    write({"runtime": runtime, "everydayAgent": None, "packs": {"pinned": {"a": "1.0.0"}}})

    shown = store.view().policies

    assert shown["runtime"] == runtime
    assert shown["packs"]["pinned"] == {"a": "1.0.0"}


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("{", "file.corrupt", ":1:2"),
        (b"\xff", "file.corrupt", "policies.json"),
        ("", "file.corrupt", ":1:1"),
        ("[" * 100_000, "file.corrupt", "policies.json"),
        ([], "policy.invalid", "the document"),
        ({"packs": {"blocked": "x"}}, "policy.invalid", "packs.blocked"),
        (" " * (4 * 1024 * 1024 + 1), "file.too_large", "policies.json"),
    ],
)
def test_a_bad_file_is_reported_by_name_and_left_as_it_is(write: Write, content: object, code: str, place: str) -> None:
    path = write(content)
    before = path.read_bytes()

    for read in (store.load, store.view):
        with pytest.raises(InvalidInput, match=str(path)) as caught:
            read()
        assert caught.value.code == code
        assert place in caught.value.message
    check = store.check()
    assert check.status == "fail"
    assert "every change is refused" in check.message
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

    assert store.load().packs.blocked == ["x"]
