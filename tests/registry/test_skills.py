"""`skill list`."""

from __future__ import annotations

import pytest

from cowork.core.errors import NotFound
from cowork.registry.skills import SkillItem, list_skills
from tests.core.installation import Installation
from tests.registry.samples import pack, skill


@pytest.fixture(autouse=True)
def two_packs(installation: Installation) -> None:
    needs = [{"name": "b", "type": "string", "required": True}, {"name": "c", "type": "string"}]
    parameters = [*needs, {"name": "a", "type": "string", "required": True}]
    installation.write("packs/z/cowork.plugin.json", pack("a", skill("second", parameters=parameters), skill("first")))
    installation.write("packs/a/cowork.plugin.json", pack("b", skill("third", icon="🔧", category="Data", enabled=False)))


def test_skills_come_by_pack_in_the_packs_own_order() -> None:
    found, _ = list_skills()

    assert [(item.pack, item.id) for item in found.items] == [("a", "second"), ("a", "first"), ("b", "third")]
    assert found.count == 3


def test_a_skill_in_a_list_names_what_it_cannot_do_without(installation: Installation) -> None:
    first, _, third = list_skills()[0].items
    rest = (False, True, True, ())
    one, other = (str(installation.root / "packs" / name / "cowork.plugin.json") for name in "za")
    assert first == SkillItem("second", "Second", "Does it", "⚡", "Custom", "a", "builtin", True, ("b", "a"), one, *rest)
    assert third == SkillItem("third", "Third", "Does it", "🔧", "Data", "b", "builtin", False, (), other, *rest)


def test_a_list_can_be_of_one_pack() -> None:
    assert [item.id for item in list_skills(pack="b")[0].items] == ["third"]


def test_a_list_can_be_of_what_is_on_or_off() -> None:
    assert [item.id for item in list_skills(enabled=False)[0].items] == ["third"]
    assert [item.id for item in list_skills(enabled=True)[0].items] == ["second", "first"]


def test_the_pack_of_a_list_must_exist() -> None:
    with pytest.raises(NotFound, match="there is no pack 'c'") as caught:
        list_skills(pack="c")

    assert caught.value.code == "pack.not_found"
