"""A REST registry on the web. The server is real."""

from __future__ import annotations

import pytest

from cowork.core.errors import InvalidInput, NotFound, Unavailable
from cowork.registry import catalogue, catalogue_cache, catalogue_refresh, catalogue_remote
from cowork.registry.catalogue_read import Category
from tests.registry.remotes import Remote
from tests.registry.samples import entry
from tests.support import FakeClock

pytestmark = pytest.mark.usefixtures("kept")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_a_search_is_a_question_to_the_registry_and_keeps_its_order(remote: Remote, clock: FakeClock) -> None:
    remote.serve(*[entry(f"pack-{number}") for number in (3, 1, 2)], entry("other"))

    found, notices = catalogue.search("pack", category="Data & more", page=1, page_size=2, clock=clock)

    assert [item.id for item in found.items] == ["pack-3", "pack-1"]
    assert (found.total, found.page, found.page_size, found.count) == (3, 1, 2, 2)
    assert (found.registry, found.source, notices) == (remote.rest, "network", ())
    assert remote.asked == ["/api/packs/search?q=pack&page=1&pageSize=2&category=Data+%26+more"]

    assert [item.id for item in catalogue.search("pack", page=2, page_size=2, clock=clock)[0].items] == ["pack-2"]


def test_an_answer_is_kept_for_five_minutes_and_served_when_the_registry_fails(remote: Remote, clock: FakeClock) -> None:
    remote.serve(entry("a"))
    catalogue.search("a", clock=clock)
    assert catalogue.search("a", clock=clock)[0].source == "cache"

    clock.advance(300)
    remote.put("/api/packs/search", b"", 502)
    found, notices = catalogue.search("a", clock=clock)

    assert ([item.id for item in found.items], found.stale) == (["a"], True)
    assert [notice.code for notice in notices] == ["registry.stale"]
    with pytest.raises(Unavailable):
        catalogue.search("b", clock=clock)  # this was never asked


def test_the_whole_catalogue_answers_what_was_never_asked_when_it_was_fetched(remote: Remote, clock: FakeClock) -> None:
    remote.serve(entry("a", category="X"), entry("b"))
    catalogue_refresh.refresh(clock)
    remote.put("/api/packs/search", b"", 502)
    remote.put("/api/packs/b", b"", 502)

    found, _ = catalogue.search("b", clock=clock)
    assert ([item.id for item in found.items], found.total, found.source) == (["b"], 1, "cache")
    assert catalogue.find("b", clock=clock)[0].id == "b"
    assert [item.name for item in catalogue.categories(clock=clock)[0].items] == ["Custom", "X"]


def test_one_entry_is_asked_for_by_its_id(remote: Remote, clock: FakeClock) -> None:
    remote.serve(entry("a", version="1.2.0"), entry("gone", status="deleted"))

    assert catalogue.find("a", clock=clock)[0].version == "1.2.0"
    assert catalogue.find("a", offline=True, clock=clock)[0].version == "1.2.0"
    assert remote.asked == ["/api/packs/a"]
    with pytest.raises(NotFound) as caught:
        catalogue.find("gone", clock=clock)
    assert caught.value.code == "registry.withdrawn"


def test_404_says_that_there_is_none_and_drops_the_copy(remote: Remote, clock: FakeClock) -> None:
    remote.serve(entry("a"))
    catalogue.find("a", clock=clock)
    remote.serve()
    clock.advance(300)

    for offline in (False, True):
        with pytest.raises(NotFound if not offline else Unavailable):
            catalogue.find("a", offline=offline, clock=clock)


@pytest.mark.parametrize("pack_id", ["search", "categories", "../admin", "a/b", "", "a?x", "a\x00"])
def test_an_id_is_never_an_address_of_its_own(remote: Remote, clock: FakeClock, pack_id: str) -> None:
    remote.serve(entry("a"))

    with pytest.raises(NotFound):
        catalogue.find(pack_id, clock=clock)

    assert all(target.startswith("/api/packs/search?q=&page=") for target in remote.asked)


