"""Finding packs on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.formats.cowork_plugin import ManifestView, validate
from cowork.formats.pack import Pack
from cowork.registry import discovery
from cowork.registry.discovery import discover, find_pack, find_skill, read_pack
from tests.core.installation import Installation
from tests.formats.fuzz import broken
from tests.formats.samples import MANIFEST, changed, manifest
from tests.registry.samples import pack, skill


def put(installation: Installation, directory: str, document: object) -> Path:
    return installation.write(f"packs/{directory}/cowork.plugin.json", document)


def test_without_packs_there_are_none(installation: Installation) -> None:
    assert discover(ManifestView.pack) == []
    assert discovery.check().message == "0 packs, 0 skills"


def test_packs_come_by_name_whatever_their_directory_is_called(installation: Installation) -> None:
    put(installation, "z", pack("a"))
    put(installation, "a", pack("c"))
    put(installation, "m", pack("b"))

    found = discover(ManifestView.pack)

    assert [item.name for item in found] == ["a", "b", "c"]
    assert found[0].path == str(installation.root / "packs" / "z")
    assert {item.scope for item in found} == {"bundled"}


def test_a_pack_is_one_directory_with_a_manifest(installation: Installation) -> None:
    put(installation, "one", pack("one"))
    put(installation, "group/deeper", pack("deeper"))
    installation.write("packs/notes/README.md", "no pack")
    installation.write("packs/cowork.plugin.json", pack("loose"))

    assert [item.name for item in discover(ManifestView.pack)] == ["one"]


def test_a_pack_is_found_by_its_name_alone(installation: Installation) -> None:
    put(installation, "directory", pack("devops"))

    assert find_pack("devops").display_name == "Devops"
    for wanted in ("directory", "Devops", "devop"):
        with pytest.raises(NotFound, match=f"there is no pack '{wanted}'"):
            find_pack(wanted)


def test_a_pack_that_does_not_exist_comes_with_a_suggestion(installation: Installation) -> None:
    put(installation, "a", pack("devops"))

    with pytest.raises(NotFound) as caught:
        find_pack("DevOp")
    assert (caught.value.code, caught.value.hint) == ("pack.not_found", "did you mean 'devops'?")

    with pytest.raises(NotFound) as caught:
        find_pack("zzz")
    assert caught.value.hint == "list them with: cowork pack list"


def test_a_skill_is_found_with_its_pack(installation: Installation) -> None:
    put(installation, "a", pack("one", skill("first"), skill("second")))
    put(installation, "b", pack("two", skill("third")))

    owner, found = find_skill("third")

    assert (owner.name, found.id) == ("two", "third")


def test_a_skill_that_does_not_exist_comes_with_a_suggestion(installation: Installation) -> None:
    put(installation, "a", pack("one", skill("code-review-prep")))

    with pytest.raises(NotFound, match="there is no skill 'code-review'") as caught:
        find_skill("code-review")

    assert (caught.value.code, caught.value.hint) == ("skill.not_found", "did you mean 'code-review-prep'?")


def test_a_broken_manifest_is_reported_with_file_field_and_rule(installation: Installation) -> None:
    put(installation, "good", pack("good"))
    path = put(installation, "bad", changed(MANIFEST, "skills.0", {"id": "x"}))

    with pytest.raises(InvalidInput, match=rf"{path}: .*skills.*0.*name: .*missing") as caught:
        discover(ManifestView.pack)

    assert caught.value.code == "pack.manifest_invalid"
    assert (discovery.check().status, str(path) in discovery.check().message) == ("fail", True)


def test_a_manifest_that_is_no_json_is_reported_with_its_place(installation: Installation) -> None:
    path = put(installation, "bad", '{"name": ')

    with pytest.raises(InvalidInput, match=f"pack manifest is not valid JSON: {path}:1:10"):
        discover(ManifestView.pack)


@pytest.mark.parametrize("scope", ["personal", "organization"])
def test_what_others_wrote_is_validated_even_where_it_could_be_read(tmp_path: Path, scope: str) -> None:
    path = tmp_path / "cowork.plugin.json"
    path.write_text(json.dumps(manifest(version="1.0")))

    with pytest.raises(InvalidInput, match=rf"{path}: .*version: "):
        read_pack(path, scope, ManifestView.pack)  # type: ignore[arg-type]


@pytest.mark.parametrize("scope", ["bundled", "personal", "organization"])
def test_a_pack_knows_where_it_comes_from(tmp_path: Path, scope: str) -> None:
    path = tmp_path / "cowork.plugin.json"
    path.write_text(json.dumps(manifest()))

    read = read_pack(path, scope, ManifestView.pack)  # type: ignore[arg-type]

    assert (read.scope, read.path) == (scope, str(tmp_path))


def is_valid(document: Any, path: Path) -> bool:
    try:
        validate(document, path=path)
    except InvalidInput:
        return False
    return True


@given(broken(MANIFEST))
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_the_answer_is_a_pack_or_a_typed_error_that_names_it(tmp_path: Path, document: Any) -> None:
    path = tmp_path / "cowork.plugin.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    valid = is_valid(json.loads(path.read_text(encoding="utf-8")), path)

    for scope in ("bundled", "personal", "organization"):
        try:
            found = read_pack(path, scope, ManifestView.pack)  # type: ignore[arg-type]
        except CoworkError as error:
            assert not valid, f"validate accepts it, and yet it cannot be read: {error.cause}"
            assert error.code == "pack.manifest_invalid"
            assert str(path) in error.message
        else:
            assert isinstance(found, Pack)
            assert valid or scope == "bundled"  # what we ship is validated by tests/content, not at run time


def test_the_doctor_counts_packs_and_skills(installation: Installation) -> None:
    put(installation, "a", pack("one", skill("x"), skill("y")))
    put(installation, "b", pack("two", skill("z")))

    assert (discovery.check().status, discovery.check().message) == ("ok", "2 packs, 3 skills")
