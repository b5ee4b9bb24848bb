"""A stream that stops before its end is never an answer, however it stops."""

from __future__ import annotations

import asyncio
import gc

import pytest
from pytest_httpserver import HTTPServer

from cowork.models.errors import DownError, LateError, ProviderError
from tests.models.servers import (
    LAST_CHUNK,
    STREAM_HEAD,
    UNSIZED_STREAM_HEAD,
    Ending,
    ScriptedServer,
    chunk,
    nobody_listens,
)
from tests.models.styles import OPENAI, Style, ask, both_styles, event, failure, openai_stop


def assert_down(error: ProviderError, *, partial: str = "Half an answer") -> None:
    assert error.code == "provider.unavailable"
    assert error.retryable
    assert error.partial == partial
    assert error.hint == "see: cowork provider check acme"


@both_styles
def test_a_stream_that_ends_cleanly_in_the_middle_is_down(style: Style, httpserver: HTTPServer) -> None:
    httpserver.expect_request(style.path).respond_with_data(style.begun("Half an answer"), content_type="text/event-stream")

    error = failure(style.open(httpserver.url_for("")), DownError)

    assert_down(error)
    assert error.message == "acme/m-1: the stream was cut before its end"


@both_styles
def test_a_stream_of_unknown_length_that_just_closes_is_down(style: Style) -> None:
    with ScriptedServer(UNSIZED_STREAM_HEAD, style.begun("Half an answer")) as server:
        assert_down(failure(style.open(server.url), DownError))
        assert server.requests == 1


@both_styles
@pytest.mark.parametrize("ending", ["close", "reset"])
def test_a_connection_that_breaks_in_the_middle_is_down(style: Style, ending: Ending) -> None:
    with ScriptedServer(STREAM_HEAD, chunk(style.begun("Half an answer")), ending=ending) as server:
        error = failure(style.open(server.url), DownError, lambda _text: server.heard.set())

        assert_down(error)
        assert "the connection broke" in error.message
        assert server.requests == 1


@both_styles
def test_an_event_cut_in_two_is_down_and_not_malformed(style: Style) -> None:
    half_event = style.begun("Half an answer")[: -len("swer" + '"}}\n\n')]
    with ScriptedServer(STREAM_HEAD, chunk(style.begun("Half an answer") + half_event[-30:])) as server:
        assert_down(failure(style.open(server.url), DownError))


@both_styles
@pytest.mark.parametrize("ending", ["close", "reset"])
def test_a_connection_that_breaks_before_any_answer_is_down(style: Style, ending: Ending) -> None:
    with ScriptedServer(b"", ending=ending) as server:
        error = failure(style.open(server.url), DownError)

        assert_down(error, partial="")
        assert server.requests == 1


@both_styles
def test_an_answer_that_is_no_http_is_down(style: Style) -> None:
    with ScriptedServer(b"SSH-2.0-OpenSSH_9.6\r\n\r\n") as server:
        assert_down(failure(style.open(server.url), DownError), partial="")


@both_styles
def test_where_nobody_listens_is_down(style: Style) -> None:
    error = failure(style.open(nobody_listens()), DownError)

    assert_down(error, partial="")
    assert "cannot connect" in error.message


def assert_too_late(error: ProviderError, *, partial: str) -> None:
    assert error.message == "acme/m-1: no answer in time"
    assert error.code == "provider.unavailable"
    assert "COWORK_REQUEST_TIMEOUT_S" in (error.hint or "")
    assert error.partial == partial


@both_styles
@pytest.mark.parametrize("sent", [b"", STREAM_HEAD], ids=["nothing", "the head"])
def test_a_server_that_says_nothing_is_down_when_the_time_is_over(style: Style, sent: bytes) -> None:
    with ScriptedServer(sent, ending="silence") as server:
        assert_too_late(failure(style.open(server.url, timeout_s=0.3), LateError), partial="")

    assert server.requests <= 1


@both_styles
def test_a_stream_that_falls_silent_is_down_when_the_time_is_over(style: Style) -> None:
    def an_hour_passes(_text: str) -> None:
        loop = asyncio.get_running_loop()
        time = loop.time
        loop.time = lambda: time() + 3600  # type: ignore[method-assign]

    with ScriptedServer(STREAM_HEAD, chunk(style.begun("Half an answer")), ending="silence") as server:
        assert_too_late(failure(style.open(server.url), LateError, an_hour_passes), partial="Half an answer")


@both_styles
def test_the_limit_is_on_the_whole_call_so_a_server_that_dawdles_for_ever_is_down(style: Style) -> None:
    def time_flies(_text: str) -> None:
        loop = asyncio.get_running_loop()
        time, start = loop.time, loop.time()
        loop.time = lambda: start + 100 * (time() - start)  # type: ignore[method-assign]

    with ScriptedServer(STREAM_HEAD, chunk(style.begun("Half an answer")), ending="drip") as server:
        assert_too_late(failure(style.open(server.url), LateError, time_flies), partial="Half an answer")


def test_once_the_answer_said_why_it_ends_a_missing_farewell_is_forgiven() -> None:
    with ScriptedServer(STREAM_HEAD, chunk(OPENAI.begun("All of it") + openai_stop() + event("[DONE]"))) as server:
        assert ask(OPENAI.open(server.url)).text == "All of it"


@both_styles
def test_nothing_is_left_open_when_streams_break(style: Style) -> None:
    half, error = chunk(style.begun("Half")), chunk(style.error_event({"message": "broken"}))
    for script in (half, half + LAST_CHUNK, error, half + error):
        with ScriptedServer(STREAM_HEAD, script) as server:
            failure(style.open(server.url), DownError)
    gc.collect()  # what was left open warns here, and a warning is an error
