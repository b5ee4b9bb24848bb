"""The scripted model itself: what other tests rest on."""

from __future__ import annotations

import threading

import httpx2 as httpx
import pytest

from tests.agent.scripted_model import Hold, ScriptedModel, call, refusal, scripted_model, turn
from tests.models.protocol_rules import BrokenRule
from tests.models.styles import ANTHROPIC, OPENAI, Style, ask, both_styles
from tests.support import run_program

HELLO = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}


def post(model: ScriptedModel, style: Style = OPENAI, body: dict[str, object] = HELLO) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        return client.post(model.url + style.path, json=body)


@both_styles
def test_the_program_can_be_pointed_at_it(style: Style) -> None:
    with scripted_model([turn("ready")]) as model:
        ran = run_program("provider", "check", "--json", env=model.environment(style.name))

    assert ran.code == 0, ran.out
    assert [request.prompt for request in model.requests] == ["Reply with the single word: ready"]
    assert model.requests[0].style == style.name


@both_styles
def test_an_adapter_reads_the_text_whatever_its_pieces(style: Style) -> None:
    with scripted_model([turn("Let me look at it.", piece=1), turn("Found it.")]) as model:
        assert ask(style.open(model.url)).text == "Let me look at it."
        assert model.left == 1
        assert ask(style.open(model.url)).text == "Found it."
        assert model.left == 0


def test_a_function_answers_by_the_request_and_a_list_by_the_order() -> None:
    with scripted_model(lambda request: turn(f"You said {request.prompt}.")) as model:
        assert ask(OPENAI.open(model.url)).text == "You said Say hello.."
    with scripted_model([lambda request: turn(request.system)]) as model:
        assert ask(ANTHROPIC.open(model.url)).text == "Be brief."


def test_beyond_the_script_is_an_error() -> None:
    with scripted_model([]) as model:
        assert post(model).status_code == 400
    assert model.beyond == 1


def test_it_refuses_with_a_status_and_headers() -> None:
    with scripted_model([refusal(429, "slow down", retry_after="7")]) as model:
        answer = post(model)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error"]["message"] == "slow down"


def test_calls_are_numbered_over_the_script() -> None:
    script = [turn("", call("Bash", command="ls"), call("Read")), turn("", call("Glob").as_id("mine")), turn("", call("Bash"))]
    with scripted_model(script) as model:
        said = [post(model).text, post(model, ANTHROPIC).text, post(model).text]
    assert [[name in text for name in ("call_1", "call_2", "mine", "call_3")] for text in said] == [
        [True, True, False, False],
        [False, False, True, False],
        [False, False, False, True],
    ]


def test_an_answer_is_held_until_it_is_released() -> None:
    hold, got = Hold(), []
    with scripted_model([turn("late", hold=hold)]) as model:
        asking = threading.Thread(target=lambda: got.append(post(model).text))
        asking.start()
        hold.wait()
        assert got == []
        hold.release()
        asking.join(30)
    assert "late" in got[0]


def test_an_answer_that_is_held_ends_with_the_server() -> None:
    hold, failures = Hold(), []

    def ask_in_vain() -> None:
        with pytest.raises(httpx.HTTPError) as caught:
            post(model)
        failures.append(caught.value)

    with scripted_model([turn("never", hold=hold)]) as model:
        asking = threading.Thread(target=ask_in_vain)
        asking.start()
        hold.wait()
    asking.join(30)
    assert len(failures) == 1


@both_styles
def test_a_stream_can_be_cut(style: Style) -> None:
    with scripted_model([turn("one two three", piece=4), turn("one two three", piece=4, cut_after=3)]) as model:
        whole, cut = post(model, style).text, post(model, style).text
    assert whole.startswith(cut)
    assert cut.count("data:") == 3


def test_a_request_that_breaks_the_protocol_fails_the_test() -> None:
    broken = {**HELLO, "messages": [{"role": "tool", "tool_call_id": "x", "content": "?"}]}
    with pytest.raises(BrokenRule), scripted_model([turn("Hi")]) as model:
        assert post(model, body=broken).status_code == 400


def test_a_script_that_raises_fails_the_test() -> None:
    with pytest.raises(ZeroDivisionError), scripted_model(lambda _request: turn(str(1 // 0))) as model:
        assert post(model).status_code == 400
