"""Schemas made fit for servers that hold an answer to one."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.models.chat import Shape
from cowork.models.shapes import sent
from tests.models.protocol_rules import check_strict

SCHEMA = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "description": "The answer.", "minLength": 1},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "reasons": {"type": "array", "items": {"type": "object", "properties": {"why": {"type": ["string", "null"]}}}},
    },
    "required": ["answer"],
}
STRICT = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "description": "The answer. (minLength: 1)"},
        "confidence": {"type": "number", "description": "(minimum: 0, maximum: 1)"},
        "reasons": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"why": {"type": ["string", "null"]}},
                "required": ["why"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["answer", "confidence", "reasons"],
    "additionalProperties": False,
}


def test_every_object_is_closed_and_whole_and_what_has_no_place_is_said() -> None:
    assert sent(Shape("ballot", SCHEMA, whole=True)) == Shape("ballot", STRICT, whole=True)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "string"}},
        {"anyOf": [SCHEMA, SCHEMA]},
        {"type": "object", "properties": {"x": {}}},
        {"type": "object", "properties": {"x": True}},
        {"type": "object", "properties": {"x": {"type": "object"}}},
        {"type": "object", "properties": {"x": {"type": "array"}}},
        {"type": "object", "properties": {"x": {"$ref": "#"}}},
        {"type": "object", "properties": {"x": {"allOf": [{"type": "string"}]}}},
    ],
)
def test_a_schema_that_lets_anything_through_cannot_be_sent(schema: dict[str, Any]) -> None:
    assert sent(Shape("x", schema, whole=True)) is None


@pytest.mark.parametrize(("name", "kept"), [("ballot", "ballot"), ("a/b c", "a_b_c"), ("", "answer"), ("é" * 99, "_" * 64)])
def test_the_name_is_one_that_providers_take(name: str, kept: str) -> None:
    found = sent(Shape(name, SCHEMA, whole=True))
    assert found is not None
    assert found.name == kept


leaves = st.sampled_from(
    [
        {"type": "string"},
        {"type": ["integer", "null"], "description": "How many."},
        {"type": "number", "minimum": 0, "maximum": 1},
        {"enum": ["yes", "no"]},
        {"const": 5},
    ]
)


def _objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(["a", "b", "c"])
    properties = st.dictionaries(names, inner, min_size=1)
    return st.builds(
        lambda found, required: {"type": "object", "properties": found, "required": sorted(required & set(found))},
        properties,
        st.sets(names),
    )


schemas = _objects(
    st.recursive(
        leaves,
        lambda inner: (
            _objects(inner)
            | inner.map(lambda each: {"type": "array", "items": each})
            | st.lists(inner, min_size=1, max_size=2).map(lambda each: {"anyOf": each})
        ),
        max_leaves=8,
    )
)


def _example(schema: dict[str, Any]) -> Any:
    """An answer that keeps to a strict schema."""
    if "enum" in schema:
        return schema["enum"][-1]
    if "anyOf" in schema:
        return _example(schema["anyOf"][-1])
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][-1]
    if kind == "object":
        return {name: _example(each) for name, each in schema["properties"].items()}
    return [_example(schema["items"])] if kind == "array" else {"string": "x", "number": 0.5, "null": None}[kind]


@settings(deadline=None)
@given(schemas)
def test_what_is_sent_keeps_the_rules_and_an_answer_to_it_keeps_to_the_schema(schema: dict[str, Any]) -> None:
    before = json.dumps(schema)
    found = sent(Shape("x", schema, whole=True))
    assert found is not None
    check_strict(found.schema)
    jsonschema.validate(_example(dict(found.schema)), schema)
    assert json.dumps(schema) == before
