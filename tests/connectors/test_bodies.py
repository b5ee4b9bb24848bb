"""Bodies: each content type has its way of writing a value, and every value comes back from it exactly."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.connectors.bodies import fill_body
from cowork.core.errors import InvalidInput
from tests.connectors.samples import HOSTILE, values

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUE: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner, max_size=3), max_leaves=4
)


@given(VALUE, TEXT)
def test_an_object_keeps_the_type_of_a_value_that_stands_alone(value: Any, text: str) -> None:
    template = {"whole": "{{x}}", "part": "<{{t}}>", "deep": [{"a": "{{x}}"}, 1, None], "{{t}}": True}

    document = json.loads(fill_body(template, JSON, values({"x": value, "t": text})))

    assert document == {"whole": value, "part": f"<{text}>", "deep": [{"a": value}, 1, None], "{{t}}": True}


@given(VALUE, TEXT)
def test_a_json_text_takes_texts_inside_quotes_and_values_outside(value: Any, text: str) -> None:
    template = '{"whole": {{x}}, "part": "<{{t}}>", "quote": "\\"{{t}}\\\\", "all": {{input}}}'
    whole = {"x": value, "t": text}

    document = json.loads(fill_body(template, JSON, values(whole)))

    assert document == {"whole": value, "part": f"<{text}>", "quote": f'"{text}\\', "all": whole}


@given(TEXT, TEXT)
def test_a_form_text_takes_any_value(first: str, second: str) -> None:
    body = fill_body("a={{x}}&b={{y}}", FORM, values({"x": first, "y": second}))

    assert parse_qsl(body, keep_blank_values=True) == [("a", first), ("b", second)]


def test_a_form_of_an_object_repeats_lists_and_leaves_nothing_out() -> None:
    body = fill_body(
        {"a": "{{x}}", "b": "{{list}}", "c": "{{no}}", "d": 1, "e": "é&"},
        FORM,
        values({"x": "&b=1", "list": ["1", 2], "no": None}),
    )

    assert parse_qs(body) == {"a": ["&b=1"], "b": ["1", "2"], "d": ["1"], "e": ["é&"]}


@pytest.mark.parametrize("value", [*HOSTILE, "</a><b>", "]]>", "&amp;", '" onload="'])
@pytest.mark.parametrize("kind", ["application/xml", "text/xml; charset=utf-8", "application/soap+xml"])
def test_xml_takes_any_value_as_text_and_as_attribute(value: str, kind: str) -> None:
    root = ElementTree.fromstring(fill_body('<a b="{{x}}">{{x}}</a>', kind, values({"x": value})))

    assert (root.tag, len(root), root.text or "") == ("a", 0, value)
    assert root.attrib["b"].split() == value.split()  # XML itself makes spaces of line ends in attributes


def test_plain_text_is_as_it_is() -> None:
    assert fill_body("Say {{x}}", "text/plain", values({"x": "<&>"})) == "Say <&>"
    assert fill_body("<b>{{x}}</b>", "text/html", values({"x": "<&>"})) == "<b>&lt;&amp;&gt;</b>"


def test_a_content_type_of_another_kind_of_json_is_json() -> None:
    assert json.loads(fill_body('{"a": "{{x}}"}', "Application/Vnd.API+JSON; v=1", values({"x": '"'}))) == {"a": '"'}


REFUSED = {
    "text as JSON": ("Say {{x}}", JSON),
    "JSON that is cut": ('{"a": "{{x}}"', JSON),
    "an unknown kind": ("{{x}}", "application/octet-stream"),
    "no kind": ("{{x}}", ""),
    "an object as text": ({"a": "{{x}}"}, "text/plain"),
    "a list as a form": (["{{x}}"], FORM),
}


@pytest.mark.parametrize(("template", "kind"), REFUSED.values(), ids=REFUSED)
def test_a_body_that_cannot_be_made_is_refused(template: Any, kind: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        fill_body(template, kind, values({"x": "1"}))

    assert (caught.value.code, caught.value.exit_code) == ("connector.bad_body", 4)


def test_a_template_after_a_backslash_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        fill_body('{"a": "\\{{x}}"}', JSON, values({"x": '", "admin": true, "b": "'}))

    assert caught.value.code == "connector.unsafe_template"


def test_a_body_without_templates_is_sent_in_any_kind() -> None:
    assert fill_body("raw", "application/octet-stream", values({})) == "raw"
