"""The provider verbs: a list that never shows a key, and checks that tell failures apart."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.core.errors import CoworkError, Unavailable
from cowork.core.outcome import Notice
from cowork.models import catalogue
from cowork.models.directory import ProviderCheck, ProviderChecks, ProviderItem, check_providers, list_providers
from cowork.models.rehearsal import LABEL
from cowork.models.select import REHEARSAL_NOTICE
from tests.models.servers import nobody_listens
from tests.models.styles import ANTHROPIC, OPENAI
from tests.models.surroundings import CANARY, SetKeys, settings
from tests.support import FakeClock


def listed(**values: str) -> dict[str, ProviderItem]:
    return {item.id: item for item in list_providers(settings(**values)).items}


class TestTheList:
    def test_holds_every_provider_in_the_catalogues_order_and_rehearsal_last(self) -> None:
        result = list_providers(settings())
        assert [item.id for item in result.items] == [*(provider.id for provider in catalogue.providers()), "rehearsal"]
        assert result.count == len(result.items) == 57

    def test_marks_what_is_configured(self, keys: SetKeys) -> None:
        keys("GROQ_API_KEY")
        keys("AZURE_API_KEY")  # but not the resource's name
        assert {id_ for id_, item in listed().items() if item.configured} == {"groq", "rehearsal"}

    def test_marks_the_one_that_is_used_when_none_is_named(self, keys: SetKeys) -> None:
        assert [id_ for id_, item in listed().items() if item.chosen] == ["rehearsal"]
        keys("GROQ_API_KEY")
        assert [id_ for id_, item in listed().items() if item.chosen] == ["groq"]
        assert [id_ for id_, item in listed(provider="mistral").items() if item.chosen] == ["mistral"]

    def test_can_be_cut_down_to_what_is_ready(self, keys: SetKeys) -> None:
        keys("GROQ_API_KEY")
        result = list_providers(settings(provider="mistral"), configured=True)
        assert [item.id for item in result.items] == ["groq", "mistral", "rehearsal"]
        assert result.count == 3

    @pytest.mark.parametrize("provider", ["nobody", "azure"])
    def test_is_there_also_when_the_settings_name_one_that_cannot_be_used(self, provider: str) -> None:
        assert not any(item.chosen for item in listed(provider=provider).values())

    def test_never_shows_a_key(self, keys: SetKeys) -> None:
        for provider in catalogue.providers():
            for name in provider.key_env:
                keys(name)
        shown = json.dumps(asdict(list_providers(settings())))
        assert "canary" not in shown
        assert "GROQ_API_KEY" in shown

    def test_shows_the_catalogues_address_and_not_one_that_may_hold_a_password(self, keys: SetKeys) -> None:
        keys(GROQ_BASE_URL=f"https://user:{CANARY}@proxy/v1")
        assert "canary" not in json.dumps(asdict(list_providers(settings())))
        assert listed()["groq"].base_url == "https://api.groq.com/openai/v1"


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
        assert len(groq.log) == 1, "a check does not try again"

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
