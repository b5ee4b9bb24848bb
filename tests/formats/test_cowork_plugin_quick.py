"""The quick look at a `cowork.plugin.json`: it never accepts what the full validation refuses, and most packs need no more."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import types
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from cowork.core.errors import InvalidInput
from cowork.core.paths import data_dir
from cowork.formats import cowork_plugin_quick as quick
from cowork.formats.cowork_plugin import FILE_NAME, problems, validate
from cowork.formats.cowork_plugin_quick import quickly_valid
from cowork.formats.cowork_plugin_schema import Manifest
from cowork.formats.limits import MAX_DEPTH, MAX_KEYS
from cowork.formats.quick_section import QuickSection, anything, nothing
from tests.contract.test_imports import PROBE
from tests.formats import test_cowork_plugin as full
from tests.formats.fuzz import JUNK, ODD, places
from tests.formats.samples import MANIFEST, REMOVE, changed, manifest
from tests.install import sample_packs

WHERE = Path("/packs/my-pack/cowork.plugin.json")


def packed(tree: sample_packs.Tree) -> dict[str, Any]:
    """The manifest of a pack."""
    return json.loads(tree[FILE_NAME])


def connector(kind: str, **body: Any) -> dict[str, Any]:
    """A connector with its body."""
    return {"name": f"a-{kind}", "description": "d", "type": kind, "env": ["TOKEN"], kind: body}


def everything() -> dict[str, Any]:
    """A manifest with every field of the format but `configSchema`."""
    document = copy.deepcopy({**MANIFEST, **full.FULL, "main": "index.js"})
    del document["configSchema"]
    document["skills"][0] |= copy.deepcopy(full.FULL_SKILL)
    document["skillDirectories"].append({"id": "b", "path": "./b/c", "name": "B", "description": None, "enabled": False})
    document["connectors"] += [
        connector("shell", command="ls {{x}}", cwd="bin", timeout=1000),
        connector("script", body="return 1", runtime="node", timeout=0.5),
        connector("http", url="https://example.com", method="POST", body={"a": [1]}, responseFormat="text", timeout=None),
    ]
    return document


def judged_in_full(document: Any) -> list[str] | None:
    """The unknown keys that pydantic finds, or None where it finds an error."""
    found = problems(document, WHERE)
    if any(problem.severity == "error" for problem in found):
        return None
    return [item.where.removeprefix("$").removeprefix(".") for item in found if item.rule == "manifest.unknown_key"]


SAMPLES: dict[str, Any] = {
    "everything": everything(),
    "the sample": MANIFEST,
    "the specification's": full.SPEC_MINIMAL,
    "five fields and content": {**full.LEAST, "skills": []},
    "an entry point": {**full.LEAST, "main": "index.js"},
    "a pack to install": packed(sample_packs.COWORK_PACK),
    "fifty files": packed(sample_packs.fifty_files()),
    "fifty files, later": packed(sample_packs.fifty_files("1.1.0")),
}


# --- what goes the quick way


@pytest.mark.parametrize("path", sorted(data_dir("packs").glob(f"*/{FILE_NAME}")), ids=lambda path: path.parent.name)
def test_the_packs_we_ship_are_certainly_valid(path: Path) -> None:
    assert quickly_valid(json.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("document", SAMPLES.values(), ids=SAMPLES)
def test_ordinary_manifests_are_certainly_valid(document: Any) -> None:
    assert quickly_valid(document) == [] == judged_in_full(document)


@pytest.mark.parametrize(("path", "value"), full.ACCEPTED.values(), ids=full.ACCEPTED)
def test_what_real_packs_do_is_certainly_valid(path: str, value: Any) -> None:
    assert quickly_valid(changed(MANIFEST, path, value)) == []


ODD_KEYS = {
    "zzz": 1,
    "display_name": "a field's name, but not in the file's spelling",
    "with blank": {"skills": 1},
    "Ünïcode": None,
    "a.b[0]\"'\\\n\u202e": [],
    "": 0,
    "x" * 200: 0,
    "self": 1,
    "model_config": {},
    "$schema": "https://example.com",
}


def test_unknown_keys_are_named_as_the_full_validation_names_them() -> None:
    document = everything()
    document["skills"] = document.pop("skills")  # the order of the file is not that of the fields
    for path in ["", "platform", "skills.0", "skills.0.parameters.1", "skills.0.requires", "skills.0.install.0",
                 "skills.0.invocation", "skillDirectories.1", "agentRoles.0", "slashCommands.0", "connectors.0",
                 "connectors.0.http", "connectors.1.shell", "connectors.2.script"]:  # fmt: skip
        holder: Any = document
        for part in path.split(".") if path else ():
            holder = holder[int(part) if part.isdigit() else part]
        holder |= {"one": 1, "Two": [{}], **({} if path else ODD_KEYS)}

    found = quickly_valid(document)

    assert found == judged_in_full(document) == validate(document, path=WHERE)
    assert found is not None
    assert len(found) == 2 * 14 + len(ODD_KEYS)
    assert found[0] == "one"
    assert "skills[0].parameters[1].Two" in found


def test_what_is_inside_free_objects_is_nobodys_unknown_key() -> None:
    document = changed(MANIFEST, "metadata", {"skills": [{"no": "skill"}], "é": {"deep": [None, 1.5, True]}})
    document["capabilities"] = {"tools": {"a b": 1}}
    document["connectors"][0]["inputSchema"] = {"properties": {"$ref": {}}}

    assert quickly_valid(document) == [] == judged_in_full(document)


# --- what is left to the full validation


@pytest.mark.parametrize(("path", "value", "_place", "_rule"), full.REFUSED.values(), ids=full.REFUSED)
def test_a_broken_rule_is_never_certainly_valid(path: str, value: Any, _place: str, _rule: str) -> None:
    assert quickly_valid(changed(MANIFEST, path, value)) is None


@pytest.mark.parametrize("path", full.ESCAPES)
def test_a_path_that_leads_out_is_never_certainly_valid(path: str) -> None:
    assert quickly_valid(manifest(skillDirectories=[{"id": "a", "path": path}])) is None


DOUBTFUL: dict[str, tuple[str, Any]] = {
    "an endless number": ("skills.0.priority", 10**400),
    "infinity": ("skills.0.priority", float("inf")),
    "no number": ("connectors.1.shell.timeout", float("nan")),
    "a timeout of nothing": ("connectors.1.shell.timeout", 0),
    "a timeout that is true": ("connectors.1.shell.timeout", True),
    "a number in text": ("skills.0.priority", "10"),
    "half a character": ("displayName", "\ud800"),
    "half a character as a key": ("\ud800", 1),
    "half a character in metadata's keys": ("metadata", {"\ud800": 1}),
    "half a character in headers": ("connectors.0.http.headers", {"X": "\udfff"}),
    "a number as a key": ("metadata", {1: 1}),
    "null for skills": ("skills", None),
    "null for a skill": ("skills.0", None),
    "null for a parameter's type": ("skills.0.parameters.0.type", None),
    "a list for a type": ("type", ["pack"]),
    "an object for a type": ("type", {}),
    "a list as the default of a select": ("skills.0.parameters.1.default", ["well"]),
    "null for metadata": ("metadata", None),
    "a header that is a number": ("connectors.0.http.headers", {"X": 1}),
    "a body of another type only": ("connectors.1.type", "script"),
    "null for the body": ("connectors.1.shell", None),
    "a bad body of a type that is not used": ("connectors.0.shell", {}),
    "a variable that starts with a digit": ("connectors.1.env", ["1X"]),
    "a variable with a newline": ("connectors.1.env", ["X\n"]),
    "an endless variable": ("connectors.1.env", ["X" * 129]),
    "a colour with a newline": ("agentRoles.0.color", "#6366f1\n"),
    "an id with a newline": ("skills.0.id", "my-skill\n"),
    "an endless version": ("version", "1.0.0" + "0" * 60),
    "settings": ("configSchema", full.FULL["configSchema"]),
    "bad settings": ("configSchema", {"type": "object"}),
    "a skill id twice": ("skillDirectories.0.id", "my-skill"),
    "a skill directory twice": ("skillDirectories.1.id", "codex-security:scan"),
    "an agent role twice": ("agentRoles", [MANIFEST["agentRoles"][0]] * 2),
    "a connector twice": ("connectors.1.name", "my-service"),
    "a slash command twice, but for capitals": (
        "slashCommands",
        [{"name": "Go", "skillId": "my-skill"}, {"name": "gO", "skillId": "my-skill"}],
    ),
}


@pytest.mark.parametrize(("path", "value"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_is_odd_is_left_to_the_full_validation(path: str, value: Any) -> None:
    assert quickly_valid(everything()) == []
    assert quickly_valid(changed(everything(), path, value)) is None


@pytest.mark.parametrize("document", [None, [], "pack", 1, True, {}, [MANIFEST]], ids=repr)
def test_what_is_no_manifest_at_all_is_left_to_the_full_validation(document: Any) -> None:
    assert quickly_valid(document) is None


@pytest.mark.parametrize("content", [{}, {"main": ""}, {"main": None}, {"metadata": {}}], ids=str)
def test_a_pack_that_brings_nothing_is_never_certainly_valid(content: dict[str, Any]) -> None:
    assert quickly_valid({**full.LEAST, **content}) is None


@pytest.mark.parametrize("field", ["name", "displayName", "version", "description", "type"])
def test_a_manifest_without_what_it_needs_is_never_certainly_valid(field: str) -> None:
    assert quickly_valid(changed(MANIFEST, field, REMOVE)) is None


def test_the_limits_hold_on_the_quick_way_too() -> None:
    deep: Any = []
    for _ in range(MAX_DEPTH):
        deep = [deep]

    for large in ({"x": deep}, dict.fromkeys(map(str, range(MAX_KEYS + 1)))):
        assert quickly_valid(manifest(metadata=large)) is None
        with pytest.raises(InvalidInput):
            validate(manifest(metadata=large), path=WHERE)


def test_where_unknown_keys_are_too_many_to_report_the_full_validation_says_which() -> None:
    document = manifest(**{f"x{number}": number for number in range(150)})
    document["slashCommands"][0]["skillId"] = "elsewhere"

    assert quickly_valid(document) is None
    assert validate(document, path=WHERE) == judged_in_full(document)


# --- the two never disagree

VALUES = JUNK | st.sampled_from([float("nan"), float("inf"), 10**400, 2**53, -0.0, 1.0, True, "é", "\u0661", "a\n", "x" * 129])
FIELDS = st.sampled_from(["icon", "display_name", "type", "id", "http", "skills", "zzz", "é", "\ud800", "a b", "x" * 90])


@st.composite
def disturbed(draw: st.DrawFn) -> Any:
    """A sample with up to four places replaced, removed, doubled, exchanged for another place's value, or given another key."""
    document = draw(st.sampled_from(list(SAMPLES.values())))
    for _ in range(draw(st.integers(0, 4))):
        found = places(document)
        if not found:
            break
        path = draw(st.sampled_from(found))
        other = draw(st.sampled_from(found))
        how = draw(st.sampled_from(["replace", "remove", "exchange", "double", "key"]))
        try:
            document = _disturbed(document, path, how, other, draw)
        except (KeyError, IndexError, TypeError, ValueError):
            continue  # a key with a dot, or an earlier change took the place away
    return document


