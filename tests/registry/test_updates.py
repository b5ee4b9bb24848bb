"""Newer versions: the badge of a listing, which asks nobody, and the list that does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowork.registry import catalogue_cache
from cowork.registry.catalogue_refresh import refresh
from cowork.registry.catalogue_updates import list_updates
from cowork.registry.packs import list_packs
from cowork.registry.updates import is_newer
from tests.core.installation import Installation
from tests.registry import places
from tests.registry.remotes import Remote
from tests.registry.samples import entry, pack
from tests.support import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def packs(installation: Installation, remote: Remote, home: Path) -> Path:
    """A bundled pack and two personal ones, all of version 1.0.0, and a registry on the web."""
    installation.write("packs/bundled/cowork.plugin.json", pack("bundled"))
    places.pack(home / "extensions", "one", places.skill("x"))
    places.pack(home / "extensions", "two", places.skill("y"))
    remote.use(remote.static)
    return home / "extensions"


def badges() -> dict[str, str]:
    return {item.name: item.update for item in list_packs()[0].items if item.update}


@pytest.mark.parametrize(
    ("offered", "held", "newer"),
    [
        ("1.10.0", "1.9.0", True),
        ("1.0.0", "1.0.0", False),
        ("1.0.0", "1.0.1", False),
        ("2.0.0", "2.0.0-rc.1", True),
        ("2.0.0-rc.1", "2.0.0", False),
        ("1.0.0+b", "1.0.0+a", False),
        ("latest", "1.0.0", False),
        ("2", "1.0.0", False),
        ("9" * 5_000 + ".0.0", "1.0.0", False),
    ],
)
def test_versions_compare_semantically_and_nonsense_never_wins(offered: str, held: str, newer: bool) -> None:
    assert is_newer(offered, held) is newer


def test_the_badge_comes_from_the_copy_and_nobody_is_asked(packs: Path, remote: Remote, clock: FakeClock) -> None:
    remote.publish(entry("one", version="1.1.0"), entry("two"), entry("bundled", version="9.0.0"))
    assert badges() == {}
    assert remote.asked == []

    refresh(clock)
    clock.advance(86_400 * 30)
    remote.publish(entry("one", version="3.0.0"))

    assert badges() == {"one": "1.1.0"}
    assert len(remote.asked) == 1


def test_a_rest_registry_that_was_fetched_gives_badges_too(packs: Path, remote: Remote, clock: FakeClock) -> None:
    remote.serve(entry("two", version="1.0.1"))
    assert badges() == {}
    refresh(clock)
    assert badges() == {"two": "1.0.1"}


def test_only_the_default_registry_has_the_shipped_catalogue_behind_it(
    packs: Path, installation: Installation, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.write("registry/pack-catalog.json", {"packs": [entry("one", version="1.5.0")]})
    assert badges() == {}

    monkeypatch.delenv("PLUGIN_PACK_REGISTRY")
    assert badges() == {"one": "1.5.0"}

    monkeypatch.setenv("PLUGIN_PACK_REGISTRY", str(installation.root / "registry"))
    assert badges() == {"one": "1.5.0"}


def test_an_entry_that_only_takes_the_name_of_a_pack_stands_behind_the_one_that_is_it(
    packs: Path, remote: Remote, clock: FakeClock
) -> None:
    remote.publish(entry("zzz", name="one", version="9.0.0"), entry("one", version="1.0.1"), entry("aaa", name="two"))
    refresh(clock)
    assert badges() == {"one": "1.0.1"}


def test_what_was_withdrawn_is_no_update(packs: Path, remote: Remote, clock: FakeClock) -> None:
    remote.publish(entry("one", version="9.0.0", status="deleted"))
    refresh(clock)
    assert badges() == {}
    assert list_updates(clock=clock)[0].items == ()


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b'{"versions": []}'])
def test_no_listing_fails_for_a_damaged_copy(packs: Path, remote: Remote, clock: FakeClock, damage: bytes) -> None:
    remote.publish(entry("one", version="1.1.0"))
    refresh(clock)
    catalogue_cache.path_of(f"{remote.static}/pack-catalog.json").write_bytes(damage)
    assert badges() == {}


@pytest.mark.parametrize("address", ["relative", "ftp://x", "https://user@example.com/registry", "/nowhere"])
def test_no_listing_fails_for_a_registry_that_is_none(packs: Path, remote: Remote, address: str) -> None:
    remote.use(address)
    assert badges() == {}


def test_updates_asks_the_registry_and_says_what_is_newer(packs: Path, remote: Remote, clock: FakeClock) -> None:
    git = "https://example.com/two.git"
    remote.publish(entry("two", version="1.2.0", gitUrl=git, status="deprecated"), entry("one", version="0.9.0"))

    found, notices = list_updates(clock=clock)

    assert [(item.name, item.installed, item.available, item.source) for item in found.items] == [
        ("two", "1.0.0", "1.2.0", git)
    ]
    assert (found.count, found.checked, found.source, found.registry) == (1, 2, "network", remote.static)
    assert found.items[0].path == str(packs / "two")
    assert [notice.code for notice in notices] == ["registry.deprecated"]
    assert list_updates(offline=True, clock=clock)[0].source == "cache"


def test_a_pack_that_is_off_is_checked_too(packs: Path, remote: Remote, clock: FakeClock, home: Path) -> None:
    (home / "pack-states.json").write_text(json.dumps({"version": 1, "packs": {"one": {"enabled": False}}}))
    remote.publish(entry("one", version="1.2.0"))
    assert [item.name for item in list_updates(clock=clock)[0].items] == ["one"]
