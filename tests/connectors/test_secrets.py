"""Secrets: declared by name, missing by name, and hidden in whatever spelling they come back."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.connectors.secrets import Secrets, secrets_for
from cowork.core.errors import CoworkError, InvalidInput
from tests.connectors.samples import SECRET

NAMED = "{{env.KEY}}"


def test_missing_variables_are_named_all_of_them() -> None:
    with pytest.raises(InvalidInput) as caught:
        secrets_for(["A", "B", "C"], {"B": "set", "C": ""})

    assert (caught.value.code, caught.value.exit_code) == ("connector.missing_env", 4)
    assert caught.value.details == {"missing": ["A", "C"]}
    assert "A, C" in caught.value.message


def test_only_declared_variables_are_taken() -> None:
    assert secrets_for(["A"], {"A": "1", "B": "2"}).environment() == {"A": "1"}


SPELLINGS = {
    "as it is": SECRET,
    "in a URL": quote(SECRET, safe=""),
    "in a URL with slashes": quote(SECRET),
    "in a form": quote_plus(SECRET),
    "in JSON": json.dumps(SECRET)[1:-1],
    "in base64": base64.b64encode(SECRET.encode()).decode(),
    "in base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode(),
}


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
def test_a_secret_is_hidden_however_it_is_spelled(spelled: str) -> None:
    secrets = Secrets({"KEY": SECRET})

    assert secrets.hide(f"<{spelled}>") == f"<{NAMED}>"
    assert secrets.hide({spelled: [spelled, {"a": (spelled, 1, None, True)}]}) == {
        NAMED: [NAMED, {"a": (NAMED, 1, None, True)}]
    }


def test_a_secret_that_holds_another_is_hidden_whole() -> None:
    assert Secrets({"SHORT": "token", "LONG": "token-of-mine"}).hide("token-of-mine token") == "{{env.LONG}} {{env.SHORT}}"


def test_a_secret_with_a_line_end_is_hidden_without_it() -> None:
    assert Secrets({"KEY": "hunter2\n"}).hide("say hunter2!") == f"say {NAMED}!"


def test_a_number_that_is_a_secret_is_hidden() -> None:
    assert Secrets({"KEY": "123456"}).hide({"pin": 123456, "other": 12}) == {"pin": NAMED, "other": 12}


@pytest.mark.parametrize("value", ["", "a", "eu", "1.0"])
def test_a_short_value_is_no_secret(value: str) -> None:
    assert Secrets({"KEY": value}).hide("a eu 1.0") == "a eu 1.0"


@given(st.text(min_size=4, max_size=12), st.text(max_size=10), st.text(max_size=10))
def test_no_text_keeps_a_secret(secret: str, before: str, after: str) -> None:
    if not secret.strip() or len(secret.strip()) < 4 or secret in NAMED:
        return
    assert secret not in Secrets({"KEY": secret}).hide(before + secret + after).replace(NAMED, "\0")


def test_an_error_that_leaves_says_nothing_of_the_secret() -> None:
    error = CoworkError("a.b", f"m {SECRET}", cause=f"c {SECRET}", hint=f"h {SECRET}", details={"url": SECRET})
    with pytest.raises(CoworkError) as caught, Secrets({"KEY": SECRET}).kept():
        raise error

    assert SECRET not in str(caught.value.__dict__) + str(caught.value)
    assert (caught.value.message, caught.value.details) == (f"m {NAMED}", {"url": NAMED})


def test_a_secret_that_a_message_cuts_in_two_is_hidden_too() -> None:
    for length in range(4, len(SECRET)):
        with pytest.raises(CoworkError) as caught, Secrets({"KEY": SECRET}).kept():
            raise CoworkError("a.b", f"https://h/{SECRET[:length]}…")
        assert caught.value.message == f"https://h/{NAMED}…"
