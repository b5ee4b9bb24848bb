"""`provider list`: every provider, what is ready and what it costs, and never a key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from cowork.models import catalogue
from cowork.models.detail import Variable, show
from cowork.models.directory import ProviderItem, list_providers
from cowork.models.price import FREE
from tests.models.surroundings import CANARY, SetKeys, settings
from tests.support import run_here


def listed(**values: str) -> dict[str, ProviderItem]:
    return {item.id: item for item in list_providers(settings(**values)).items}


class TestTheList:
    def test_holds_every_provider_in_the_catalogues_order_and_rehearsal_last(self) -> None:
        result = list_providers(settings())
        assert [item.id for item in result.items] == [
            *(provider.id for provider in catalogue.providers() if provider.id != "fake-agent"),
            "rehearsal",
        ]
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

    def test_has_the_price_of_the_default_model_where_it_is_known(self) -> None:
        items = listed()
        price = items["groq"].price
        assert price is not None
        assert (items["groq"].price_known, price.input, price.output) == (True, 0.15, 0.6)
        assert (items["upstage"].price_known, items["upstage"].price) == (False, None)
        assert items["vllm"].price == items["rehearsal"].price == FREE

    def test_can_be_cut_down_to_a_status(self) -> None:
        assert [item.id for item in list_providers(settings(), status="retired").items] == ["github-models"]
        assert "github-models" not in {item.id for item in list_providers(settings(), status="active").items}

    @pytest.mark.parametrize(
        ("text", "ids"),
        [
            ("kimi", ["moonshot"]),
            ("GROK", ["xai"]),
            ("gpt-oss groq", ["groq"]),
            ("claude-sonnet", ["anthropic", "openrouter", "vercel"]),
            ("nothing like it", []),
        ],
    )
    def test_can_be_searched_for_words(self, text: str, ids: list[str]) -> None:
        assert [item.id for item in list_providers(settings(), text=text).items] == ids

    def test_says_what_the_user_has_a_part_in(self, home: Path) -> None:
        home.mkdir()
        (home / "config.yaml").write_text("providers:\n  groq: {default_model: m}\n")
        assert [id_ for id_, item in listed().items() if item.changed] == ["groq"]

    def test_for_a_person_is_marked_and_narrow(self, keys: SetKeys) -> None:
        keys("GROQ_API_KEY")
        lines = run_here("provider", "list").out.splitlines()
        (chosen,) = [line for line in lines if line.startswith("→ ")]
        assert chosen.split() == ["→", "groq", "ready", "GROQ_API_KEY", "0.15,", "0.6", "openai/gpt-oss-120b"]
        assert max(map(len, lines)) <= 110

    def test_that_is_empty_says_how_to_see_all(self) -> None:
        assert run_here("provider", "list", "zzz").out == "no provider is like this; see all with: cowork provider list\n"


class TestOneProvider:
    def test_is_shown_with_every_variable_and_never_a_value(self, keys: SetKeys) -> None:
        keys("GEMINI_API_KEY", "AZURE_API_KEY")
        gemini, azure = show("Gemini"), show("azure")
        assert gemini.keys == (Variable("GEMINI_API_KEY", True), Variable("GOOGLE_API_KEY", False))
        assert (gemini.configured, gemini.address) == (True, "catalogue")
        assert azure.needs == (Variable("AZURE_RESOURCE_NAME", False),)
        assert (azure.configured, azure.address) == (False, "incomplete")
        assert "canary" not in json.dumps([asdict(gemini), asdict(azure)])
        assert "canary" not in run_here("provider", "show", "gemini").out

    def test_has_its_prices_by_model_with_date_and_source(self) -> None:
        prices = show("claude").prices
        assert [price.model for price in prices] == ["claude-haiku-4-5", "claude-sonnet-5"]
        assert (prices[0].input, prices[0].output, prices[0].cached_input, prices[0].source) == (1, 5, 0.1, "models.dev")
        assert show("vllm").free
        assert not show("claude").free

    def test_says_which_fields_are_the_users(self, home: Path) -> None:
        home.mkdir()
        (home / "config.yaml").write_text(
            "providers:\n  groq: {base_url: 'https://proxy.test/v1', small_model: tiny, timeout_s: 9}\n"
        )
        groq = show("groq")
        assert [origin.field for origin in groq.overridden] == ["base_url", "small_model", "timeout_s"]
        assert {origin.source for origin in groq.overridden} == {str(home / "config.yaml")}
        assert (groq.base_url, groq.address, groq.small_model, groq.timeout_s) == ("https://proxy.test/v1", "config", "tiny", 9)
        assert "small_model" in run_here("provider", "show", "groq").out

    def test_does_not_show_an_address_of_the_environment(self, keys: SetKeys) -> None:
        keys(GROQ_BASE_URL=f"https://user:{CANARY}@proxy/v1")
        shown = show("groq")
        assert (shown.address, shown.base_url) == ("environment", "https://api.groq.com/openai/v1")
        assert "canary" not in run_here("provider", "show", "groq").out

    def test_may_be_rehearsal(self) -> None:
        assert (show("rehearsal").free, show("rehearsal").default_model) == (True, "extract-1")

    def test_of_the_users_that_is_wrong_is_an_error_everywhere(self, home: Path) -> None:
        home.mkdir()
        (home / "config.yaml").write_text("providers:\n  groq: {local: 5}\n")
        for words in (("list",), ("show", "groq"), ("models", "groq"), ("check", "groq")):
            ran = run_here("provider", *words, "--json")
            assert (ran.code, ran.document["error"]["code"]) == (4, "config.invalid"), words

    def test_with_a_field_nobody_knows_comes_with_a_warning(self, home: Path) -> None:
        home.mkdir()
        (home / "config.yaml").write_text("providers:\n  groq: {colour: red}\n")
        (warning,) = run_here("provider", "show", "groq", "--json").document["warnings"]
        assert warning["code"] == "config.unknown_key"


def test_names_are_completed_by_the_shell(home: Path) -> None:
    home.mkdir()
    (home / "config.yaml").write_text("providers:\n  mine: {style: openai, base_url: 'http://127.0.0.1:9/v1'}\n")
    for verb in ("show", "models", "check"):
        environment = {"_COWORK_COMPLETE": "bash_complete", "COMP_WORDS": f"cowork provider {verb} mi", "COMP_CWORD": "3"}
        completed = subprocess.run(
            [sys.executable, "-m", "cowork"], env={**os.environ, **environment}, capture_output=True, text=True, check=True
        )
        assert [line.split(",")[-1] for line in completed.stdout.split()] == ["mistral", "minimax", "mine"], completed.stderr


def test_the_fake_agent_is_nobody_to_buy_from_and_listed_only_when_it_is_asked_for() -> None:
    assert "fake-agent" not in listed()
    assert [item.id for item in list_providers(settings(), status="testing").items] == ["fake-agent"]
    assert listed(provider="fake-agent")["fake-agent"].chosen
