"""The user's own providers: added or changed in config.yaml, judged field by field, and never from a project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from cowork.core.config_sections import Entry
from cowork.core.errors import InvalidInput
from cowork.models import catalogue, overrides, select
from cowork.models.catalogue import CommandLine
from cowork.models.chat import ChatRequest
from cowork.models.override_fields import FIELDS
from cowork.models.price import FREE, Price
from tests.models.styles import OPENAI, ask
from tests.models.surroundings import CANARY, SetKeys, settings

ACME = "acme: {style: openai, base_url: 'https://acme.test/v1'"


@pytest.fixture
def config(home: Path) -> Path:
    """The user's configuration."""
    home.mkdir()
    return home / "config.yaml"


def refused(config: Path, text: str) -> InvalidInput:
    """The refusal of a section with these entries."""
    config.write_text("providers:\n  " + text.replace("\n", "\n  ") + "\n")
    with pytest.raises(InvalidInput) as caught:
        catalogue.providers()
    assert caught.value.code == "config.invalid"
    assert caught.value.details["source"] == str(config)
    return caught.value


def test_without_a_section_the_catalogue_is_the_shipped_one(config: Path) -> None:
    assert catalogue.providers() is catalogue.shipped()
    config.write_text("color: never\n")
    assert catalogue.providers() is catalogue.shipped()


class TestAChangedProvider:
    def test_keeps_what_is_not_named(self, config: Path) -> None:
        config.write_text("providers:\n  groq: {default_model: m-2, small_model: null, fallback_models: [m-3]}\n")
        groq = catalogue.find("groq")
        assert (groq.default_model, groq.small_model, groq.fallback_models) == ("m-2", None, ("m-3",))
        assert (groq.base_url, groq.key_env) == ("https://api.groq.com/openai/v1", ("GROQ_API_KEY",))
        assert groq.origins == dict.fromkeys(("default_model", "small_model", "fallback_models"), str(config))
        assert [one.id for one in catalogue.providers()] == [one.id for one in catalogue.shipped()]

    def test_may_be_named_by_an_alias(self, config: Path) -> None:
        config.write_text("providers:\n  claude: {default_model: m}\n")
        assert catalogue.find("anthropic").default_model == "m"

    def test_changes_as_soon_as_the_file_does(self, config: Path) -> None:
        for model in ("a", "bb"):
            config.write_text(f"providers:\n  groq: {{default_model: {model}}}\n")
            assert catalogue.find("groq").default_model == model
        config.unlink()
        assert catalogue.find("groq").default_model == "openai/gpt-oss-120b"

    def test_has_its_prices_beside_those_of_the_catalogue(self, config: Path) -> None:
        config.write_text("providers:\n  groq:\n    prices:\n      m: {input: 1, output: 2.5, cached_input: 0.5}\n")
        assert catalogue.find("groq").price("m", {}) == Price(1, 2.5, 0.5)
        assert catalogue.find("groq").price("openai/gpt-oss-120b", {}) is not None

    def test_at_another_address_is_asked_there_with_its_key(self, config: Path, httpserver: HTTPServer, keys: SetKeys) -> None:
        keys("MY_KEY")
        config.write_text(f"providers:\n  groq: {{base_url: '{httpserver.url_for('/v1')}', key_env: MY_KEY}}\n")
        body = OPENAI.stream("hello")
        httpserver.expect_request("/v1/chat/completions").respond_with_data(body, content_type="text/event-stream")

        target, _ = select.default(settings())
        reply = ask(select.open_model(target, settings()), request=ChatRequest("hi"))

        assert (target.label, reply.text) == ("groq/openai/gpt-oss-120b", "hello")
        assert httpserver.log[0][0].headers["Authorization"] == f"Bearer {CANARY}"

    def test_still_gives_way_to_the_variable_of_its_address(self, config: Path) -> None:
        config.write_text("providers:\n  groq: {base_url: 'https://one.test/v1/'}\n")
        assert catalogue.find("groq").url({}) == "https://one.test/v1"
        assert catalogue.find("groq").url({"GROQ_BASE_URL": "https://two.test"}) == "https://two.test"

    def test_may_have_a_time_limit_of_its_own(self, config: Path, keys: SetKeys) -> None:
        keys("GROQ_API_KEY")
        config.write_text("providers:\n  groq: {timeout_s: 7}\n")
        assert select.open_model(select.parse("groq"), settings())._timeout_s == 7


