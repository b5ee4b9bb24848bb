"""Persona templates on disk."""

from __future__ import annotations

import pytest

from cowork.core.errors import InvalidInput, NotFound
from cowork.twins.templates import find_template, template_ids
from tests.core.installation import Installation
from tests.formats.samples import PERSONA, changed, persona


def test_templates_are_listed_by_id(installation: Installation) -> None:
    installation.write("personas/analyst.json", persona(id="analyst"))
    installation.write("personas/README.md", "not a template")

    assert template_ids() == ["analyst", "tester"]


def test_a_template_is_found_by_id(installation: Installation) -> None:
    assert find_template("tester").name == "Tester"


@pytest.mark.parametrize("wanted", ["testr", "TESTER"])
def test_an_unknown_template_is_not_found_with_a_suggestion(installation: Installation, wanted: str) -> None:
    with pytest.raises(NotFound, match=f"there is no persona '{wanted}'") as caught:
        find_template(wanted)

    assert (caught.value.code, caught.value.hint) == ("persona.not_found", "did you mean 'tester'?")


def test_an_id_is_never_a_path(installation: Installation) -> None:
    installation.write("elsewhere.json", persona())

    for wanted in ("../elsewhere", "../personas/tester", "tester.json", ""):
        with pytest.raises(NotFound) as caught:
            find_template(wanted)
        assert caught.value.hint


def test_a_broken_template_is_reported_with_file_and_field(installation: Installation) -> None:
    path = installation.write("personas/tester.json", changed(PERSONA, "heartbeat.intervalMinutes", 0))

    with pytest.raises(InvalidInput, match=f"{path}: heartbeat.intervalMinutes"):
        find_template("tester")


def test_a_template_that_is_no_json_is_reported_with_its_place(installation: Installation) -> None:
    path = installation.write("personas/tester.json", "{")

    with pytest.raises(InvalidInput, match=f"persona template is not valid JSON: {path}:1:2"):
        find_template("tester")
