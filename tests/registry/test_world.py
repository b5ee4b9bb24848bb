"""Who is served, what is on, and which skill wins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowork.core.errors import Denied, NotFound
from cowork.registry import lookup, world
from tests.registry.places import pack, skill, skill_file, write
from tests.support import run_here


@pytest.fixture
def personal(home: Path) -> Path:
    return home / "extensions"


@pytest.fixture
def organization(home: Path) -> Path:
    return home / "org-plugins"


def policies(home: Path, **packs: list[str]) -> None:
    write(home / "policies.json", json.dumps({"packs": packs}))


def states(home: Path, **document: object) -> None:
    write(home / "pack-states.json", json.dumps(document))


def state_of(name: str) -> dict[str, str]:
    return {record.scope: record.state for record in world.load().packs if record.name == name}


def owner(skill_id: str) -> str:
    _, record, _ = lookup.find_skill(skill_id)
    return record.name


# Packs of one name


def test_a_pack_name_that_exists_twice_is_served_from_the_strongest_scope(personal: Path, organization: Path) -> None:
    pack(personal, "devops", skill("mine"))
    pack(organization, "devops", skill("ours"))
    assert state_of("devops") == {"bundled": "shadowed", "personal": "shadowed", "organization": "active"}
    assert owner("ours") == "devops"
    with pytest.raises(NotFound):
        lookup.find_skill("mine")


def test_disabling_the_one_that_is_served_brings_the_shadowed_one_back(home: Path, personal: Path) -> None:
    pack(personal, "devops", skill("mine"))
    states(home, packs={"devops": False})
    assert state_of("devops") == {"personal": "disabled", "bundled": "active"}
    assert owner("incident-response") == "devops"


def test_of_two_in_one_scope_the_first_directory_is_served(personal: Path) -> None:
    pack(personal, "twice", skill("b-skill"), directory="b")
    pack(personal, "twice", skill("a-skill"), directory="a")
    assert owner("a-skill") == "twice"
    found = [record for record in world.load().packs if record.name == "twice"]
    assert [(record.directory, record.state) for record in found] == [("a", "active"), ("b", "shadowed")]


def test_a_project_plugin_is_stronger_than_a_personal_pack(personal: Path, tmp_path: Path) -> None:
    pack(personal, "shared", skill("one"))
    pack(tmp_path / "work" / ".claude" / "plugins", "shared", skill("two"))
    assert state_of("shared") == {"personal": "shadowed", "project": "active"}


def test_the_policy_may_move_the_organization_directory(home: Path, tmp_path: Path) -> None:
    pack(tmp_path / "elsewhere", "moved", skill("moved-skill"))
    write(home / "policies.json", json.dumps({"general": {"orgPluginDir": str(tmp_path / "elsewhere")}}))
    assert state_of("moved") == {"organization": "active"}


# Skills of one id


def test_the_later_registration_of_a_skill_id_wins_with_the_specified_warning(personal: Path, organization: Path) -> None:
    pack(personal, "mine", skill("code-review-prep"))
    assert owner("code-review-prep") == "mine"
    pack(organization, "ours", skill("code-review-prep"))
    assert owner("code-review-prep") == "ours"
    warnings = [notice.message for notice in world.load().conflicts()]
    assert warnings == [
        (
            '[PluginRegistry] Skill ID "code-review-prep" already registered by plugin "engineering", '
            'now being registered by "mine". The later registration will take precedence.'
        ),
        (
            '[PluginRegistry] Skill ID "code-review-prep" already registered by plugin "mine", '
            'now being registered by "ours". The later registration will take precedence.'
        ),
    ]


def test_switching_the_winner_off_brings_the_shadowed_skill_back(home: Path, personal: Path) -> None:
    pack(personal, "mine", skill("code-review-prep"))
    states(home, packs={}, skills={"mine": {"code-review-prep": False}})
    assert owner("code-review-prep") == "engineering"
    states(home, packs={"mine": False})
    assert owner("code-review-prep") == "engineering"
    assert world.load().conflicts() == []


def test_single_skills_order_user_project_organization_enterprise(
    home: Path, personal: Path, organization: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(personal, "plugin", skill("deploy"))
    where = lambda: lookup.find_skill("deploy")[2]["file"]  # noqa: E731
    user = skill_file(tmp_path / "user" / ".claude" / "skills" / "deploy")
    assert where() == str(user)
    project = skill_file(tmp_path / "work" / ".claude" / "skills" / "deploy")
    assert where() == str(project)
    ours = pack(organization, "ours", skill("deploy"))
    assert where() == str(ours)
    monkeypatch.setenv("COWORK_ENTERPRISE_CONFIG", str(tmp_path / "enterprise"))
    enterprise = skill_file(tmp_path / "enterprise" / "skills" / "deploy")
    assert where() == str(enterprise)


def test_a_skill_answers_to_its_pack_and_id_too(personal: Path) -> None:
    pack(personal, "mine", skill("code-review-prep"))
    _, record, _ = lookup.find_skill("engineering:code-review-prep")
    assert record.name == "engineering"


def test_a_skill_its_manifest_turns_off_is_off_until_it_is_switched_on(home: Path, personal: Path) -> None:
    pack(personal, "mine", skill("quiet", enabled=False))
    with pytest.raises(NotFound) as off:
        lookup.find_skill("quiet")
    assert (off.value.code, off.value.hint) == ("skill.disabled", "turn it on with: cowork skill enable mine quiet")
    states(home, packs={}, skills={"mine": {"quiet": True}})
    assert owner("quiet") == "mine"


def test_a_skill_of_a_disabled_pack_says_how_to_get_it(home: Path) -> None:
    states(home, packs={"devops": False})
    with pytest.raises(NotFound) as off:
        lookup.find_skill("incident-response")
    assert off.value.hint == "turn it on with: cowork pack enable devops"


# Policies


def test_a_blocked_pack_is_listed_and_registers_nothing(home: Path) -> None:
    policies(home, blocked=["devops"])
    assert state_of("devops") == {"bundled": "blocked"}
    with pytest.raises(Denied) as denied:
        lookup.find_skill("incident-response")
    assert (denied.value.code, denied.value.details["rule"]) == ("policy.pack_denied", "packs.blocked")


def test_an_allow_list_blocks_the_rest(home: Path) -> None:
    policies(home, allowed=["devops"])
    assert [record.name for record in world.load().packs if record.state == "active"] == ["devops"]


def test_required_overrides_a_saved_off_for_the_pack_and_its_skills(home: Path) -> None:
    policies(home, required=["devops"])
    states(home, packs={"devops": False}, skills={"devops": {"incident-response": False}})
    assert state_of("devops") == {"bundled": "active"}
    assert owner("incident-response") == "devops"


@pytest.mark.parametrize("listed", ["mine-pack", "mine", "folder", "folder-pack"])
def test_a_policy_names_a_pack_by_name_or_directory_with_or_without_pack(home: Path, personal: Path, listed: str) -> None:
    pack(personal, "mine-pack", skill("x"), directory="folder")
    policies(home, blocked=[listed])
    assert state_of("mine-pack") == {"personal": "blocked"}


def test_policies_that_cannot_be_read_block_everything_and_say_so(home: Path) -> None:
    write(home / "policies.json", "{")
    found = world.load()
    assert {record.state for record in found.packs} == {"blocked"}
    assert [notice.code for notice in found.notices] == ["policy.unreadable"]
    assert run_here("skill", "show", "incident-response").code == 6


# What is no pack, and what is a bad one


def test_a_bad_pack_is_a_warning_and_harms_no_other(personal: Path) -> None:
    pack(personal, "good", skill("fine"))
    write(personal / "bad" / "cowork.plugin.json", '{"name": 1}')
    write(personal / "worse" / "cowork.plugin.json", "{")
    ran = run_here("pack", "list", "--json")
    assert ran.code == 0
    assert "good" in [item["name"] for item in ran.data["items"]]
    assert len(ran.data["items"]) == 19
    assert [str(personal) in warning["message"] for warning in ran.document["warnings"]] == [True, True]


def test_hidden_staging_linked_and_empty_directories_are_no_packs(personal: Path, tmp_path: Path) -> None:
    pack(personal, "hidden", directory=".tmp-hidden-1")
    pack(tmp_path / "outside", "linked")
    personal.mkdir(parents=True, exist_ok=True)
    (personal / "linked").symlink_to(tmp_path / "outside" / "linked")
    (personal / "empty").mkdir()
    write(personal / "file", "not a directory")
    assert [record.scope for record in world.load().packs] == ["bundled"] * 18


def test_a_pack_that_cannot_be_used_is_explained_by_show(personal: Path) -> None:
    write(personal / "bad" / "cowork.plugin.json", '{"name": 1}')
    ran = run_here("pack", "show", "bad", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, "pack.invalid")
    assert "$.name" in ran.document["error"]["details"]["cause"]


def test_a_pack_for_another_system_is_left_out_and_says_so(personal: Path) -> None:
    pack(personal, "elsewhere", skill("x"), platform={"os": ["win32"]})
    pack(personal, "here", skill("y"), platform={"os": ["linux", "darwin"]})
    found = world.load()
    assert [record.name for record in found.packs if record.scope == "personal"] == ["here"]
    assert [notice.code for notice in found.notices] == ["pack.wrong_platform"]


@pytest.mark.parametrize(("wanted", "warned"), [("99.0.0", True), ("v99", True), ("0.0.1", False), ("0.1.0-beta", False)])
def test_a_pack_that_asks_for_a_newer_cowork_is_used_with_a_warning(personal: Path, wanted: str, warned: bool) -> None:
    pack(personal, "eager", skill("x"), coworkVersion=wanted)
    assert owner("x") == "eager"
    assert any("or newer" in notice.message for notice in world.load().notices) is warned


def test_what_is_no_pack_by_its_own_word_is_not_listed(personal: Path) -> None:
    pack(personal, "channel", skill("x"), type="channel")
    assert [record.scope for record in world.load().packs] == ["bundled"] * 18
