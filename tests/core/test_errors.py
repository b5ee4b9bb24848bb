"""The exit codes of the failures: what scripts branch on."""

from __future__ import annotations

import re

import pytest

from cowork.core import errors
from cowork.core.errors import CoworkError

# From the design, section 4.
EXIT_CODES = {
    "CoworkError": 1,
    "UsageError": 2,
    "NotFound": 3,
    "InvalidInput": 4,
    "Conflict": 5,
    "Denied": 6,
    "Unavailable": 7,
    "LimitReached": 8,
    "Degraded": 9,
    "InternalError": 70,
    "Interrupted": 130,
    "Terminated": 143,
}


@pytest.mark.parametrize(("name", "code"), EXIT_CODES.items())
def test_each_failure_has_the_exit_code_of_the_contract(name: str, code: int) -> None:
    assert getattr(errors, name).exit_code == code


def test_every_failure_is_in_the_contract() -> None:
    defined = {name for name, item in vars(errors).items() if isinstance(item, type) and issubclass(item, CoworkError)}

    assert defined == set(EXIT_CODES)


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn = dict(re.findall(r"^\W*([A-Z]\w+) +(\d+) ", errors.__doc__ or "", re.MULTILINE))

    assert {name: int(code) for name, code in drawn.items()} == EXIT_CODES


def test_a_failure_says_what_why_and_what_to_do() -> None:
    error = CoworkError("a.code", "what", cause="why", hint="do this", details={"k": 1}, data=[1])

    assert (str(error), error.code, error.cause, error.hint, error.details, error.data) == (
        "what",
        "a.code",
        "why",
        "do this",
        {"k": 1},
        [1],
    )
