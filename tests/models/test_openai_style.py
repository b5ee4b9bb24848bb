"""What is particular to OpenAI-style endpoints."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.models.chat import ChatReply, ChatRequest, Usage
from cowork.models.errors import ContentError, MalformedError
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
