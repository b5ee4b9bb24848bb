"""Who is asked: the named one, else the settings', else the first key, else a local Ollama, else nobody: a rehearsal."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.models import select
from cowork.models.select import REHEARSAL_NOTICE
from tests.models.servers import ScriptedServer
from tests.models.surroundings import SetKeys, settings


def chosen(*, provider: str | None = None, model: str | None = None, settings_of: dict[str, str] | None = None) -> str:
    """The label of the target, with what the command line names and what the settings say."""
    return select.default(settings(**(settings_of or {})), provider=provider, model=model)[0].label


@pytest.fixture
def ollama(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """An Ollama that has pulled two models."""
    tags = {"models": [{"name": "qwen3:8b"}, {"name": "gpt-oss:20b"}]}
    httpserver.expect_request("/api/tags").respond_with_json(tags)
    monkeypatch.setenv("OLLAMA_BASE_URL", httpserver.url_for("/v1"))
    return httpserver


class TestTheOrder:
    def test_the_named_provider_comes_first(self, keys: SetKeys) -> None:
        keys("ANTHROPIC_API_KEY")
        assert chosen(provider="mistral", settings_of={"provider": "groq"}) == "mistral/mistral-small-latest"

    def test_then_the_one_of_the_settings(self, keys: SetKeys) -> None:
        keys("ANTHROPIC_API_KEY")
        assert chosen(settings_of={"provider": "mistral"}) == "mistral/mistral-small-latest"

    def test_then_the_first_of_the_catalogue_that_has_a_key(self, keys: SetKeys) -> None:
        keys("MISTRAL_API_KEY", "XAI_API_KEY", "GROQ_API_KEY")
        assert chosen() == "groq/openai/gpt-oss-120b"

    def test_then_an_ollama_that_answers_with_the_first_model_it_has(self, ollama: HTTPServer) -> None:
        assert chosen() == "ollama/qwen3:8b"

    def test_then_a_rehearsal_that_says_so(self) -> None:
        target, notices = select.default(settings())
        assert (target.label, target.rehearsal) == ("rehearsal/extract-1", True)
        assert notices == (REHEARSAL_NOTICE,)
        assert "not by a model" in REHEARSAL_NOTICE.message

    def test_a_key_comes_before_an_ollama(self, keys: SetKeys, ollama: HTTPServer) -> None:
        keys("GROQ_API_KEY")
        assert chosen() == "groq/openai/gpt-oss-120b"
        assert ollama.log == [], "it was not even asked"

    def test_only_the_rehearsal_nobody_asked_for_is_given_notice_of(self, keys: SetKeys) -> None:
        assert select.default(settings(provider="rehearsal"))[1] == ()
        keys("GROQ_API_KEY")
        assert select.default(settings())[1] == ()


class TestChosenByItself:
    def test_is_no_provider_that_is_retired_or_not_confirmed(self, keys: SetKeys) -> None:
        keys("GITHUB_TOKEN", "PERPLEXITY_API_KEY")
        assert chosen() == "rehearsal/extract-1"
        assert chosen(model="some-model") == "rehearsal/extract-1"

    def test_is_no_provider_without_a_model(self, keys: SetKeys) -> None:
        keys("SAMBANOVA_API_KEY")
        assert chosen() == "rehearsal/extract-1"
        assert chosen(model="llama-4") == "sambanova/llama-4"

    def test_is_no_provider_that_lacks_a_needed_variable(self, keys: SetKeys) -> None:
        keys("CLOUDFLARE_API_KEY")
        assert chosen() == "rehearsal/extract-1"
        keys(CLOUDFLARE_ACCOUNT_ID="a-1")
        assert chosen() == "cloudflare/@cf/zai-org/glm-5.2"

    def test_is_no_provider_with_a_blank_key(self, keys: SetKeys) -> None:
        keys(GROQ_API_KEY=" ")
        assert chosen() == "rehearsal/extract-1"


class TestTheModel:
    def test_is_the_providers_own_when_none_is_named(self) -> None:
        assert chosen(provider="claude") == "anthropic/claude-sonnet-5"

    def test_that_is_named_beats_the_one_in_the_providers_name_and_the_settings(self) -> None:
        assert chosen(provider="groq/inline", model="named", settings_of={"model": "usual"}) == "groq/named"
        assert chosen(provider="groq/inline", settings_of={"model": "usual"}) == "groq/inline"
        assert chosen(provider="groq", settings_of={"model": "usual"}) == "groq/usual"

    def test_of_the_settings_goes_with_the_provider_of_the_settings(self) -> None:
        usual = {"provider": "claude", "model": "claude-haiku-4-5"}
        assert chosen(settings_of=usual) == "anthropic/claude-haiku-4-5"
        assert chosen(provider="anthropic", settings_of=usual) == "anthropic/claude-haiku-4-5"
        assert chosen(provider="mistral", settings_of=usual) == "mistral/mistral-small-latest"
        assert chosen(provider="rehearsal", settings_of=usual) == "rehearsal/extract-1"

    def test_of_the_settings_goes_with_the_first_key_too(self, keys: SetKeys) -> None:
        keys("GROQ_API_KEY")
        assert chosen(settings_of={"model": "usual"}) == "groq/usual"

    def test_may_be_named_for_an_ollama(self, ollama: HTTPServer) -> None:
        assert chosen(model="phi4") == "ollama/phi4"
        assert chosen(provider="ollama", model="phi4") == "ollama/phi4"

    def test_of_an_ollama_that_is_named_is_one_that_it_has(self, ollama: HTTPServer) -> None:
        assert chosen(provider="ollama") == "ollama/qwen3:8b"

    def test_of_an_ollama_that_does_not_answer_is_the_catalogues(self) -> None:
        assert chosen(provider="ollama") == "ollama/gpt-oss:20b"


class TestParsing:
    @pytest.mark.parametrize(
        ("text", "label"),
        [
            ("groq", "groq/openai/gpt-oss-120b"),
            ("GROQ", "groq/openai/gpt-oss-120b"),
            ("groq/", "groq/openai/gpt-oss-120b"),
            ("groq/llama-4", "groq/llama-4"),
            ("claude/claude-haiku-4-5", "anthropic/claude-haiku-4-5"),
            ("openrouter/anthropic/claude-sonnet-5", "openrouter/anthropic/claude-sonnet-5"),
            ("fireworks/accounts/fireworks/models/glm-5p2", "fireworks/accounts/fireworks/models/glm-5p2"),
            ("azure/my-deployment", "azure/my-deployment"),
            ("github-models/gpt-5.5", "github-models/gpt-5.5"),
            ("Rehearsal", "rehearsal/extract-1"),
        ],
    )
    def test_takes_a_provider_and_perhaps_a_model(self, text: str, label: str) -> None:
        assert select.parse(text).label == label

    @pytest.mark.parametrize("text", ["azure", "sambanova/", "lmstudio"])
    def test_wants_a_model_where_there_is_no_default(self, text: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            select.parse(text)
        name = text.rstrip("/")
        assert caught.value.code == "provider.no_model"
        assert caught.value.hint == f"name one: {name}/MODEL"

    @pytest.mark.parametrize("text", ["nobody", "/model", "", "nobody/model"])
    def test_knows_only_the_providers_of_the_catalogue(self, text: str) -> None:
        with pytest.raises(NotFound) as caught:
            select.parse(text)
        assert caught.value.code == "provider.not_found"


class TestLookingForAnOllama:
    @pytest.mark.parametrize(
        "body", [b"{}", b"[]", b"null", b'{"models": []}', b'{"models": [{}]}', b'{"models": 5}', b"\xff", b"<html>", b""]
    )
    def test_what_is_no_ollama_is_passed_over(
        self, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, body: bytes
    ) -> None:
        httpserver.expect_request("/api/tags").respond_with_data(body)
        monkeypatch.setenv("OLLAMA_BASE_URL", httpserver.url_for("/v1"))
        assert chosen() == "rehearsal/extract-1"

    @pytest.mark.parametrize(
        "url", ["nonsense", "http://[", "http://127.0.0.1:notaport/v1", "http://127.0.0.1:99999/v1", "https:///"]
    )
    def test_an_address_that_is_none_is_passed_over(self, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
        monkeypatch.setenv("OLLAMA_BASE_URL", url)
        assert chosen() == "rehearsal/extract-1"

    def test_a_server_that_says_nothing_is_passed_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with ScriptedServer(b"", ending="silence") as server:
            monkeypatch.setenv("OLLAMA_BASE_URL", f"{server.url}/v1")
            assert chosen() == "rehearsal/extract-1"

    def test_it_may_live_below_a_path(self, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
        httpserver.expect_request("/ai/api/tags").respond_with_json({"models": [{"name": "phi4"}]})
        monkeypatch.setenv("OLLAMA_BASE_URL", httpserver.url_for("/ai/v1/"))
        assert chosen() == "ollama/phi4"


def test_a_project_cannot_choose_who_is_asked(keys: SetKeys) -> None:
    keys("GROQ_API_KEY")
    Path(".cowork").mkdir()
    Path(".cowork/config.yaml").write_text("provider: mistral\nmodel: evil\n")
    assert chosen() == "groq/openai/gpt-oss-120b"


def test_an_unknown_provider_is_an_error_wherever_it_is_named(keys: SetKeys) -> None:
    keys("GROQ_API_KEY")
    for asked in ({"provider": "nobody"}, {"settings_of": {"provider": "nobody"}}):
        with pytest.raises(CoworkError, match="there is no provider 'nobody'"):
            chosen(**asked)
