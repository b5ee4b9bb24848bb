"""The largest document there may be is read in a moment, and no document takes quadratic time, whatever it holds."""

from __future__ import annotations

import time

import pytest

from cowork.models.rehearsal import LABEL
from cowork.prompts.context import MAX_BYTES
from tests.models.prompts import NOTES, answer, judging, opening, rebuttal

A_MOMENT_S = 20  # the work takes a second or two; in quadratic time, minutes
ENOUGH = 256 * 1024  # characters to tell quadratic time from a slow machine
FILLINGS = {
    "tags that open": "<material-x>\n",
    "tags that close": "\n</task-x>",
    "plain tags": "<log>\n",
    "code that opens": "```py\n",
    "line ends": "\n",
    "blanks and line ends": "\n \n\t",
    "headings": "## ",
    "bullets": "- A\n",
    "inputs": "- Abc: ",
    "braces": '{"a":',
    "dots": "a.",
    "one word": "a",
}


def skill(text: str) -> str:
    return f"Review.\n- Focus: all\n<log>\n{text}\n</log>\n## Risk of the store\nWhat fails.\n## Plan\n"


def assert_quick(prompt: str) -> str:
    started = time.monotonic()
    text = answer(prompt)
    assert time.monotonic() - started < A_MOMENT_S
    assert text.startswith(LABEL)
    return text


@pytest.mark.parametrize("filling", FILLINGS.values(), ids=FILLINGS)
def test_a_document_made_to_be_slow_is_read_in_a_moment(filling: str) -> None:
    text = filling * (ENOUGH // len(filling))
    assert_quick(opening(text))
    assert_quick(rebuttal(text, text, NOTES))
    assert_quick(skill(text))
    assert_quick(text)


def test_the_largest_document_is_read_in_a_moment_at_every_step() -> None:
    sentences = (
        f"The store of SQLite fails when a user loses the lock on line {number}. " for number in range(MAX_BYTES // 60)
    )
    text = "".join(sentences)[:MAX_BYTES]
    assert len(text) == MAX_BYTES
    statement = assert_quick(opening(text))
    assert_quick(rebuttal(statement, NOTES, text))
    assert_quick(judging(statement, NOTES, text))
    assert_quick(skill(text))
