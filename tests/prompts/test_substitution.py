"""`{{name}}`: one pass, and a value is never expanded again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.prompts.parameters import ParameterValue
from cowork.prompts.substitution import as_text, fill


@pytest.mark.parametrize(
    ("value", "text"),
    [("x", "x"), ("", ""), (None, ""), (True, "true"), (False, "false"), (0, "0"), (30, "30"), (99.9, "99.9"), (-2, "-2")],
)
def test_a_value_is_written_as_a_prompt_shows_it(value: ParameterValue, text: str) -> None:
    assert as_text(value) == text
    assert fill("[{{v}}]", {"v": value}) == (f"[{text}]", ())


def test_a_placeholder_is_filled_wherever_it_stands() -> None:
    assert fill("{{a}}{{b}} {{a}}\n- {{b}}", {"a": "1", "b": "2"}) == ("12 1\n- 2", ())


@pytest.mark.parametrize(
    "text",
    [
        "{{ }}",
        "{{}}",
        "{{ a }}",
        "{a}",
        "{ {a} }",
        "{{a}",
        "{{a.b}}",
        "{{a-b}}",
        "{{tech | default: 'x'}}",
        "${a}",
        "$a",
        "{{#if a}}",
    ],
)
def test_what_is_no_placeholder_stays(text: str) -> None:
    assert fill(text, {"a": "X"}) == (text, ())


def test_unknown_placeholders_stay_and_are_returned_once_in_order() -> None:
    assert fill("{{b}} {{x}} {{a}} {{b}}", {"x": "1"}) == ("{{b}} 1 {{a}} {{b}}", ("b", "a"))


def test_a_parameter_without_a_value_is_known_and_empty() -> None:
    assert fill("[{{a}}]", {"a": None}) == ("[]", ())


@pytest.mark.parametrize("value", [r"\1", r"\g<0>", "$&", "$1", "\\", "%s", "{}", "{{", "}}"])
def test_a_value_means_nothing_to_the_machinery(value: str) -> None:
    assert fill("<{{a}}>", {"a": value}) == (f"<{value}>", ())


NAMES = st.sampled_from(["a", "b", "itself", "überall"])
PIECES = st.lists(st.text(max_size=6) | NAMES.map(lambda name: "{{" + name + "}}"), max_size=6).map("".join)


@given(PIECES, st.dictionaries(NAMES, PIECES, max_size=4))
def test_a_value_is_never_expanded_whatever_it_holds(template: str, values: dict[str, str]) -> None:
    filled, unknown = fill(template, values)

    # Said another way: cut the template at its placeholders, put each value in its place, and look no further.
    parts = re.split(r"(\{\{\w+\}\})", template)
    expected = [values.get(part[2:-2], part) if number % 2 else part for number, part in enumerate(parts)]
    assert filled == "".join(expected)
    assert set(unknown) == {part[2:-2] for part in parts[1::2]} - set(values)


@given(st.text(max_size=10), st.text(max_size=10))
def test_a_value_that_names_another_parameter_or_itself_arrives_as_it_was_given(before: str, after: str) -> None:
    value = before + "{{other}}{{itself}}" + after

    filled, unknown = fill("<{{itself}}|{{other}}>", {"itself": value, "other": "secret"})

    assert (filled, unknown) == (f"<{value}|secret>", ())


def test_places_are_filled_in_the_same_pass_and_stay_when_they_are_not_given() -> None:
    places = {"artifactDir": "/a/{baseDir}/{{v}}", "baseDir": "/b"}

    assert fill("{artifactDir} {{v}} {baseDir}", {"v": "{artifactDir}"}, places) == ("/a/{baseDir}/{{v}} {artifactDir} /b", ())
    assert fill("{workspaceArtifactDir} {artifactdir} {{baseDir}}", {}, places) == (
        "{workspaceArtifactDir} {artifactdir} {{baseDir}}",
        ("baseDir",),
    )
    assert fill("{artifactDir}", {}) == ("{artifactDir}", ())
