"""What a provider wants back with its calls goes back to it, as it came, and to nobody else."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.models.chat import ChatRequest, Message, ToolCall
from cowork.models.errors import MalformedError
from tests.models.styles import ANTHROPIC, OPENAI, Style, ask, event, failure, openai_stop
from tests.models.tool_streams import WITH_TOOLS, answers, anthropic_events, openai_calls, opens, piece, writes

SIGNATURE = {"google": {"thought_signature": "c2lnbmF0dXJl"}}
ONE = '{"command": "ls"}'


def thinks(*deltas: dict[str, Any]) -> bytes:
    return b"".join(event({"choices": [{"index": 0, "delta": delta}]}) for delta in deltas)


def gemini() -> bytes:
    signed = {**piece(0, "a", "Bash", ONE), "extra_content": SIGNATURE}
    return openai_calls([signed], [piece(1, "b", "Bash", ONE)])


def deepseek() -> bytes:
    thoughts = thinks({"reasoning_content": "Let me "}, {"reasoning_content": "think.", "content": None})
    return thoughts + openai_calls([piece(0, "a", "Bash", ONE), piece(1, "b", "Bash", ONE)])


def claude() -> bytes:
    def delta(index: int, **held: str) -> tuple[str, dict[str, Any]]:
        return "content_block_delta", {"index": index, "delta": held}

    def starts(index: int, **block: str) -> tuple[str, dict[str, Any]]:
        return "content_block_start", {"index": index, "content_block": block}

    return anthropic_events(
        starts(0, type="thinking", thinking="", signature=""),
        delta(0, type="thinking_delta", thinking="Let me "),
        delta(0, type="thinking_delta", thinking="think."),
        delta(0, type="signature_delta", signature="c2ln"),
        starts(1, type="redacted_thinking", data="aGlkZGVu"),
        starts(2, type="text", text=""),
        delta(2, type="text_delta", text="Look."),
        opens(3, id="a", name="Bash"),
        writes(3, ONE),
    )


def exchange(httpserver: HTTPServer, style: Style, body: bytes, *, then: str = "acme") -> Any:
    """The assistant's message that the provider `then` gets in the next request, after `acme` answered with `body`."""
    httpserver.expect_ordered_request(style.path).respond_with_data(body, content_type="text/event-stream")
    httpserver.expect_ordered_request(style.path).respond_with_data(style.stream("Done."), content_type="text/event-stream")
    reply = ask(style.open(httpserver.url_for("")), request=WITH_TOOLS)
    calls = tuple(ToolCall(**json.loads(json.dumps(asdict(call)))) for call in reply.calls)  # as a session keeps them
    said = Message("assistant", reply.text, calls)
    results = (Message("tool", "ok", call_id=call.id) for call in reply.calls)
    request = ChatRequest(messages=(Message("user", "Go."), said, *results), tools=WITH_TOOLS.tools)
    ask(style.open(httpserver.url_for(""), provider=then), request=request)
    return next(message for message in httpserver.log[1][0].get_json()["messages"] if message["role"] == "assistant")


class TestASignature:
    def test_goes_back_with_its_call(self, httpserver: HTTPServer) -> None:
        first, second = exchange(httpserver, OPENAI, gemini())["tool_calls"]
        assert first["extra_content"] == SIGNATURE
        assert "extra_content" not in second

    def test_goes_to_nobody_else(self, httpserver: HTTPServer) -> None:
        assert "extra_content" not in str(exchange(httpserver, OPENAI, gemini(), then="groq"))

    @pytest.mark.parametrize("signature", [None, "text", ["list"], 5])
    def test_of_another_shape_is_left(self, httpserver: HTTPServer, signature: Any) -> None:
        body = openai_calls([{**piece(0, "a", "Bash", ONE), "extra_content": signature}])
        assert "extra_content" not in str(exchange(httpserver, OPENAI, body))

    def test_that_is_nested_too_deep_is_left(self, httpserver: HTTPServer) -> None:
        deep: dict[str, Any] = {}
        for _ in range(100):
            deep = {"a": deep}
        body = openai_calls([{**piece(0, "a", "Bash", ONE), "extra_content": deep}])
        assert "extra_content" not in str(exchange(httpserver, OPENAI, body))

    def test_without_end_is_malformed(self, httpserver: HTTPServer) -> None:
        answers(httpserver, OPENAI, openai_calls([{**piece(0, "a", "Bash"), "extra_content": {"a": "x" * 1_000_000}}]))
        failure(OPENAI.open(httpserver.url_for("")), MalformedError, request=WITH_TOOLS)

    def test_comes_in_a_body_too(self, httpserver: HTTPServer) -> None:
        calls = [{**piece(None, "a", "Bash", ONE), "extra_content": SIGNATURE}]
        message = {"content": None, "tool_calls": calls, "reasoning_content": "Hm."}
        answers(httpserver, OPENAI, {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]})
        (call,) = ask(OPENAI.open(httpserver.url_for("")), request=WITH_TOOLS).calls
        assert call.carried == {"provider": "acme", "extra_content": SIGNATURE, "reasoning_content": "Hm."}


class TestThoughts:
    def test_go_back_with_the_message_that_calls(self, httpserver: HTTPServer) -> None:
        message = exchange(httpserver, OPENAI, deepseek())
        assert message["reasoning_content"] == "Let me think."
        assert set(message["tool_calls"][0]) == {"id", "type", "function"}

    def test_go_to_nobody_else(self, httpserver: HTTPServer) -> None:
        assert "reasoning" not in str(exchange(httpserver, OPENAI, deepseek(), then="groq"))

    def test_without_calls_are_forgotten(self, httpserver: HTTPServer) -> None:
        body = thinks({"reasoning_content": "Hm."}, {"content": "Done."}) + openai_stop()
        assert exchange(httpserver, OPENAI, body) == {"role": "assistant", "content": "Done."}

    def test_are_no_part_of_the_answer(self, httpserver: HTTPServer) -> None:
        answers(httpserver, OPENAI, deepseek())
        pieces: list[str] = []
        assert ask(OPENAI.open(httpserver.url_for("")), pieces.append, WITH_TOOLS).text == "".join(pieces) == ""

    def test_of_claude_go_back_as_they_came_and_first(self, httpserver: HTTPServer) -> None:
        assert exchange(httpserver, ANTHROPIC, claude())["content"] == [
            {"type": "thinking", "thinking": "Let me think.", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "aGlkZGVu"},
            {"type": "text", "text": "Look."},
            {"type": "tool_use", "id": "a", "name": "Bash", "input": {"command": "ls"}},
        ]

    def test_of_claude_go_to_nobody_else(self, httpserver: HTTPServer) -> None:
        assert "thinking" not in str(exchange(httpserver, ANTHROPIC, claude(), then="other"))
