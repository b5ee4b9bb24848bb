"""Calls of tools in the shapes that servers send although their protocol has another."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.models.chat import ChatRequest, ToolCall
from cowork.models.errors import ContentError
from tests.models.styles import ANTHROPIC, OPENAI, event, failure, openai_stop
from tests.models.tool_streams import (
    WITH_TOOLS,
    answers,
    anthropic_events,
    malformed,
    openai_calls,
    opens,
    piece,
    reply_to,
    writes,
)

LS = ToolCall("a", "Bash", {"command": "ls"}, '{"command": "ls"}')
CAT = ToolCall("b", "Read", {"path": "x"}, '{"path": "x"}')
ONE, OTHER = LS.raw, CAT.raw


class TestOpenAIStreams:
    @pytest.mark.parametrize(
        "deltas",
        [
            pytest.param([[piece(0, "a", "Bash", ONE), piece(1, "b", "Read", OTHER)]], id="both whole in one delta"),
            pytest.param([[piece(0, "a", "Bash", ONE)], [piece(1, "b", "Read", OTHER)]], id="each whole in a delta"),
            pytest.param([[piece(None, "a", "Bash", ONE), piece(None, "b", "Read", OTHER)]], id="without index"),
            pytest.param([[piece(0, "a", "Bash", ONE)], [piece(0, "b", "Read", OTHER)]], id="always the index 0"),
            pytest.param(
                [
                    [piece(7, "a", "Bash", ONE[:5])],
                    [piece(3, "b", "Read", OTHER[:5])],
                    [piece(7, arguments=ONE[5:])],
                    [piece(3, arguments=OTHER[5:])],
                ],
                id="interleaved, with indices of its own",
            ),
            pytest.param(
                [
                    [piece(None, "a", "Bash", ONE[:5])],
                    [piece(None, arguments=ONE[5:])],
                    [piece(None, "b", "Read", OTHER[:5])],
                    [piece(None, arguments=OTHER[5:])],
                ],
                id="without index, the id only once",
            ),
            pytest.param(
                [
                    [piece(None, "a", "Bash", ONE[:5])],
                    [piece(None, "b", "Read", OTHER[:5])],
                    [piece(None, "a", arguments=ONE[5:])],
                    [piece(None, "b", arguments=OTHER[5:])],
                ],
                id="without index, interleaved by id",
            ),
            pytest.param(
                [[piece(0, "a", "Bash", text)] for text in (ONE[:5], ONE[5:9], ONE[9:])]
                + [[piece(1, "b", "Read", text)] for text in (OTHER[:5], OTHER[5:])],
                id="id and name repeated",
            ),
            pytest.param(
                [[piece(0, "a", "Ba", "")], [piece(0, None, "sh", ONE)], [piece(1, "b", "Re")], [piece(1, None, "ad", OTHER)]],
                id="the name in pieces",
            ),
            pytest.param(
                [[piece(0, "a", "Bash", {"command": "ls"}), piece(1, "b", "Read", {"path": "x"})]],
                id="arguments as an object",
            ),
            pytest.param(
                [[{**piece(0, "a", "Bash", ONE), "type": ""}], [piece(1, "b", "Read", OTHER)], [piece(1, "b", "Read", "")], []],
                id="empty pieces at the end",
            ),
        ],
    )
    def test_mean_the_same_two_calls(self, httpserver: HTTPServer, deltas: list[Any]) -> None:
        assert reply_to(httpserver, OPENAI, openai_calls(*deltas)).calls == (LS, CAT)

    @pytest.mark.parametrize(
        "deltas",
        [
            pytest.param([[piece(0, "", "Bash", ONE)], [piece(0, "", "Read", OTHER)]], id="always the index 0"),
            pytest.param([[piece(None, None, "Bash", ONE), piece(None, None, "Read", OTHER)]], id="without index"),
            pytest.param(
                [[piece(0, None, "Bash", {"command": "ls"})], [piece(0, None, "Read", {"path": "x"})]], id="as objects"
            ),
        ],
    )
    def test_may_lack_ids(self, httpserver: HTTPServer, deltas: list[Any]) -> None:
        calls = reply_to(httpserver, OPENAI, openai_calls(*deltas)).calls
        assert calls == (
            ToolCall("call_1", "Bash", LS.arguments, LS.raw),
            ToolCall("call_2", "Read", CAT.arguments, CAT.raw),
        )

    def test_may_hold_long_objects_of_which_each_is_a_call(self, httpserver: HTTPServer) -> None:
        long = {"command": "x" * 20_000}
        calls = reply_to(httpserver, OPENAI, openai_calls([piece(0, None, "Bash", long)], [piece(0, None, "Bash", long)])).calls
        assert [call.arguments for call in calls] == [long, long]

    def test_may_give_whole_calls_one_id(self, httpserver: HTTPServer) -> None:
        same = [piece(None, "a", "Bash", ONE), piece(None, "a", "Bash", ONE)]
        assert [call.id for call in reply_to(httpserver, OPENAI, openai_calls(same)).calls] == ["a", "a_2"]

    @pytest.mark.parametrize("reason", ["stop", "tool_calls", "function_call", "eos"])
    def test_may_end_for_whatever_reason(self, httpserver: HTTPServer, reason: str) -> None:
        reply = reply_to(httpserver, OPENAI, openai_calls([piece(0, "a", "Bash", ONE)], stop=reason))
        assert (reply.calls, reply.stop_reason) == ((LS,), reason)

    def test_may_call_as_in_old_times(self, httpserver: HTTPServer) -> None:
        deltas = [{"name": "Bash", "arguments": ""}, {"arguments": ONE[:5]}, {"arguments": ONE[5:]}]
        chunks = [event({"choices": [{"index": 0, "delta": {"function_call": delta}}]}) for delta in deltas]
        reply = reply_to(httpserver, OPENAI, b"".join(chunks) + openai_stop("function_call"))
        assert reply.calls == (ToolCall("call_1", "Bash", LS.arguments, LS.raw),)

    def test_may_say_one_call_in_both_ways(self, httpserver: HTTPServer) -> None:
        both = {"tool_calls": [piece(0, "a", "Bash", ONE)], "function_call": {"name": "Bash", "arguments": ONE}}
        body = event({"choices": [{"index": 0, "delta": both}]}) + openai_stop("tool_calls")
        assert reply_to(httpserver, OPENAI, body).calls == (LS,)

    def test_may_hold_an_empty_call_as_in_old_times(self, httpserver: HTTPServer) -> None:
        body = event({"choices": [{"index": 0, "delta": {"content": "Hi.", "function_call": {}}}]}) + openai_stop()
        reply = reply_to(httpserver, OPENAI, body)
        assert (reply.text, reply.calls) == ("Hi.", ())

    @pytest.mark.parametrize(
        "delta",
        [
            pytest.param([piece(0, None, None, "{}")], id="arguments of nothing"),
            pytest.param([piece(None, None, None, "{}")], id="arguments of nothing, without index"),
            pytest.param([piece(0, "a", "Bash", "{"), piece(0, "a", None, {})], id="text and an object"),
            pytest.param([piece(0, "a", "Bash", {}), piece(0, "a", None, "{}")], id="an object and text"),
            pytest.param([{"index": 0, "id": "a", "type": "custom", "custom": {"name": "Bash", "input": "ls"}}], id="custom"),
            pytest.param([{"index": 0, "id": "a", "type": "custom", "function": {"name": "Bash"}}], id="custom, as a function"),
            pytest.param([{"index": "first", **piece(None, "a", "Bash", "{}")}], id="an index that is text"),
            pytest.param([{"index": [0], **piece(None, "a", "Bash", "{}")}], id="an index that is a list"),
            pytest.param([{"index": 0, "id": 5, "function": {"name": "Bash"}}], id="an id that is a number"),
            pytest.param([{"index": 0, "id": ["a"], "function": {"name": "Bash"}}], id="an id that is a list"),
            pytest.param([{"index": 0, "id": "a", "function": {"name": ["Bash"]}}], id="a name that is a list"),
            pytest.param([{"index": 0, "id": "a", "function": None}], id="no function"),
            pytest.param([None], id="null"),
            pytest.param(["Bash"], id="text"),
            pytest.param({"index": 0}, id="no list"),
            pytest.param("Bash", id="text in place of a list"),
        ],
    )
    def test_of_other_shapes_are_malformed(self, httpserver: HTTPServer, delta: Any) -> None:
        body = OPENAI.begun("Look.") + openai_calls(delta)
        assert malformed(httpserver, OPENAI, body).partial == "Look."

    def test_that_are_filtered_are_no_calls(self, httpserver: HTTPServer) -> None:
        answers(httpserver, OPENAI, openai_calls([piece(0, "a", "Bash", ONE)], stop="content_filter"))
        failure(OPENAI.open(httpserver.url_for("")), ContentError, request=WITH_TOOLS)

    def test_that_are_cut_before_the_name_have_no_such_call(self, httpserver: HTTPServer) -> None:
        body = openai_calls([piece(0, "a", "Bash", ONE)], [piece(1, "b")], stop="length")
        assert reply_to(httpserver, OPENAI, body).calls == (LS,)


def completion(stop: str = "tool_calls", **message: Any) -> dict[str, Any]:
    return {"model": "m-1", "choices": [{"index": 0, "message": message, "finish_reason": stop}]}


class TestOpenAIBodies:
    @pytest.mark.parametrize("content", [None, "", "Look."])
    def test_may_hold_calls(self, httpserver: HTTPServer, content: str | None) -> None:
        calls = [piece(None, "a", "Bash", ONE), piece(None, "b", "Read", {"path": "x"})]
        reply = reply_to(httpserver, OPENAI, completion(content=content, tool_calls=calls))
        assert (reply.text, reply.calls) == (content or "", (LS, CAT))

    def test_may_hold_equal_calls(self, httpserver: HTTPServer) -> None:
        reply = reply_to(httpserver, OPENAI, completion(tool_calls=[piece(0, None, "Bash", ONE)] * 2))
        assert [(call.id, call.raw) for call in reply.calls] == [("call_1", ONE), ("call_2", ONE)]

    def test_may_hold_nothing(self, httpserver: HTTPServer) -> None:
        reply = reply_to(httpserver, OPENAI, completion("stop", content=None, tool_calls=None))
        assert (reply.text, reply.calls) == ("", ())

    def test_may_call_as_in_old_times(self, httpserver: HTTPServer) -> None:
        reply = reply_to(httpserver, OPENAI, completion(function_call={"name": "Bash", "arguments": ONE}))
        assert reply.calls == (ToolCall("call_1", "Bash", LS.arguments, LS.raw),)

    def test_may_say_one_call_in_both_ways(self, httpserver: HTTPServer) -> None:
        both = {"tool_calls": [piece(None, "a", "Bash", ONE)], "function_call": {"name": "Bash", "arguments": ONE}}
        assert reply_to(httpserver, OPENAI, completion(**both)).calls == (LS,)

    def test_may_be_cut_within_a_call(self, httpserver: HTTPServer) -> None:
        reply = reply_to(httpserver, OPENAI, completion("length", tool_calls=[piece(None, "a", "Bash", '{"comm')]))
        assert reply.calls == (ToolCall("a", "Bash", None, '{"comm'),)

    @pytest.mark.parametrize("calls", [{}, "Bash", [5], [{}], [{"function": {}}], [{"id": 5, "function": {"name": "Bash"}}]])
    def test_of_other_shapes_are_malformed(self, httpserver: HTTPServer, calls: Any) -> None:
        malformed(httpserver, OPENAI, completion(content="", tool_calls=calls or [calls]))

    def test_must_hold_text_where_no_tools_are_offered(self, httpserver: HTTPServer) -> None:
        body = completion(content=None, tool_calls=[piece(None, "a", "Bash", ONE)])
        malformed(httpserver, OPENAI, body, ChatRequest("Hello."))


class TestAnthropicStreams:
    def test_may_interleave_their_blocks(self, httpserver: HTTPServer) -> None:
        body = anthropic_events(
            opens(4, id="a", name="Bash"),
            opens(2, id="b", name="Read"),
            writes(2, OTHER[:4]),
            writes(4, ONE[:9]),
            ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "Hm."}}),
            writes(2, OTHER[4:]),
            ("content_block_stop", {"index": 2}),
            writes(4, ONE[9:]),
        )
        reply = reply_to(httpserver, ANTHROPIC, body)
        assert (reply.text, reply.calls) == ("Hm.", (LS, CAT))

    def test_may_hold_whole_calls_without_pieces(self, httpserver: HTTPServer) -> None:
        body = anthropic_events(opens(0, id="a", name="Bash", input={"command": "ls"}), opens(1, id="b", name="Read"))
        calls = reply_to(httpserver, ANTHROPIC, body).calls
        assert calls == (LS, ToolCall("b", "Read", {}, ""))

    def test_may_send_a_whole_call_in_pieces_again(self, httpserver: HTTPServer) -> None:
        body = anthropic_events(opens(0, id="a", name="Bash", input={"command": "l"}), writes(0, ONE[:3]), writes(0, ONE[3:]))
        assert reply_to(httpserver, ANTHROPIC, body).calls == (LS,)

    def test_may_begin_a_text_with_its_words(self, httpserver: HTTPServer) -> None:
        start = ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": "Hi."}})
        assert reply_to(httpserver, ANTHROPIC, anthropic_events(start)).text == "Hi."

    @pytest.mark.parametrize("stop", ["end_turn", "tool_use", "pause_turn", "stop_sequence"])
    def test_may_end_for_whatever_reason(self, httpserver: HTTPServer, stop: str) -> None:
        body = anthropic_events(opens(0, id="a", name="Bash"), writes(0, ONE), stop=stop)
        reply = reply_to(httpserver, ANTHROPIC, body)
        assert (reply.calls, reply.stop_reason) == ((LS,), stop)

    @pytest.mark.parametrize("stop", ["max_tokens", "model_context_window_exceeded"])
    def test_may_be_cut_before_the_arguments(self, httpserver: HTTPServer, stop: str) -> None:
        body = anthropic_events(opens(0, id="a", name="Bash"), stop=stop)
        assert reply_to(httpserver, ANTHROPIC, body).calls == (ToolCall("a", "Bash", None, ""),)

    def test_may_hold_what_the_provider_calls_itself(self, httpserver: HTTPServer) -> None:
        search = {"index": 0, "content_block": {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}}
        thought = {"index": 1, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}
        body = anthropic_events(
            ("content_block_start", search),
            writes(0, '{"query": "x"}'),
            ("content_block_start", thought),
            opens(2, id="a", name="Bash"),
            writes(2, ONE),
        )
        assert reply_to(httpserver, ANTHROPIC, body).calls == (LS,)

    def test_may_lack_ids(self, httpserver: HTTPServer) -> None:
        body = anthropic_events(opens(0, name="Bash"), writes(0, ONE), opens(1, id=None, name="Read"), writes(1, OTHER))
        assert [call.id for call in reply_to(httpserver, ANTHROPIC, body).calls] == ["call_1", "call_2"]

    @pytest.mark.parametrize(
        "told",
        [
            pytest.param([opens(0, id="a")], id="no name"),
            pytest.param([opens(0, id="a", name=5)], id="a name that is a number"),
            pytest.param([opens(0, id=["a"], name="Bash")], id="an id that is a list"),
        ],
    )
    def test_of_other_shapes_are_malformed(self, httpserver: HTTPServer, told: list[Any]) -> None:
        malformed(httpserver, ANTHROPIC, anthropic_events(*told))

    def test_of_which_no_call_began_are_malformed(self, httpserver: HTTPServer) -> None:
        error = malformed(httpserver, ANTHROPIC, anthropic_events(opens(0, id="a", name="Bash"), writes(1, "{}")))
        assert "a piece of a call comes before the call" in error.message

    @pytest.mark.parametrize("input", ["ls", ["ls"], 5])
    def test_may_hold_arguments_that_are_no_object(self, httpserver: HTTPServer, input: Any) -> None:
        (call,) = reply_to(httpserver, ANTHROPIC, anthropic_events(opens(0, id="a", name="Bash", input=input))).calls
        assert call.arguments is None
