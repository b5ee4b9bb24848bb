"""The packs we ship: each is what the specification lists, and every one keeps the rules of a good pack."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cowork.core.paths import data_dir
from cowork.formats.cowork_plugin import FILE_NAME, ManifestView, validate
from cowork.prompts.parameters import bind, convert
from cowork.prompts.substitution import as_text, fill
from tests.content.pack_table import PACKS, PackRow, SkillRow

FILES = {path.parent.name: path for path in sorted(data_dir("packs").glob(f"*/{FILE_NAME}"))}
MANIFESTS: dict[str, dict[str, Any]] = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in FILES.items()}


def _shipped(name: str, document: dict[str, Any]) -> SimpleNamespace:
    """A pack with its fields as attributes."""
    view = ManifestView(document, scope="bundled", directory=FILES[name].parent)
    return SimpleNamespace(
        **view.head(),
        author=document["author"],
        keywords=document["keywords"],
        persona_template_id=document.get("personaTemplateId"),
        recommended_connectors=tuple(document.get("recommendedConnectors", ())),
        try_asking=tuple(document["tryAsking"]),
        skills=[
            SimpleNamespace(**view.skill_head(skill), prompt=skill["prompt"], parameters=view.parameters(skill))
            for skill in view.skills()
        ],
        agent_roles=[
            SimpleNamespace(display_name=role["displayName"], system_prompt=role["systemPrompt"], **role)
            for role in document.get("agentRoles", ())
        ],
        slash_commands=[SimpleNamespace(skill_id=command["skillId"], **command) for command in document["slashCommands"]],
    )


SHIPPED = {name: _shipped(name, document) for name, document in MANIFESTS.items()}
SKILLS = [pytest.param(skill, id=f"{pack.name}/{skill.id}") for pack in SHIPPED.values() for skill in pack.skills]
PROMISED = [pytest.param(row.name, skill, id=f"{row.name}/{skill.id}") for row in PACKS for skill in row.skills]

rows = pytest.mark.parametrize("row", PACKS, ids=lambda row: row.name)
COMMON = {"digital-twins"}  # belongs to no role: what every twin can use; see test_twin_skills
ROLES = {name: pack for name, pack in SHIPPED.items() if name not in COMMON}

packs = pytest.mark.parametrize("pack", SHIPPED.values(), ids=list(SHIPPED))
skills = pytest.mark.parametrize("skill", SKILLS)
roles = pytest.mark.parametrize("pack", ROLES.values(), ids=list(ROLES))


# --- what the specification lists


@rows
def test_a_pack_is_the_one_the_specification_lists(row: PackRow) -> None:
    pack = SHIPPED[row.name]

    assert (pack.name, pack.display_name, pack.icon, pack.category) == (row.name, row.display_name, row.icon, row.category)
    assert pack.persona_template_id == row.persona
    assert pack.recommended_connectors == row.connectors
    assert [role.display_name for role in pack.agent_roles] == [row.role]


@rows
def test_its_skills_are_those_listed_in_the_same_order(row: PackRow) -> None:
    assert [(skill.id, skill.name) for skill in SHIPPED[row.name].skills] == [(skill.id, skill.name) for skill in row.skills]


@rows
def test_its_lines_to_try_asking_are_word_for_word_those_listed(row: PackRow) -> None:
    assert SHIPPED[row.name].try_asking == row.try_asking


@pytest.mark.parametrize(("pack", "row"), PROMISED)
def test_a_prompt_asks_for_everything_its_line_promises(pack: str, row: SkillRow) -> None:
    prompt = next(skill.prompt for skill in SHIPPED[pack].skills if skill.id == row.id).casefold()

    assert [term for term in row.terms if term.casefold() not in prompt] == []


def test_there_are_seventeen_packs_of_roles_with_seventy_one_skills_and_the_skills_of_twins() -> None:
    assert set(SHIPPED) == {row.name for row in PACKS} | COMMON
    assert (len(ROLES), sum(len(pack.skills) for pack in ROLES.values())) == (17, 71)


# --- what holds for every pack


@pytest.mark.parametrize("path", FILES.values(), ids=list(FILES))
def test_a_manifest_is_valid_and_has_no_unknown_keys(path: Path) -> None:
    assert validate(json.loads(path.read_text(encoding="utf-8")), path=path) == []


@pytest.mark.parametrize("name", FILES)
def test_a_pack_is_called_like_its_directory(name: str) -> None:
    assert SHIPPED[name].name == name


@packs
def test_each_skill_has_one_slash_command_of_its_own_name(pack: SimpleNamespace) -> None:
    assert [(command.name, command.skill_id) for command in pack.slash_commands] == [
        (skill.id, skill.id) for skill in pack.skills
    ]
    assert all(command.description for command in pack.slash_commands)


@roles
def test_a_pack_of_a_role_brings_one_agent_role_with_a_prompt_of_its_own(pack: SimpleNamespace) -> None:
    (role,) = pack.agent_roles

    assert role.name == role.display_name.lower().replace(" ", "-")
    assert len(role.system_prompt) > 200
    assert role.capabilities
    assert role.description


@packs
def test_a_pack_can_be_found_and_tried(pack: SimpleNamespace) -> None:
    assert pack.keywords
    assert len(set(pack.keywords)) == len(pack.keywords)
    assert pack.try_asking
    assert pack.author == "cowork"


def test_no_two_packs_share_a_skill_a_command_or_a_role() -> None:
    for names in (
        [skill.id for pack in SHIPPED.values() for skill in pack.skills],
        [command.name for pack in SHIPPED.values() for command in pack.slash_commands],
        [role.name for pack in SHIPPED.values() for role in pack.agent_roles],
    ):
        assert [name for name, count in Counter(names).items() if count > 1] == []


@skills
def test_every_parameter_is_used_and_every_placeholder_is_declared(skill: SimpleNamespace) -> None:
    declared = [parameter.name for parameter in skill.parameters]

    assert set(re.findall(r"\{\{(.*?)\}\}", skill.prompt)) == set(declared)
    assert len(set(declared)) == len(declared)


@skills
def test_every_parameter_says_what_it_is_and_works_without_being_given(skill: SimpleNamespace) -> None:
    for parameter in skill.parameters:
        assert parameter.description, parameter.name
        if parameter.required:
            assert parameter.default is None, f"{parameter.name}: a default that is never used"
        else:
            assert parameter.default not in (None, ""), f"{parameter.name}: it leaves a gap in the prompt"
            assert convert(parameter, as_text(parameter.default)) == parameter.default


@skills
def test_a_select_has_options_and_a_default_among_them(skill: SimpleNamespace) -> None:
    for parameter in skill.parameters:
        if parameter.type == "select":
            assert len(parameter.options) >= 2, parameter.name
            assert len({option.casefold() for option in parameter.options}) == len(parameter.options), parameter.name
            assert parameter.required or parameter.default in parameter.options, parameter.name
        else:
            assert parameter.options == (), parameter.name


@skills
def test_a_skill_needs_little_and_renders_without_gaps(skill: SimpleNamespace) -> None:
    needed = {parameter.name: f"<the {parameter.name}>" for parameter in skill.parameters if parameter.required}
    assert len(needed) <= 2

    prompt, unknown = fill(skill.prompt, bind(skill.parameters, needed))

    assert unknown == ()
    assert "{{" not in prompt
    assert all(value in prompt for value in needed.values())


@skills
def test_a_prompt_says_that_its_material_is_no_instruction(skill: SimpleNamespace) -> None:
    assert re.search(r"(not|never|no) (an )?instructions?|never (obey|follow)", skill.prompt), (
        "nothing guards it against its input"
    )


def test_the_catalogue_offers_what_the_manifests_say() -> None:
    entries = json.loads((data_dir("registry") / "pack-catalog.json").read_text(encoding="utf-8"))["packs"]

    assert {entry["id"]: {**entry, "treeHash": "h1"} for entry in entries} == {
        name: {
            "id": name,
            "name": name,
            "displayName": manifest["displayName"],
            "description": manifest["description"],
            "version": manifest["version"],
            "author": manifest["author"],
            "icon": manifest["icon"],
            "category": manifest["category"],
            "tags": manifest["keywords"],
            "skillCount": len(manifest["skills"]),
            "agentCount": len(manifest.get("agentRoles", ())),
            "treeHash": "h1",  # a test of `registry build` compares it
        }
        for name, manifest in MANIFESTS.items()
    }
    assert len(entries) == len(MANIFESTS)
