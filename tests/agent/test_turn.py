"""One turn: a model is asked once, tried again where that helps, and what it cost is kept."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.agent.turn import TurnResult, run_turn
from cowork.core import settings as configuration
from cowork.models.chat import ChatRequest
from cowork.models.errors import AuthError, DownError, WaitError
from cowork.models.rehearsal import LABEL
from cowork.models.select import Target
from tests.models.styles import OPENAI
from tests.support import FakeClock

GROQ = Target("groq", "m-1")
REQUEST = ChatRequest("Say hello.")
CHAT = "/v1/chat/completions"


class Turn:
    """What a turn did: its events, and the waits it took."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.events: list[tuple[str, dict[str, Any]]] = []

    def run(self, target: Target = GROQ, request: ChatRequest = REQUEST) -> TurnResult:
        return run_turn(
            target, request, configuration.load(), self.clock, lambda type_, data: self.events.append((type_, data))
        )


@pytest.fixture
def groq(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("GROQ_API_KEY", "sk-canary-0123456789")
    monkeypatch.setenv("GROQ_BASE_URL", httpserver.url_for("/v1"))
    return httpserver


def answers(server: HTTPServer, body: bytes) -> None:
    server.expect_ordered_request(CHAT).respond_with_data(body, content_type="text/event-stream")


def refuses(server: HTTPServer, status: int, headers: dict[str, str] | None = None) -> None:
    server.expect_ordered_request(CHAT).respond_with_json({"error": {"message": "no"}}, status=status, headers=headers)


def test_the_answer_comes_with_who_gave_it_and_what_it_used(groq: HTTPServer) -> None:
    answers(groq, OPENAI.stream("Hel", "lo"))

    assert Turn().run() == TurnResult(
        text="Hello",
        provider="groq",
        model="m-1-0101",
        rehearsal=False,
        stop_reason="stop",
        input_tokens=11,
        output_tokens=7,
        tokens_source="reported",
        seconds=0.0,
    )


def test_each_piece_of_text_is_an_event(groq: HTTPServer) -> None:
    answers(groq, OPENAI.stream("Hel", "lo"))
    turn = Turn()

    turn.run()

    assert turn.events == [("text", {"text": "Hel"}), ("text", {"text": "lo"})]


def test_a_second_try_is_announced_with_the_text_it_discards_and_counts_as_time(groq: HTTPServer) -> None:
    answers(groq, OPENAI.begun("Half"))
    answers(groq, OPENAI.stream("Whole"))
    turn = Turn()

    result = turn.run()

    assert [type_ for type_, _ in turn.events] == ["text", "call.retrying", "text"]
    retrying = turn.events[1][1]
    assert (retrying["reason"], retrying["discarded_characters"]) == ("provider.unavailable", 4)
    assert 0 <= retrying["wait_s"] <= 5
    assert (result.text, result.seconds) == ("Whole", pytest.approx(retrying["wait_s"], abs=0.001))


def test_the_servers_time_to_wait_is_kept(groq: HTTPServer) -> None:
    refuses(groq, 429, {"Retry-After": "7"})
    answers(groq, OPENAI.stream("Hello"))
    turn = Turn()

    turn.run()

    assert turn.clock.slept == [7.0]


def test_a_failure_that_stays_is_raised_after_the_second_try(groq: HTTPServer) -> None:
    refuses(groq, 500)
    refuses(groq, 500)

    with pytest.raises(DownError):
        Turn().run()
    assert len(groq.log) == 2


@pytest.mark.parametrize(("status", "wait", "kind"), [(401, "1", AuthError), (429, "3600", WaitError)])
def test_a_failure_that_waiting_does_not_mend_is_raised_at_once(
    groq: HTTPServer, status: int, wait: str, kind: type[Exception]
) -> None:
    refuses(groq, status, {"Retry-After": wait})
    turn = Turn()

    with pytest.raises(kind):
        turn.run()
    assert (len(groq.log), turn.events, turn.clock.slept) == (1, [], [])


def test_a_missing_key_is_told_before_anybody_is_asked() -> None:
    turn = Turn()
    with pytest.raises(AuthError) as caught:
        turn.run(Target("mistral", "m-1"))
    assert caught.value.hint == "export MISTRAL_API_KEY=..."
    assert turn.events == []


def test_a_rehearsal_says_what_it_is() -> None:
    turn = Turn()

    result = turn.run(Target("rehearsal", "extract-1"))

    assert (result.provider, result.model, result.rehearsal) == ("rehearsal", "extract-1", True)
    assert (result.tokens_source, result.stop_reason) == ("estimated", "end_turn")
    assert result.text.startswith(LABEL)
    assert "".join(data["text"] for _, data in turn.events) == result.text


def test_what_the_listener_raises_ends_the_turn_and_is_not_tried_again(groq: HTTPServer) -> None:
    answers(groq, OPENAI.stream("Hello"))

    def closed_pipe(_type: str, _data: dict[str, Any]) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run_turn(GROQ, REQUEST, configuration.load(), FakeClock(), closed_pipe)
    assert len(groq.log) == 1
