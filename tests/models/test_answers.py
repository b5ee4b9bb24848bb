"""What both adapters make of an answer, and of the protocol they share."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer

from cowork.models.chat import ChatRequest, Usage
from cowork.models.errors import ContentError, CutError, MalformedError
from tests.models.servers import STREAM_HEAD, ScriptedServer, byte_by_byte
from tests.models.styles import ANTHROPIC, KEY, OPENAI, Style, ask, both_styles, failure, openai_stop

STREAM = "text/event-stream; charset=utf-8"
NOTHING = [b"{}", b"[]", b"[5]", b"null", b"5", b'"text"', b'{"choices": []}', b'{"choices": [{}]}', b"[" * 99_999]
DIGITS = b"data: " + b"9" * 5000 + b"\n\n"  # more than Python reads as a number


def answers(httpserver: HTTPServer, style: Style, body: bytes, content_type: str = STREAM) -> None:
    httpserver.expect_request(style.path, method="POST").respond_with_data(body, content_type=content_type)


@both_styles
def test_pieces_of_text_arrive_in_order_and_make_up_the_answer(style: Style, httpserver: HTTPServer) -> None:
    answers(httpserver, style, style.stream("Hel", "lo", ", world"))
    pieces: list[str] = []

    reply = ask(style.open(httpserver.url_for("")), pieces.append)

    assert pieces == ["Hel", "lo", ", world"]
    assert reply.text == "Hello, world"


@both_styles
def test_the_reply_names_the_model_that_answered_and_the_usage_it_reported(style: Style, httpserver: HTTPServer) -> None:
    answers(httpserver, style, style.stream("Hello"))

    reply = ask(style.open(httpserver.url_for("")))

    assert reply.model == "m-1-0101"
    assert reply.usage == Usage(11, 7, "reported")


@both_styles
def test_the_request_is_asked_once_streaming_with_model_and_limit(style: Style, httpserver: HTTPServer) -> None:
    answers(httpserver, style, style.stream("Hello"))

    ask(style.open(httpserver.url_for("")))

    ((request, _response),) = httpserver.log
    assert (request.method, request.path) == ("POST", style.path)
    sent = request.get_json()
    assert (sent["model"], sent["stream"], sent["max_tokens"]) == ("m-1", True, 321)
    assert sent["messages"][-1] == {"role": "user", "content": "Say hello."}


@both_styles
def test_the_key_travels_in_one_header_and_nowhere_else(style: Style, httpserver: HTTPServer) -> None:
    answers(httpserver, style, style.stream("Hello"))

    ask(style.open(httpserver.url_for("")))

    request = httpserver.log[0][0]
    assert [name for name, value in request.headers.items() if KEY in value] == ["Authorization"]
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in request.url
    assert KEY.encode() not in request.get_data()


@both_styles
def test_a_character_whose_bytes_come_apart_is_put_together_again(style: Style) -> None:
    with ScriptedServer(STREAM_HEAD, byte_by_byte(style.stream("naïve ", "日本語", " 🙂"))) as server:
        pieces: list[str] = []
        reply = ask(style.open(server.url), pieces.append)

    assert pieces == ["naïve ", "日本語", " 🙂"]
    assert reply.text == "naïve 日本語 🙂"


@both_styles
@pytest.mark.parametrize("text", ["", " \n\t "])
def test_an_answer_without_text_is_malformed(style: Style, httpserver: HTTPServer, text: str) -> None:
    answers(httpserver, style, style.stream(text) if text else style.stream())

    error = failure(style.open(httpserver.url_for("")), MalformedError)

    assert error.code == "provider.malformed"
    assert "the answer is empty (stop reason: " in error.message


@both_styles
def test_an_answer_that_is_all_thinking_says_so_and_how_to_let_it_be_longer(style: Style, httpserver: HTTPServer) -> None:
    cut = style.stream().replace(b'"stop"', b'"length"').replace(b'"end_turn"', b'"max_tokens"')
    answers(httpserver, style, cut)

    error = failure(style.open(httpserver.url_for("")), CutError)

    assert (error.code, "it thought until its tokens were used up" in error.message) == ("provider.malformed", True)
    assert "raise max_output_tokens" in (error.hint or "")


@both_styles
@pytest.mark.parametrize("garbage", [b"data: {nonsense\n\n", b"data: \xff\xfe\n\n", b"data: 5\n\n", b"data: null\n\n", DIGITS])
def test_garbage_in_the_stream_is_malformed_and_keeps_what_came_before(
    style: Style, httpserver: HTTPServer, garbage: bytes
) -> None:
    named = b"event: content_block_delta\n" + garbage if style is ANTHROPIC else garbage
    answers(httpserver, style, style.begun("Hello") + named + style.ended())

    error = failure(style.open(httpserver.url_for("")), MalformedError)

    assert error.partial == "Hello"
    assert len(httpserver.log) == 1


@both_styles
def test_a_page_in_place_of_an_answer_is_malformed(style: Style, httpserver: HTTPServer) -> None:
    answers(httpserver, style, b"<html>Please log in to the network.</html>", "text/html")

    assert failure(style.open(httpserver.url_for("")), MalformedError).code == "provider.malformed"


@both_styles
@pytest.mark.parametrize("body", NOTHING, ids=range(len(NOTHING)))
def test_json_that_is_neither_answer_nor_error_is_malformed(style: Style, httpserver: HTTPServer, body: bytes) -> None:
    answers(httpserver, style, body, "application/json")

    assert failure(style.open(httpserver.url_for("")), MalformedError).code == "provider.malformed"


@pytest.mark.parametrize(
    ("style", "stream"),
    [
        (OPENAI, OPENAI.begun("I will not") + openai_stop("content_filter")),
        (ANTHROPIC, ANTHROPIC.stream("I will not").replace(b"end_turn", b"refusal")),
    ],
    ids=["openai", "anthropic"],
)
def test_a_filtered_or_refused_answer_is_a_content_error(style: Style, stream: bytes, httpserver: HTTPServer) -> None:
    answers(httpserver, style, stream)

    error = failure(style.open(httpserver.url_for("")), ContentError)

    assert (error.code, error.partial) == ("provider.content", "I will not")


@both_styles
def test_what_the_listener_raises_is_not_blamed_on_the_provider(style: Style, httpserver: HTTPServer) -> None:
    answers(httpserver, style, style.stream("Hello"))

    def closed_pipe(_text: str) -> None:
        raise BrokenPipeError("nobody reads any more")

    with pytest.raises(BrokenPipeError, match="nobody reads any more"):
        ask(style.open(httpserver.url_for("")), closed_pipe)


@both_styles
def test_a_prompt_that_is_no_text_is_an_error_and_no_crash(style: Style, httpserver: HTTPServer) -> None:
    error = failure(
        style.open(httpserver.url_for("")), MalformedError, request=ChatRequest("an argument that was no UTF-8: \udcff")
    )

    assert "the request holds characters that are no text" in error.message
    assert httpserver.log == []


@both_styles
@pytest.mark.parametrize(
    "text",
    [
        "HTTP 429 Too Many Requests is answered by the rate limiting middleware, type rate_limit_error.",
        "You've hit your usage limit. Try again in 3 hours 12 minutes.",
        "Claude AI usage limit reached|1750003200",
        '{"error": {"code": 429, "message": "insufficient_quota"}}',
    ],
)
def test_an_answer_that_speaks_of_limits_is_an_answer(style: Style, text: str, httpserver: HTTPServer) -> None:
    answers(httpserver, style, style.stream(text))

    assert ask(style.open(httpserver.url_for(""))).text == text
