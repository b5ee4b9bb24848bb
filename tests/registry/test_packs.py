"""`pack list`."""

from __future__ import annotations

import pytest

from cowork.registry.packs import PackItem, PackList, list_packs
from tests.core.installation import Installation
from tests.formats.samples import manifest
from tests.registry.samples import pack


def test_a_pack_in_a_list_shows_what_tells_packs_apart(installation: Installation) -> None:
    installation.write("packs/mine/cowork.plugin.json", manifest())

    assert list_packs() == PackList(
        (
            PackItem(
                name="my-pack",
                display_name="My Pack",
                version="1.0.0",
                description="A pack",
                category="Custom",
                icon="🔧",
                scope="bundled",
                skills=1,
                persona_template_id="software-engineer",
                path=str(installation.root / "packs" / "mine"),
            ),
        ),
        1,
    )


def test_what_a_manifest_leaves_out_has_its_default(installation: Installation) -> None:
    least = {"name": "least", "displayName": "Least", "version": "1.0.0", "description": "", "type": "pack"}
    installation.write("packs/least/cowork.plugin.json", least)

    item = list_packs().items[0]

    assert (item.category, item.icon, item.skills, item.persona_template_id) == ("Custom", "📦", 0, None)


@pytest.mark.parametrize(
    ("category", "names"),
    [(None, ["a", "b", "c"]), ("Data", ["a", "c"]), ("dATA", ["a", "c"]), ("Dat", []), ("", ["a", "b", "c"])],
)
def test_a_list_can_be_of_one_category_whatever_its_case(
    installation: Installation, category: str | None, names: list[str]
) -> None:
    for name, belongs in {"c": "data", "b": "Engineering", "a": "Data"}.items():
        installation.write(f"packs/{name}/cowork.plugin.json", pack(name, category=belongs))

    found = list_packs(category=category)

    assert [item.name for item in found.items] == names
    assert found.count == len(names)
