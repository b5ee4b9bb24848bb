"""A conversation of ours, whatever it holds, is one that each protocol takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.models.anthropic_wire import body_of
from cowork.models.chat import ChatRequest, Message, ToolCall, ToolDefinition
from cowork.models.conversation import CONTINUE, FAILED, INVALID, UNANSWERED, Round, SentCall, rounds, unique
from cowork.models.openai_wire import messages_of, tools_of
from tests.agent.scripted_wire import Request
from tests.models.protocol_rules import check_request
from tests.models.tool_streams import BASH, READ, tool_call

ASKED, ANSWERED = Message("user", "Go."), Message("assistant", "Done.")
CALLED = Message("assistant", calls=(tool_call("a", command="ls"), tool_call("b", "Read", path="x")))


def result(id: str, text: str = "ok", *, error: bool = False) -> Message:
    return Message("tool", text, call_id=id, error=error)


def sent_call(id: str, name: str = "Bash", result: str = UNANSWERED, *, error: bool = True, **arguments: Any) -> SentCall:
    return SentCall(id, name, arguments, result, error)


LS, CAT = sent_call("a", result="1", error=False, command="ls"), sent_call("b", "Read", "2", path="x")


class TestRounds:
    def test_begin_with_the_user_and_go_on_with_the_assistant(self) -> None:
        conversation = [ASKED, CALLED, result("a", "1"), result("b", "2", error=True), ANSWERED, Message("user", "Thanks.")]
        assert rounds(conversation) == [Round(text="Go."), Round(calls=[LS, CAT]), Round("Done.", text="Thanks.")]

    def test_hold_the_results_in_the_order_of_the_calls(self) -> None:
        assert rounds([ASKED, CALLED, result("b", "2", error=True), result("a", "1")])[1] == Round(calls=[LS, CAT])

    def test_hold_the_text_after_the_results_wherever_it_came(self) -> None:
        said = [result("a", "1"), Message("user", "Hurry"), result("b", "2", error=True), Message("user", "up.")]
        assert rounds([ASKED, CALLED, *said])[1] == Round(calls=[LS, CAT], text="Hurry\n\nup.")

    def test_say_so_where_a_call_was_not_answered(self) -> None:
        found = rounds([ASKED, CALLED, result("a", "1"), Message("user", "Stop.")])
        assert found[1] == Round(calls=[LS, sent_call("b", "Read", path="x")], text="Stop.")
        assert rounds([ASKED, CALLED, CALLED])[1].calls == [sent_call("a", command="ls"), sent_call("b", "Read", path="x")]

    def test_hold_no_result_that_nobody_asked_for_or_that_came_twice(self) -> None:
        stray = [result("a", "stray"), result("x", "stray")]
        assert rounds([ASKED, *stray, ANSWERED, *stray, ASKED]) == [Round(text="Go."), Round("Done.", text="Go.")]
        answers = [result("a", "1"), result("b", "2", error=True), result("a", "again")]
        assert rounds([ASKED, CALLED, *answers])[1].calls == [LS, CAT]

    def test_join_what_one_side_says_in_a_row(self) -> None:
        twice = [Message("user", "One."), Message("user", " "), Message("user", "Two."), ANSWERED, Message("assistant"), CALLED]
        first, second = rounds(twice)
        assert first == Round(text="One.\n\nTwo.")
        assert (second.said, [call.id for call in second.calls]) == ("Done.", ["a", "b"])

    def test_begin_and_end_with_the_user_side_whatever_was_cut(self) -> None:
        assert rounds([ANSWERED]) == [Round(text=CONTINUE), Round("Done.", text=CONTINUE)]
        assert rounds([]) == rounds([Message("user", " \n")]) == [Round(text=CONTINUE)]

    def test_give_each_call_an_id_of_its_own(self) -> None:
        again = [message for _ in range(3) for message in (CALLED, result("a", "1"), result("b", "2", error=True))]
        ids = [[call.id for call in round.calls] for round in rounds([ASKED, *again])]
        assert ids == [[], ["a", "b"], ["a_2", "b_2"], ["a_3", "b_3"]]
        assert {call.result for round in rounds([ASKED, *again]) for call in round.calls} == {"1", "2"}

    def test_answer_calls_of_one_id_in_their_order(self) -> None:
        same = Message("assistant", calls=(tool_call("a", n=1), tool_call("a", n=2)))
        found = rounds([ASKED, same, result("a", "1"), result("a", "2")])[1].calls
        assert [(call.id, call.arguments["n"], call.result) for call in found] == [("a", 1, "1"), ("a_2", 2, "2")]

    @pytest.mark.parametrize(
        ("id", "name", "sent"),
        [
            ("toolu_01-x", "mcp__a__b", ("toolu_01-x", "mcp__a__b")),
            ("call 1/ü", "Ba.sh!", ("call_1__", "Ba_sh_")),
            ("", "", ("call", "unnamed")),
            ("i" * 300, "n" * 300, ("i" * 40, "n" * 128)),
        ],
    )
    def test_hold_ids_and_names_that_every_provider_takes(self, id: str, name: str, sent: tuple[str, str]) -> None:
        (call,) = rounds([ASKED, Message("assistant", calls=(ToolCall(id, name, {}, "{}"),)), result(id, "ok")])[1].calls
        assert (call.id, call.name, call.result) == (*sent, "ok")

    def test_hold_what_was_no_json_under_a_name_of_its_own(self) -> None:
        (call,) = rounds([ASKED, Message("assistant", calls=(ToolCall("a", "Bash", None, '{"comm'),))])[1].calls
        assert call.arguments == {INVALID: '{"comm'}

    def test_hold_an_error_in_words_and_other_results_as_they_are(self) -> None:
        silent = [result("a", " ", error=True), result("b", "")]
        assert [(call.result, call.error) for call in rounds([ASKED, CALLED, *silent])[1].calls] == [
            (FAILED, True),
            ("", False),
        ]

    def test_begin_the_same_when_the_conversation_goes_on(self) -> None:
        conversation = [
            ASKED,
            CALLED,
            result("a"),
            result("b"),
            ASKED,
            CALLED,
            result("a"),
            result("b"),
            ASKED,
            ANSWERED,
            ASKED,
        ]
        for length in (4, 5, 8, 9):
            assert rounds(conversation)[: len(rounds(conversation[:length])) - 1] == rounds(conversation[:length])[:-1]


def test_a_name_that_is_taken_gets_a_number() -> None:
    taken: set[str] = set()
    assert [unique(wished, taken) for wished in ("a", "a", "a_2", "a", "b")] == ["a", "a_2", "a_2_2", "a_3", "b"]
    assert [len(unique("x" * 40, taken)) for _ in range(12)] == [40] + [34] * 8 + [35] * 3


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)
any_text = st.text(max_size=8) | st.sampled_from(["", " ", "\n", "Hello.", "\ud83d", "🙂"])
sound_text = st.text(max_size=8) | st.sampled_from(["", " ", "\n", "Hello."])
ids = st.sampled_from(["a", "b", "", "a_2", "ü", "a b", "x" * 41, "x" * 42]) | st.text(max_size=3)
tool_calls = st.builds(
    lambda call_id, name, arguments, raw: ToolCall(
        call_id, name, arguments, raw if arguments is None else json.dumps(arguments)
    ),
    ids,
    st.sampled_from(["Bash", "Read", "mcp__x__y", "odd name", "", "n" * 200]) | any_text,
    st.none() | st.dictionaries(st.text(max_size=3), json_values, max_size=2),
    any_text,
)
messages = st.one_of(
    st.builds(lambda text: Message("user", text), sound_text),
    st.builds(lambda text, calls: Message("assistant", text, tuple(calls)), any_text, st.lists(tool_calls, max_size=3)),
    st.builds(lambda call_id, text, error: Message("tool", text, call_id=call_id, error=error), ids, any_text, st.booleans()),
)
requests = st.builds(
    lambda prompt, system, held, tools: ChatRequest(prompt, system, messages=tuple(held), tools=tuple(tools)),
    sound_text,
    st.sampled_from(["", " ", "Be brief."]),
    st.lists(messages, max_size=8),
    st.sampled_from([(), (BASH,), (BASH, READ), (ToolDefinition("Empty", "", {}),)]),
)


def sent(style: str, request: ChatRequest) -> Request:
    """What goes over the wire."""
    openai = {"messages": messages_of(request), "tools": tools_of(request)}
    body = body_of(request) if style == "anthropic" else {key: value for key, value in openai.items() if value}
    raw = json.dumps(body, ensure_ascii=False).encode()  # as the SDKs do: halves of characters break it
    return Request(style, json.loads(raw), {})


@pytest.mark.parametrize("style", ["anthropic", "openai"])
class TestAnyConversation:
    @settings(deadline=None, max_examples=300)
    @given(request=requests)
    def test_gives_a_body_by_the_rules_of_the_protocol(self, style: str, request: ChatRequest) -> None:
        check_request(style, sent(style, request))

    @settings(deadline=None, max_examples=200)
    @given(request=requests)
    def test_keeps_every_call_and_the_first_result_of_each(self, style: str, request: ChatRequest) -> None:
        found = sent(style, request)
        called = [call for message in request.messages for call in message.calls]
        assert [arguments for _, _, arguments in found.calls] == [
            {INVALID: call.raw.encode("utf-16", "surrogatepass").decode("utf-16", "replace")}
            if call.arguments is None
            else call.arguments
            for call in called
        ]
        assert [id for id, _, _ in found.results] == [id for id, _, _ in found.calls]

    @settings(deadline=None, max_examples=100)
    @given(request=requests)
    def test_loses_no_words_of_the_user_or_the_assistant(self, style: str, request: ChatRequest) -> None:
        told = sent(style, request).said
        for role in ("user", "assistant"):
            words = [message.text for message in request.conversation if message.role == role and message.text.strip()]
            text = "\n\n".join(text for speaker, text in told if speaker == role)
            for word in words:
                assert word.encode("utf-16", "surrogatepass").decode("utf-16", "replace") in text
