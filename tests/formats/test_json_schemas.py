"""The published schemas: equal to the models, and agreeing with them on real documents."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from cowork.core.paths import data_dir
from cowork.formats.cowork_plugin_schema import Manifest
from tests.formats import test_agent_plugin, test_claude_plugin, test_marketplace
from tests.formats.fuzz import broken
from tests.formats.samples import MANIFEST, PERSONA, REMOVE, changed
from tests.tools.json_schemas import DIRECTORY, MODELS, schemas

GOOD: dict[str, dict[str, Any]] = {
    "cowork.plugin": MANIFEST,
    "claude-plugin": test_claude_plugin.FULL,
    "marketplace": test_marketplace.FULL,
    "agent-plugin": test_agent_plugin.FULL,
    "policies": {"version": 2, "packs": {"blocked": ["x"]}, "extra": 1},
    "persona": PERSONA,
}
BAD: dict[str, tuple[str, Any]] = {
    "cowork.plugin": ("skills.0.prompt", REMOVE),
    "claude-plugin": ("name", "a b"),
    "marketplace": ("plugins.2.source.repo", "x"),
    "agent-plugin": ("author.twitter", "x"),
    "policies": ("packs.blocked", "x"),
    "persona": ("role.capabilities", []),
}


def published(name: str) -> Any:
    return json.loads((DIRECTORY / f"{name}.schema.json").read_text(encoding="utf-8"))


def test_what_is_published_is_what_the_models_say() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in DIRECTORY.glob("*.schema.json")}
    assert written == schemas(), "run: python -m tests.tools.json_schemas"


@pytest.mark.parametrize("name", MODELS)
def test_a_schema_is_one_and_tells_good_from_bad(name: str) -> None:
    schema = published(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    assert list(validator.iter_errors(GOOD[name])) == []
    assert not validator.is_valid(changed(GOOD[name], *BAD[name]))


def test_the_packs_we_ship_keep_the_published_schema() -> None:
    validator = jsonschema.Draft202012Validator(published("cowork.plugin"))
    for path in data_dir("packs").glob("*/cowork.plugin.json"):
        assert list(validator.iter_errors(json.loads(path.read_text(encoding="utf-8")))) == [], path


@given(broken(MANIFEST))
@settings(deadline=None, max_examples=200)
def test_what_the_model_accepts_the_schema_accepts(document: Any) -> None:
    try:
        Manifest.model_validate(document)
    except ValueError:
        return
    validator = jsonschema.Draft202012Validator(published("cowork.plugin"))
    assert list(validator.iter_errors(document)) == []
