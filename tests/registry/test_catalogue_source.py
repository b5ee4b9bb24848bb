"""A static registry on the web: fresh copies, the network, old copies, and what cowork ships. The server is real."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError, Denied, InvalidInput, NotFound, Unavailable
from cowork.registry import catalogue, catalogue_cache, catalogue_remote
from cowork.registry.catalogue import CatalogueSearch
from tests.core.installation import Installation
from tests.registry.remotes import Remote
from tests.registry.samples import entry
from tests.support import FakeClock

OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
HASH, OTHER = "h1:" + "a" * 64, "h1:" + "b" * 64


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def ask(clock: FakeClock, *, offline: bool = False) -> tuple[CatalogueSearch, list[str]]:
    """The whole catalogue as it is now, and the codes of the notices."""
    found, notices = catalogue.search("", offline=offline, clock=clock)
    return found, [notice.code for notice in notices]


def ids(found: CatalogueSearch) -> list[str]:
    return [item.id for item in found.items]


def test_a_catalogue_on_the_web_is_fetched_from_its_one_document(remote: Remote, kept: Path, clock: FakeClock) -> None:
    remote.publish(entry("b"), entry("a"))

    found, notices = ask(clock)

    assert (ids(found), notices) == (["a", "b"], [])
    assert (found.registry, found.source, found.stale) == (remote.static, "network", False)
    assert found.fetched_at == "2026-01-31T08:05:00.000Z"
    assert remote.asked == ["/registry/pack-catalog.json"]


def test_for_five_minutes_the_copy_answers_without_the_network(remote: Remote, kept: Path, clock: FakeClock) -> None:
    remote.publish(entry("a"))
    ask(clock)
    remote.publish(entry("b"))

    clock.advance(299)
    found, notices = ask(clock)
    assert (ids(found), found.source, found.stale, notices) == (["a"], "cache", False, [])
    assert len(remote.asked) == 1

    clock.advance(1)
    assert ids(ask(clock)[0]) == ["b"]
    assert len(remote.asked) == 2


def test_what_the_registry_confirms_is_not_sent_again_and_is_fresh_again(remote: Remote, kept: Path, clock: FakeClock) -> None:
    remote.publish(entry("a"))
    ask(clock)

    clock.advance(300)
    found, notices = ask(clock)
    assert (ids(found), found.source, found.fetched_at, notices) == (["a"], "network", "2026-01-31T08:10:00.000Z", [])
    assert remote.conditions[0] is None
    assert remote.conditions[1] is not None

    clock.advance(299)
    assert ask(clock)[0].source == "cache"
    assert len(remote.asked) == 2


@pytest.mark.parametrize("status", [404, 403, 500, 503])
def test_a_registry_that_fails_is_answered_for_by_the_copy_with_its_age(
    remote: Remote, kept: Path, clock: FakeClock, status: int
) -> None:
    remote.publish(entry("a"))
    ask(clock)
    remote.fail(status)

    clock.advance(3 * 3600)
    found, notices = catalogue.search("", clock=clock)

    assert (ids(found), found.source, found.stale) == (["a"], "cache", True)
    assert found.fetched_at == "2026-01-31T08:05:00.000Z"
    [notice] = notices
    assert notice.code == "registry.stale"
    assert notice.message.endswith("this is the copy of 2026-01-31T08:05:00.000Z, 3 hours old")
    assert f"status {status}" in notice.message


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"packs": {}}', b'{"packs": NaN}', b"[" * 100_000, b"<html>sign in</html>"],
    ids=["nothing", "half", "no text", "a list", "no list", "no number", "deep", "a portal"],
)
def test_an_answer_that_is_no_catalogue_does_not_replace_the_copy(
    remote: Remote, kept: Path, clock: FakeClock, body: bytes
) -> None:
    remote.put("/registry/pack-catalog.json", body)
    with pytest.raises(InvalidInput) as caught:
        ask(clock)
    assert caught.value.code == "registry.invalid"

    remote.publish(entry("a"))
    ask(clock)
    remote.put("/registry/pack-catalog.json", body)
    clock.advance(300)

    found, notices = ask(clock)
    assert (ids(found), found.stale, notices) == (["a"], True, ["registry.stale"])


def test_a_body_of_more_than_8_mb_is_not_read_to_its_end(remote: Remote, kept: Path, clock: FakeClock) -> None:
    remote.put("/registry/pack-catalog.json", b" " * (8 * 1024 * 1024 + 1))

    with pytest.raises(InvalidInput) as caught:
        ask(clock)

    assert caught.value.code == "web.too_large"
    assert not list(kept.rglob("*.body"))


def test_more_entries_than_20000_are_refused(remote: Remote, clock: FakeClock) -> None:
    remote.publish(*[{} for _ in range(20_001)])

    with pytest.raises(InvalidInput) as caught:
        ask(clock)

    assert caught.value.code == "registry.too_many_entries"


def test_without_a_copy_a_registry_that_fails_is_an_error(remote: Remote, kept: Path, clock: FakeClock) -> None:
    remote.fail(500)

    with pytest.raises(Unavailable, match="status 500") as caught:
        ask(clock)

    assert caught.value.code == "registry.unreachable"


def test_a_registry_that_is_not_there_is_answered_for_by_the_copy(
    remote: Remote, kept: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.publish(entry("a"))
    ask(clock)
    held = catalogue_cache.read(f"{remote.static}/pack-catalog.json")
    assert held is not None
    gone = "http://127.0.0.1:9/registry"
    catalogue_cache.write(catalogue_cache.Copy(f"{gone}/pack-catalog.json", held.fetched_at, held.body), {})
    remote.use(gone)
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", "127.0.0.1")

    clock.advance(300)
    found, notices = ask(clock)

    assert (ids(found), notices) == (["a"], ["registry.stale"])


def test_a_registry_that_accepts_nobody_is_not_waited_for_long(
    remote: Remote, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert catalogue_remote.CONNECT_S == 3
    monkeypatch.setattr(catalogue_remote, "CONNECT_S", 0.2)
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", "127.0.0.1")
    with contextlib.ExitStack() as stack:
        busy = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = busy.getsockname()
        stack.enter_context(socket.create_connection(address))  # the one that waits to be accepted: no other comes in
        remote.use(f"http://127.0.0.1:{address[1]}/registry")
        started = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            ask(clock)

    assert caught.value.code in ("web.unreachable", "web.timeout")
    assert 0.2 <= time.monotonic() - started < 2


def test_plain_http_to_a_host_that_is_not_trusted_is_refused(
    remote: Remote, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", "")

    with pytest.raises(Denied) as caught:
        ask(clock)

    assert caught.value.code == "web.plain_http"
    assert remote.asked == []


def test_where_there_is_no_home_nothing_is_kept(remote: Remote, home: Path, clock: FakeClock) -> None:
    remote.publish(entry("a"))

    assert ids(ask(clock)[0]) == ["a"]
    assert ids(ask(clock)[0]) == ["a"]

    assert not home.exists()
    assert len(remote.asked) == 2


def test_a_home_that_cannot_be_written_costs_only_the_copy(remote: Remote, kept: Path, clock: FakeClock) -> None:
    (kept / "cache").write_text("no directory")
    remote.publish(entry("a"))

    found, notices = ask(clock)

    assert (ids(found), found.source, notices) == (["a"], "network", [])


@pytest.mark.parametrize("damage", ["head", "body", "no body", "other head", "wrong types"])
def test_a_damaged_copy_is_none_and_heals_itself(remote: Remote, kept: Path, clock: FakeClock, damage: str) -> None:
    remote.publish(entry("a"))
    ask(clock)
    head = catalogue_cache.path_of(f"{remote.static}/pack-catalog.json")
    body = head.with_suffix(".body")
    document = json.loads(head.read_text())
    if damage == "head":
        head.write_bytes(head.read_bytes()[:20])
    elif damage == "body":
        body.write_bytes(body.read_bytes().replace(b'"a"', b'"z"'))
    elif damage == "no body":
        body.unlink()
    elif damage == "other head":
        head.write_text(json.dumps({**document, "address": "https://example.com/"}))
    else:
        head.write_text(json.dumps({**document, "versions": {"a": 1}}))

    found, notices = ask(clock)

    assert (ids(found), found.source, notices) == (["a"], "network", [])
    assert remote.conditions == [None, None]
    assert ask(clock)[0].source == "cache"


def test_a_copy_from_the_future_is_not_fresh(remote: Remote, kept: Path, clock: FakeClock) -> None:
    remote.publish(entry("a"))
    ask(clock)
    clock.advance(-3600)
    remote.publish(entry("b"))

    assert ids(ask(clock)[0]) == ["b"]
    clock.advance(-3600)
    remote.fail()
    found, notices = catalogue.search("", clock=clock)
    assert (ids(found), found.stale) == (["b"], True)
    assert notices[0].message.endswith(f"this is the copy of {found.fetched_at}")


def test_offline_nobody_is_asked(remote: Remote, kept: Path, clock: FakeClock) -> None:
    remote.publish(entry("a"))
    with pytest.raises(Unavailable) as caught:
        ask(clock, offline=True)
    assert caught.value.code == "registry.no_copy"
    assert remote.asked == []

    ask(clock)
    clock.advance(86_400 * 2)
    found, notices = catalogue.search("", offline=True, clock=clock)

    assert (ids(found), found.source, found.stale) == (["a"], "cache", True)
    assert [notice.code for notice in notices] == ["registry.stale"]
    assert notices[0].message.endswith("2 days old")
    assert catalogue.find("a", offline=True, clock=clock)[0].id == "a"
    assert len(remote.asked) == 1


def test_the_default_registry_is_answered_for_by_what_cowork_ships(
    installation: Installation, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.write("registry/pack-catalog.json", {"version": 1, "packs": [entry("shipped")]})
    monkeypatch.delenv("PLUGIN_PACK_REGISTRY")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # the discard port: there is no network
    for name in ("https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    found, notices = catalogue.search("", clock=clock)
    assert (ids(found), found.source, found.stale) == (["shipped"], "shipped", True)
    assert found.registry.startswith("https://raw.githubusercontent.com/")
    assert [notice.code for notice in notices] == ["registry.shipped"]
    assert catalogue.find("shipped", clock=clock)[0].id == "shipped"
    assert ids(ask(clock, offline=True)[0]) == ["shipped"]
    with pytest.raises(NotFound):
        catalogue.find("other", clock=clock)


def test_another_registry_is_never_answered_for_by_what_cowork_ships(remote: Remote, clock: FakeClock) -> None:
    remote.fail()

    with pytest.raises(CoworkError):
        catalogue.find("devops", clock=clock)


def test_an_older_catalogue_is_not_taken(remote: Remote, kept: Path, clock: FakeClock) -> None:
    remote.publish(entry("a", version="1.1.0"), updatedAt=NEW)
    ask(clock)
    remote.publish(entry("a", version="1.0.0"), updatedAt=OLD)
    clock.advance(300)

    for _ in range(2):
        found, notices = catalogue.search("", clock=clock)
        assert (found.items[0].version, found.stale) == ("1.1.0", True)
        assert [notice.code for notice in notices] == ["registry.replayed"]
        assert OLD in notices[0].message

    remote.publish(entry("a", version="1.0.0"), updatedAt="2026-01-03T00:00:00Z")
    assert ask(clock)[0].items[0].version == "1.0.0"  # taken back by its owner, in a newer catalogue


def test_a_version_published_again_with_other_content_is_marked_until_there_is_another(
    remote: Remote, kept: Path, clock: FakeClock
) -> None:
    def marked() -> list[str]:
        clock.advance(300)
        found, notices = ask(clock)
        held, again = ask(clock)  # from the copy
        assert (found.items, notices) == (held.items, again)
        assert notices == ["registry.republished"] * sum(item.republished for item in found.items)
        return [item.id for item in found.items if item.republished]

    remote.publish(entry("a", treeHash=HASH), entry("b", treeHash=HASH), updatedAt=OLD)
    assert marked() == []
    remote.publish(entry("a", treeHash=OTHER), entry("b", treeHash=HASH), updatedAt=NEW)
    assert marked() == ["a"]
    assert marked() == ["a"]  # confirmed by the registry
    remote.publish(entry("a", treeHash=OTHER), entry("c"), updatedAt=NEW)
    assert marked() == ["a"]
    assert catalogue.find("a", clock=clock)[1][0].code == "registry.republished"
    assert catalogue.find("c", clock=clock)[1] == ()

    remote.publish(entry("a", treeHash=HASH, version="1.0.1"), updatedAt=NEW)
    assert marked() == []
