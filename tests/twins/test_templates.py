"""Persona templates on disk: where they come from, which of one id is used, what becomes of those that cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import InvalidInput, NotFound
from cowork.registry import world
from cowork.twins import template_files
from cowork.twins.template_files import MOST_BYTES, MOST_FILES
from cowork.twins.templates import find_template, load_template, template_ids
from tests.core.installation import Installation
from tests.formats.samples import PERSONA, REMOVE, changed, persona
from tests.registry.places import pack, write


def add(directory: Path, file: str = "tester.json", **changes: Any) -> Path:
    """A template in a directory."""
    return write(directory / file, json.dumps(persona(**changes)))


def told() -> list[tuple[str, str]]:
    return list(template_files.load().notices)


# --- by id


def test_templates_are_listed_by_id(installation: Installation) -> None:
    installation.write("personas/analyst.json", persona(id="analyst"))
    installation.write("personas/README.md", "not a template")

    assert template_ids() == ["analyst", "tester"]
    assert told() == []


def test_a_template_is_found_by_id_not_by_file_name(installation: Installation) -> None:
    installation.write("personas/other.json", persona(id="Own_One", name="Own"))

    assert find_template("tester").name == "Tester"
    assert find_template("Own_One").name == "Own"
    with pytest.raises(NotFound):
        find_template("other")


@pytest.mark.parametrize("wanted", ["testr", "TESTER"])
def test_an_unknown_template_is_not_found_with_a_suggestion(installation: Installation, wanted: str) -> None:
    with pytest.raises(NotFound, match=f"there is no persona template '{wanted}'") as caught:
        find_template(wanted)

    assert (caught.value.code, caught.value.hint) == ("persona.not_found", "did you mean 'tester'?")


def test_an_id_is_never_a_path(installation: Installation) -> None:
    installation.write("elsewhere.json", persona())

    for wanted in ("../elsewhere", "../personas/tester", "tester.json", ""):
        with pytest.raises(NotFound) as caught:
            find_template(wanted)
        assert caught.value.hint


# --- what cannot be used


@pytest.mark.parametrize("wanted", ["tester", "other"], ids=["by the id in it", "by the name of its file"])
def test_a_broken_template_is_left_out_and_an_error_when_it_is_named(installation: Installation, wanted: str) -> None:
    (installation.root / "personas" / "tester.json").unlink()
    path = installation.write("personas/other.json", changed(PERSONA, "role.systemPrompt", REMOVE))

    assert template_ids() == []
    assert told() == [("persona.invalid", f"{path}: role.systemPrompt: is missing (the template is left out)")]
    with pytest.raises(InvalidInput, match=f"{path}: role.systemPrompt"):
        find_template(wanted)


BAD_FILES = {
    "no JSON": ("{", "file.corrupt"),
    "no UTF-8": (b"\xff", "file.corrupt"),
    "nested without end": ("[" * 100_000, "file.corrupt"),
    "larger than a template may be": (json.dumps(persona(extra="x" * MOST_BYTES)), "file.too_large"),
    "a list": ("[]", "persona.invalid"),
}


@pytest.mark.parametrize(("content", "code"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_cannot_be_read_costs_nobody_the_others(installation: Installation, content: Any, code: str) -> None:
    installation.write("personas/bad.json", content)

    assert template_ids() == ["tester"]
    assert [found for found, _ in told()] == [code]
    with pytest.raises(InvalidInput) as caught:
        find_template("bad")
    assert caught.value.code == code


def test_what_was_mended_comes_with_the_template(installation: Installation, home: Path) -> None:
    path = add(home / "personas", category="legal")

    template, notices = load_template("tester")

    assert template.category == "legal"
    assert [notice.message.partition(";")[0] for notice in notices] == [f"{path}: category: 'legal' is not known"]


# --- where they come from


def test_a_template_of_the_users_or_the_organizations_is_used(installation: Installation, home: Path) -> None:
    add(home / "personas", id="mine")
    add(home / "org-plugins" / "personas", id="ours")

    found = template_files.load().found
    assert {name: file.place.scope for name, file in found.items()} == {
        "mine": "user",
        "ours": "enterprise",
        "tester": "builtin",
    }


def test_the_directory_of_organization_packs_may_be_elsewhere(installation: Installation, home: Path, tmp_path: Path) -> None:
    write(home / "policies.json", json.dumps({"general": {"orgPluginDir": str(tmp_path / "org")}}))
    add(tmp_path / "org" / "personas", id="ours")
    add(home / "org-plugins" / "personas", id="elsewhere")

    assert template_ids() == ["ours", "tester"]


def test_templates_in_an_organizations_directory_are_no_pack(installation: Installation, home: Path) -> None:
    add(home / "org-plugins" / "personas", id="ours")

    assert [record.name for record in world.load().packs] == ["my-pack"]
    assert world.load().notices == []


def test_an_active_pack_brings_its_templates(installation: Installation, home: Path) -> None:
    manifest = pack(home / "extensions", "legal", {"id": "s", "name": "S", "description": "d", "prompt": "p"})
    add(manifest.parent / "personas", id="lawyer")

    file = template_files.load().found["lawyer"]
    assert (file.place.scope, file.place.pack) == ("plugin", "legal")

    write(home / "pack-states.json", json.dumps({"packs": {"legal": False}}))
    assert template_ids() == ["tester"]


def test_a_blocked_pack_brings_none(installation: Installation, home: Path) -> None:
    manifest = pack(home / "extensions", "legal", {"id": "s", "name": "S", "description": "d", "prompt": "p"})
    add(manifest.parent / "personas", id="lawyer")
    write(home / "policies.json", json.dumps({"packs": {"blocked": ["legal"]}}))

    assert template_ids() == ["tester"]


def test_what_a_project_brings_is_never_a_template(installation: Installation) -> None:
    project = Path.cwd()
    add(project / ".cowork" / "personas", id="theirs")
    manifest = pack(project / ".cowork" / "extensions", "local", {"id": "s", "name": "S", "description": "d", "prompt": "p"})
    add(manifest.parent / "personas", name="Impostor")

    assert [record.name for record in world.load().packs] == ["my-pack", "local"]
    assert template_ids() == ["tester"]
    assert find_template("tester").name == "Tester"


def test_the_stronger_scope_is_used_and_what_it_hides_is_told(
    installation: Installation, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = pack(home / "extensions", "p", {"id": "s", "name": "S", "description": "d", "prompt": "p"})
    places = [
        installation.root / "personas",
        manifest.parent / "personas",
        home / "personas",
        home / "org-plugins" / "personas",
        tmp_path / "enterprise" / "personas",
    ]
    monkeypatch.setenv("COWORK_ENTERPRISE_CONFIG", str(tmp_path / "enterprise"))

    for number, place in enumerate(places):
        path = add(place, name=f"From {number}")
        found = template_files.load().found["tester"]
        assert (found.document["name"], found.path) == (f"From {number}", path)
        assert [item.parent for item in found.hides] == places[:number][::-1]
        assert len(told()) == number
    assert told()[-1] == (
        "persona.shadowed",
        f"the persona 'tester' of {places[-1] / 'tester.json'} hides that of {places[-2] / 'tester.json'}",
    )


def test_a_pack_of_the_organization_is_stronger_than_the_user(installation: Installation, home: Path) -> None:
    manifest = pack(home / "org-plugins", "ours", {"id": "s", "name": "S", "description": "d", "prompt": "p"})
    add(manifest.parent / "personas", name="Ours")
    add(home / "personas", name="Mine")

    file = template_files.load().found["tester"]
    assert (file.document["name"], file.place.scope, file.place.pack) == ("Ours", "enterprise", "ours")


def test_of_two_files_with_one_id_in_one_directory_the_last_by_name_is_used(installation: Installation, home: Path) -> None:
    add(home / "personas", "b.json", id="mine", name="B")
    add(home / "personas", "a.json", id="mine", name="A")

    assert find_template("mine").name == "B"
    assert [code for code, _ in told()] == ["persona.shadowed"]


# --- what is looked at


def test_links_hidden_files_and_directories_are_no_templates(installation: Installation, home: Path, tmp_path: Path) -> None:
    outside = add(tmp_path / "outside", id="outside")
    add(home / "personas", ".hidden.json", id="hidden")
    add(home / "personas" / "deeper", id="deeper")
    (home / "personas" / "link.json").symlink_to(outside)
    (home / "personas" / "directory.json").mkdir()
    (home / "org-plugins").mkdir()
    (home / "org-plugins" / "personas").symlink_to(outside.parent)

    assert template_ids() == ["tester"]
    assert told() == []


def test_a_directory_is_read_up_to_a_bound(installation: Installation, home: Path) -> None:
    for number in range(MOST_FILES + 1):
        write(home / "personas" / f"{number:03}.json", "[]")

    assert told()[0] == ("persona.too_many", f"{home / 'personas'} holds 201 templates; the first 200 by name are used")
    assert len(told()) == MOST_FILES + 1
