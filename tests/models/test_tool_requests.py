"""What is sent when a conversation has tools, to the letter of each protocol."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.models.chat import ChatRequest, Message, ToolCall, ToolDefinition, Usage
from cowork.models.errors import MalformedError
from tests.models.styles import ANTHROPIC, OPENAI, Style, both_styles, event, failure, openai_stop
from tests.models.tool_streams import READ, WITH_TOOLS, conversation, reply_to, sent, tool_call

CACHED = {"cache_control": {"type": "ephemeral"}}
LONG = conversation(
    Message("user", "Go."),
    Message("assistant", "Let me look.", (tool_call("a", command="ls"), tool_call("b", "Read", path="x"))),
    Message("tool", "no such file", call_id="b", error=True),
    Message("tool", "", call_id="a"),
    Message("user", "Go on."),
    Message("assistant", calls=(ToolCall("c", "Bash", None, '{"comm'),)),
    Message("tool", "no JSON", call_id="c", error=True),
)


class TestAnthropic:
    def test_gets_the_whole_conversation(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, ANTHROPIC, ANTHROPIC.stream("Done."), LONG)
        assert sent(httpserver)["messages"] == [
            {"role": "user", "content": "Go."},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Let me look."},
                    {"type": "tool_use", "id": "a", "name": "Bash", "input": {"command": "ls"}},
                    {"type": "tool_use", "id": "b", "name": "Read", "input": {"path": "x"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "a"},
                    {"type": "tool_result", "tool_use_id": "b", "content": "no such file", "is_error": True},
                    {"type": "text", "text": "Go on.", **CACHED},
                ],
            },
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "c", "name": "Bash", "input": {"INVALID_JSON": '{"comm'}}],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "c", "content": "no JSON", "is_error": True, **CACHED}],
            },
        ]

    def test_gets_the_tools_with_a_whole_schema(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, ANTHROPIC, ANTHROPIC.stream("Done."))
        assert [tool["name"] for tool in sent(httpserver)["tools"]] == ["Bash", "Read"]
        schema = {"type": "object", **READ.parameters}
        assert sent(httpserver)["tools"][1] == {"name": "Read", "description": "Read a file.", "input_schema": schema}
        assert "tool_choice" not in sent(httpserver)

    def test_gets_a_schema_even_for_a_tool_that_has_none(self, httpserver: HTTPServer) -> None:
        bare = ChatRequest("Go.", tools=(ToolDefinition("Bare", "", {}),))
        reply_to(httpserver, ANTHROPIC, ANTHROPIC.stream("Done."), bare)
        assert sent(httpserver)["tools"][0]["input_schema"] == {"type": "object", "properties": {}}

    def test_is_told_what_to_cache_where_there_are_tools(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, ANTHROPIC, ANTHROPIC.stream("Done."))
        assert sent(httpserver)["system"] == [{"type": "text", "text": "Be brief.", **CACHED}]
        assert sent(httpserver)["messages"][-1]["content"] == [{"type": "text", "text": "List the files.", **CACHED}]
        assert str(sent(httpserver)).count("cache_control") == 2

    def test_is_told_to_cache_the_tools_where_there_is_no_system_text(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, ANTHROPIC, ANTHROPIC.stream("Done."), ChatRequest("Go.", tools=WITH_TOOLS.tools))
        assert [CACHED.items() <= tool.items() for tool in sent(httpserver)["tools"]] == [False, True]

    def test_hears_of_no_cache_in_a_single_question(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, ANTHROPIC, ANTHROPIC.stream("Done."), ChatRequest("Go.", "Be brief."))
        assert sent(httpserver)["messages"] == [{"role": "user", "content": "Go."}]
        assert "cache_control" not in str(sent(httpserver))
        assert "tools" not in sent(httpserver)

    def test_knows_the_tools_of_earlier_calls_but_may_not_call_them(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, ANTHROPIC, ANTHROPIC.stream("Done."), conversation(*LONG.messages, tools=()))
        assert [tool["name"] for tool in sent(httpserver)["tools"]] == ["Bash", "Read"]
        assert sent(httpserver)["tool_choice"] == {"type": "none"}


class TestOpenAI:
    def test_gets_the_whole_conversation(self, httpserver: HTTPServer) -> None:
        def called(id: str, name: str, arguments: str) -> dict[str, Any]:
            return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}

        reply_to(httpserver, OPENAI, OPENAI.stream("Done."), LONG)
        assert sent(httpserver)["messages"] == [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Go."},
            {
                "role": "assistant",
                "content": "Let me look.",
                "tool_calls": [called("a", "Bash", '{"command": "ls"}'), called("b", "Read", '{"path": "x"}')],
            },
            {"role": "tool", "tool_call_id": "a", "content": ""},
            {"role": "tool", "tool_call_id": "b", "content": "[error] no such file"},
            {"role": "user", "content": "Go on."},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [called("c", "Bash", '{"INVALID_JSON": "{\\"comm"}')],
            },
            {"role": "tool", "tool_call_id": "c", "content": "[error] no JSON"},
        ]

    def test_gets_the_tools_as_functions_with_a_whole_schema(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, OPENAI, OPENAI.stream("Done."))
        function = {"name": "Read", "description": "Read a file.", "parameters": {"type": "object", **READ.parameters}}
        assert sent(httpserver)["tools"][1] == {"type": "function", "function": function}

    def test_hears_of_no_tools_where_none_are_offered(self, httpserver: HTTPServer) -> None:
        reply_to(httpserver, OPENAI, OPENAI.stream("Done."), ChatRequest("Go."))
        assert "tools" not in sent(httpserver)


@both_styles
def test_messages_are_the_conversation_and_the_prompt_is_not_used(style: Style, httpserver: HTTPServer) -> None:
    reply_to(httpserver, style, style.stream("Done."), ChatRequest("Not this.", messages=(Message("user", "This."),)))
    assert sent(httpserver)["messages"] == [{"role": "user", "content": "This."}]


@both_styles
def test_a_result_that_is_no_text_is_made_one_and_a_prompt_is_not(style: Style, httpserver: HTTPServer) -> None:
    called = Message("assistant", "\ud83d", (tool_call("a"),))
    request = conversation(Message("user", "Go."), called, Message("tool", "name: \udcff", call_id="a"))
    reply_to(httpserver, style, style.stream("Done."), request)
    assert "name: \ufffd" in str(sent(httpserver))
    failure(style.open(httpserver.url_for("")), MalformedError, request=conversation(Message("user", "\udcff")))


class TestUsage:
    def anthropic(self, httpserver: HTTPServer, start: dict[str, Any], end: dict[str, Any]) -> Usage:
        message = {"id": "m", "type": "message", "role": "assistant", "model": "m-1", "content": [], "usage": start}
        told = [
            ("message_start", {"message": message}),
            ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "Hi"}}),
            ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": end}),
            ("message_stop", {}),
        ]
        body = b"".join(event({"type": name, **data}, name) for name, data in told)
        return reply_to(httpserver, ANTHROPIC, body).usage

    @pytest.mark.parametrize(
        ("start", "end", "usage"),
        [
            ({"cache_creation_input_tokens": 20, "cache_read_input_tokens": 300}, {}, Usage(331, 7, "reported", 300)),
            ({"cache_creation_input_tokens": None, "cache_read_input_tokens": None}, {}, Usage(11, 7, "reported")),
            ({"cache_read_input_tokens": "many"}, {}, Usage(11, 7, "reported")),
            ({}, {"input_tokens": 12, "cache_read_input_tokens": 30}, Usage(42, 7, "reported", 30)),
            ({"input_tokens": 0}, {"input_tokens": 12}, Usage(12, 7, "reported")),
            ({}, {"input_tokens": 0, "cache_read_input_tokens": None}, Usage(11, 7, "reported")),
            ({"input_tokens": None, "cache_read_input_tokens": 30}, {}, Usage()),
        ],
    )
    def test_of_anthropic_counts_the_cache_as_input(
        self, httpserver: HTTPServer, start: dict[str, Any], end: dict[str, Any], usage: Usage
    ) -> None:
        found = self.anthropic(httpserver, {"input_tokens": 11, "output_tokens": 1, **start}, {"output_tokens": 7, **end})
        assert found == usage

    @pytest.mark.parametrize(
        ("details", "cached"),
        [({"cached_tokens": 300}, 300), ({"cached_tokens": None}, 0), ({}, 0), (None, 0), ({"cached_tokens": 9999}, 1200)],
    )
    def test_of_openai_says_how_much_of_the_input_was_cached(self, httpserver: HTTPServer, details: Any, cached: int) -> None:
        counted = {"prompt_tokens": 1200, "completion_tokens": 34, "prompt_tokens_details": details}
        body = OPENAI.begun("Hi") + openai_stop() + event({"choices": [], "usage": counted})
        assert reply_to(httpserver, OPENAI, body).usage == Usage(1200, 34, "reported", cached)

    def test_of_openai_is_the_same_in_a_body(self, httpserver: HTTPServer) -> None:
        counted = {"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}
        choice = {"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}
        body = {"choices": [choice], "usage": counted}
        assert reply_to(httpserver, OPENAI, body).usage == Usage(12, 3, "reported", 4)
