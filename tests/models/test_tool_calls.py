"""Calls of tools: what both adapters make of them, whatever the stream."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from cowork.models.assembly import LONGEST_ARGUMENTS, MOST_CALLS
from cowork.models.chat import ChatReply, ChatRequest, Message, ToolCall, Usage
from cowork.models.errors import DownError, MalformedError, NoToolsError
from cowork.models.limiter import Limiter
from tests.agent.scripted_model import call, odd_call, scripted_model, turn
from tests.agent.scripted_wire import Called, events
from tests.models.servers import LAST_CHUNK, STREAM_HEAD, ScriptedServer, byte_by_byte, chunk
from tests.models.styles import KEY, Style, ask, both_styles, failure
from tests.models.tool_streams import WITH_TOOLS, answers, conversation, malformed, reply_to, stream, tool_call
from tests.support import FakeClock

LS = Called("Bash", '{"command": "ls -l"}', "call_a")
CAT = Called("Read", '{"path": "naïve 🙂.txt"}', "call_b")
TWO = (
    ToolCall("call_a", "Bash", {"command": "ls -l"}, LS.raw),
    ToolCall("call_b", "Read", {"path": "naïve 🙂.txt"}, CAT.raw),
)
_LAST_HEAD = STREAM_HEAD.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
CUT = {"anthropic": "max_tokens", "openai": "length"}


@both_styles
class TestAnAnswer:
    def test_may_hold_text_and_two_calls_at_once(self, style: Style, httpserver: HTTPServer) -> None:
        answers(httpserver, style, stream(style, "Let me look.", LS, CAT))
        pieces: list[str] = []

        reply = ask(style.open(httpserver.url_for("")), pieces.append, WITH_TOOLS)

        stop = {"anthropic": "tool_use", "openai": "tool_calls"}[style.name]
        assert reply == ChatReply("Let me look.", "scripted-1", Usage(100, 10, "reported"), stop, TWO)
        assert pieces == ["Let me ", "look."]

    def test_may_hold_calls_alone(self, style: Style, httpserver: HTTPServer) -> None:
        reply = reply_to(httpserver, style, stream(style, "", CAT))
        assert (reply.text, reply.calls) == ("", TWO[1:])

    def test_may_hold_nothing_at_all_where_tools_are_offered(self, style: Style, httpserver: HTTPServer) -> None:
        reply = reply_to(httpserver, style, stream(style, ""))
        assert (reply.text, reply.calls, reply.usage) == ("", (), Usage(100, 10, "reported"))

    def test_without_text_is_malformed_where_none_are(self, style: Style, httpserver: HTTPServer) -> None:
        error = malformed(httpserver, style, stream(style, "", LS), ChatRequest("Say hello."))
        assert "the answer is empty" in error.message

    def test_has_no_calls_where_no_tools_are_offered(self, style: Style, httpserver: HTTPServer) -> None:
        reply = reply_to(httpserver, style, stream(style, "Hello.", LS), ChatRequest("Say hello."))
        assert (reply.text, reply.calls) == ("Hello.", ())


class Splits(ScriptedServer):
    """Answers each request with the same stream, split in two at the next of its bytes."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._bodies: Iterator[bytes] = (
            _LAST_HEAD + chunk(body[:place]) + chunk(body[place:]) + LAST_CHUNK for place in range(1, len(body))
        )

    def _answer(self, connection: socket.socket) -> None:
        self._sent = next(self._bodies)
        super()._answer(connection)


def half(style: Style, text: str, called: Called) -> bytes:
    """A stream up to the middle of the arguments."""
    told = events(style.name, text, (called,), None, 7)
    places = [number for number, each in enumerate(told) if b'"partial_json"' in each or b'"function": {"arguments"' in each]
    assert len(places) > 2
    return b"".join(told[: places[1]])


@both_styles
class TestAStream:
    def test_may_come_byte_by_byte(self, style: Style) -> None:
        with ScriptedServer(STREAM_HEAD, byte_by_byte(stream(style, "Naïve 🙂", LS, CAT, piece=1))) as server:
            reply = ask(style.open(server.url), request=WITH_TOOLS)
        assert (reply.text, reply.calls) == ("Naïve 🙂", TWO)

    def test_may_be_split_anywhere(self, style: Style) -> None:
        body = stream(style, "é", CAT, piece=30).replace(b"\\ud83d\\ude42", "🙂".encode())
        assert "🙂".encode() in body

        async def ask_each(server: ScriptedServer) -> set[tuple[str, str]]:
            model = style.open(server.url)
            replies = [await model.reply(WITH_TOOLS, len) for _ in range(1, len(body))]
            await model.close()
            return {(reply.text, repr(reply.calls)) for reply in replies}

        with Splits(body) as server:
            assert asyncio.run(ask_each(server)) == {("é", repr(TWO[1:]))}

    def test_that_is_cut_within_a_call_is_down_and_not_a_call(self, style: Style, httpserver: HTTPServer) -> None:
        answers(httpserver, style, half(style, "Look.", LS))

        error = failure(style.open(httpserver.url_for("")), DownError, request=WITH_TOOLS)

        assert error.partial == "Look."

    def test_that_breaks_after_a_call_without_text_did_connect(self, style: Style) -> None:
        with ScriptedServer(STREAM_HEAD, chunk(half(style, "", LS))) as server:
            error = failure(style.open(server.url), DownError, request=WITH_TOOLS)
        assert "the connection broke" in error.message


