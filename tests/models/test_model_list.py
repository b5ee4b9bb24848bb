"""`provider models`: the provider's list, kept for a day, confirmed by its tag, and there when the network is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from cowork.core.errors import InvalidInput, NotFound
from cowork.models import errors, model_cache
from cowork.models.model_list import ModelItem, list_models
from cowork.models.price import FREE
from tests.models.surroundings import CANARY, SetKeys
from tests.support import FakeClock, run_here

IDS = ["openai/gpt-oss-120b", "openai/gpt-oss-20b", "llama-4"]


@pytest.fixture
def groq(httpserver: HTTPServer, keys: SetKeys) -> HTTPServer:
    """A Groq that serves three models."""
    keys("GROQ_API_KEY")
    keys(GROQ_BASE_URL=httpserver.url_for("/v1"))
    serve(httpserver, *IDS)
    return httpserver


def serve(httpserver: HTTPServer, *ids: str, etag: str = '"1"') -> None:
    httpserver.clear()
    data = {"data": [{"id": id_} for id_ in ids]}
    httpserver.expect_request("/v1/models").respond_with_json(data, headers={"ETag": etag})


def down(httpserver: HTTPServer) -> None:
    httpserver.clear()
    httpserver.expect_request("/v1/models").respond_with_json({"error": {"message": "oops"}}, status=500)


class TestTheList:
    def test_marks_what_each_model_is_for_and_its_price(self, groq: HTTPServer) -> None:
        found, notices = list_models("groq", FakeClock())
        assert [(item.id, item.role, item.price is not None) for item in found.items] == [
            ("llama-4", None, False),
            ("openai/gpt-oss-120b", "default", True),
            ("openai/gpt-oss-20b", "small", True),
        ]
        assert (found.provider, found.source, found.not_listed, found.count) == ("groq", "live", (), 3)
        assert notices == ()

    def test_says_which_models_of_the_catalogue_are_not_in_it(self, groq: HTTPServer) -> None:
        serve(groq, "llama-4", "openai/gpt-oss-20b")
        found, notices = list_models("groq", FakeClock())
        assert found.not_listed == ("openai/gpt-oss-120b",)
        assert [notice.code for notice in notices] == ["provider.model_not_listed"]
        assert "groq does not list openai/gpt-oss-120b" in notices[0].message

    def test_knows_a_dated_id_for_the_model_it_is(self, httpserver: HTTPServer, keys: SetKeys) -> None:
        keys("ANTHROPIC_API_KEY")
        keys(ANTHROPIC_BASE_URL=httpserver.url_for("").rstrip("/"))
        serve(httpserver, "claude-sonnet-5", "claude-haiku-4-5-20251001")
        found, notices = list_models("claude", FakeClock())
        assert [(item.role, item.price is not None) for item in found.items] == [("small", True), ("default", True)]
        assert notices == ()

    def test_counts_what_was_left_out(self, groq: HTTPServer) -> None:
        serve(groq, *IDS, "two words")
        assert [notice.code for notice in list_models("groq", FakeClock())[1]] == ["provider.models_dropped"]

    def test_of_rehearsal_is_its_one_model_and_free(self) -> None:
        found, _ = list_models("Rehearsal", FakeClock())
        assert found.items == (ModelItem("extract-1", None, "default", FREE, None),)
        assert (found.source, found.note is not None) == ("catalogue", True)

    def test_of_a_command_line_agent_is_what_the_catalogue_names(self, home: Path) -> None:
        home.mkdir()
        (home / "config.yaml").write_text(
            "providers:\n  c:\n   {style: command, command: {program: cc, dialect: codex}, default_model: b, small_model: a}\n"
        )
        found, _ = list_models("c", FakeClock())
        assert [(item.id, item.role) for item in found.items] == [("a", "small"), ("b", "default")]
        assert found.note == "cc is a program that knows its models itself; these are the ones that the catalogue names"

    def test_of_a_name_that_is_none_or_an_address_that_is_not_complete(self) -> None:
        with pytest.raises(NotFound):
            list_models("opena", FakeClock())
        with pytest.raises(InvalidInput, match="azure needs AZURE_RESOURCE_NAME"):
            list_models("azure", FakeClock())


class TestTheCopy:
    def test_serves_for_a_day(self, groq: HTTPServer) -> None:
        clock = FakeClock()
        list_models("groq", clock)
        clock.advance(86_399)
        found, _ = list_models("groq", clock)
        assert (found.source, found.fetched_at, len(groq.log)) == ("cache", "2026-01-31T08:05:00+00:00", 1)
        clock.advance(2)
        assert list_models("groq", clock)[0].source == "live"

    def test_is_not_asked_when_the_list_is_to_be_new(self, groq: HTTPServer) -> None:
        list_models("groq", FakeClock())
        serve(groq, "new", etag='"2"')
        found, _ = list_models("groq", FakeClock(), refresh=True)
        assert (found.source, [item.id for item in found.items]) == ("live", ["new"])

    def test_is_confirmed_by_its_tag_and_then_young_again(self, groq: HTTPServer) -> None:
        clock = FakeClock()
        list_models("groq", clock)
        groq.clear()
        groq.expect_request("/v1/models", headers={"If-None-Match": '"1"'}).respond_with_data(status=304)
        clock.advance(90_000)
        found, _ = list_models("groq", clock)
        assert (found.source, found.count) == ("live", 3)
        clock.advance(80_000)
        assert list_models("groq", clock)[0].source == "cache"

    def test_serves_with_a_notice_when_the_provider_fails(self, groq: HTTPServer) -> None:
        clock = FakeClock()
        list_models("groq", clock)
        down(groq)
        clock.advance(90_000)
        found, notices = list_models("groq", clock)
        assert (found.source, found.count) == ("cache", 3)
        assert [notice.code for notice in notices] == ["provider.models_stale"]
        assert "2026-01-31" in notices[0].message
        assert "oops" in notices[0].message

    def test_serves_also_without_a_key(self, groq: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
        list_models("groq", FakeClock())
        monkeypatch.delenv("GROQ_API_KEY")
        assert list_models("groq", FakeClock(), refresh=True)[0].source == "cache"

    def test_that_is_missing_leaves_the_providers_error(self, groq: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
        down(groq)
        with pytest.raises(errors.DownError, match="oops"):
            list_models("groq", FakeClock())
        monkeypatch.delenv("GROQ_API_KEY")
        with pytest.raises(errors.AuthError, match="no key is set"):
            list_models("groq", FakeClock())

    def test_of_another_address_is_not_used(self, groq: HTTPServer, keys: SetKeys) -> None:
        list_models("groq", FakeClock())
        keys(GROQ_BASE_URL=groq.url_for("/v1/"))
        assert list_models("groq", FakeClock())[0].source == "live"

    @pytest.mark.parametrize(
        "damage", ["", "{", "[]", "{}", '{"format": 1, "models": 5}', '{"format": 1, "models": [{"id": 5}]}', "\udcff"]
    )
    def test_that_is_damaged_is_none(self, groq: HTTPServer, damage: str) -> None:
        list_models("groq", FakeClock())
        model_cache.path_of("groq").write_bytes(damage.encode("utf-8", "surrogateescape"))
        assert model_cache.near("groq", "gpt-oss") == ()
        assert list_models("groq", FakeClock())[0].source == "live"

    def test_from_the_future_is_old(self, groq: HTTPServer) -> None:
        clock = FakeClock()
        clock.advance(10_000)
        list_models("groq", clock)
        assert list_models("groq", FakeClock())[0].source == "live"

    def test_holds_neither_key_nor_address(self, groq: HTTPServer, home: Path) -> None:
        list_models("groq", FakeClock())
        kept = (home / "cache" / "models" / "groq.json").read_text()
        assert CANARY not in kept
        assert "localhost" not in kept

    def test_that_cannot_be_kept_is_a_notice(self, groq: HTTPServer, home: Path) -> None:
        home.mkdir()
        (home / "cache").write_text("a file")
        found, notices = list_models("groq", FakeClock())
        assert (found.count, [notice.code for notice in notices]) == (3, ["provider.models_not_kept"])


SERVED = ["openai/gpt-oss-120b", "openai/gpt-oss-20b", "meta/llama-4-scout", "claude-haiku-4-5-20251001"]


class TestNearModels:
    @pytest.mark.parametrize(
        ("typed", "first"),
        [
            ("openai/gpt-oss-120", "openai/gpt-oss-120b"),
            ("gpt-oss-20b", "openai/gpt-oss-20b"),
            ("LLAMA-4-SCOUT", "meta/llama-4-scout"),
            ("claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        ],
    )
    def test_are_those_that_were_meant(self, typed: str, first: str) -> None:
        assert model_cache.nearest(typed, SERVED)[0] == first

    def test_are_none_for_what_is_like_nothing(self) -> None:
        assert model_cache.nearest("zzz", SERVED) == ()
        assert model_cache.nearest("", SERVED) == ()

    def test_are_at_most_three(self) -> None:
        assert len(model_cache.nearest("m-1", [f"m-1{number}" for number in range(10)])) == 3

    def test_are_in_the_hint_of_a_model_that_is_not_there(self, groq: HTTPServer) -> None:
        def hint() -> str | None:
            return errors.BadModelError("no such model", provider="groq", model="gpt-oss-120").hint

        assert hint() == "see its models with: cowork provider models groq"
        list_models("groq", FakeClock())
        assert hint() is not None
        assert (hint() or "").startswith("did you mean 'openai/gpt-oss-120b'")
        assert (hint() or "").endswith("see all with: cowork provider models groq")


class TestTheVerb:
    def test_answers_a_person_and_a_program(self, groq: HTTPServer) -> None:
        page = run_here("provider", "models", "groq").out
        assert "openai/gpt-oss-120b  default  0.15, 0.6" in page
        ran = run_here("provider", "models", "groq", "--refresh", "--json", "--fields", "id,role")
        assert ran.data["items"][0] == {"id": "llama-4", "role": None}
        assert CANARY not in page + json.dumps(ran.document)

    def test_a_hostile_name_does_not_reach_the_terminal(self, groq: HTTPServer) -> None:
        groq.clear()
        models = {"data": [{"id": "m", "name": "[red]\x1b[31m"}]}
        groq.expect_request("/v1/models").respond_with_json(models)
        page = run_here("provider", "models", "groq").out
        assert "[red]" in page
        assert "\x1b" not in page
