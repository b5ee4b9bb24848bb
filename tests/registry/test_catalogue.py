"""The catalogue of packs on offer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.registry import catalogue
from cowork.registry.catalogue import CatalogueEntry
from tests.core.installation import Installation
from tests.registry.samples import entry


def put(installation: Installation, *entries: Any) -> Path:
    return installation.write("registry/pack-catalog.json", {"version": 1, "packs": list(entries)})


def ids(query: str = "", **more: Any) -> list[str]:
    found, _ = catalogue.search(query, **more)
    assert found.query == query
    assert found.count == len(found.items)
    return [item.id for item in found.items]


def test_without_a_query_all_entries_come_by_id(installation: Installation) -> None:
    put(installation, entry("c"), entry("a"), entry("b"))

    assert ids() == ids("  ") == ["a", "b", "c"]


def test_an_entry_holds_what_the_format_offers(installation: Installation) -> None:
    put(
        installation,
        entry(
            "one",
            icon="🔧",
            category="Data",
            tags=["x", "y"],
            gitUrl="https://example.com/one",
            downloadUrl="https://example.com/one.json",
            skillCount=3,
            agentCount=1,
            updatedAt="2026-01-01T00:00:00Z",
            downloads=99,
            rating=4.5,
            ref="v1.0.0",
            commit="c" * 40,
            treeHash="h1:" + "a" * 64,
            path="packs/one",
            status="active",
        ),
    )

    assert catalogue.find("one") == (
        CatalogueEntry(
            id="one",
            name="one",
            display_name="One",
            description="An entry",
            version="1.0.0",
            author="Somebody",
            icon="🔧",
            category="Data",
            tags=("x", "y"),
            git_url="https://example.com/one",
            download_url="https://example.com/one.json",
            skill_count=3,
            agent_count=1,
            updated_at="2026-01-01T00:00:00Z",
            downloads=99,
            rating=4.5,
            ref="v1.0.0",
            commit="c" * 40,
            tree_hash="h1:" + "a" * 64,
            path="packs/one",
            status="active",
            republished=False,
        ),
        (),
    )


def test_what_an_entry_leaves_out_or_gets_wrong_has_its_default(installation: Installation) -> None:
    put(
        installation,
        entry("a"),
        entry("b", icon="", category=None, tags="x", gitUrl=5, skillCount=-1, agentCount=True, updatedAt=[]),
    )

    for name in ("a", "b"):
        found, notices = catalogue.find(name)
        assert (found.icon, found.category, found.tags, found.git_url, found.download_url) == ("📦", "Custom", (), None, None)
        assert (found.skill_count, found.agent_count, found.updated_at) == (0, 0, None)
        assert notices == ()


def test_the_better_match_comes_first(installation: Installation) -> None:
    put(
        installation,
        entry("a", description="needle"),
        entry("b", tags=["needle", "x"]),
        entry("c", category="Needle"),
        entry("d", displayName="Needle"),
        entry("needle"),
        entry("z"),
    )

    assert ids("NEEDLE") == ["needle", "d", "c", "a", "b"]


def test_all_words_must_match(installation: Installation) -> None:
    put(installation, entry("a", tags=["one"]), entry("b", tags=["one", "two"]))

    assert ids("two one") == ["b"]
    assert ids("one three") == []


def test_a_search_can_be_of_one_category_whatever_its_case(installation: Installation) -> None:
    put(installation, entry("a", category="Data"), entry("b", category="data"), entry("c", category="Database"))

    assert ids(category="DATA") == ["a", "b"]
    assert ids("b", category="data") == ["b"]
    assert ids(category="none") == []


def test_an_entry_that_does_not_exist_comes_with_a_suggestion(installation: Installation) -> None:
    put(installation, entry("devops"))

    with pytest.raises(NotFound, match="the catalogue has no 'devop'") as caught:
        catalogue.find("devop")

    assert (caught.value.code, caught.value.hint) == ("registry.not_found", "did you mean 'devops'?")


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in entry("bad").items() if key not in keys}


SKIPPED: dict[str, tuple[Any, str]] = {
    "no object": ("text", "is not an object"),
    "null": (None, "is not an object"),
    "one field missing": (without("displayName"), "lacks displayName"),
    "three fields missing": (without("id", "description", "author"), "lacks id, description, author"),
    "a version that is a number": (entry("bad", version=1), "lacks version"),
    "a description of null": (entry("bad", description=None), "lacks description"),
}


@pytest.mark.parametrize(("item", "problem"), SKIPPED.values(), ids=SKIPPED)
def test_an_entry_that_cannot_be_used_is_skipped_with_a_notice(installation: Installation, item: Any, problem: str) -> None:
    path = put(installation, entry("a"), item, entry("b"))

    found, notices = catalogue.search("")

    assert [kept.id for kept in found.items] == ["a", "b"]
    assert [(notice.code, notice.message) for notice in notices] == [("registry.entry_skipped", f"{path}: packs[1] {problem}")]
    assert catalogue.find("b")[1] == notices


@pytest.mark.parametrize("raw", ["{", "", "\x00", '{"packs": NaN}'])
def test_a_catalogue_that_is_no_json_is_reported_by_name(installation: Installation, raw: str) -> None:
    path = installation.write("registry/pack-catalog.json", raw)

    with pytest.raises(InvalidInput, match=str(path)) as caught:
        catalogue.search("")

    assert caught.value.code == "file.corrupt"


@pytest.mark.parametrize("document", [[], {}, {"packs": {}}, {"packs": None}, "text"])
def test_a_document_that_is_no_catalogue_is_reported_by_name(installation: Installation, document: Any) -> None:
    path = installation.write("registry/pack-catalog.json", json.dumps(document))

    with pytest.raises(InvalidInput, match=str(path)):
        catalogue.search("")


def test_a_missing_catalogue_is_reported_by_name(installation: Installation) -> None:
    with pytest.raises(CoworkError, match=str(installation.root / "registry" / "pack-catalog.json")) as caught:
        catalogue.find("a")

    assert caught.value.code == "registry.missing"


def test_typing_deploy_finds_devops_in_the_catalogue_we_ship() -> None:
    assert ids("deploy") == ["devops"]


def test_a_search_comes_in_pages(installation: Installation) -> None:
    put(installation, *[entry(f"p{number:02}") for number in range(45)])

    pages = [catalogue.search("", page=page)[0] for page in (1, 2, 3, 4)]

    assert [page.count for page in pages] == [20, 20, 5, 0]
    assert {page.total for page in pages} == {45}
    assert [item.id for page in pages for item in page.items] == [f"p{number:02}" for number in range(45)]
    assert [item.id for item in catalogue.search("", page=7, page_size=7)[0].items] == ["p42", "p43", "p44"]


def test_a_directory_is_a_registry_that_is_always_current(installation: Installation, home: Path) -> None:
    put(installation, entry("a"))
    found, _ = catalogue.search("")
    assert (found.source, found.fetched_at, found.stale) == ("local", None, False)
    assert found.registry == str(installation.root / "registry")

    put(installation, entry("b"))
    assert ids() == ["b"]
    assert not home.exists()


def test_categories_are_counted(installation: Installation) -> None:
    put(installation, entry("a", category="Data"), entry("b", category="data"), entry("c"), entry("d", category="Data"))

    found, _ = catalogue.categories()

    assert [(item.name, item.count) for item in found.items] == [("Custom", 1), ("Data", 2), ("data", 1)]


def test_what_was_withdrawn_is_not_on_offer(installation: Installation) -> None:
    put(installation, entry("a", status="deleted"), entry("b", status="deprecated"))

    assert ids() == ["b"]
    assert [notice.code for notice in catalogue.search("")[1]] == ["registry.deprecated"]
    assert catalogue.find("b")[1][0].code == "registry.deprecated"
    assert [item.count for item in catalogue.categories()[0].items] == [1]
    with pytest.raises(NotFound) as caught:
        catalogue.find("a")
    assert caught.value.code == "registry.withdrawn"


def test_an_entry_is_found_by_its_name_too_when_that_is_another(installation: Installation) -> None:
    put(installation, entry("id-of-it", name="needle"))

    assert ids("needle") == ["id-of-it"]


def test_a_further_registry_is_asked_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"id": "only-here", "name": "only-here", "displayName": "O", "description": "O", "version": "1.0.0", "author": "A"}
    document = {"version": 1, "updatedAt": "2026-01-01T00:00:00Z", "packs": [entry]}
    (tmp_path / "corp").mkdir()
    (tmp_path / "corp" / "pack-catalog.json").write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setenv("COWORK_PACK_REGISTRIES", f"corp={tmp_path / 'corp'}, other=https://nowhere.invalid/registry")
    assert catalogue.find("corp/only-here")[0].id == "only-here"
    for name, code in (("only-here", "registry.not_found"), ("crop/only-here", "registry.unknown")):
        with pytest.raises(CoworkError) as caught:
            catalogue.find(name)
        assert caught.value.code == code
    assert caught.value.hint == "did you mean 'corp'?"
