"""The questions file: every line judged, a bad one refused with its place and the rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.loop.bench.judging import is_right, number_in
from cowork.loop.bench.questions import BenchQuestion, read_questions


def read(text: str, name: str = "q.jsonl", limit: int | None = None) -> tuple[BenchQuestion, ...]:
    Path(name).write_text(text)
    return read_questions(name, limit)[0]


def test_a_line_of_json_is_a_question_with_what_counts_as_right() -> None:
    found = read(
        '{"question": "2+2?", "answer": 4}\n'
        "\n"
        '{"id": 7, "question": "Capital?", "answers": ["Paris", "City of Paris"], "context": "About France."}\n'
        '{"id": "pi", "question": "Pi?", "answer": 3.14, "tolerance": 0.01}\n'
    )
    assert found == (
        BenchQuestion("1", "2+2?", ("4",)),
        BenchQuestion("7", "Capital?", ("Paris", "City of Paris"), "About France."),
        BenchQuestion("pi", "Pi?", ("3.14",), "", 0.01),
    )


def test_csv_has_the_same_columns_and_empty_cells_are_not_given() -> None:
    text = (
        'id,question,answer,context,tolerance\na,"What, is 2+2?",4,,\n,"two\nlines",\'["yes", "aye"]\',,\n,Pi?,3.14,note,0.01\n'
    )
    found = read(text.replace('\'["yes", "aye"]\'', '"[""yes"", ""aye""]"'), "q.csv")
    assert found == (
        BenchQuestion("a", "What, is 2+2?", ("4",)),
        BenchQuestion("2", "two\nlines", ("yes", "aye")),
        BenchQuestion("3", "Pi?", ("3.14",), "note", 0.01),
    )


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("{", "not a line of JSON"),
        ('{"question": "a?", "answer": NaN}', "NaN is no JSON"),
        ("[1]", "no object"),
        ('{"question": "a?"}', "needs 'answer'"),
        ('{"question": "a?", "answer": "b", "answers": ["b"]}', "not both"),
        ('{"question": "a?", "answer": []}', "empty list"),
        ('{"question": "a?", "answer": ["b", " "]}', "an answer must be"),
        ('{"question": "a?", "answer": {"b": 1}}', "an answer must be"),
        ('{"question": " ", "answer": "b"}', "'question' must be"),
        ('{"question": "a?", "answer": "b", "id": ""}', "'id' must be"),
        ('{"question": "a?", "answer": "b", "id": true}', "'id' must be"),
        ('{"question": "a?", "answer": "b", "context": 5}', "'context' must be"),
        ('{"question": "a?", "answer": 5, "tolerance": -1}', "'tolerance' must be"),
        ('{"question": "a?", "answer": 5, "tolerance": null}', "'tolerance' must be"),
        ('{"question": "a?", "answer": "five", "tolerance": 1}', "for answers that are numbers"),
        ('{"question": "a?", "answer": "b", "id": "first"}', "there already"),
        ("[" * 100_000, "not a line of JSON"),
    ],
)
def test_a_bad_line_is_refused_with_file_line_and_rule(line: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read('{"id": "first", "question": "x?", "answer": "y"}\n' + line + "\n")
    assert error.value.code == "bench.bad_question"
    assert error.value.message.startswith("q.jsonl:2: ")
    assert rule in error.value.message


def test_all_bad_lines_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as error:
        read('{}\n{"question": "a?", "answer": "b"}\nx\n')
    assert [problem.split(": ")[0] for problem in error.value.details["problems"]] == ["q.jsonl:1", "q.jsonl:3"]
    assert error.value.cause == "2 bad lines in all"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("question\na?\n", "q.csv:1"),
        ("question,answer\na?\n", "q.csv:2"),
        ("question,answer\na?,b,c\n", "q.csv:2"),
        ('question,answer\na?,"b"c\n', "q.csv:2"),
        ("question,answer,tolerance\na?,4,much\n", "q.csv:2"),
    ],
)
def test_bad_csv_is_refused_with_its_line(text: str, place: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read(text, "q.csv")
    assert (error.value.code, error.value.message.split(": ")[0]) == ("bench.bad_question", place)


def test_a_limit_takes_the_first_ones_and_still_judges_the_rest() -> None:
    good = "".join(json.dumps({"question": f"{number}?", "answer": number}) + "\n" for number in range(5))
    assert [question.question for question in read(good, limit=2)] == ["0?", "1?"]
    with pytest.raises(InvalidInput, match=r"q\.jsonl:6"):
        read(good + "oops\n", limit=2)


def test_a_key_that_means_nothing_is_told_with_the_one_that_may_be_meant() -> None:
    Path("q.jsonl").write_text('{"question": "a?", "answer": 1, "tolerence": 1, "subject": "x"}\n')
    _, (notice,) = read_questions("q.jsonl")
    assert notice.code == "bench.unknown_key"
    assert "tolerence (is 'tolerance' meant?), subject" in notice.message


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file nowhere"):
        read_questions("nowhere.jsonl")
    with pytest.raises(CoworkError, match="cannot read"):
        read_questions(str(tmp_path))
    with pytest.raises(InvalidInput, match="no question in it"):
        read("\n\n")
    Path("latin.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        read_questions("latin.jsonl")


@pytest.mark.parametrize(
    ("accepted", "tolerance", "said", "right"),
    [
        (("Paris",), None, "the PARIS.", True),
        (("Paris", "City of Light"), None, "city of light", True),
        (("1000",), None, "1,000", True),
        (("yes",), None, "True", True),
        (("3.14",), None, "3.15", False),
        (("3.14",), 0.01, "3.15", True),
        (("0.4",), 0.1, "0.3", True),
        (("3.14",), 0.01, "3.16", False),
        (("3.14",), 0.01, "about 3.14", False),
        (("1200",), 5, "$1,203", True),
        (("Paris",), None, None, False),
    ],
)
def test_answers_are_compared_in_normal_form(
    accepted: tuple[str, ...], tolerance: float | None, said: str, right: bool
) -> None:
    assert is_right(BenchQuestion("q", "?", accepted, "", tolerance), said) is right


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234.5", 1234.5), ("-3", -3.0), ("\u22123", -3.0), ("5 %", 5.0), ("1e3", 1000.0), ("1e999", None), ("12 apples", None)],
)
def test_a_number_is_read_with_its_notation(text: str, number: float | None) -> None:
    assert number_in(text) == number