@both_styles
class TestArguments:
    @pytest.mark.parametrize(
        "raw",
        [
            *('{"command": "ls"', "[1]", '"ls"', "null", "5", "ls -l", "{'a': 1}", '{"a": NaN}', '{"a": 1} {"b": 2}'),
            *('{"a": "\\ud83d"}', '{"a":' * 70 + "1" + "}" * 70, '{"a":' * 30_000, '{"a": ' + "9" * 5000 + "}"),
        ],
        ids=range(13),
    )
    def test_that_are_no_json_object_are_none_and_kept_as_written(self, style: Style, httpserver: HTTPServer, raw: str) -> None:
        reply = reply_to(httpserver, style, stream(style, "", Called("Bash", raw, "a"), LS, piece=4000))
        assert reply.calls == (ToolCall("a", "Bash", None, raw), TWO[0])

    @pytest.mark.parametrize("raw", ["", " \n"])
    def test_that_are_not_written_are_those_of_a_tool_without_parameters(
        self, style: Style, httpserver: HTTPServer, raw: str
    ) -> None:
        assert reply_to(httpserver, style, stream(style, "", Called("Bash", raw, "a"))).calls == (
            ToolCall("a", "Bash", {}, raw),
        )

    @pytest.mark.parametrize("raw", ["", " ", '{"comm'])
    def test_that_are_cut_by_the_limit_of_tokens_are_none(self, style: Style, httpserver: HTTPServer, raw: str) -> None:
        body = stream(style, "", LS, Called("Bash", raw, "b"), stop=CUT[style.name])
        reply = reply_to(httpserver, style, body)
        assert reply.calls == (TWO[0], ToolCall("b", "Bash", None, raw))
        assert reply.stop_reason == CUT[style.name]

    def test_that_are_whole_before_the_limit_count(self, style: Style, httpserver: HTTPServer) -> None:
        body = stream(style, "", Called("Bash", "", "b"), LS, stop=CUT[style.name])
        assert reply_to(httpserver, style, body).calls == (ToolCall("b", "Bash", {}, ""), TWO[0])

    def test_may_come_in_halves_of_a_character(self, style: Style, httpserver: HTTPServer) -> None:
        body = stream(style, "", Called("Bash", '{"command": "XY"}', "a"), piece=14)
        body = body.replace(b'X"', b'\\ud83d"').replace(b'"Y', b'"\\ude42')
        assert reply_to(httpserver, style, body).calls[0].arguments == {"command": "🙂"}

    @pytest.mark.parametrize("calls", [1, 2])
    def test_are_bounded_in_all(self, style: Style, httpserver: HTTPServer, calls: int) -> None:
        raw = json.dumps({"command": "x" * (LONGEST_ARGUMENTS // calls)})
        error = malformed(httpserver, style, stream(style, "", *[Called("Bash", raw, "a")] * calls, piece=50_000))
        assert f"longer than {LONGEST_ARGUMENTS} characters" in error.message

    def test_may_be_as_long_as_the_bound(self, style: Style, httpserver: HTTPServer) -> None:
        raw = json.dumps({"command": "x" * (LONGEST_ARGUMENTS - 15)})
        assert len(raw) == LONGEST_ARGUMENTS
        assert reply_to(httpserver, style, stream(style, "", Called("Bash", raw, "a"), piece=50_000)).calls[0].raw == raw


@both_styles
class TestIds:
    def test_that_come_twice_or_not_at_all_are_made_unique(self, style: Style, httpserver: HTTPServer) -> None:
        body = stream(style, "", *(Called("Bash", "{}", id) for id in ("x", "x", "", "")))
        assert [call.id for call in reply_to(httpserver, style, body).calls] == ["x", "x_2", "call_3", "call_4"]

    def test_differ_from_those_of_the_conversation(self, style: Style, httpserver: HTTPServer) -> None:
        request = conversation(
            Message("user", "Go."),
            Message("assistant", calls=(tool_call("call_a"), tool_call("call_2"))),
            Message("tool", "a.txt", call_id="call_a"),
            Message("tool", "b.txt", call_id="call_2"),
        )
        reply = reply_to(httpserver, style, stream(style, "", LS, Called("Bash", "{}", "")), request)
        assert [call.id for call in reply.calls] == ["call_a_2", "call_4"]


@both_styles
class TestTheNumberOfCalls:
    def test_has_a_bound(self, style: Style, httpserver: HTTPServer) -> None:
        error = malformed(httpserver, style, stream(style, "", *[LS] * (MOST_CALLS + 1)))
        assert f"more than {MOST_CALLS} calls" in error.message

    def test_may_reach_it(self, style: Style, httpserver: HTTPServer) -> None:
        assert len(reply_to(httpserver, style, stream(style, "", *[LS] * MOST_CALLS)).calls) == MOST_CALLS


@both_styles
def test_a_call_that_names_no_tool_is_malformed(style: Style, httpserver: HTTPServer) -> None:
    assert "does not name it" in malformed(httpserver, style, stream(style, "", Called("", "{}", "a"))).message


@both_styles
@pytest.mark.parametrize("called", [Called("B" * 300, "{}", "a"), Called("Bash", "{}", "a" * 300)], ids=["name", "id"])
def test_a_name_or_an_id_without_end_is_malformed(style: Style, httpserver: HTTPServer, called: Called) -> None:
    assert "too long" in malformed(httpserver, style, stream(style, "", called)).message


@both_styles
class TestASecondTry:
    def test_discards_the_calls_of_the_first(self, style: Style) -> None:
        announced: list[dict[str, object]] = []
        limiter = Limiter(FakeClock(), lambda _type, data: announced.append(data))
        within_the_call = {"openai": 4, "anthropic": 6}[style.name]
        script = [
            turn("Half a thought", call("Bash", command="rm"), cut_after=within_the_call),
            turn("", call("Bash", command="ls")),
        ]

        async def asked(url: str) -> ChatReply:
            model = style.open(url)
            try:
                return await limiter.reply(model, WITH_TOOLS, lambda _text: None)
            finally:
                await model.close()

        with scripted_model(script) as model:
            reply = asyncio.run(asked(model.url))

        assert [call.arguments for call in reply.calls] == [{"command": "ls"}]
        assert [(data["reason"], data["discarded_characters"]) for data in announced] == [("provider.unavailable", 14)]
        assert len(model.requests) == 2

    def test_is_not_made_for_calls_that_break_the_protocol(self, style: Style) -> None:
        with scripted_model([turn("", odd_call("", "{}"))]) as model:
            failure(style.open(model.url), MalformedError, request=WITH_TOOLS)
        assert len(model.requests) == 1


REFUSALS = [
    (400, "registry.ollama.ai/library/gemma:2b does not support tools"),
    (404, "No endpoints found that support tool use. Try disabling Bash."),
    (400, "`tool calling` is not supported with this model"),
    (400, "Unsupported parameter: 'tools' is not supported with this model."),
    (400, "Unrecognized request argument supplied: tools"),
    (400, "property 'tools' is unsupported"),
    (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    (500, "tools param requires --jinja flag"),
    (422, "This model doesn't support function calling."),
    (400, "m-1 does not currently support native tool use"),
]


@both_styles
@pytest.mark.parametrize(("status", "said"), REFUSALS)
def test_a_model_that_cannot_call_tools_is_told_apart(style: Style, httpserver: HTTPServer, status: int, said: str) -> None:
    error = style.error_body({"type": "invalid_request_error", "message": said})
    httpserver.expect_request(style.path).respond_with_json(error, status=status)

    found = failure(style.open(httpserver.url_for("")), NoToolsError, request=WITH_TOOLS)

    assert (found.code, found.retryable) == ("provider.no_tools", False)
    assert found.hint == "this model cannot call tools; choose another --model of acme"
    assert found.message == f"acme/m-1: {said}"


@both_styles
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Unsupported parameter: 'tools[0].function.strict'"),
        (400, "tools.0.name: String should match pattern"),
        (400, "tool_use ids were found without tool_result blocks"),
        (400, "Invalid schema for function 'Bash'"),
        (429, "this model does not support tools so fast"),
        (401, "your key does not support tools"),
    ],
)
def test_other_errors_about_tools_are_not(style: Style, httpserver: HTTPServer, status: int, said: str) -> None:
    httpserver.expect_request(style.path).respond_with_json(style.error_body({"message": said}), status=status)
    with pytest.raises(Exception, match="acme/m-1") as caught:
        ask(style.open(httpserver.url_for("")), request=WITH_TOOLS)
    assert not isinstance(caught.value, NoToolsError)


@both_styles
def test_without_tools_nothing_is_blamed_on_them(style: Style, httpserver: HTTPServer) -> None:
    error = style.error_body({"message": REFUSALS[0][1]})
    httpserver.expect_request(style.path).respond_with_json(error, status=400)
    failure(style.open(httpserver.url_for("")), MalformedError)


@both_styles
def test_the_key_is_in_no_message_about_calls(style: Style, httpserver: HTTPServer) -> None:
    error = style.error_body({"message": f"key {KEY}: this model does not support tools"})
    httpserver.expect_request(style.path).respond_with_json(error, status=400)
    found = failure(style.open(httpserver.url_for("")), NoToolsError, request=WITH_TOOLS)
    assert KEY not in repr((found, found.message, found.details, found.hint, found.cause))