class TestAnAddedProvider:
    def test_needs_a_style_and_an_address_and_has_sensible_rest(self, config: Path) -> None:
        config.write_text(f"providers:\n  {ACME}, default_model: big, key_env: [ACME_KEY]}}\n")
        acme = catalogue.providers()[-1]
        assert (acme.id, acme.name, acme.status, acme.confidence) == ("acme", "acme", "active", "yours")
        assert (acme.base_url_env, acme.key_env, acme.prices) == ("ACME_BASE_URL", ("ACME_KEY",), {})
        assert select.parse("acme").label == "acme/big"
        assert not acme.configured({})
        assert acme.configured({"ACME_KEY": "k"})

    def test_takes_the_variables_of_its_address_for_needed(self, config: Path) -> None:
        config.write_text("providers:\n  acme: {style: openai, base_url: 'https://{ACME_REGION}.acme.test/v1'}\n")
        assert catalogue.find("acme").needs == ("ACME_REGION",)
        assert catalogue.find("acme").url({"ACME_REGION": "eu"}) == "https://eu.acme.test/v1"

    def test_on_this_machine_needs_no_key_and_costs_nothing(self, config: Path) -> None:
        config.write_text(
            "providers:\n  mine: {style: openai, base_url: 'http://127.0.0.1:9/v1', local: true, default_model: m}\n"
        )
        mine = catalogue.find("mine")
        assert (mine.configured({}), mine.price("m", {})) == (True, FREE)
        assert select.default(settings())[0].label == "mine/m"

    def test_may_be_a_command_line_agent(self, config: Path) -> None:
        config.write_text(
            "providers:\n  coder:\n    style: command\n    command: {program: cc, dialect: claude, flags: -p, timeout_s: 9,\n"
            "              auth_paths: ~/.cc, config_paths: [~/.cc/a, /etc/cc]}\n"
        )
        coder = catalogue.find("coder")
        assert coder.command == CommandLine(
            "cc", "claude", ("-p",), (), "--model", "stdin", 9.0, ("~/.cc",), ("~/.cc/a", "/etc/cc")
        )


WRONG = {
    "a style without an adapter": ("acme: {style: soap}", "acme.style", "must be one of anthropic, openai, command"),
    "no style": (
        "acme: {base_url: 'https://a.test'}",
        "acme.style",
        "must be given for a provider that is not in the catalogue",
    ),
    "no address": ("acme: {style: openai}", "acme.base_url", "must be given for a provider that is not in the catalogue"),
    "an address that is none": ("groq: {base_url: 'ftp://a.test'}", "groq.base_url", "must be an http(s) URL"),
    "a port that is none": ("groq: {base_url: 'http://a.test:99999'}", "groq.base_url", "must be an http(s) URL"),
    "a password": ("groq: {base_url: 'https://me:pw@a.test'}", "groq.base_url", "must not hold a user or a password"),
    "a query": ("groq: {base_url: 'https://a.test?k=1'}", "groq.base_url", "must not have a query or a fragment"),
    "a key for its variable": (
        f"groq: {{key_env: [{CANARY}]}}",
        "groq.key_env",
        "must be the name of an environment variable, in capitals",
    ),
    "a number for a text": (
        "groq: {default_model: 5}",
        "groq.default_model",
        "must be one line of text of at most 500 characters",
    ),
    "a hidden character": ('groq: {name: "a\\u202eb"}', "groq.name", "must be one line of text of at most 500 characters"),
    "a text for a truth": ("groq: {local: 'yes'}", "groq.local", "must be true or false"),
    "no time": ("groq: {timeout_s: 0}", "groq.timeout_s", "must be at least 1"),
    "half a price": (
        "groq: {prices: {m: {input: 1}}}",
        "groq.prices.m",
        "must have input and output, in USD per million tokens",
    ),
    "a price below nothing": (
        "groq: {prices: {m: {input: -1, output: 1}}}",
        "groq.prices.m.input",
        "must be a number, not below 0",
    ),
    "a price of something else": (
        "groq: {prices: {m: {input: 1, output: 1, tax: 1}}}",
        "groq.prices.m.tax",
        "is not known here; there are input, output, cached_input, as_of, source",
    ),
    "a dialect nobody reads": (
        "x: {style: command, command: {program: x, dialect: perl}}",
        "x.command.dialect",
        "must be one of claude, codex, gemini, opencode, text",
    ),
    "a login beside the home directory": (
        "x: {style: command, command: {program: x, dialect: claude, auth_paths: [~/../else]}}",
        "x.command.auth_paths",
        "must be paths that begin with ~/ or /, without ..",
    ),
    "a configuration that is relative": (
        "x: {style: command, command: {program: x, dialect: claude, config_paths: .x}}",
        "x.command.config_paths",
        "must be paths that begin with ~/ or /, without ..",
    ),
    "an agent without a program": ("x: {style: command, command: {dialect: claude}}", "x.command.program", "must be given"),
    "a command that is not the style": (
        "groq: {command: {program: x, dialect: claude}}",
        "groq.style",
        "must be command for an entry with a command, and for no other",
    ),
    "a needed variable left out": (
        "groq: {base_url: 'https://{REGION}.a.test', needs: []}",
        "groq.needs",
        "must name the variables of the address: REGION",
    ),
    "a name in capitals": (
        "ACME: {style: openai}",
        "ACME",
        "must be a name in lower case, of letters, digits, '.', '_' and '-', and not 'rehearsal'",
    ),
    "the same provider twice": (
        "anthropic: {name: a}\nclaude: {name: b}",
        "claude",
        "is the same provider as 'anthropic'",
    ),
    "an alias that is taken": (f"{ACME}, aliases: [groq]}}", "acme.aliases", "must not hold 'groq', which is groq already"),
}


