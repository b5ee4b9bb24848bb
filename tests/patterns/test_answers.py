"""The answer contract."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.patterns.answers import (
    Answer,
    ContractError,
    body,
    last_object,
    normalise,
    parse_answer,
    parse_verdict,
    rejoined,
    repeats,
    same,
)
from cowork.patterns.contracts import REVIEW_STEP
from cowork.patterns.values import line_of


def answer(text: str, whole: str = "") -> Answer:
    return Answer(text, 0.5, "", whole or text)


def test_the_last_object_counts_and_what_stands_before_it_does_not() -> None:
    text = 'First {"answer": "no", "confidence": 1, "reason": ""} but then\n{"answer": "yes", "confidence": 0.5, "reason": "r"}'
    assert parse_answer(text).answer == "yes"


def test_an_object_around_the_last_one_is_the_last_one() -> None:
    assert last_object('x {"answer": {"inner": 1}, "b": 2} y')["b"] == 2


def test_a_code_fence_around_it_does_not_matter() -> None:
    assert parse_answer('```json\n{"answer": "42", "confidence": 0.9, "reason": "r"}\n```').answer == "42"


def test_numbers_are_taken_as_text_and_a_missing_reason_as_empty() -> None:
    found = parse_answer('{"answer": 42, "confidence": 1}')
    assert (found.answer, found.reason, found.confidence) == ("42", "", 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json at all",
        "{",
        '{"answer": ""}',
        '{"answer": "x"}',
        '{"answer": "x", "confidence": "high"}',
        '{"answer": "x", "confidence": true}',
        '{"answer": "x", "confidence": 1.5}',
        '{"answer": "x", "confidence": NaN}',
        '{"answer": ["x"], "confidence": 0.5}',
        '{"confidence": 0.5}',
        '["answer"]',
    ],
)
def test_what_breaks_the_contract_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ContractError) as refused:
        parse_answer(text)
    assert str(refused.value)


@pytest.mark.parametrize(("said", "meant"), [("A", "A"), ("b", "B"), ("TIE", "tie"), (" Tie ", "tie")])
def test_a_verdict_is_a_b_or_tie(said: str, meant: str) -> None:
    assert parse_verdict(json.dumps({"winner": said, "confidence": 0.5})).winner == meant


@pytest.mark.parametrize("said", ["", "C", "both", "A and B"])
def test_any_other_verdict_is_refused(said: str) -> None:
    with pytest.raises(ContractError):
        parse_verdict(json.dumps({"winner": said, "confidence": 0.5}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Files", "the files."),
        ("1,000", "1000.0"),
        ("$5", "5"),
        ("Yes!", "true"),
        ("A database", "database"),
        ("No", "false"),
        ("A", "(a)."),
        (".50", "0.5"),
        ("-.5", "-0.50"),
        ("0", "-0.0"),
        ("٤٢", "042"),
    ],
)
def test_answers_that_say_the_same_are_equal(one: str, other: str) -> None:
    assert same(answer(one), answer(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("yes", "no"),
        ("10", "1.0"),
        ("files", "database"),
        ("v1.2", "v12"),
        ("C", "C++"),
        ("a", "b"),
        ("1234567", "1234568"),
        ("0.1234567", "0.1234568"),
        ("9" * 400, "8" * 400),
        (".5", "5"),
        ("5", "-5"),
        ("plan A", "the plan"),
        ("a", "the"),
    ],
)
def test_answers_that_differ_stay_different(one: str, other: str) -> None:
    assert not same(answer(one), answer(other))


def test_half_a_character_is_marked_for_no_seat_could_be_sent_it() -> None:
    found = parse_answer('{"answer": "x\\ud800", "confidence": 1, "reason": "\\udfff \\ud83d\\ude00"}')
    assert (found.answer, found.reason) == ("x?", "? \U0001f600")
    assert line_of("a \ud800", "it") == "a ?"
    changes = '{"verdict": "changes", "findings": ["\\ud800"]}'
    assert REVIEW_STEP.parse(changes).findings == ("?",)


def test_a_statement_repeats_when_answer_and_words_are_nearly_the_same() -> None:
    words = "because the journal is append only and survives a crash " * 3
    assert repeats(answer("files", words), answer("files", words + "!"))
    assert not repeats(answer("files", words), answer("files", "an entirely different line of thought about cost"))
    assert not repeats(answer("files", words), answer("database", words))


@given(st.text(max_size=400))
def test_whatever_a_model_writes_gives_an_answer_or_a_contract_error(text: str) -> None:
    for parse in (parse_answer, parse_verdict):
        try:
            found = parse(text)
        except ContractError:
            continue
        assert 0 <= found.confidence <= 1


@given(
    st.text(min_size=1, max_size=80).filter(str.strip),
    st.floats(0, 1),
    st.text(max_size=80),
    st.text(alphabet=st.characters(exclude_characters="{}", codec="utf-8"), max_size=200),
)
def test_what_keeps_the_contract_is_read_back_whole(text: str, confidence: float, reason: str, before: str) -> None:
    found = parse_answer(before + json.dumps({"answer": text, "confidence": confidence, "reason": reason}))
    assert (found.answer, found.confidence, found.reason) == (text, confidence, reason)


@given(st.text(max_size=100))
def test_normal_form_is_stable(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


class TestAReplyWhoseObjectWasAskedForAgain:
    AGAIN = '{"answer": "x", "confidence": 0.5, "reason": "r"}'

    @pytest.mark.parametrize(
        "said",
        [
            "The draft.\n\nIts end.",
            'The draft.\n\nIts end.\n\n{"answer": ""}',
            'The draft.\n\nIts end.\n\n{"answer": "x", "confid',
            'The draft.\n\nIts end.\n\n```json\n{"answer": "x",\n "confid',
            'The draft.\n\nIts end.\n\n```json\n{"answer": ["x"]}\n```',
        ],
    )
    def test_keeps_its_text_and_loses_what_was_broken(self, said: str) -> None:
        assert rejoined(said, self.AGAIN) == f"The draft.\n\nIts end.\n\n{self.AGAIN}"

    def test_keeps_code_that_stands_in_braces(self) -> None:
        code = "int main()\n{\n  return 0;\n}"
        assert body(rejoined(code, self.AGAIN)) == code

    def test_is_what_was_sent_when_that_has_a_text_of_its_own(self) -> None:
        again = f"The draft again.\n{self.AGAIN}"
        assert rejoined("The draft.", again) == again
