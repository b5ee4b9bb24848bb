"""Addresses: a value is one part of a path or a query, whatever it holds, and never chooses the host."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.connectors.urls import fill_url
from cowork.core.errors import InvalidInput
from cowork.web.urls import read_url
from tests.connectors.samples import HOSTILE, SECRET, values

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PATHS = ("../../admin", "..", ".", "a/../b", "..\\..\\admin", "%2e%2e/../x")


@pytest.mark.parametrize(
    "value", [*HOSTILE, *PATHS, "/", "//evil.example", "?x=1", "#here", "@evil.example", "a&b=c", "\r\nX: y", "\0"]
)
def test_a_hostile_value_stays_one_value_of_the_query(value: str) -> None:
    url = fill_url("https://h.example/a?q={{x}}&r=1", values({"x": value}))

    read = urlsplit(read_url(url).url)
    assert (read.hostname, read.path, read.fragment) == ("h.example", "/a", "")
    assert parse_qs(read.query, keep_blank_values=True, errors="strict") == {"q": [value], "r": ["1"]}


@pytest.mark.parametrize("value", [value for value in HOSTILE if value])
def test_a_hostile_value_stays_one_segment_of_the_path(value: str) -> None:
    read = urlsplit(read_url(fill_url("https://h.example/a/{{x}}/b?c", values({"x": value}))).url)

    assert (read.hostname, read.query, read.fragment) == ("h.example", "c", "")
    assert [unquote(part) for part in read.path.split("/")] == ["", "a", value, "b"]


@given(TEXT, TEXT)
def test_any_values_come_back_exactly_from_a_path_and_a_query(first: str, second: str) -> None:
    try:
        url = fill_url("https://h.example/{{a}}/x{{a}}?{{b}}={{b}}", values({"a": first, "b": second}))
    except InvalidInput as error:
        assert error.code == "connector.unsafe_value"
        return

    read = urlsplit(url)
    assert read.netloc == "h.example"
    assert [unquote(part) for part in read.path.split("/")] == ["", first, "x" + first]
    assert [unquote(part) for part in read.query.split("=")] == [second, second]


@pytest.mark.parametrize("value", ["", *PATHS[:5]])
def test_a_value_that_would_lead_to_another_place_is_refused(value: str) -> None:
    for template in ("https://h.example/users/{{x}}", "https://h.example/{{x}}/delete", "https://h.example/{{x}}{{y}}"):
        with pytest.raises(InvalidInput) as caught:
            fill_url(template, values({"x": value, "y": ""}))

        assert (caught.value.code, caught.value.exit_code) == ("connector.unsafe_value", 4)
        assert caught.value.details == {"template": "{{x}}"}


@pytest.mark.parametrize("template", ["https://h.example/.{{x}}", "https://h.example/%2e{{x}}", "https://h.example/{{x}}{{x}}"])
def test_dots_are_counted_with_what_stands_beside_them(template: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be used"):
        fill_url(template, values({"x": "."}))


@pytest.mark.parametrize(
    "template",
    [
        "{{x}}",
        "{{x}}://h.example/",
        "https:{{x}}",
        "https:/{{x}}",
        "https://{{x}}",
        "https://{{x}}/a",
        "https://{{x}}.example/a",
        "https://h.example{{x}}",
        "https://h.example{{x}}/a",
        "https://h.example:{{x}}/a",
        "https://{{x}}@h.example/a",
        "https://h.example\\{{x}}/a",
        "https://{{env.HOST}}/a",
        "{{env.BASE}}/a",
    ],
)
def test_a_template_never_chooses_the_host(template: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        fill_url(template, values({"x": "evil.example"}, {"HOST": "h", "BASE": "https://h"}))

    assert (caught.value.code, caught.value.exit_code) == ("connector.template_in_host", 4)


def test_a_template_in_a_fragment_is_not_sent() -> None:
    assert fill_url("https://h.example/a#{{x}}", values({"x": "1"})) == "https://h.example/a"


def test_an_address_without_templates_is_left_to_the_guard() -> None:
    for url in ("https://h.example/a/../b?c#d", "no address", ""):
        assert fill_url(url, values({})) in (url, "https://h.example/a/../b?c")


def test_a_plan_shows_values_but_no_secret() -> None:
    given = values({"x": "a b"}, {"KEY": SECRET})

    assert fill_url("https://h.example/{{x}}?k={{env.KEY}}", given.for_show()) == "https://h.example/a%20b?k={{env.KEY}}"
    assert parse_qs(urlsplit(fill_url("https://h.example/?k={{env.KEY}}", given)).query) == {"k": [SECRET]}
