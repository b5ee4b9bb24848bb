"""Rehearsal in a conversation: it answers the last words of the user, takes results of tools as material, and calls none."""

from __future__ import annotations

import asyncio

from cowork.models.chat import ChatReply, ChatRequest, Message
from cowork.models.rehearsal import LABEL, NO_TOOLS, Rehearsal, compose
from tests.models.prompts import ELSEWHERE, NOTES, answer, contract, opening, quotes
from tests.models.tool_streams import BASH, tool_call

CALLED = Message("assistant", "Let me look.", (tool_call("a"), tool_call("b")))


def reply(request: ChatRequest) -> ChatReply:
    pieces: list[str] = []
    found = asyncio.run(Rehearsal().reply(request, pieces.append))
    assert "".join(pieces) == found.text
    return found


def talk(*messages: Message, tools: bool = False) -> str:
    return compose(ChatRequest("not this", messages=messages, tools=(BASH,) if tools else ()))


def test_one_message_is_answered_as_a_prompt_is() -> None:
    for prompt in (opening(NOTES), opening(ELSEWHERE), "Write it down.\n\n## Result\n"):
        assert talk(Message("user", prompt)) == answer(prompt)


def test_the_last_words_of_the_user_are_the_ones_answered() -> None:
    earlier = Message("user", opening(ELSEWHERE)), Message("assistant", "Hm."), Message("user", opening(NOTES))
    assert talk(*earlier) == talk(*earlier, Message("assistant", "Hm.")) == answer(opening(NOTES))


def test_what_tools_said_is_material_for_a_task() -> None:
    said = Message("tool", NOTES, call_id="a"), Message("tool", ELSEWHERE, call_id="b")
    text = talk(Message("user", opening()), CALLED, *said)
    assert quotes(text)
    assert '" (a tool)' in text
    assert set(contract(text)) == {"answer", "confidence", "reason"}
    assert quotes(talk(Message("user", opening()), CALLED)) == []


def test_what_tools_said_is_material_for_a_form() -> None:
    said = Message("tool", "The deployment failed at night.\nIt rained.", call_id="a")
    text = talk(Message("user", "Report.\n\n## Deployment\n"), CALLED, said)
    assert "## Deployment\n- The deployment failed at night." in text


def test_tools_are_not_called_and_that_is_said_in_one_line() -> None:
    for prompt in (opening(NOTES), "Report."):
        without, offered = talk(Message("user", prompt)), talk(Message("user", prompt), tools=True)
        assert offered.split("\n") == [LABEL, NO_TOOLS, *without.split("\n")[1:]]
        assert reply(ChatRequest(prompt, tools=(BASH,))).calls == ()
    assert NO_TOOLS not in without


def test_the_same_conversation_gives_the_same_answer() -> None:
    request = ChatRequest(
        messages=(Message("user", opening(NOTES)), CALLED, Message("tool", NOTES, call_id="a")), tools=(BASH,)
    )
    assert reply(request) == reply(request)


def test_usage_counts_the_texts_of_the_conversation() -> None:
    found = reply(ChatRequest("not this", "Be brief.", messages=(Message("user", "x" * 40), Message("tool", "y" * 31))))
    assert (found.usage.input_tokens, found.usage.source) == (20, "estimated")


def test_a_conversation_without_the_user_has_an_answer_too() -> None:
    assert talk(CALLED, Message("tool", "It rained.", call_id="a")).startswith(LABEL)
