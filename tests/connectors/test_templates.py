"""Templates are read once and filled once: a value is never looked at again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.connectors.secrets import Secrets
from cowork.connectors.templates import Ref, Values, fill, pieces
from cowork.core.errors import InvalidInput
from tests.connectors.samples import values

X, KEY = Ref("input", "x"), Ref("env", "KEY")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("plain", ("plain",)),
        ("{{x}}", (X,)),
        ("a{{x}}b{{env.KEY}}c", ("a", X, "b", KEY, "c")),
        ("{{x}}{{x}}", (X, X)),
        ("{{{x}}}", ("{", X, "}")),
        ("{{{{x}}}}", ("{{", X, "}}")),
        ("{{ x }}", ("{{ x }}",)),
        ("{{.Names}}", ("{{.Names}}",)),
        ("{{a.b}}", ("{{a.b}}",)),
        ("{{env.}}", ("{{env.}}",)),
        ("{{env.1X}}", ("{{env.1X}}",)),
        ("{{env.A-B}}", ("{{env.A-B}}",)),
        ("{{env}}", (Ref("input", "env"),)),
        ("{{größe}}", (Ref("input", "größe"),)),
        ("{{x", ("{{x",)),
        ("{ {x}}", ("{ {x}}",)),
    ],
)
def test_a_text_is_literal_parts_and_templates(text: str, found: tuple[Any, ...]) -> None:
    assert pieces(text) == found


@given(st.text(alphabet="{}xenv.K \n", max_size=30))
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    assert "".join(item if isinstance(item, str) else item.text for item in pieces(text)) == text


@given(st.text(alphabet="{}xenv.KEY", max_size=20), st.text(alphabet="{}xenv.KEY", max_size=20))
def test_a_value_is_never_expanded_again(before: str, value: str) -> None:
    filled = fill(before.replace("{{", "") + "{{x}}", values({"x": value}, {"KEY": "secret"}), str)

    assert filled == before.replace("{{", "") + value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        ("", ""),
        (None, ""),
        (True, "true"),
        (0, "0"),
        (1.5, "1.5"),
        (["a", 1], '["a", 1]'),
        ({"é": None}, '{"é": null}'),
    ],
)
def test_a_value_is_text_as_it_is_or_json(value: Any, text: str) -> None:
    assert values({"x": value}).text(X) == text
    assert values({"x": value}).value(X) == value


def test_input_is_the_whole_input_unless_it_is_a_name_of_its_own() -> None:
    whole = Ref("input", "input")

    assert values({"a": 1}).value(whole) == {"a": 1}
    assert values({"a": 1, "input": "own"}).value(whole) == "own"
    assert values({"a": 1}, declared=("input",)).value(whole) is None


def test_a_declared_input_that_is_not_given_is_nothing_and_an_undeclared_one_is_missing() -> None:
    assert values({}, declared=("x",)).text(X) == ""
    with pytest.raises(InvalidInput) as caught:
        values({}).text(X)

    assert (caught.value.code, caught.value.exit_code, caught.value.details) == ("connector.missing_input", 4, {"name": "x"})


def test_a_plan_shows_a_variable_as_it_is_written() -> None:
    real = Values({"x": "1"}, Secrets({"KEY": "secret"}))

    assert fill("{{x}} {{env.KEY}}", real, str.upper) == "1 SECRET"
    assert fill("{{x}} {{env.KEY}}", real.for_show(), str.upper) == "1 {{env.KEY}}"
