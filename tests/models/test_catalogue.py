"""The provider catalogue: every entry is well formed, and is found by what people type."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cowork.core.errors import InvalidInput, NotFound
from cowork.models import catalogue
from cowork.models.catalogue import OWN_MODEL, REHEARSAL, Provider
from cowork.models.chat import Usage
from cowork.models.command_line.dialects import DIALECTS
from cowork.models.price import FREE, Price

ALL = catalogue.shipped()
COMMANDS = tuple(provider for provider in ALL if provider.command and provider.status != "testing")
SERVERS = tuple(provider for provider in ALL if not provider.command)


def azure() -> Provider:
    return catalogue.find("azure")


def vertex() -> Provider:
    return catalogue.find("vertex")


def test_there_are_56_providers() -> None:
    assert len([provider for provider in ALL if provider.status != "testing"]) == 56


def test_the_eight_that_people_name_first_come_first() -> None:
    first = [provider.id for provider in ALL[:8]]
    assert first == ["anthropic", "openai", "gemini", "ollama", "openrouter", "groq", "xai", "cerebras"]


def offenders(rule: Callable[[Provider], object], among: tuple[Provider, ...] = ALL) -> list[str]:
    """The providers that break a rule."""
    return [provider.id for provider in among if not rule(provider)]


def is_day(text: str | None) -> bool:
    return bool(text) and date.fromisoformat(str(text)) <= date(2026, 12, 31)


def here(provider: Provider) -> bool:
    return urlsplit(provider.base_url).hostname in ("localhost", "127.0.0.1")


class TestEveryEntry:
    def test_has_an_id_that_is_easy_to_type_and_a_name(self) -> None:
        assert offenders(lambda provider: re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", provider.id)) == []
        assert offenders(lambda provider: provider.name.strip() == provider.name != "") == []

    def test_speaks_a_style_that_there_is_an_adapter_for(self) -> None:
        assert offenders(lambda provider: provider.style in ("anthropic", "openai"), SERVERS) == []
        assert offenders(lambda provider: provider.style == "command", COMMANDS) == []

    def test_is_reached_over_https_unless_on_this_machine(self) -> None:
        assert (
            offenders(lambda provider: provider.base_url.startswith("http://" if here(provider) else "https://"), SERVERS) == []
        )

    def test_has_an_address_without_user_query_fragment_or_slash_at_its_end(self) -> None:
        assert offenders(lambda provider: not re.search(r"[@?#\s]|/$", provider.base_url)) == []

    def test_is_local_only_on_this_machine(self) -> None:
        assert offenders(lambda provider: here(provider) or not provider.local) == []

    def test_leaves_the_version_out_of_its_path_where_the_client_adds_it(self) -> None:
        assert offenders(lambda provider: provider.style == "openai" or not provider.base_url.endswith("/v1"), SERVERS) == []

    def test_names_its_variables_as_variables(self) -> None:
        names = [name for provider in SERVERS for name in (provider.base_url_env, *provider.needs)]
        names += [name for provider in ALL for name in provider.key_env]
        assert [name for name in names if not re.fullmatch(r"[A-Z][A-Z0-9_]+", name)] == []
        assert offenders(lambda provider: provider.base_url_env.endswith("_BASE_URL"), SERVERS) == []

    def test_needs_exactly_the_placeholders_of_its_address(self) -> None:
        assert offenders(lambda provider: set(re.findall(r"\{(\w+)\}", provider.base_url)) == set(provider.needs)) == []

    def test_has_a_status_and_a_confidence(self) -> None:
        assert offenders(lambda provider: provider.status in ("active", "beta", "retired", "unconfirmed", "testing")) == []
        assert offenders(lambda provider: provider.confidence in ("verified", "memory", "uncertain")) == []

    def test_has_prices_that_make_sense_with_a_date_and_a_source(self) -> None:
        def sound(price: Price) -> bool:
            cheaper = price.cached_input is None or 0 <= price.cached_input <= price.input
            return 0 < price.input <= price.output < 200 and cheaper and bool(price.source) and is_day(price.as_of)

        assert offenders(lambda provider: all(sound(price) for price in provider.prices.values())) == []

    def test_has_prices_only_of_the_models_that_it_names(self) -> None:
        def named(provider: Provider) -> set[str | None]:
            return {provider.default_model, provider.small_model, *provider.fallback_models}

        assert offenders(lambda provider: provider.status == "testing" or set(provider.prices) <= named(provider)) == []

    def test_says_when_its_facts_were_looked_up(self) -> None:
        assert offenders(lambda provider: is_day(provider.as_of)) == []

    def test_is_found_by_its_id_and_its_aliases_in_any_case(self) -> None:
        names = {name: provider for provider in ALL for name in (provider.id, *provider.aliases)}
        assert [name for name, provider in names.items() if catalogue.find(name) is not provider] == []
        assert [name for name, provider in names.items() if catalogue.find(name.upper()) is not provider] == []

    def test_is_not_configured_in_an_empty_environment(self) -> None:
        assert offenders(lambda provider: not provider.configured({})) == []


def test_no_two_providers_share_a_name_an_alias_or_an_address_variable() -> None:
    names = [REHEARSAL, *(name for provider in ALL for name in (provider.id, *provider.aliases))]
    assert len(names) == len(set(names))
    assert all(name == name.casefold() for name in names)
    variables = [provider.base_url_env for provider in SERVERS]
    assert len(variables) == len(set(variables))


class TestACommandLineAgent:
    def test_is_one_of_four(self) -> None:
        assert [provider.id for provider in COMMANDS] == ["claude-code", "codex-cli", "gemini-cli", "opencode"]

    def test_chooses_its_model_itself_unless_one_is_named(self) -> None:
        assert offenders(lambda provider: provider.default_model == OWN_MODEL, COMMANDS) == []

    def test_speaks_a_dialect_that_is_read_and_takes_the_prompt_by_stdin(self) -> None:
        assert [*(provider.command.dialect for provider in COMMANDS if provider.command), "text"] == list(DIALECTS)
        assert offenders(lambda provider: provider.command and provider.command.prompt == "stdin", COMMANDS) == []

    def test_reads_only_unless_it_is_to_work(self) -> None:
        assert {provider.id: [word for word in flags(provider).split() if word in SAFE] for provider in COMMANDS} == {
            "claude-code": ["--tools", "Read,Glob,Grep,Task"],
            "codex-cli": ["--sandbox", "read-only"],
            "gemini-cli": ["--approval-mode", "plan"],
            "opencode": ["--agent", "plan"],
        }

    def test_runs_nothing_that_the_project_brings_along(self) -> None:
        for work in (False, True):
            assert "--setting-sources user --strict-mcp-config" in flags(catalogue.find("claude-code"), work=work)

    def test_never_passes_by_its_own_permissions(self) -> None:
        every = " ".join(flags(provider) + " " + flags(provider, work=True) for provider in COMMANDS)
        assert not re.search(r"yolo|dangerous|bypass|full-auto|danger-full-access|skip-permissions|--auto\b", every)

    def test_is_configured_where_its_program_is(self, tmp_path: Path) -> None:
        program = tmp_path / "codex"
        program.touch(0o755)
        assert catalogue.find("codex-cli").configured({"PATH": str(tmp_path)})
        assert not catalogue.find("claude-code").configured({"PATH": str(tmp_path)})


SAFE = {"--tools", "Read,Glob,Grep,Task", "--sandbox", "read-only", "--approval-mode", "--agent", "plan"}


def flags(provider: Provider, *, work: bool = False) -> str:
    assert provider.command
    return " ".join(provider.command.work_flags if work else provider.command.flags)


class TestFinding:
    @pytest.mark.parametrize(("name", "id_"), [("claude", "anthropic"), ("Codex", "openai"), ("GROK", "xai"), ("groq", "groq")])
    def test_takes_the_names_people_use(self, name: str, id_: str) -> None:
        assert catalogue.find(name).id == id_

    @pytest.mark.parametrize(
        ("typed", "hint"),
        [
            ("antropic", "did you mean 'anthropic'?"),
            ("OpenRoute", "did you mean 'openrouter'?"),
            ("claud", "did you mean 'claude'?"),
            ("zzz", "list them with: cowork provider list"),
            ("", "list them with: cowork provider list"),
        ],
    )
    def test_suggests_what_was_meant(self, typed: str, hint: str) -> None:
        with pytest.raises(NotFound) as caught:
            catalogue.find(typed)
        assert caught.value.code == "provider.not_found"
        assert caught.value.hint == hint
        assert caught.value.details == {"provider": typed}


class TestTheKey:
    def test_is_the_first_that_is_set(self) -> None:
        gemini = catalogue.find("gemini")
        assert gemini.key({"GEMINI_API_KEY": "a", "GOOGLE_API_KEY": "b"}) == "a"
        assert gemini.key({"GEMINI_API_KEY": "", "GOOGLE_API_KEY": "b"}) == "b"

    def test_is_none_when_none_is_set_or_all_are_blank(self) -> None:
        assert azure().key({}) is None
        assert azure().key({"AZURE_OPENAI_API_KEY": "", "AZURE_API_KEY": " \n"}) is None

    def test_loses_the_line_end_that_a_file_gave_it(self) -> None:
        assert azure().key({"AZURE_API_KEY": "secret\n"}) == "secret"


class TestTheAddress:
    def test_is_the_catalogues(self) -> None:
        assert catalogue.find("groq").url({}) == "https://api.groq.com/openai/v1"

    def test_is_the_environments_when_that_names_one(self) -> None:
        assert catalogue.find("groq").url({"GROQ_BASE_URL": " http://127.0.0.1:8/v1 "}) == "http://127.0.0.1:8/v1"
        assert catalogue.find("groq").url({"GROQ_BASE_URL": " "}) == "https://api.groq.com/openai/v1"

    def test_has_its_placeholders_filled(self) -> None:
        assert azure().url({"AZURE_RESOURCE_NAME": "acme"}) == "https://acme.openai.azure.com/openai/v1"

    def test_has_a_placeholder_filled_wherever_it_stands(self) -> None:
        url = vertex().url({"GOOGLE_VERTEX_PROJECT": "p", "GOOGLE_VERTEX_LOCATION": "eu"})
        assert url == "https://eu-aiplatform.googleapis.com/v1/projects/p/locations/eu/endpoints/openapi"

    def test_names_the_first_variable_that_is_missing(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            vertex().url({"GOOGLE_VERTEX_PROJECT": "p"})
        assert caught.value.code == "provider.not_configured"
        assert caught.value.message == "vertex needs GOOGLE_VERTEX_LOCATION to be set"
        assert caught.value.hint == "export GOOGLE_VERTEX_LOCATION=..., or VERTEX_BASE_URL=URL"

    def test_of_the_environment_needs_no_placeholders(self) -> None:
        assert azure().url({"AZURE_BASE_URL": "https://proxy/v1"}) == "https://proxy/v1"


class TestConfigured:
    def test_means_a_key(self) -> None:
        assert catalogue.find("groq").configured({"GROQ_API_KEY": "k"})
        assert not catalogue.find("groq").configured({})

    def test_means_every_needed_variable_too(self) -> None:
        assert not azure().configured({"AZURE_API_KEY": "k"})
        assert not azure().configured({"AZURE_RESOURCE_NAME": "acme"})
        assert azure().configured({"AZURE_API_KEY": "k", "AZURE_RESOURCE_NAME": "acme"})
        assert azure().configured({"AZURE_API_KEY": "k", "AZURE_BASE_URL": "https://proxy/v1"})


class TestAPrice:
    def test_is_of_a_model_and_unknown_for_any_other(self) -> None:
        anthropic = catalogue.find("anthropic")
        price = anthropic.price("claude-haiku-4-5", {})
        assert price is not None
        assert (price.input, price.output, price.cached_input) == (1, 5, 0.1)
        assert anthropic.price("claude-2", {}) is None
        assert catalogue.find("upstage").price("solar-pro3", {}) is None

    @pytest.mark.parametrize("model", ["claude-haiku-4-5-20251001", "claude-haiku-4-5-2025-10-01"])
    def test_of_a_dated_id_is_that_of_the_model(self, model: str) -> None:
        anthropic = catalogue.find("anthropic")
        assert anthropic.price(model, {}) == anthropic.price("claude-haiku-4-5", {})
        assert anthropic.price("claude-haiku-4-5-mini", {}) is None

    def test_of_a_server_on_this_machine_is_nothing(self) -> None:
        assert catalogue.find("ollama").price("qwen3:8b", {}) == FREE
        assert catalogue.find("vllm").price("m", {"VLLM_BASE_URL": "http://192.168.1.9:8000/v1"}) == FREE
        assert catalogue.find("litellm-proxy").price("m", {}) is None, "it may hand on to whoever takes money"

    def test_of_a_local_program_behind_https_is_unknown(self) -> None:
        assert catalogue.find("ollama").price("qwen3:8b", {"OLLAMA_BASE_URL": "https://ollama.com/v1"}) is None

    def test_counts_what_the_cache_gave_at_its_own_rate(self) -> None:
        usage = Usage(1_000_000, 200_000, "reported", 400_000)
        assert Price(2, 10, 0.2).usd(usage) == pytest.approx(0.6 * 2 + 0.4 * 0.2 + 0.2 * 10)
        assert Price(2, 10).usd(usage) == pytest.approx(2 + 0.2 * 10)
        assert FREE.usd(usage) == 0


class TestALocalServer:
    def test_is_configured_once_its_place_is_named_and_it_has_a_key(self) -> None:
        ollama = catalogue.find("ollama")
        assert not ollama.configured({"OLLAMA_API_KEY": "k"}), "the usual address has to be probed"
        assert ollama.configured({"OLLAMA_API_KEY": "k", "OLLAMA_BASE_URL": "https://ollama.com/v1"})