def _disturbed(document: Any, path: str, how: str, other: str, draw: st.DrawFn) -> Any:
    if how == "replace":
        return changed(document, path, draw(VALUES))
    if how == "remove":
        return changed(document, path, REMOVE)
    value = _at(document, path)
    if how == "exchange":
        return changed(document, path, copy.deepcopy(_at(document, other)))
    if how == "double" and isinstance(value, list):
        return changed(document, path, value * 2)
    if how == "key" and isinstance(value, dict):
        return changed(document, path, {**value, draw(FIELDS | ODD | st.text(max_size=5)): draw(VALUES)})
    return document


def _at(document: Any, path: str) -> Any:
    for part in path.split("."):
        document = document[int(part) if part.isdigit() else part]
    return document


@given(disturbed())
@settings(deadline=None, max_examples=600)
def test_what_is_certainly_valid_is_valid_with_the_same_unknown_keys(document: Any) -> None:
    found = quickly_valid(document)

    assert found is None or found == judged_in_full(document)


@given(st.sampled_from(places(everything())), VALUES)
@settings(deadline=None, max_examples=400)
def test_one_odd_value_is_never_overlooked(path: str, value: Any) -> None:
    document = changed(everything(), path, value)
    found = quickly_valid(document)

    assert found is None or found == judged_in_full(document)


