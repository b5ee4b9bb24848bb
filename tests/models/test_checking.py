"""`provider check`: one tiny call that tells failures apart, each with what to do about it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.core.errors import CoworkError, Unavailable
from cowork.core.outcome import Notice
from cowork.models import catalogue, errors, model_list
from cowork.models.advice import advice
from cowork.models.checking import ProviderCheck, ProviderChecks, check_providers
from cowork.models.model_list import list_models
from cowork.models.rehearsal import LABEL
from cowork.models.select import REHEARSAL_NOTICE
from tests.models.servers import nobody_listens
from tests.models.styles import ANTHROPIC, OPENAI
from tests.models.surroundings import CANARY, SetKeys, settings
from tests.support import FakeClock, run_here


@pytest.fixture
def groq(httpserver: HTTPServer, keys: SetKeys) -> HTTPServer:
    keys("GROQ_API_KEY")
    keys(GROQ_BASE_URL=httpserver.url_for("/v1"))
    return httpserver


def check(*names: str, **values: str) -> tuple[ProviderChecks, tuple[Notice, ...]]:
    return check_providers(names, settings(**values), FakeClock())


def failed(*names: str) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        check(*names)
    assert caught.value.code == "provider.check_failed"
    return caught.value


class TestACheck:
    def test_asks_for_one_word_and_shows_the_start_of_the_answer(self, groq: HTTPServer) -> None:
        body = OPENAI.stream("\n\nready" + "!" * 100, "\nand more")
        groq.expect_request("/v1/chat/completions").respond_with_data(body, content_type="text/event-stream")

        checks, notices = check("groq")

        assert checks == ProviderChecks((ProviderCheck("groq", "openai/gpt-oss-120b", True, None, "ready" + "!" * 75, 0.0),), 1)
        assert notices == ()
        sent = groq.log[0][0].get_json()
        assert (sent["messages"][0]["content"], sent["max_tokens"]) == ("Reply with the single word: ready", 64)

    def test_is_passed_by_a_model_that_thinks_for_longer_than_a_check_lets_it(self, groq: HTTPServer) -> None:
        body = OPENAI.stream().replace(b'"stop"', b'"length"')
        groq.expect_request("/v1/chat/completions").respond_with_data(body, content_type="text/event-stream")

        (item,) = check("groq")[0].items

        assert (item.ok, item.code, item.message) == (True, None, "(thinks for longer than a check lets it)")

    @pytest.mark.parametrize(
        ("status", "error", "code"),
        [
            (401, {"message": f"wrong key {CANARY}"}, "auth"),
            (402, {"message": "no credit"}, "funds"),
            (403, {"message": "not available in your country"}, "region"),
            (404, {"message": "no such model"}, "bad_model"),
            (429, {"message": "slow down"}, "rate_limited"),
            (429, {"message": "requests per day"}, "daily_quota"),
            (500, {"message": "oops"}, "unavailable"),
        ],
    )
    def test_tells_failures_apart(self, groq: HTTPServer, status: int, error: Any, code: str) -> None:
        groq.expect_request("/v1/chat/completions").respond_with_json({"error": error}, status=status)

        refusal = failed("groq/some-model")

        (item,) = refusal.data.items
        assert (item.provider, item.model, item.ok, item.code) == ("groq", "some-model", False, code)
        assert refusal.message == "1 of 1 provider(s) did not answer"
        assert refusal.exit_code == 7
        assert "canary" not in json.dumps([asdict(refusal.data), refusal.message, refusal.cause, refusal.details])
        calls = [request for request, _ in groq.log if request.method == "POST"]
        assert len(calls) == 1, "a check does not try again"

    def test_tells_a_server_that_is_not_there(self, keys: SetKeys) -> None:
        keys(LLAMACPP_BASE_URL=f"{nobody_listens()}/v1")
        (item,) = failed("llamacpp/m").data.items
        assert item.code == "unavailable"

    def test_tells_a_key_that_is_missing_and_asks_nobody(self) -> None:
        refusal = failed("anthropic")
        (item,) = refusal.data.items
        assert (item.code, item.message) == ("auth", "anthropic/claude-sonnet-5: no key is set")

    def test_tells_an_address_that_is_not_complete(self, keys: SetKeys) -> None:
        keys("AZURE_API_KEY")
        (item,) = failed("azure/m").data.items
        assert item.code == "not_configured"

    def test_of_several_keeps_their_order_and_the_good_ones_beside_the_bad(self, groq: HTTPServer, keys: SetKeys) -> None:
        keys("ANTHROPIC_API_KEY")
        keys(ANTHROPIC_BASE_URL=groq.url_for("").rstrip("/"))
        groq.expect_request("/v1/messages").respond_with_data(ANTHROPIC.stream("ready"), content_type="text/event-stream")
        groq.expect_request("/v1/chat/completions").respond_with_json({"error": {"message": "no"}}, status=401)

        refusal = failed("rehearsal", "groq", "claude", "mistral")

        assert [(item.provider, item.code) for item in refusal.data.items] == [
            ("rehearsal", None),
            ("groq", "auth"),
            ("anthropic", None),
            ("mistral", "auth"),
        ]
        assert refusal.data.count == 4
        assert refusal.message == "2 of 4 provider(s) did not answer"
        assert "groq/openai/gpt-oss-120b: no" in (refusal.cause or "")

    def test_without_a_name_is_of_the_default_with_its_notice(self) -> None:
        checks, notices = check()
        (item,) = checks.items
        assert (item.provider, item.ok) == ("rehearsal", True)
        assert LABEL.startswith(item.message)
        assert notices == (REHEARSAL_NOTICE,)

    @pytest.mark.parametrize(("name", "code"), [("nobody", "provider.not_found"), ("azure", "provider.no_model")])
    def test_of_a_name_that_is_none_is_an_error_of_its_own(self, name: str, code: str) -> None:
        with pytest.raises(CoworkError) as caught:
            check("rehearsal", name)
        assert caught.value.code == code


AGENT = {
    "program": "cc",
    "dialect": "claude",
    "flags": ["-p"],
    "work_flags": [],
    "model_flag": "--model",
    "prompt": "stdin",
}
REFUSALS = {
    "auth": (401, {"message": "wrong key"}, "the key in GROQ_API_KEY is refused: make a new one and export it"),
    "funds": (402, {"message": "no credit"}, "add credit to the groq account, or choose another --provider"),
    "region": (403, {"message": "not available in your country"}, "it is not served where you are: try another model"),
    "rate_limited": (429, {"message": "slow down"}, "too many calls, or too busy: wait a little, then check again"),
    "rate_limited, for a time": (
        429,
        {"message": "please try again in 7.5s"},
        "too many calls, or too busy: wait 8 s, then check again",
    ),
    "rate_limited, for long": (
        429,
        {"message": "please try again in 52m39s"},  # hours would be the day's quota late in the day
        "too many calls, or too busy: wait 53 min",
    ),
    "daily_quota": (429, {"message": "requests per day"}, "the day's quota is used up: wait until tomorrow"),
    "unavailable": (500, {"message": "oops"}, "the provider has a failure of its own: try again later"),
    "malformed": (400, {"message": "what?"}, "what answers does not speak the style 'openai': check GROQ_BASE_URL"),
}


class TestTheHint:
    @pytest.mark.parametrize(("status", "error", "hint"), REFUSALS.values(), ids=REFUSALS)
    def test_is_one_of_its_own_for_every_failure(self, groq: HTTPServer, status: int, error: Any, hint: str) -> None:
        groq.expect_request("/v1/chat/completions").respond_with_json({"error": error}, status=status)
        refusal = failed("groq/m")
        assert (refusal.data.items[0].hint or "").startswith(hint)
        assert refusal.hint == refusal.data.items[0].hint

    def test_of_a_key_that_is_missing_is_to_export_it(self) -> None:
        assert failed("groq").hint == "export GROQ_API_KEY=..."

    def test_of_a_network_that_is_not_there(self, keys: SetKeys) -> None:
        keys("GROQ_API_KEY")
        keys(GROQ_BASE_URL=f"{nobody_listens()}/v1", LLAMACPP_BASE_URL=f"{nobody_listens()}/v1")
        assert failed("groq/m").hint == "nothing answers: check the network, the proxy and GROQ_BASE_URL"
        assert (failed("llamacpp/m").hint or "").startswith("is it running? start llama.cpp server, or say where it is")

    def test_of_several_failures_is_to_see_each(self, groq: HTTPServer) -> None:
        groq.expect_request("/v1/chat/completions").respond_with_json({"error": {"message": "no"}}, status=401)
        assert failed("groq", "mistral").hint == "see the hint of each check"
        page = run_here("provider", "check", "groq", "mistral").out
        assert "mistral: export MISTRAL_API_KEY=..." in page


class TestAModelThatIsNotThere:
    @pytest.fixture(autouse=True)
    def unknown(self, groq: HTTPServer) -> None:
        groq.expect_request("/v1/chat/completions").respond_with_json({"error": {"message": "no such model"}}, status=404)

    def serve(self, groq: HTTPServer) -> None:
        models = {"data": [{"id": "openai/gpt-oss-120b"}, {"id": "llama-4-scout"}]}
        groq.expect_request("/v1/models").respond_with_json(models)

    def test_comes_with_near_ones_of_the_live_list(self, groq: HTTPServer) -> None:
        self.serve(groq)
        (item,) = failed("groq/llama-4-scuot").data.items
        assert (item.code, item.near) == ("bad_model", ("llama-4-scout",))
        assert item.hint == "did you mean 'llama-4-scout'? see all with: cowork provider models groq"

    def test_comes_with_near_ones_of_the_copy(self, groq: HTTPServer) -> None:
        self.serve(groq)
        list_models("groq", FakeClock())
        asked = len(groq.log)
        assert failed("groq/gpt-oss-120").data.items[0].near == ("openai/gpt-oss-120b",)
        assert len(groq.log) == asked + 1, "only the call itself"

    def test_is_told_also_where_there_is_no_list(self, groq: HTTPServer) -> None:
        (item,) = failed("groq/m").data.items
        assert (item.code, item.near) == ("bad_model", ())
        assert item.hint == "see its models with: cowork provider models groq"


def test_of_a_command_line_agent_that_is_not_there_says_to_try_it_by_hand() -> None:
    agent = replace(
        catalogue.find("groq"), id="cc", style="command", command=catalogue.command_line(AGENT), default_model="big-model"
    )
    error = errors.DownError("cannot start", provider="cc", model="m")
    assert advice(error, agent) == "is it installed, up to date and logged in? try it by hand: cc"
    logged_out = errors.AuthError("not logged in", provider="cc", model="m")
    assert advice(logged_out, agent) == "log in with it: cc"
    assert model_list.near(agent, "big-modle", FakeClock()) == ("big-model",)
