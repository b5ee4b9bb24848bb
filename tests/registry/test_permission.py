"""What the gate is asked about a pack that was found, and which names are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.policy.actions import Action
from cowork.registry import world
from cowork.registry.permission import about, identified, known
from tests.registry.places import pack, skill, skill_file


def test_an_action_gets_the_name_and_the_directory_of_its_pack(home: Path) -> None:
    pack(home / "extensions", "mine", skill("x"), directory="folder")
    record = world.load().named("mine")
    assert record is not None
    assert about(Action("pack enable", what="w"), record) == Action("pack enable", pack="mine", directory="folder", what="w")


def test_a_claude_directory_is_no_pack_and_policies_do_not_name_it() -> None:
    skill_file(Path.cwd() / ".claude" / "skills" / "own")
    [record] = [item for item in world.load().records if item.root.single and item.head["skills"]]
    assert about(Action("skill run"), record) == Action("skill run")


def test_packs_here_and_those_of_the_shipped_catalogue_are_known_with_their_connectors(home: Path) -> None:
    call = {"name": "crm", "description": "d", "type": "shell", "shell": {"command": "true"}, "inputSchema": {"type": "object"}}
    pack(home / "extensions", "sales-pack", skill("x"), directory="folder", connectors=[call])
    found = known()
    assert ("sales-pack", "folder") in found.packs
    assert ("devops", "devops") in found.packs
    assert [name for name, _ in found.packs].count("devops") == 1
    assert found.connectors >= {"crm", "sales:crm", "sales-pack:crm"}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("mine", ("mine", "folder")),
        ("mine-pack", ("mine", "folder")),
        ("folder", ("mine", "folder")),
        ("devops", ("devops", "devops")),
        ("devop", None),
    ],
)
def test_a_pack_is_identified_by_any_of_its_names(home: Path, name: str, found: tuple[str, str] | None) -> None:
    pack(home / "extensions", "mine", skill("x"), directory="folder")
    assert identified(name, known()) == found


def test_the_exact_name_goes_before_another_packs_directory(home: Path) -> None:
    pack(home / "extensions", "aaa", skill("x"), directory="zzz")
    pack(home / "extensions", "zzz", skill("y"), directory="aaa")
    assert identified("zzz", known()) == ("zzz", "aaa")