@pytest.mark.parametrize(("text", "key", "rule"), WRONG.values(), ids=WRONG)
def test_a_wrong_field_names_file_key_and_rule(config: Path, text: str, key: str, rule: str) -> None:
    error = refused(config, text)
    assert error.message == f"{config}: providers.{key} {rule}"
    assert error.details["key"] == f"providers.{key}"
    assert CANARY not in f"{error.message}{error.cause}{error.hint}"


@pytest.mark.parametrize("name", ["key", "api_key", "apiKey", "API-KEY", "token", "secret", "access_token", "password"])
def test_a_key_is_never_taken_from_a_configuration(config: Path, name: str) -> None:
    error = refused(config, f"groq: {{{name}: {CANARY}}}")
    assert error.message == f"{config}: providers.groq.{name} must not be in a configuration: it is a key"
    assert error.hint == "keep the key in the environment, and name its variable: key_env: [NAME]"
    assert CANARY not in f"{error.message}{error.cause}{error.hint}{error.details}"


def test_rehearsal_stays_what_it_is(config: Path) -> None:
    assert "not 'rehearsal'" in refused(config, "rehearsal: {style: openai, base_url: 'https://a.test'}").message


def test_a_field_that_is_not_known_is_a_notice(config: Path) -> None:
    config.write_text("providers:\n  groq: {default_modle: m}\n")
    (notice,) = catalogue.notices()
    assert notice.code == "config.unknown_key"
    assert notice.message == f"{config}: unknown field 'providers.groq.default_modle' (did you mean 'default_model'?)"


def test_a_projects_section_changes_nothing(home: Path) -> None:
    Path(".cowork").mkdir()
    Path(".cowork/config.yaml").write_text("providers:\n  groq: {base_url: 'https://evil.test/v1'}\n")
    assert catalogue.find("groq").base_url == "https://api.groq.com/openai/v1"
    home.mkdir()
    (home / "config.yaml").write_text("providers:\n  groq: {default_model: mine}\n")
    groq = catalogue.find("groq")
    assert (groq.base_url, groq.default_model) == ("https://api.groq.com/openai/v1", "mine")


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["https://a.test/v1", "openai"])
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
ENTRIES = st.dictionaries(st.sampled_from([*FIELDS, "colour", "api_key", ""]) | st.integers(), VALUES, max_size=4)


@given(st.dictionaries(st.sampled_from(["groq", "claude", "acme", "rehearsal", "", "A B"]), ENTRIES, max_size=3))
@hypothesis_settings(deadline=None, max_examples=300)
def test_whatever_a_section_holds_the_answer_is_providers_or_a_typed_error(section: dict[str, Any]) -> None:
    entries = {name: Entry(value, "user", "config.yaml") for name, value in section.items()}
    try:
        found, _ = overrides.merged(catalogue.shipped(), entries)
    except InvalidInput as error:
        assert error.message.startswith("config.yaml: providers.")
    else:
        assert {one.id for one in catalogue.shipped()} <= {one.id for one in found}
        assert all(isinstance(one.price("m", {}), (Price, type(None))) for one in found)
