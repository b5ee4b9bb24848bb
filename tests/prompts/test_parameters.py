"""A skill's parameters: what the user gave, checked and typed."""

from __future__ import annotations

from typing import Any

import pytest

from cowork.core.errors import InvalidInput
from cowork.formats.parameter import Parameter
from cowork.prompts.parameters import bind, convert

WHAT = Parameter("what", "string", "What to look at", required=True)
WHO = Parameter("who", "string", "Whom to ask", required=True)
HOW = Parameter("how", "select", "How to look", default="well", options=("well", "fast", "Very Fast"))
TIMES = Parameter("times", "number", "How often", default=2)
LOUD = Parameter("loud", "boolean", "Whether aloud", default=False)
NOTE = Parameter("note", "string", "")


def refusal(declared: list[Parameter], given: dict[str, str]) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        bind(declared, given)
    return caught.value


def test_every_declared_parameter_gets_what_was_given_else_its_default_else_nothing() -> None:
    assert bind([WHAT, HOW, TIMES, LOUD, NOTE], {"what": "x", "times": "3"}) == {
        "what": "x",
        "how": "well",
        "times": 3,
        "loud": False,
        "note": None,
    }


def test_a_skill_without_parameters_takes_none() -> None:
    assert bind([], {}) == {}


def test_a_missing_parameter_is_named_with_all_that_are_missing() -> None:
    error = refusal([NOTE, WHAT, TIMES, WHO], {})

    assert error.code == "skill.missing_parameter"
    assert error.message == "parameter 'what' is required"
    assert error.cause == "What to look at"
    assert "--param what=" in (error.hint or "")
    assert error.details == {"parameter": "what", "missing": ["what", "who"]}


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u00a0"])
def test_whitespace_is_as_good_as_missing(blank: str) -> None:
    assert refusal([WHAT], {"what": blank}).code == "skill.missing_parameter"


def test_a_text_keeps_its_own_whitespace() -> None:
    assert bind([WHAT], {"what": "  x\n"}) == {"what": "  x\n"}


def test_an_unknown_parameter_is_refused_with_a_suggestion() -> None:
    error = refusal([WHAT, HOW], {"what": "x", "waht": "y"})

    assert (error.code, error.message) == ("skill.unknown_parameter", "there is no parameter 'waht'")
    assert error.hint == "did you mean 'what'?"


def test_an_unknown_parameter_like_no_other_lists_what_the_skill_takes() -> None:
    assert refusal([WHAT, HOW], {"zzz": "y"}).hint == "it takes: what, how"
    assert refusal([], {"zzz": "y"}).hint == "it takes: no parameters"


NUMBERS = {
    "0": 0,
    "42": 42,
    "-7": -7,
    "+7": 7,
    " 8 ": 8,
    "1.5": 1.5,
    "-0.25": -0.25,
    "3.0": 3,
    "1e3": 1000,
    "9007199254740993": 9007199254740993,  # one more than floats can tell apart
    "12345678901234567890": 12345678901234567890,
}


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_a_number_is_read_exactly(text: str, number: float) -> None:
    value = convert(TIMES, text)

    assert (value, type(value)) == (number, type(number))


@pytest.mark.parametrize("text", ["", "many", "1,5", "0x10", "1.2.3", "ten", "1 2", "true"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="parameter 'times': it must be a number") as caught:
        convert(TIMES, text)

    assert (caught.value.code, caught.value.cause, caught.value.hint) == (
        "skill.invalid_parameter",
        f"it is {text!r}",
        "How often",
    )


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "Infinity", "1e999"])
def test_a_number_without_end_or_meaning_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="it must be a finite number"):
        convert(TIMES, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [(text, True) for text in ("true", "True", " TRUE ", "yes", "on", "1")]
    + [(text, False) for text in ("false", "FALSE", "no", "Off", "0")],
)
def test_a_boolean_is_said_in_the_usual_words(text: str, value: bool) -> None:
    assert convert(LOUD, text) is value


@pytest.mark.parametrize("text", ["", "maybe", "2", "y", "truefalse"])
def test_what_is_no_boolean_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="parameter 'loud': it must be true or false"):
        convert(LOUD, text)


@pytest.mark.parametrize(("text", "option"), [("fast", "fast"), ("FAST", "fast"), (" very fast ", "Very Fast")])
def test_an_option_is_chosen_whatever_its_case(text: str, option: str) -> None:
    assert convert(HOW, text) == option


@pytest.mark.parametrize("text", ["", "slow", "well, fast"])
def test_what_is_no_option_is_refused_with_the_options(text: str) -> None:
    with pytest.raises(InvalidInput, match="parameter 'how': it must be one of: well, fast, Very Fast"):
        convert(HOW, text)


def test_options_that_differ_in_case_alone_must_be_written_as_they_are() -> None:
    either = Parameter("p", "select", "", options=("A", "a"))

    assert (convert(either, "A"), convert(either, "a")) == ("A", "a")
    with pytest.raises(InvalidInput):
        convert(Parameter("p", "select", "", options=("Ab", "aB")), "ab")


def test_a_long_wrong_value_is_shown_in_part() -> None:
    with pytest.raises(InvalidInput) as caught:
        convert(TIMES, "x" * 5000)

    assert len(caught.value.cause or "") < 80


@pytest.mark.parametrize("value", ["x", "{{how}}", "$& \\1 {{ }} %s", "👨\u200d💻"])
def test_a_text_is_taken_as_it_is(value: str) -> None:
    bound: dict[str, Any] = bind([WHAT], {"what": value})

    assert bound == {"what": value}