@given(st.dictionaries(st.text(alphabet="abz_é .[", min_size=1), JUNK, max_size=5), st.data())
@settings(deadline=None, max_examples=100)
def test_unknown_keys_anywhere_keep_a_manifest_certainly_valid(extra: dict[str, Any], data: st.DataObject) -> None:
    document = everything()
    for path in data.draw(st.lists(st.sampled_from(["skills.0", "connectors.1.shell", "agentRoles.0", "platform"]))):
        _at(document, path).update({f"x-{key}": value for key, value in extra.items()})

    document |= {f"y-{key}": value for key, value in extra.items()}

    found = quickly_valid(document)

    assert found is not None
    assert found == judged_in_full(document)


# --- the tables say what the schema says


def _fields_that_differ(section: QuickSection, model: type[BaseModel], path: str = "") -> list[str]:
    """Where a table does not name the fields of a model, what they need, what may be null, or their sections in order."""
    known = {field.alias or name: field for name, field in model.model_fields.items()}
    needed = {key for key, field in known.items() if field.is_required()}
    nullable = {key for key, field in known.items() if type(None) in get_args(field.annotation)}
    wrong = [f"{path}{key}" for key in {*known} ^ {*section.fields}]
    wrong += [f"{path}{key}!" for key in needed ^ section.needed]
    wrong += [f"{path}{key}?" for key in nullable ^ section.nullable]
    nested = {key: found for key, field in known.items() if (found := _model_in(field.annotation))}
    shapes = {key: shape for key, shape in section.fields.items() if isinstance(shape, (QuickSection, list))}
    left_out = {key for key, shape in section.fields.items() if shape is nothing}
    if list(shapes) != [key for key in nested if key not in left_out]:
        wrong.append(f"{path}(sections)")
    for key, shape in shapes.items():
        wrong += _fields_that_differ(shape[0] if isinstance(shape, list) else shape, nested[key], f"{path}{key}.")
    return wrong


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    if get_origin(annotation) in (list, dict, Union, types.UnionType, Annotated):
        return next((found for item in get_args(annotation) if (found := _model_in(item))), None)
    return None


