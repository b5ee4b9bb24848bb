"""`pack list`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cowork.registry.packs import PackItem, PackList, list_packs
from tests.core.installation import Installation
from tests.formats.samples import manifest
from tests.registry import places
from tests.registry.samples import entry, pack


def test_a_pack_in_a_list_shows_what_tells_packs_apart(installation: Installation) -> None:
    installation.write("packs/mine/cowork.plugin.json", manifest())

    assert list_packs()[0] == PackList(
        (
            PackItem(
                name="my-pack",
                display_name="My Pack",
                version="1.0.0",
                description="A pack",
                category="Custom",
                icon="🔧",
                scope="bundled",
                kind="cowork",
                enabled=True,
                state="active",
                required=False,
                skills=1,
                persona_template_id="software-engineer",
                update=None,
                path=str(installation.root / "packs" / "mine"),
            ),
        ),
        1,
    )


def test_what_a_manifest_leaves_out_has_its_default(installation: Installation) -> None:
    least = {"name": "least", "displayName": "Least", "version": "1.0.0", "description": "", "type": "pack"}
    installation.write("packs/least/cowork.plugin.json", least)

    item = list_packs()[0].items[0]

    assert (item.category, item.icon, item.skills, item.persona_template_id) == ("Custom", "📦", 0, None)


@pytest.mark.parametrize(
    ("category", "names"),
    [(None, ["a", "b", "c"]), ("Data", ["a", "c"]), ("dATA", ["a", "c"]), ("Dat", []), ("", [])],
)
def test_a_list_can_be_of_one_category_whatever_its_case(
    installation: Installation, category: str | None, names: list[str]
) -> None:
    for name, belongs in {"c": "data", "b": "Engineering", "a": "Data"}.items():
        installation.write(f"packs/{name}/cowork.plugin.json", pack(name, category=belongs))

    found, _ = list_packs(category=category)

    assert [item.name for item in found.items] == names
    assert found.count == len(names)


def test_a_list_can_be_filtered_by_scope_state_and_persona(installation: Installation, home: Path) -> None:
    installation.write("packs/a/cowork.plugin.json", pack("a", personaTemplateId="someone"))
    installation.write("packs/b/cowork.plugin.json", pack("b", personaTemplateId=None))
    places.pack(home / "extensions", "c", places.skill("x"))
    (home / "pack-states.json").write_text('{"packs": {"b": false}}')

    def names(**filters: Any) -> list[str]:
        return [item.name for item in list_packs(**filters)[0].items]

    assert names(scope="bundled") == ["a", "b"]
    assert names(scope="personal") == ["c"]
    assert names(enabled=True) == ["a", "c"]
    assert names(enabled=False) == ["b"]
    assert names(persona=True) == ["a"]
    assert names(persona=False) == ["b", "c"]


def test_a_newer_version_in_the_catalogue_is_shown_for_what_did_not_come_with_cowork(
    installation: Installation, home: Path
) -> None:
    installation.write("packs/a/cowork.plugin.json", pack("a"))
    places.pack(home / "extensions", "b", places.skill("x"))
    places.pack(home / "extensions", "c", places.skill("y"), version="2.0.0")
    offers = [entry(name, version="1.10.0") for name in ("a", "b", "c")]
    installation.write("registry/pack-catalog.json", {"version": 1, "packs": offers})
    assert {item.name: item.update for item in list_packs()[0].items} == {"a": None, "b": "1.10.0", "c": None}
