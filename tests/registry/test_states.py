"""`pack-states.json`: exactly as specified, and safe from everybody at once."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput
from cowork.registry import states
from tests.support import PROGRAM, run_here


def write(home: Path, document: object) -> Path:
    home.mkdir(exist_ok=True)
    path = home / "pack-states.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_no_file_means_nothing_was_switched_and_makes_none(home: Path) -> None:
    found = states.read_strict()
    assert (found.packs, found.skills, home.exists()) == ({}, {}, False)


def test_packs_and_skills_are_read_as_specified(home: Path) -> None:
    write(home, {"packs": {"devops": True, "sales-crm": False}, "skills": {"engineering": {"dependency-audit": False}}})
    found = states.read()
    assert (found.packs, found.skills) == (
        {"devops": True, "sales-crm": False},
        {"engineering": {"dependency-audit": False}},
    )


def test_the_legacy_flat_form_is_read(home: Path) -> None:
    write(home, {"devops": False, "updatedAt": "2026-01-01"})
    assert states.read().packs == {"devops": False}
    assert states.read().notices == []


def test_values_that_are_not_boolean_are_ignored_with_a_warning(home: Path) -> None:
    write(home, {"packs": {"devops": "no", "engineering": False}, "skills": {"devops": {"x": 1}}})
    found = states.read()
    assert (found.packs, found.skills) == ({"engineering": False}, {"devops": {}})
    assert [notice.code for notice in found.notices] == ["states.not_boolean"] * 2


@pytest.mark.parametrize("text", ["{", "[]", "1", '{"packs": []}', '{"skills": {"a": 1}}', '{"packs": 1, "skills": {}}', ""])
def test_a_corrupt_file_is_reported_and_left_alone(home: Path, text: str) -> None:
    path = write(home, text)
    with pytest.raises(InvalidInput):
        states.read_strict()
    assert run_here("pack", "list").code == 0
    ran = run_here("pack", "disable", "devops", "--json")
    assert (ran.code, str(path) in ran.document["error"]["message"]) == (4, True)
    assert path.read_text() == text


def test_switching_keeps_everything_else_in_the_file(home: Path) -> None:
    path = write(home, {"packs": {"devops": False}, "skills": {"a": {"b": True}}, "mine": {"kept": 1}})
    assert run_here("pack", "disable", "engineering").code == 0
    assert run_here("skill", "disable", "devops", "incident-response").code == 0
    document = json.loads(path.read_text())
    assert document.pop("updatedAt").endswith("Z")
    assert document == {
        "packs": {"devops": False, "engineering": False},
        "skills": {"a": {"b": True}, "devops": {"incident-response": False}},
        "mine": {"kept": 1},
    }


def test_switching_turns_the_legacy_form_into_todays(home: Path) -> None:
    path = write(home, {"devops": False})
    run_here("pack", "disable", "engineering")
    document = json.loads(path.read_text())
    assert (document["packs"], document["skills"]) == ({"devops": False, "engineering": False}, {})


def test_a_switch_says_whether_it_changed_anything() -> None:
    assert run_here("pack", "disable", "devops", "--json").data["changed"] is True
    assert run_here("pack", "disable", "devops", "--json").data["changed"] is False
    assert run_here("pack", "enable", "devops", "--json").data["changed"] is True


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["pack", "disable", "devop"], "pack.not_found"),
        (["skill", "disable", "devop", "x"], "pack.not_found"),
        (["skill", "disable", "devops", "incident"], "skill.not_found"),
    ],
)
def test_what_does_not_exist_cannot_be_switched(home: Path, argv: list[str], code: str) -> None:
    ran = run_here(*argv, "--json")
    assert (ran.code, ran.document["error"]["code"], home.exists()) == (3, code, False)


@pytest.mark.parametrize(
    ("policy", "argv", "code"),
    [
        ({"blocked": ["devops"]}, ["pack", "enable", "devops"], "policy.pack_denied"),
        ({"required": ["devops"]}, ["pack", "disable", "devops"], "policy.pack_required"),
        ({"required": ["devops"]}, ["skill", "disable", "devops", "incident-response"], "policy.pack_required"),
    ],
)
def test_the_policy_has_the_last_word(home: Path, policy: dict[str, list[str]], argv: list[str], code: str) -> None:
    home.mkdir()
    (home / "policies.json").write_text(json.dumps({"packs": policy}))
    ran = run_here(*argv, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (6, code)
    assert not (home / "pack-states.json").exists()


def test_a_corrupt_policy_closes_every_switch(home: Path) -> None:
    home.mkdir()
    (home / "policies.json").write_text("{")
    assert run_here("pack", "disable", "devops").code == 6
    assert not (home / "pack-states.json").exists()


def test_sixty_four_processes_switching_at_once_lose_nothing(home: Path) -> None:
    skills = [
        (pack["name"], skill["id"])
        for pack in run_here("pack", "list", "--json").data["items"]
        for skill in run_here("pack", "show", pack["name"], "--json").data["skills"]
    ][:64]
    assert len(skills) == 64

    def switch(item: tuple[str, str]) -> int:
        return subprocess.run([str(PROGRAM), "skill", "disable", *item], capture_output=True).returncode

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(switch, skills)) == {0}
    kept = json.loads((home / "pack-states.json").read_text())["skills"]
    assert {(pack, skill) for pack, switches in kept.items() for skill in switches} == set(skills)
