"""What is particular to Anthropic's messages."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.models.chat import ChatReply, ChatRequest, Usage
from cowork.models.errors import MalformedError
from tests.models.styles import ANTHROPIC, REQUEST, anthropic_stop, ask, event, failure


def reply_to(httpserver: HTTPServer, body: bytes, *, request: ChatRequest = REQUEST) -> ChatReply:
    httpserver.expect_request("/v1/messages", method="POST").respond_with_data(body, content_type="text/event-stream")
    return ask(ANTHROPIC.open(httpserver.url_for("")), request=request)


def sent(httpserver: HTTPServer) -> Any:
    return httpserver.log[0][0].get_json()


class TestTheRequest:
    def test_carries_the_system_text_beside_the_messages(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, ANTHROPIC.stream("Hi"))
        assert sent(httpserver)["system"] == "Be brief."
        assert [message["role"] for message in sent(httpserver)["messages"]] == ["user"]

    def test_has_no_system_text_when_there_is_none(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, ANTHROPIC.stream("Hi"), request=ChatRequest("Say hello."))
        assert "system" not in sent(httpserver)

    def test_names_the_version_of_the_protocol(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, ANTHROPIC.stream("Hi"))
        assert httpserver.log[0][0].headers["anthropic-version"]

    def test_ignores_other_credentials(self, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "canary-1")
        monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "canary-2")
        reply_to(httpserver, ANTHROPIC.stream("Hi"))
        assert "canary" not in str(dict(httpserver.log[0][0].headers))


class TestUsage:
    def test_of_output_is_cumulative_so_the_last_report_counts(self, httpserver: HTTPServer) -> None:
        body = ANTHROPIC.begun("Hi") + anthropic_stop("end_turn", 4, 9, 15)
        assert reply_to(httpserver, body).usage == Usage(11, 15, "reported")

    def test_is_unknown_as_a_whole_when_a_part_is(self, httpserver: HTTPServer) -> None:
        body = ANTHROPIC.begun("Hi").replace(b'"input_tokens": 11', b'"input_tokens": null') + ANTHROPIC.ended()
        assert reply_to(httpserver, body).usage == Usage(0, 0, "unknown")


class TestTheStream:
    def test_reports_why_it_stopped(self, httpserver: HTTPServer) -> None:
        assert reply_to(httpserver, ANTHROPIC.begun("Hi") + anthropic_stop("max_tokens", 7)).stop_reason == "max_tokens"

    def test_may_hold_thoughts_and_events_that_are_not_known_yet(self, httpserver: HTTPServer) -> None:
        thought = event({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm"}})
        news = event({"type": "weather_report", "sky": "blue"}, "weather_report")
        body = ANTHROPIC.begun() + b"event: content_block_delta\n" + thought + news + ANTHROPIC.begun("Hi") + ANTHROPIC.ended()
        assert reply_to(httpserver, body).text == "Hi"

    def test_whose_message_lacks_its_parts_is_malformed(self, httpserver: HTTPServer) -> None:
        body = event({"type": "message_start"}, "message_start") + ANTHROPIC.stream("Hi")
        httpserver.expect_request("/v1/messages").respond_with_data(body, content_type="text/event-stream")
        assert failure(ANTHROPIC.open(httpserver.url_for("")), MalformedError).code == "provider.malformed"

    def test_is_wanted_so_a_whole_message_is_malformed(self, httpserver: HTTPServer) -> None:
        message = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hi"}]}
        httpserver.expect_request("/v1/messages").respond_with_json(message)
        assert failure(ANTHROPIC.open(httpserver.url_for("")), MalformedError).code == "provider.malformed"