def test_the_tables_name_the_fields_of_the_schema() -> None:
    assert _fields_that_differ(quick.MANIFEST, Manifest) == []


def test_the_comparison_of_tables_and_schema_sees_a_difference() -> None:
    wrong = QuickSection(*[(f"{name}!", anything) for name in quick.MANIFEST.fields if name != "icon"])

    assert {"icon", "keywords!", "main?", "(sections)"} <= set(_fields_that_differ(wrong, Manifest))


# --- and it is why a list of packs needs no pydantic


def loaded_by_a_first_look(home: Path, document: dict[str, Any]) -> tuple[list[dict[str, Any]], set[str]]:
    """What `pack list` says of a personal pack nobody looked at before, and the modules that it loads."""
    place = home / "extensions" / "my-pack" / FILE_NAME
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(document), encoding="utf-8")
    script = PROBE.replace("ARGV", repr(["pack", "list", "--json"]))
    done = subprocess.run([sys.executable, "-c", script], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    listed, (code, modules) = (json.loads(done.stdout.splitlines()[at]) for at in (0, -1))
    assert code == 0
    return [item for item in listed["data"]["items"] if item["name"] == "my-pack"], set(modules)


HEAVY = {"pydantic", "pydantic_core", "yaml", "cowork.formats.cowork_plugin_schema", "subprocess", "importlib.metadata"}


@pytest.mark.parametrize("unknown", [{}, {"zzz": 1}], ids=["plain", "with an unknown key"])
def test_a_first_look_at_a_plain_pack_loads_no_pydantic(home: Path, unknown: dict[str, Any]) -> None:
    [pack], modules = loaded_by_a_first_look(home, manifest(**unknown))

    assert pack["scope"] == "personal"
    assert "cowork.formats.cowork_plugin_quick" in modules
    assert modules & HEAVY == set()


def test_a_first_look_at_a_bad_pack_asks_pydantic_what_is_wrong(home: Path) -> None:
    _, modules = loaded_by_a_first_look(home, manifest(icon=1))

    assert "pydantic" in modules
