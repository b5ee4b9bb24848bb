"""Opening a model: the adapter of its provider, or at once the reason why it cannot be asked. And what the doctor says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput
from cowork.models import select
from cowork.models.anthropic_style import AnthropicModel
from cowork.models.errors import AuthError
from cowork.models.openai_style import OpenAIStyleModel
from cowork.models.rehearsal import Rehearsal
from cowork.models.sdk import trusted
from cowork.models.select import Target
from tests.models.surroundings import SetKeys, settings


def adapter_of(provider: str) -> type:
    """The class of an opened model, which is closed again."""
    model = select.open_model(Target(provider, "m"), settings())
    asyncio.run(model.close())
    return type(model)


class TestOpening:
    def test_gives_the_adapter_of_the_providers_style(self, keys: SetKeys) -> None:
        keys("ANTHROPIC_API_KEY", "GROQ_API_KEY")
        assert adapter_of("anthropic") is AnthropicModel
        assert adapter_of("groq") is OpenAIStyleModel
        assert adapter_of("rehearsal") is Rehearsal

    def test_needs_no_key_for_a_server_of_ones_own(self) -> None:
        assert adapter_of("llamacpp") is OpenAIStyleModel

    @pytest.mark.parametrize(
        ("provider", "hint"),
        [
            ("groq", "export GROQ_API_KEY=..."),
            ("gemini", "export GEMINI_API_KEY=... or export GOOGLE_API_KEY=..."),
            ("vertex", "no variable for a key of vertex is known; choose another provider"),
        ],
    )
    def test_names_the_variable_of_a_missing_key(self, provider: str, hint: str) -> None:
        with pytest.raises(AuthError) as caught:
            select.open_model(Target(provider, "m"), settings())
        assert caught.value.code == "provider.auth"
        assert caught.value.message == f"{provider}/m: no key is set"
        assert caught.value.hint == hint

    @pytest.mark.parametrize("key", ["sk-canary-…", "sk-canary\x07", "sk-canary\nX-Evil: 1"])
    def test_refuses_a_key_that_cannot_be_one_without_repeating_it(self, keys: SetKeys, key: str) -> None:
        keys(GROQ_API_KEY=key)
        with pytest.raises(AuthError) as caught:
            select.open_model(Target("groq", "m"), settings())
        assert "canary" not in str(vars(caught.value))

    @pytest.mark.parametrize(
        "url", ["nonsense", "ftp://host/v1", "http://", "http://[", "http://host:notaport", "http://host:0/v1"]
    )
    def test_refuses_an_address_that_is_none(self, keys: SetKeys, url: str) -> None:
        keys("GROQ_API_KEY", GROQ_BASE_URL=url)
        with pytest.raises(InvalidInput) as caught:
            select.open_model(Target("groq", "m"), settings())
        assert (caught.value.code, caught.value.hint) == ("provider.bad_url", "correct GROQ_BASE_URL")

    def test_names_a_variable_that_the_address_needs(self, keys: SetKeys) -> None:
        keys("AZURE_API_KEY")
        with pytest.raises(InvalidInput) as caught:
            select.open_model(Target("azure", "m"), settings())
        assert caught.value.code == "provider.not_configured"


class TestTheDoctor:
    def test_warns_of_a_rehearsal(self) -> None:
        assert select.check().status == "warn"

    def test_is_content_with_a_key(self, keys: SetKeys) -> None:
        keys("GROQ_API_KEY")
        check = select.check()
        assert check.status == "ok"
        assert "groq/openai/gpt-oss-120b" in check.message
        assert "canary" not in check.message

    def test_fails_when_the_settings_name_nobody(self, keys: SetKeys) -> None:
        keys(COWORK_PROVIDER="nobody")
        assert select.check().status == "fail"


class TestTrusted:
    def test_certificates_are_read_once_for_all_models(self) -> None:
        assert trusted() is trusted()

    def test_certificates_come_from_where_the_environment_says(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        usual = trusted()
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        assert trusted() is not usual
        assert trusted().get_ca_certs() == []

    def test_a_certificate_is_asked_for_and_its_host_is_checked(self) -> None:
        assert (trusted().verify_mode.name, trusted().check_hostname) == ("CERT_REQUIRED", True)