def test_an_answer_for_another_pack_is_refused(remote: Remote, clock: FakeClock) -> None:
    remote.serve()
    remote.put("/api/packs/a", entry("b"))

    with pytest.raises(InvalidInput, match="not a pack catalogue") as caught:
        catalogue.find("a", clock=clock)

    assert "'b'" in str(caught.value.cause)


def test_an_older_version_of_an_entry_is_not_taken(remote: Remote, clock: FakeClock) -> None:
    remote.serve(entry("a", version="1.1.0"))
    catalogue.find("a", clock=clock)
    remote.serve(entry("a", version="1.0.0"))
    clock.advance(300)

    found, notices = catalogue.find("a", clock=clock)

    assert found.version == "1.1.0"
    assert [notice.code for notice in notices] == ["registry.replayed"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"categories": ["b", "A", 5, "", "x" * 101]}, [Category("A", None), Category("b", None)]),
        ({"categories": ["A", "b"], "counts": {"A": 2, "b": "x"}}, [Category("A", 2), Category("b", None)]),
        ({"categories": [{"name": "A", "count": 3}, {"name": 5}]}, [Category("A", 3)]),
    ],
)
def test_categories_come_as_text_or_with_counts(
    remote: Remote, clock: FakeClock, document: object, expected: list[Category]
) -> None:
    remote.serve()
    remote.put("/api/packs/categories", document)

    assert list(catalogue.categories(clock=clock)[0].items) == expected


@pytest.mark.parametrize("document", [{}, [], {"results": {}}, {"results": None}])
def test_a_page_that_is_none_is_refused(remote: Remote, clock: FakeClock, document: object) -> None:
    remote.serve()
    remote.put("/api/packs/search", document)

    with pytest.raises(InvalidInput) as caught:
        catalogue.search("", clock=clock)

    assert caught.value.code == "registry.invalid"


def test_more_results_than_were_asked_for_are_cut_and_bad_ones_skipped(remote: Remote, clock: FakeClock) -> None:
    remote.serve()
    results = [entry(f"a{number}") for number in range(30)]
    remote.put("/api/packs/search", {"total": "many", "results": [None, *results]})

    found, notices = catalogue.search("", page_size=5, clock=clock)

    assert (found.count, found.total) == (5, 31)
    assert [notice.code for notice in notices] == ["registry.entry_skipped"]


def test_refreshing_walks_all_pages(remote: Remote, clock: FakeClock) -> None:
    remote.serve(*[entry(f"pack-{number:03}") for number in range(250)], updatedAt="2026-01-01T00:00:00Z")

    refreshed, _ = catalogue_refresh.refresh(clock)

    assert (refreshed.mode, refreshed.entries, refreshed.updated_at) == ("rest", 250, "2026-01-01T00:00:00Z")
    assert [target.partition("page=")[2] for target in remote.asked] == [f"{page}&pageSize=100" for page in (1, 2, 3)]
    held = catalogue_cache.versions(remote.rest)
    assert held is not None
    assert len(held) == 250


def test_a_registry_that_ends_early_or_repeats_itself_does_not_hold_us(
    remote: Remote, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.serve()
    remote.put("/api/packs/search", {"total": 5_000, "results": []})
    assert catalogue_refresh.refresh(clock)[0].entries == 0

    monkeypatch.setattr(catalogue_remote, "MAX_PAGES", 5)
    remote.put("/api/packs/search", {"total": 5_000, "results": [entry("a")]})
    with pytest.raises(InvalidInput) as caught:
        catalogue_refresh.refresh(clock)
    assert caught.value.code == "registry.too_many_entries"

    asked = len(remote.asked)
    remote.put("/api/packs/search", {"total": 10**9, "results": [entry("a")]})
    with pytest.raises(InvalidInput):
        catalogue_refresh.refresh(clock)
    assert len(remote.asked) == asked + 1


def test_questions_leave_a_bounded_number_of_copies(remote: Remote, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_cache, "MAX_COPIES", 3)
    remote.serve(entry("a"))
    for number in range(6):
        catalogue.search(f"q{number}", clock=clock)

    directory = catalogue_cache.path_of(remote.rest).parent
    assert len(list(directory.glob("*.json"))) == len(list(directory.glob("*.body"))) == 3
