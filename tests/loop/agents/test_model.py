"""A model that only answers, asked in a loop."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import pytest
import yaml

from cowork.models.errors import AuthError, DownError, MalformedError, WaitError
from tests.loop.agents.jobs import Site, with_job
from tests.loop.provider_server import Provider, Rule, provider
from tests.models.surroundings import CANARY

NAME = "groq/openai/gpt-oss-20b"


@pytest.fixture
def groq(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A provider on this machine in the place of Groq."""

    @contextmanager
    def serving(rule: Rule, **how: Any) -> Any:
        with provider(rule, **how) as server:
            monkeypatch.setenv("GROQ_API_KEY", "gsk-0123456789abcdef")
            monkeypatch.setenv("GROQ_BASE_URL", server.url)
            yield server

    return serving


def test_it_answers_once_and_is_heard_as_it_speaks(groq: Any, site: Site) -> None:
    site.output.write_text("before\n")
    with groq(lambda *_: ("Hello\nthere.", 1000, 500)) as server:
        done = site.work(NAME)
    assert (done.message, done.exit_code, done.model) == ("Hello\nthere.", None, "test-model")
    assert (done.usage.input_tokens, done.usage.output_tokens) == (1000, 500)
    assert done.usd == pytest.approx(0.075e-3 + 0.15e-3)
    assert [message["content"] for message in server.requests[0]["messages"]] == ["Do it."]
    assert site.said == "Hello\nthere."
    assert site.output.read_text() == "before\nHello\nthere."
    assert {"iteration": 1, "task": "a", "agent": NAME, "text": "Hello\n"} in [data for _, data in site.events]


def test_what_nobody_knows_the_price_of_costs_nobody_knows_what(groq: Any, site: Site) -> None:
    with groq(lambda *_: "Hello."):
        assert site.work("groq/unheard-of").usd is None
    assert site.work("rehearsal").usd == 0


def test_it_is_waited_for_when_it_says_so(groq: Any, site: Site) -> None:
    with groq(lambda _, number: 429 if number == 1 else "Hello."):
        assert site.work(NAME).message == "Hello."
    assert site.kinds() == ["call.retrying"]
    assert site.data("call.retrying")["agent"] == NAME
    with groq(lambda *_: 429):
        assert type(site.refused(NAME)) is WaitError


def test_it_is_waited_for_as_its_entry_says(groq: Any, site: Site, config: Any) -> None:
    entry = {"plugin": NAME, "rate_limit_handling": {"max_retries": 3, "base_backoff_ms": 0}}
    config.write_text(yaml.safe_dump({"agents": {"mine": entry}}))
    with groq(lambda _, number: 503 if number < 4 else "Hello.") as server:
        assert site.work("mine").message == "Hello."
    assert len(server.requests) == 4


@pytest.mark.parametrize(("status", "kind"), [(401, AuthError), (500, DownError)])
def test_its_failure_is_told_by_class(groq: Any, site: Site, status: int, kind: type[Exception]) -> None:
    with groq(lambda *_: status):
        assert type(site.refused(NAME)) is kind


def test_an_empty_answer_is_none(groq: Any, site: Site) -> None:
    with groq(lambda *_: ""):
        assert type(site.refused(NAME)) is MalformedError


@pytest.mark.parametrize(("limit", "code"), [("idle_s", "loop.agent_idle"), ("total_s", "loop.agent_late")])
def test_its_time_is_that_of_the_job(groq: Any, site: Site, limit: str, code: str) -> None:
    with groq(lambda *_: "Hello\n there.", hold=True):
        error = site.refused(NAME, job=with_job(site, **{limit: 0.3}))
    assert (error.code, getattr(error, "partial", None)) == (code, "Hello")
    assert site.output.read_text() == "Hello"


def test_it_can_be_cancelled(groq: Any, site: Site) -> None:
    with groq(lambda *_: "a\nb there.", hold=True) as server:
        assert isinstance(server, Provider)
        site.cancelled(NAME, lambda kind, _: kind == "agent.output")


def test_it_repeats_no_secret(groq: Any, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", CANARY)
    with groq(lambda *_: f"It is {CANARY}.\nYes, {CANARY}."):
        done = site.work(NAME)
    told = "It is [redacted:GITHUB_TOKEN].\nYes, [redacted:GITHUB_TOKEN]."
    assert done.message == site.said == site.output.read_text() == told


def test_a_rehearsal_says_the_same_for_the_same_seed(site: Site) -> None:
    said = [site.work("rehearsal", job=with_job(site, prompt="Which of a and b? Files or a database?")).message for _ in "ab"]
    assert said[0] == said[1] != ""
