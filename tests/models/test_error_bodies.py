"""What an error body says about itself, in any of the shapes that providers use."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.models.classify import classify, message_of, status_in
from cowork.models.errors import ProviderError


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"error": {"code": 402, "message": "x"}}, 402),
        ({"code": "429"}, 429),
        ([{"error": {"code": 503}}], 503),
        ({"status_code": 401}, 401),
        ({"error": {"code": "rate_limit_exceeded"}}, None),
        ({"error": {"code": 200}}, None),
        ({"error": {"code": 42900}}, None),
        ({"error": {"code": True}}, None),
        ({"error": "429"}, 429),
        ({"message": "429"}, None),
        ("429", None),
        (None, None),
        ([], None),
    ],
)
def test_a_body_may_state_the_status_itself(body: Any, status: int | None) -> None:
    assert status_in(body) == status


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "No."}},
        {"error": {"type": "x", "code": 1, "message": "No."}},
        {"type": "error", "error": {"message": "No."}},
        {"error": "No."},
        {"message": "No."},
        {"error": None, "message": "No."},
        {"detail": "No."},
        {"detail": [{"loc": ["body"], "msg": "No."}]},
        [{"error": {"message": "No."}}],
        "No.",
    ],
)
def test_the_message_is_found_in_every_usual_shape(body: Any) -> None:
    assert message_of(body, "fallback") == "No."


@pytest.mark.parametrize("body", [None, {}, [], "", 5, {"error": {}}, {"error": {"message": None}}, [[]], {"error": [1]}])
def test_a_body_without_message_falls_back(body: Any) -> None:
    assert message_of(body, "fallback") == "fallback"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "message", "code", "detail", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(json_values)
def test_any_body_has_a_class_a_message_and_perhaps_a_status(body: Any) -> None:
    assert issubclass(classify(status_in(body), json.dumps(body)), ProviderError)
    assert message_of(body, "fallback")
    assert status_in(body) in (None, *range(400, 600))
