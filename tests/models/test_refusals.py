"""What both adapters make of an error that the provider states: each becomes its class, and nothing is asked twice."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.models import errors
from cowork.models.errors import ProviderError
from tests.models.styles import KEY, Style, both_styles, failure

CHECK = "see: cowork provider check acme"
STATUSES = [
    (401, "authentication_error", "invalid key", errors.AuthError, "auth", "check the key; its variable is shown by"),
    (403, "forbidden", "Country, region, or territory not supported", errors.RegionError, "region", CHECK),
    (402, "billing_error", "Payment required", errors.FundsError, "funds", "add credit to the acme account"),
    (429, "insufficient_quota", "You exceeded your current quota", errors.FundsError, "funds", "add credit"),
    (
        404,
        "not_found_error",
        "no such model",
        errors.BadModelError,
        "bad_model",
        "see its models with: cowork provider models acme",
    ),
    (413, "request_too_large", "Request exceeds the maximum size", errors.TooBigError, "too_big", "give less context"),
    (400, "context_length_exceeded", "too many tokens", errors.TooBigError, "too_big", "give less context"),
    (400, "invalid_request_error", "temperature: too high", errors.MalformedError, "malformed", CHECK),
    (400, "content_filter", "The prompt was filtered", errors.ContentError, "content", CHECK),
    (429, "rate_limit_error", "Too many requests", errors.WaitError, "rate_limited", CHECK),
    (429, "rate_limit_exceeded", "Limit of requests per day reached", errors.DailyQuotaError, "daily_quota", CHECK),
    (500, "api_error", "Internal server error", errors.DownError, "unavailable", CHECK),
    (503, "server_error", "Try later", errors.WaitError, "rate_limited", CHECK),
    (529, "overloaded_error", "Overloaded", errors.WaitError, "rate_limited", CHECK),
]


def refuses(httpserver: HTTPServer, style: Style, status: int, error: Any, headers: dict[str, str] | None = None) -> None:
    expected = httpserver.expect_request(style.path, method="POST")
    expected.respond_with_json(style.error_body(error), status=status, headers=headers)


@both_styles
@pytest.mark.parametrize(("status", "type_", "message", "kind", "name", "hint"), STATUSES)
def test_a_refusal_becomes_its_class_with_code_and_hint(
    style: Style, httpserver: HTTPServer, status: int, type_: str, message: str, kind: type[ProviderError], name: str, hint: str
) -> None:
    refuses(httpserver, style, status, {"type": type_, "code": type_, "message": message})

    error = failure(style.open(httpserver.url_for("")), kind)

    assert error.code == f"provider.{name}"
    assert error.hint is not None
    assert hint in error.hint
    assert error.message == f"acme/m-1: {message}"
    assert error.cause == f"HTTP {status}"
    assert error.details == {"provider": "acme", "model": "m-1", "status": status, "retry_after_s": None}
    assert error.exit_code == 7
    assert len(httpserver.log) == 1, "the SDK asked again"


@both_styles
def test_the_time_to_wait_that_the_server_names_is_kept(style: Style, httpserver: HTTPServer) -> None:
    refuses(httpserver, style, 429, {"type": "rate_limit_error", "message": "slow down"}, {"Retry-After": "17"})

    error = failure(style.open(httpserver.url_for("")), errors.WaitError)

    assert error.retry_after == 17.0
    assert error.details["retry_after_s"] == 17.0
    assert len(httpserver.log) == 1


@both_styles
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"message": "Insufficient credits", "code": 402}, errors.FundsError),
        ({"message": "Provider returned error", "code": 429}, errors.WaitError),
        ({"message": "No endpoints found for x/y", "code": "404"}, errors.BadModelError),
        ({"type": "overloaded_error", "message": "Overloaded"}, errors.WaitError),
        ({"type": "authentication_error", "message": "bad key"}, errors.AuthError),
        ({"message": "something broke"}, errors.DownError),
        ("something broke", errors.DownError),
    ],
)
class TestAnErrorInsideASuccess:
    def test_as_the_whole_body(self, style: Style, httpserver: HTTPServer, said: Any, kind: type[ProviderError]) -> None:
        refuses(httpserver, style, 200, said)

        error = failure(style.open(httpserver.url_for("")), kind)

        assert error.message.endswith(said if isinstance(said, str) else said["message"])
        assert (error.partial, error.details["status"]) == ("", None)
        assert len(httpserver.log) == 1

    def test_in_the_stream_after_some_text(
        self, style: Style, httpserver: HTTPServer, said: Any, kind: type[ProviderError]
    ) -> None:
        body = style.begun("Half an ", "answer") + style.error_event(said)
        httpserver.expect_request(style.path).respond_with_data(body, content_type="text/event-stream")

        error = failure(style.open(httpserver.url_for("")), kind)

        assert error.message.endswith(said if isinstance(said, str) else said["message"])
        assert (error.partial, error.details["status"]) == ("Half an answer", None)
        assert len(httpserver.log) == 1


@both_styles
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "17"}])
def test_a_limit_of_spending_is_not_waited_for_though_its_status_says_so(
    style: Style, httpserver: HTTPServer, headers: dict[str, str]
) -> None:
    details = {"error_code": "enforced_spend_limit_reached"}
    refuses(httpserver, style, 429, {"type": "rate_limit_error", "message": "Limit reached", "details": details}, headers)

    assert not failure(style.open(httpserver.url_for("")), errors.FundsError).retryable


@both_styles
def test_the_wait_may_be_named_inside_a_stream(style: Style, httpserver: HTTPServer) -> None:
    said = {"type": "rate_limit_error", "message": "Rate limit reached. Please try again in 2.5s."}
    body = style.begun("Half") + style.error_event(said)
    httpserver.expect_request(style.path).respond_with_data(body, content_type="text/event-stream")

    assert failure(style.open(httpserver.url_for("")), errors.WaitError).retry_after == 2.5


@both_styles
def test_a_message_that_repeats_the_key_is_shown_without_it(style: Style, httpserver: HTTPServer) -> None:
    refuses(httpserver, style, 401, {"message": f"Incorrect API key provided: {KEY}."})

    error = failure(style.open(httpserver.url_for("")), errors.AuthError)

    assert error.message == "acme/m-1: Incorrect API key provided: [key]."


@both_styles
def test_a_page_in_place_of_an_error_is_cut_to_a_message(style: Style, httpserver: HTTPServer) -> None:
    page = "<html>" + "Bad gateway. " * 10_000
    httpserver.expect_request(style.path).respond_with_data(page, status=502, content_type="text/html")

    error = failure(style.open(httpserver.url_for("")), errors.WaitError)

    assert 100 < len(error.message) < 600


@both_styles
@pytest.mark.parametrize("body", ["", "{}", "[]", "null", '{"error": null}', '{"error": {"message": ["?"]}}', '{"error": 5}'])
def test_an_error_that_says_nothing_still_has_a_class_and_a_message(style: Style, httpserver: HTTPServer, body: str) -> None:
    httpserver.expect_request(style.path).respond_with_data(body, status=401, content_type="application/json")

    error = failure(style.open(httpserver.url_for("")), errors.AuthError)

    assert len(error.message) > len("acme/m-1: ")
