"""`pack search`."""

from __future__ import annotations

import pytest

from cowork.registry.pack_search import search_packs
from tests.core.installation import Installation
from tests.registry.samples import pack, skill

WHERE = {
    "name": pack("needle"),
    "display_name": pack("p", displayName="A Needle Here"),
    "category": pack("p", category="Needle"),
    "skills.name": pack("p", skill("s", name="Needle Finder")),
    "description": pack("p", description="Finds the needle"),
    "keywords": pack("p", keywords=["hay", "needle"]),
    "skills.description": pack("p", skill("s", description="Looks for a needle")),
}


@pytest.mark.parametrize("field", WHERE)
def test_a_pack_is_found_by_any_of_its_texts(installation: Installation, field: str) -> None:
    installation.write("packs/with/cowork.plugin.json", WHERE[field])
    installation.write("packs/without/cowork.plugin.json", pack("haystack"))

    found, _ = search_packs("NEEDLE")

    assert found.count == len(found.items) == 1
    assert field in found.items[0].matched


def test_a_match_in_a_name_outweighs_one_in_a_text(installation: Installation) -> None:
    for number, document in enumerate(WHERE.values()):
        installation.write(
            f"packs/{number}/cowork.plugin.json", {**document, "name": document["name"].replace("p", f"p{number}")}
        )

    found, _ = search_packs("needle")

    assert [item.matched[0] for item in found.items] == list(WHERE)
    assert [item.score for item in found.items] == sorted((item.score for item in found.items), reverse=True)


def test_equal_matches_come_by_name(installation: Installation) -> None:
    for name in ("c", "a", "b"):
        installation.write(f"packs/{name}/cowork.plugin.json", pack(name, keywords=["needle"]))

    assert [item.name for item in search_packs("needle")[0].items] == ["a", "b", "c"]


def test_all_words_must_match(installation: Installation) -> None:
    installation.write("packs/one/cowork.plugin.json", pack("one", skill("s", name="Review Code")))
    installation.write("packs/two/cowork.plugin.json", pack("two", skill("s", name="Review Plans")))

    assert [item.name for item in search_packs("one review")[0].items] == ["one"]
    assert search_packs("review needle")[0].count == 0


def test_an_empty_search_shows_all_packs_again(installation: Installation) -> None:
    for name in ("b", "a"):
        installation.write(f"packs/{name}/cowork.plugin.json", pack(name))

    found, _ = search_packs(" ")

    assert [(item.name, item.score, item.matched) for item in found.items] == [("a", 0, ()), ("b", 0, ())]


@pytest.mark.parametrize("query", ["deploy", "DEPLOY", "terraform", "kubernetes manifest", "docker compose", "post-mortem"])
def test_typing_deploy_surfaces_the_devops_pack(query: str) -> None:
    assert search_packs(query)[0].items[0].name == "devops"


def test_what_nobody_wrote_is_not_found() -> None:
    found, _ = search_packs("zzz")

    assert (found.query, found.items, found.count) == ("zzz", (), 0)
