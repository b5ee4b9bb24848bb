"""What is particular to OpenAI-style endpoints."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.models.chat import ChatReply, ChatRequest, Usage
from cowork.models.errors import ContentError, DownError, FundsError, MalformedError, ProviderError, WaitError
from tests.models.styles import OPENAI, REQUEST, ask, event, failure, openai_stop, openai_usage

DONE = event("[DONE]")


def reply_to(
    httpserver: HTTPServer, body: bytes | dict[str, Any], *, provider: str = "acme", request: ChatRequest = REQUEST
) -> ChatReply:
    handler = httpserver.expect_request("/v1/chat/completions", method="POST")
    if isinstance(body, bytes):
        handler.respond_with_data(body, content_type="text/event-stream")
    else:
        handler.respond_with_json(body)
    return ask(OPENAI.open(httpserver.url_for(""), provider=provider), request=request)


def sent(httpserver: HTTPServer) -> Any:
    return httpserver.log[0][0].get_json()


def completion(message: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m-1-0101", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], **more}


class TestTheRequest:
    def test_asks_for_usage_in_the_stream(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, OPENAI.stream("Hi"))
        assert sent(httpserver)["stream_options"] == {"include_usage": True}

    def test_carries_the_system_text_as_first_message(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, OPENAI.stream("Hi"))
        assert sent(httpserver)["messages"][0] == {"role": "system", "content": "Be brief."}

    def test_has_no_system_message_without_a_system_text(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, OPENAI.stream("Hi"), request=ChatRequest("Say hello."))
        assert [message["role"] for message in sent(httpserver)["messages"]] == ["user"]

    def test_names_the_limit_as_openai_wants_it(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, OPENAI.stream("Hi"), provider="openai")
        assert sent(httpserver)["max_completion_tokens"] == 321
        assert "max_tokens" not in sent(httpserver)

    def test_names_it_as_cerebras_wants_it_which_takes_the_whole_limit_off_the_quota(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, OPENAI.stream("Hi"), provider="cerebras")
        assert sent(httpserver)["max_completion_tokens"] == 321
        assert "max_tokens" not in sent(httpserver)

    def test_tells_the_users_openai_organization_to_openai_only(
        self, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_ORG_ID", "org-canary")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "project-canary")
        reply_to(httpserver, OPENAI.stream("Hi"), provider="groq")
        reply_to(httpserver, OPENAI.stream("Hi"), provider="openai")

        foreign, own = (str(dict(request.headers)) for request, _ in httpserver.log)

        assert "canary" not in foreign
        assert "org-canary" in own
        assert "project-canary" in own

    def test_works_without_a_key_for_local_servers(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, OPENAI.stream("Hi"))
        assert ask(OPENAI.open(httpserver.url_for(""), key="")).text == "Hi"


class TestUsage:
    def test_comes_from_the_last_chunk_which_has_no_choices(self, httpserver: HTTPServer) -> None:
        body = OPENAI.begun("Hi") + openai_stop() + openai_usage(1200, 34) + DONE
        assert reply_to(httpserver, body).usage == Usage(1200, 34, "reported")

    def test_sent_along_the_way_is_replaced_and_not_summed(self, httpserver: HTTPServer) -> None:
        body = openai_usage(1200, 1) + OPENAI.begun("Hi") + openai_usage(1200, 20) + openai_stop() + openai_usage(1200, 34)
        assert reply_to(httpserver, body + DONE).usage == Usage(1200, 34, "reported")

    def test_may_come_in_a_part_of_groqs_own(self, httpserver: HTTPServer) -> None:
        last = event({"choices": [], "x_groq": {"id": "r", "usage": {"prompt_tokens": 1200, "completion_tokens": 34}}})
        body = OPENAI.begun("Hi") + openai_stop() + last + DONE
        assert reply_to(httpserver, body).usage == Usage(1200, 34, "reported")

    def test_is_kept_when_later_chunks_have_none(self, httpserver: HTTPServer) -> None:
        body = OPENAI.begun("Hi") + openai_usage(1200, 34) + openai_stop() + event({"choices": [], "x_groq": {}}) + DONE
        assert reply_to(httpserver, body).usage == Usage(1200, 34, "reported")

    def test_is_unknown_when_it_never_comes(self, httpserver: HTTPServer) -> None:
        assert reply_to(httpserver, OPENAI.begun("Hi") + openai_stop() + DONE).usage == Usage(0, 0, "unknown")

    @pytest.mark.parametrize("count", [None, -1, 1.5, "many"])
    def test_that_is_no_number_of_tokens_is_unknown(self, httpserver: HTTPServer, count: Any) -> None:
        body = OPENAI.begun("Hi") + openai_stop() + openai_usage(count, 34) + DONE
        assert reply_to(httpserver, body).usage == Usage(0, 0, "unknown")


class TestAServerThatDoesNotStream:
    def test_is_understood(self, httpserver: HTTPServer) -> None:
        usage = {"prompt_tokens": 5, "completion_tokens": 2}
        pieces: list[str] = []
        httpserver.expect_request("/v1/chat/completions").respond_with_json(completion({"content": "Hello"}, usage=usage))

        reply = ask(OPENAI.open(httpserver.url_for("")), pieces.append)

        assert reply == ChatReply("Hello", "m-1-0101", Usage(5, 2, "reported"), "stop")
        assert pieces == ["Hello"]

    def test_need_not_report_usage(self, httpserver: HTTPServer) -> None:
        assert reply_to(httpserver, completion({"content": "Hello"})).usage == Usage()

    @pytest.mark.parametrize("message", [{"content": None}, {"content": ""}, {"content": ["Hello"]}, {}, None])
    def test_must_answer_with_text(self, httpserver: HTTPServer, message: Any) -> None:
        httpserver.expect_request("/v1/chat/completions").respond_with_json(completion(message))
        assert failure(OPENAI.open(httpserver.url_for("")), MalformedError).code == "provider.malformed"

    def test_may_filter_the_answer(self, httpserver: HTTPServer) -> None:
        filtered = {"choices": [{"index": 0, "message": {"content": ""}, "finish_reason": "content_filter"}]}
        httpserver.expect_request("/v1/chat/completions").respond_with_json(filtered)
        failure(OPENAI.open(httpserver.url_for("")), ContentError)


class TestTheStream:
    def test_reports_why_it_stopped(self, httpserver: HTTPServer) -> None:
        assert reply_to(httpserver, OPENAI.begun("Hi") + openai_stop("length") + DONE).stop_reason == "length"

    def test_may_hold_comments_to_keep_the_line_open(self, httpserver: HTTPServer) -> None:
        comment = b": OPENROUTER PROCESSING\n\n"
        assert reply_to(httpserver, comment + OPENAI.begun("Hi") + comment + OPENAI.ended()).text == "Hi"

    @pytest.mark.parametrize("choices", [None, [{"delta": None}], [{"delta": {}}], [{"delta": {"content": None}}]])
    def test_may_hold_chunks_without_choices_delta_or_content(self, httpserver: HTTPServer, choices: Any) -> None:
        assert reply_to(httpserver, event({"choices": choices}) + OPENAI.stream("Hi")).text == "Hi"

    def test_with_text_that_is_no_text_is_malformed(self, httpserver: HTTPServer) -> None:
        odd = event({"choices": [{"index": 0, "delta": {"content": [{"type": "thinking"}]}}]})
        body = OPENAI.begun("Hi") + odd + OPENAI.ended()
        httpserver.expect_request("/v1/chat/completions").respond_with_data(body, content_type="text/event-stream")
        assert failure(OPENAI.open(httpserver.url_for("")), MalformedError).partial == "Hi"


SAYS_NOTHING = {"index": 0, "delta": {"content": ""}}
BROKEN_OFF = {**SAYS_NOTHING, "finish_reason": "error"}


@pytest.mark.parametrize(
    ("chunk", "kind", "said"),
    [
        # OpenRouter: beside a last choice, or inside it
        ({"error": {"code": 429, "message": "Slow down"}, "choices": [BROKEN_OFF]}, WaitError, "Slow down"),
        ({"choices": [{**BROKEN_OFF, "error": {"code": 402, "message": "No credit"}}]}, FundsError, "No credit"),
        ({"choices": [BROKEN_OFF]}, DownError, "the answer broke off with an error"),
        ({"choices": [], "x_groq": {"error": "The model is overloaded"}}, WaitError, "The model is overloaded"),
        ({"object": "error", "message": "Too long", "code": 400}, MalformedError, "Too long"),
        ({"error": {"message": "Overloaded", "type": "overloaded_error"}}, WaitError, "Overloaded"),
        ({"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}, FundsError, "You exceeded"),
    ],
)
class TestAnErrorInAChunk:
    def test_ends_the_answer(self, httpserver: HTTPServer, chunk: dict[str, Any], kind: type[ProviderError], said: str) -> None:
        body = OPENAI.begun("Half") + event(chunk) + DONE
        httpserver.expect_request("/v1/chat/completions").respond_with_data(body, content_type="text/event-stream")

        error = failure(OPENAI.open(httpserver.url_for("")), kind)

        assert said in error.message
        assert error.partial == "Half"

    def test_named_as_one_ends_the_answer_too(
        self, httpserver: HTTPServer, chunk: dict[str, Any], kind: type[ProviderError], said: str
    ) -> None:
        body = OPENAI.begun("Half") + event(chunk, "error") + DONE
        httpserver.expect_request("/v1/chat/completions").respond_with_data(body, content_type="text/event-stream")

        assert said in failure(OPENAI.open(httpserver.url_for("")), kind).message


def test_an_error_in_the_choice_of_an_answer_that_is_not_streamed_is_no_answer(httpserver: HTTPServer) -> None:
    choice = {"message": {"content": "Half"}, "finish_reason": "error", "error": {"code": 429, "message": "Slow down"}}
    httpserver.expect_request("/v1/chat/completions").respond_with_json({"choices": [choice]})

    assert "Slow down" in failure(OPENAI.open(httpserver.url_for("")), WaitError).message
