"""A provider's own list of models: every form that providers give it, all its pages, and nothing believed beyond its bounds."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from cowork.models import catalogue, errors, live
from cowork.models.live import Listing
from cowork.models.model_cache import ListedModel
from tests.models.servers import ScriptedServer, nobody_listens
from tests.models.surroundings import CANARY

KEY = CANARY


def fetch(url: str, provider: str = "groq", **more: Any) -> Listing:
    return live.fetch(catalogue.find(provider), KEY, url, **more)


def ids(listing: Listing) -> list[str]:
    assert listing.models is not None
    return [model.id for model in listing.models]


def refused(url: str, provider: str = "groq", **more: Any) -> errors.ProviderError:
    with pytest.raises(errors.ProviderError) as caught:
        fetch(url, provider, **more)
    assert CANARY not in f"{caught.value.message}{caught.value.cause}{caught.value.hint}{caught.value.details}"
    return caught.value


def answering(httpserver: HTTPServer, document: Any, path: str = "/v1/models", **more: Any) -> str:
    httpserver.expect_request(path).respond_with_json(document, **more)
    return httpserver.url_for("/v1")


class TestTheForms:
    def test_of_an_openai_style_list_are_data_with_ids_sorted(self, httpserver: HTTPServer) -> None:
        models = [{"id": "b", "object": "model"}, {"id": "a", "context_window": 131072, "owned_by": "x"}]
        url = answering(httpserver, {"object": "list", "data": models})
        assert fetch(url).models == (ListedModel("a", None, 131072), ListedModel("b"))
        assert httpserver.log[0][0].headers["Authorization"] == f"Bearer {KEY}"

    def test_of_together_is_a_bare_list(self, httpserver: HTTPServer) -> None:
        url = answering(httpserver, [{"id": "a/b", "display_name": "A B", "context_length": 10}])
        assert fetch(url).models == (ListedModel("a/b", "A B", 10),)

    def test_of_gemini_loses_the_name_of_the_resource(self, httpserver: HTTPServer) -> None:
        url = answering(httpserver, {"data": [{"id": "models/gemini-3.5-flash", "name": "models/gemini-3.5-flash"}]})
        assert fetch(url).models == (ListedModel("gemini-3.5-flash"),)

    def test_of_ollama_is_what_it_has_pulled(self, httpserver: HTTPServer) -> None:
        url = answering(httpserver, {"models": [{"name": "qwen3:8b", "model": "qwen3:8b"}]}, "/api/tags")
        assert fetch(url, "ollama").models == (ListedModel("qwen3:8b"),)

    def test_of_anthropic_is_asked_with_its_headers_and_below_v1(self, httpserver: HTTPServer) -> None:
        answering(httpserver, {"data": [{"id": "claude-sonnet-5", "display_name": "Claude Sonnet 5"}], "has_more": False})
        listing = fetch(httpserver.url_for("").rstrip("/"), "anthropic")
        assert listing.models == (ListedModel("claude-sonnet-5", "Claude Sonnet 5"),)
        sent = httpserver.log[0][0].headers
        assert (sent["x-api-key"], sent["anthropic-version"], sent.get("Authorization")) == (KEY, "2023-06-01", None)

    def test_without_a_key_sends_none(self, httpserver: HTTPServer) -> None:
        url = answering(httpserver, {"data": []})
        live.fetch(catalogue.find("llamacpp"), "", url)
        assert "Authorization" not in httpserver.log[0][0].headers

    def test_may_be_compressed(self, httpserver: HTTPServer) -> None:
        body = gzip.compress(json.dumps({"data": [{"id": "a"}]}).encode())
        httpserver.expect_request("/v1/models").respond_with_data(body, headers={"Content-Encoding": "gzip"})
        assert ids(fetch(httpserver.url_for("/v1"))) == ["a"]


class TestPages:
    def serve(self, httpserver: HTTPServer, pages: list[dict[str, Any]]) -> list[dict[str, str]]:
        asked: list[dict[str, str]] = []

        def answer(request: Request) -> Response:
            asked.append(dict(request.args))
            return Response(json.dumps(pages[min(len(asked), len(pages)) - 1]), content_type="application/json")

        httpserver.expect_request("/v1/models").respond_with_handler(answer)
        return asked

    def test_are_followed_to_the_last(self, httpserver: HTTPServer) -> None:
        pages = [
            {"data": [{"id": "a"}], "has_more": True, "last_id": "a"},
            {"data": [{"id": "b"}], "has_more": True, "last_id": "b"},
            {"data": [{"id": "c"}], "has_more": False, "last_id": "c"},
        ]
        asked = self.serve(httpserver, pages)
        assert ids(fetch(httpserver.url_for("").rstrip("/"), "anthropic")) == ["a", "b", "c"]
        assert [query.get("after_id") for query in asked] == [None, "a", "b"]

    def test_of_an_openai_style_list_begin_after_the_last_id(self, httpserver: HTTPServer) -> None:
        asked = self.serve(httpserver, [{"data": [{"id": "a b&c"[:1]}], "has_more": True}, {"data": [{"id": "z"}]}])
        assert ids(fetch(httpserver.url_for("/v1"))) == ["a", "z"]
        assert asked == [{}, {"after": "a"}]

    def test_that_are_the_same_again_are_the_end(self, httpserver: HTTPServer) -> None:
        asked = self.serve(httpserver, [{"data": [{"id": "a"}], "has_more": True}])
        assert ids(fetch(httpserver.url_for("/v1"))) == ["a"]
        assert len(asked) == 2

    def test_are_bounded_in_number(self, httpserver: HTTPServer) -> None:
        pages = [{"data": [{"id": f"m{number:03}"}], "has_more": True} for number in range(99)]
        asked = self.serve(httpserver, pages)
        assert len(ids(fetch(httpserver.url_for("/v1")))) == len(asked) == live.MAX_PAGES


class TestWhatIsHeld:
    def test_is_confirmed_by_its_tag(self, httpserver: HTTPServer) -> None:
        url = answering(httpserver, {"data": [{"id": "a"}]}, headers={"ETag": '"v1"'})
        assert fetch(url).etag == '"v1"'
        httpserver.clear()
        httpserver.expect_request("/v1/models", headers={"If-None-Match": '"v1"'}).respond_with_data(status=304)
        assert fetch(url, etag='"v1"') == Listing(None, '"v1"')

    def test_of_several_pages_has_no_tag(self, httpserver: HTTPServer) -> None:
        url = answering(httpserver, {"data": [{"id": "a"}], "has_more": True}, headers={"ETag": '"v1"'})
        httpserver.clear()
        replies = iter([{"data": [{"id": "a"}], "has_more": True}, {"data": [{"id": "b"}]}])

        def answer(_request: Request) -> Response:
            return Response(json.dumps(next(replies)), headers={"ETag": '"v1"'})

        httpserver.expect_request("/v1/models").respond_with_handler(answer)
        assert fetch(url).etag is None


class TestAHostileList:
    def test_keeps_only_plain_ids(self, httpserver: HTTPServer) -> None:
        bad = ["\x1b[31mred", "a\nb", "a\u202eb", "a b", "", " ", "x" * 201, None, 5, ["a"], {"id": 5}, {"id": None}, {}]
        url = answering(httpserver, {"data": [*({"id": item} for item in bad), *bad[7:], {"id": "good"}]})
        listing = fetch(url)
        assert ids(listing) == ["good"]
        assert listing.dropped == len(bad) + len(bad[7:])

    def test_has_its_names_cleaned_and_cut(self, httpserver: HTTPServer) -> None:
        url = answering(httpserver, {"data": [{"id": "a", "name": "\x1b[31mred\n" + "x" * 900, "context_length": True}]})
        (model,) = fetch(url).models or ()
        assert model.name is not None
        assert (len(model.name), "\x1b" in model.name, model.context_tokens) == (80, False, None)

    def test_of_too_many_models_is_cut(self, httpserver: HTTPServer) -> None:
        url = answering(httpserver, {"data": [{"id": f"m{number}"} for number in range(live.MAX_MODELS + 7)]})
        listing = fetch(url)
        assert (len(ids(listing)), listing.dropped) == (live.MAX_MODELS, 7)

    @pytest.mark.parametrize("announced", [True, False], ids=["announced", "not announced"])
    def test_that_is_too_large_is_refused(self, announced: bool) -> None:
        body = b"[" + b"1," * (live.MAX_BYTES // 2) + b"1]"
        size = b"content-length: %d\r\n" % len(body) if announced else b""
        with ScriptedServer(b"HTTP/1.1 200 OK\r\n" + size + b"connection: close\r\n\r\n", body) as server:
            assert type(refused(server.url)) is errors.MalformedError

    def test_that_unfolds_beyond_its_bounds_is_refused(self, httpserver: HTTPServer) -> None:
        body = gzip.compress(b"[" + b" " * (live.MAX_BYTES + 10) + b"]")
        httpserver.expect_request("/v1/models").respond_with_data(body, headers={"Content-Encoding": "gzip"})
        assert "larger than" in refused(httpserver.url_for("/v1")).message

    @pytest.mark.parametrize(
        "body",
        [b"<html>", b"", b"[" * 100_000, b'"text"', b'{"data": 5}', b"{}", b"\xff\xfe"],
    )
    def test_that_is_none_breaks_the_protocol(self, httpserver: HTTPServer, body: bytes) -> None:
        httpserver.expect_request("/v1/models").respond_with_data(body)
        assert type(refused(httpserver.url_for("/v1"))) is errors.MalformedError

    @pytest.mark.parametrize("depth", [300, 900, 940, 980, 5000])
    def test_that_is_deeply_nested_is_refused(self, httpserver: HTTPServer, depth: int) -> None:
        httpserver.expect_request("/v1/models").respond_with_data(b'{"error":' * depth + b"1" + b"}" * depth)
        assert type(refused(httpserver.url_for("/v1"))) in (errors.MalformedError, errors.DownError)

    def test_never_leads_the_key_elsewhere(self, httpserver: HTTPServer) -> None:
        target = httpserver.url_for("/caught")
        httpserver.expect_request("/v1/models").respond_with_data(status=307, headers={"Location": target})
        assert "leads elsewhere" in refused(httpserver.url_for("/v1")).message
        assert [request.path for request, _ in httpserver.log] == ["/v1/models"]

    def test_that_only_drips_is_given_up_in_time(self) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        with ScriptedServer(head, ending="drip") as server:
            error = refused(server.url, timeout_s=0.4)
        assert type(error) is errors.DownError
        assert "within 0.4 s" in error.message


class TestARefusal:
    @pytest.mark.parametrize(
        ("status", "message", "kind"),
        [
            (401, f"wrong key {CANARY}", errors.AuthError),
            (402, "no credit", errors.FundsError),
            (403, "not available in your country", errors.RegionError),
            (404, "no such page", errors.MalformedError),
            (405, "not allowed", errors.MalformedError),
            (429, "slow down", errors.WaitError),
            (500, "oops", errors.DownError),
        ],
    )
    def test_is_told_by_its_class(self, httpserver: HTTPServer, status: int, message: str, kind: type) -> None:
        url = answering(httpserver, {"error": {"message": message}}, status=status)
        error = refused(url)
        assert type(error) is kind
        assert error.message.startswith("groq/models: ")

    @pytest.mark.parametrize("status", [404, 405])
    def test_where_there_is_no_list_says_so(self, httpserver: HTTPServer, status: int) -> None:
        error = refused(answering(httpserver, {"error": {"message": "no"}}, status=status))
        assert error.message == "groq/models: there is no list of models at its address"
        assert error.hint == "it may have none; name a model: groq/MODEL"

    def test_inside_a_200_is_told_too(self, httpserver: HTTPServer) -> None:
        assert type(refused(answering(httpserver, {"error": {"message": "x", "code": 401}}))) is errors.AuthError

    def test_of_a_server_that_is_not_there(self) -> None:
        error = refused(nobody_listens())
        assert type(error) is errors.DownError
        assert "cannot connect" in error.message

    def test_of_a_line_that_breaks(self) -> None:
        with ScriptedServer(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{") as server:
            assert type(refused(server.url)) is errors.DownError

    def test_of_an_address_with_a_password_does_not_show_it(self) -> None:
        error = refused("https://me:hunter22@127.0.0.1/v1")
        assert "hunter22" not in f"{error.message}{error.hint}{error.cause}"
