"""Fetching the catalogue on demand."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core.errors import CoworkError, Denied, InvalidInput
from cowork.registry import catalogue, catalogue_cache
from cowork.registry.catalogue_refresh import refresh
from tests.registry.remotes import Remote
from tests.registry.samples import entry
from tests.support import FakeClock, run_here

OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
HASH, OTHER = "h1:" + "a" * 64, "h1:" + "b" * 64


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_refreshing_makes_the_home_and_says_what_is_new(remote: Remote, home: Path, clock: FakeClock) -> None:
    remote.publish(entry("a"), entry("b"), entry("c", treeHash=HASH), updatedAt=OLD)
    first, notices = refresh(clock)
    assert (first.entries, first.added, first.changed, notices) == (3, 3, True, ())
    assert home.is_dir()

    remote.publish(entry("a", version="1.1.0"), entry("c", treeHash=OTHER), entry("d"), updatedAt=NEW)
    second, notices = refresh(clock)
    assert (second.added, second.removed, second.updated, second.changed) == (1, 1, 1, True)
    assert (second.republished, second.updated_at) == (("c",), NEW)
    assert [notice.code for notice in notices] == ["registry.republished"]

    third, _ = refresh(clock)
    assert (third.added, third.removed, third.updated, third.changed) == (0, 0, 0, False)
    assert third.republished == ("c",)
    assert remote.conditions[2] is not None


def test_refreshing_does_not_wait_for_the_copy_to_age(remote: Remote, clock: FakeClock) -> None:
    remote.publish(entry("a"))
    refresh(clock)
    remote.publish(entry("b"))
    refresh(clock)

    assert [item.id for item in catalogue.search("", clock=clock)[0].items] == ["b"]


def test_a_dry_run_asks_nobody_and_writes_nothing(remote: Remote, home: Path, clock: FakeClock) -> None:
    remote.publish(entry("a"))

    planned, _ = refresh(clock, dry_run=True)

    assert [step.action for step in planned.plan] == ["fetch", "write"]
    assert (planned.entries, remote.asked, home.exists()) == (None, [], False)


def test_an_older_catalogue_is_refused_until_it_is_accepted(remote: Remote, clock: FakeClock) -> None:
    remote.publish(entry("a", version="1.1.0"), updatedAt=NEW)
    refresh(clock)
    remote.publish(entry("a", version="1.0.0"), updatedAt=OLD)

    with pytest.raises(InvalidInput) as caught:
        refresh(clock)
    assert (caught.value.code, caught.value.exit_code) == ("registry.replayed", 4)
    assert "--accept-older" in str(caught.value.hint)
    assert catalogue.find("a", clock=clock)[0].version == "1.1.0"

    refresh(clock, accept_older=True)
    assert catalogue.find("a", clock=clock)[0].version == "1.0.0"
    assert refresh(clock)[0].changed is False


def test_a_failure_keeps_what_is_held_and_is_an_error(remote: Remote, clock: FakeClock) -> None:
    remote.publish(entry("a"))
    refresh(clock)
    for status, body, code in ((503, b"", "registry.unreachable"), (200, b"{", "registry.invalid")):
        remote.put("/registry/pack-catalog.json", body, status)
        with pytest.raises(CoworkError) as caught:
            refresh(clock)
        assert caught.value.code == code
    assert catalogue.find("a", clock=clock)[0].id == "a"


def test_a_copy_that_cannot_be_kept_is_an_error_here(remote: Remote, home: Path, clock: FakeClock) -> None:
    remote.publish(entry("a"))
    home.mkdir()
    (home / "cache").write_text("no directory")

    with pytest.raises(CoworkError) as caught:
        refresh(clock)

    assert caught.value.code == "file.not_writable"


def test_policies_that_cannot_be_read_close_it(remote: Remote, home: Path, clock: FakeClock) -> None:
    home.mkdir()
    (home / "policies.json").write_text("{")

    with pytest.raises(Denied):
        refresh(clock)

    assert remote.asked == []


def test_two_that_refresh_at_once_leave_one_whole_copy(remote: Remote) -> None:
    import threading

    remote.publish(*[entry(f"p{number}") for number in range(300)])
    ran = [threading.Thread(target=refresh, args=(FakeClock(),)) for _ in range(6)]
    for thread in ran:
        thread.start()
    for thread in ran:
        thread.join()

    held = catalogue_cache.read(f"{remote.static}/pack-catalog.json")
    assert held is not None
    assert len(catalogue_cache.versions(held.address) or {}) == 300


def test_the_command_line_says_where_a_replay_was_refused(remote: Remote) -> None:
    remote.publish(entry("a"), serial=7)
    assert run_here("registry", "refresh").code == 0
    remote.publish(entry("a"), serial=6)

    ran = run_here("registry", "refresh", "--json")

    assert (ran.code, ran.document["error"]["code"]) == (4, "registry.replayed")
    assert ran.document["error"]["details"]["cause"] == "its serial is 6, and 7 was seen before"
