"""Inputs are JSON objects that fit the connector's schema; the schema is hostile text itself."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.connectors import inputs
from cowork.connectors.inputs import check_input, read_input
from cowork.core.errors import CoworkError, InvalidInput

NAMED: dict[str, Any] = {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string", "default": "d"}}}

UNREADABLE = {
    "nothing": "",
    "no JSON": "{a: 1}",
    "cut": '{"a": ',
    "a list": "[]",
    "a text": '"a"',
    "null": "null",
    "NaN": '{"a": NaN}',
    "infinity": '{"a": 1e999}',
    "half a character": '{"a": "\\ud800"}',
    "half a character in a name": '{"\\udfff": 1}',
    "deep": '{"a":' * 100 + "1" + "}" * 100,
    "very deep": '{"a":' * 100_000,
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_input(text)

    assert (caught.value.code, caught.value.exit_code) == ("connector.bad_input", 4)
    assert caught.value.cause


@given(st.text())
def test_no_text_fails_in_another_way(text: str) -> None:
    try:
        assert isinstance(read_input(text), dict)
    except CoworkError as error:
        assert error.code == "connector.bad_input"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


@given(st.dictionaries(TEXT, st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT, max_size=3), max_size=3))
def test_every_json_object_is_read_as_it_is(document: dict[str, Any]) -> None:
    assert read_input(json.dumps(document)) == document


def test_an_input_that_fits_is_given_the_defaults() -> None:
    assert check_input({"n": 1}, NAMED) == ({"n": 1, "s": "d"}, ())
    assert check_input({"n": 1, "s": "own"}, NAMED)[0] == {"n": 1, "s": "own"}
    assert check_input({"anything": [1]}, {}) == ({"anything": [1]}, ())


def test_every_problem_is_listed_with_its_place() -> None:
    schema = {**NAMED, "required": ["need"], "additionalProperties": False}
    with pytest.raises(InvalidInput) as caught:
        check_input({"n": "x", "s": 1, "more": 1}, schema)

    problems = caught.value.details["problems"]
    assert caught.value.code == "connector.bad_input"
    assert [problem.split(": ")[0] for problem in problems] == ["$", "$", "$.n", "$.s"]
    assert "'need' is a required property" in str(problems)


def test_formats_are_not_checked() -> None:
    assert (
        check_input({"n": 1, "s": "nobody"}, {"properties": {"s": {"type": "string", "format": "email"}}})[0]["s"] == "nobody"
    )


def test_a_name_that_nothing_uses_is_a_warning() -> None:
    _, notices = check_input({"n": 1, "x": 1, "typo": 1}, NAMED, used=["x"])

    assert [(notice.code, "'typo'" in notice.message) for notice in notices] == [("connector.unknown_input", True)]
    assert check_input({"typo": 1}, NAMED, used=["input"])[1] == ()


BAD_SCHEMAS: dict[str, dict[str, Any]] = {
    "no type": {"type": "thing"},
    "required is no list": {"required": "a"},
    "a pattern that is none": {"properties": {"s": {"pattern": "("}}},
    "a reference to nowhere": {"$ref": "#/nowhere"},
    "a reference to itself": {"$ref": "#"},
    "a circle": {"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
    "another document": {"$ref": "https://example.com/schema.json"},
    "another document, deep inside": {"properties": {"n": {"anyOf": [{"$ref": "file:///etc/passwd"}]}}},
    "another document, never reached": {"properties": {"absent": {"$ref": "https://example.com/schema.json"}}},
    "another document, dynamically": {"$dynamicRef": "other.json#a"},
    "a document beside it": {"$id": "https://example.com/a", "$ref": "b"},
}


@pytest.mark.parametrize("schema", BAD_SCHEMAS.values(), ids=BAD_SCHEMAS)
def test_a_schema_that_cannot_be_used_is_refused(schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "getaddrinfo")  # nothing is fetched
    with pytest.raises(InvalidInput) as caught:
        check_input({"s": "x", "n": 1}, schema)

    assert (caught.value.code, caught.value.exit_code) == ("connector.bad_schema", 4)


SLOW: dict[str, dict[str, Any]] = {
    "a pattern": {"properties": {"s": {"pattern": "^(a+)+$"}}},
    "rules that double": {
        "$ref": "#/$defs/a0",
        "$defs": {f"a{at}": {"allOf": [{"$ref": f"#/$defs/a{at + 1}"}] * 2} for at in range(40)} | {"a40": {}},
    },
}


@pytest.mark.parametrize("schema", SLOW.values(), ids=SLOW)
def test_a_schema_that_would_take_years_is_stopped(schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "CHECK_S", 0.2)
    started = time.monotonic()
    with pytest.raises(InvalidInput, match="cannot be used") as caught:
        check_input({"s": "a" * 50 + "!"}, schema)

    assert "longer than 0.2 s" in (caught.value.cause or "")
    assert time.monotonic() - started < 2
