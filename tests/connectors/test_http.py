"""Http connectors against real servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.connectors import http as room
from cowork.core.errors import CoworkError, Denied, InvalidInput, Unavailable
from tests.connectors.samples import HOSTILE, SECRET, call, http
from tests.web.sites import Asked, Reply, authority_file, drips, raw_server, site

JSON = Reply(b'{"a": 1}', headers={"Content-Type": "application/json"})
pytestmark = pytest.mark.usefixtures("trusted")


def test_a_reply_is_status_and_json(home: Path) -> None:
    with site({"/a": JSON}) as here:
        done = call(home, http(here.url("/a")))

    assert (done.type, done.status, done.body, done.dry_run) == ("http", 200, {"a": 1}, False)
    assert (done.exit_code, done.stdout) == (None, None)
    assert [(step.action, step.target) for step in done.plan] == [("send", f"GET {here.url('/a')}")]


def test_a_whole_request_is_what_the_manifest_and_the_input_say(home: Path) -> None:
    given = {"id": "a/b", "q": "x&y", "n": 5, "note": 'say "hi"\n'}
    definition = http(
        "URL/items/{{id}}?q={{q}}",
        "POST",
        headers={"Authorization": "Bearer {{env.KEY}}", "X-Note": "n={{n}}"},
        body={"count": "{{n}}", "note": "{{note}}", "auth": "{{env.KEY}}"},
    )
    with site({"/items/a%2Fb": JSON}) as here:
        definition["http"]["url"] = definition["http"]["url"].replace("URL", here.url(""))
        done = call(home, definition, given, environ={"KEY": "hunter2"})

    asked = here.asked[0]
    assert (asked.method, asked.path) == ("POST", "/items/a%2Fb?q=x%26y")
    assert json.loads(asked.body) == {"count": 5, "note": 'say "hi"\n', "auth": "hunter2"}
    assert asked.headers["authorization"] == "Bearer hunter2"
    assert (asked.headers["x-note"], asked.headers["content-type"]) == ("n=5", "application/json")
    assert "hunter2" not in str(done)


def test_a_get_has_no_body(home: Path) -> None:
    with site({"/": JSON}) as here:
        call(home, http(here.url(), body={"a": 1}))

    assert (here.asked[0].body, "content-type" in here.asked[0].headers) == (b"", False)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "\0", "€", "é\x85"])
def test_a_value_that_is_more_than_a_header_is_refused_unsent(home: Path, value: str) -> None:
    with site({"/": JSON}) as here, pytest.raises(InvalidInput) as caught:
        call(home, http(here.url(), headers={"X-One": "a{{x}}"}), {"x": value})

    assert (caught.value.code, caught.value.exit_code) == ("connector.unsafe_value", 4)
    assert here.asked == []


@pytest.mark.parametrize("value", [value for value in HOSTILE if value.isascii() and value.isprintable()])
def test_a_hostile_value_in_a_header_is_one_header(home: Path, value: str) -> None:
    with site({"/": JSON}) as here:
        call(home, http(here.url(), headers={"X-One": "<{{x}}>"}), {"x": value})

    assert here.asked[0].headers["x-one"] == f"<{value}>"


def test_a_secret_that_is_no_header_is_refused_unsaid(home: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        call(home, http("https://h.example/", headers={"X-Key": "{{env.KEY}}"}), environ={"KEY": SECRET + "\n"})

    assert caught.value.code == "connector.unsafe_value"
    assert SECRET not in str(caught.value.__dict__)


def test_a_secret_that_comes_back_is_hidden(home: Path) -> None:
    def echo(asked: Asked) -> Reply:
        return Reply(json.dumps({"url": asked.path, "headers": asked.headers, "body": asked.body.decode()}).encode())

    with site({"/": echo}) as here:
        done = call(
            home,
            http(here.url("/?k={{env.KEY}}"), "POST", headers={"X-Key": "{{env.KEY}}"}, body={"k": "{{env.KEY}}"}),
            environ={"KEY": SECRET},
        )

    assert SECRET not in json.dumps(done.body, ensure_ascii=False)
    assert done.body["headers"]["x-key"] == "{{env.KEY}}"
    assert done.body["url"] == "/?k={{env.KEY}}"
    assert json.loads(done.body["body"]) == {"k": "{{env.KEY}}"}


def test_a_secret_in_the_path_stays_out_of_errors(home: Path) -> None:
    with site({}, tls=("other.example",)) as here:
        for url in (here.url("/bot{{env.KEY}}/x"), f"https://127.0.0.1:9/{'a' * 170}/{{{{env.KEY}}}}/x"):
            with pytest.raises(Unavailable) as caught:
                call(home, http(url), environ={"KEY": "hunter2-and-a-long-tail"})
            assert "hunter" not in str(caught.value.__dict__) + str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_a_status_of_failure_is_a_failure_that_keeps_the_reply(home: Path, status: int) -> None:
    with site({"/": Reply(b'{"why": "so"}', status)}) as here, pytest.raises(Unavailable) as caught:
        call(home, http(here.url()))

    assert (caught.value.code, caught.value.exit_code) == ("connector.http_error", 7)
    assert (caught.value.data.status, caught.value.data.body) == (status, {"why": "so"})


def test_a_page_of_failure_is_shown_as_text(home: Path) -> None:
    with site({"/": Reply(b"<h1>no</h1>", 502)}) as here, pytest.raises(Unavailable) as caught:
        call(home, http(here.url()))

    assert caught.value.data.body == "<h1>no</h1>"


@pytest.mark.parametrize("body", [b"<html>", b"{", b"NaN", b"\xff", b"[" * 100_000])
def test_a_reply_that_is_no_json_is_an_error_with_its_status(home: Path, body: bytes) -> None:
    with site({"/": Reply(body)}) as here, pytest.raises(Unavailable) as caught:
        call(home, http(here.url()))

    assert (caught.value.code, caught.value.exit_code, caught.value.details) == ("connector.bad_response", 7, {"status": 200})


BODIES: dict[str, tuple[Reply, str, Any]] = {
    "no content": (Reply(b"", 204), "json", None),
    "no content as text": (Reply(b"", 204), "text", ""),
    "text": (Reply("é".encode()), "text", "é"),
    "text of another encoding": (Reply(b"\xe9", headers={"Content-Type": "text/plain; charset=latin-1"}), "text", "é"),
    "text of no encoding": (Reply(b"\xff", headers={"Content-Type": "text/plain; charset=nope"}), "text", "\ufffd"),
    "text of an encoding that is none": (Reply(b"ab", headers={"Content-Type": "text/plain; charset=hex"}), "text", "ab"),
    "JSON with a mark": (Reply(b'\xef\xbb\xbf{"a": 1}'), "json", {"a": 1}),
    "a JSON number": (Reply(b"5"), "json", 5),
}


@pytest.mark.parametrize(("reply", "kind", "body"), BODIES.values(), ids=BODIES)
def test_a_body_is_read_as_the_manifest_says(home: Path, reply: Reply, kind: str, body: Any) -> None:
    with site({"/": reply}) as here:
        assert call(home, http(here.url(), responseFormat=kind)).body == body


def test_a_reply_of_more_than_a_megabyte_is_refused(home: Path) -> None:
    with site({"/": Reply(b"x" * (room.MAX_REPLY + 1))}) as here, pytest.raises(InvalidInput) as caught:
        call(home, http(here.url(), responseFormat="text"))

    assert caught.value.code == "web.too_large"


def test_a_slow_service_is_left_when_the_time_is_over(home: Path) -> None:
    with raw_server(drips(b"HTTP/1.1 200 OK\r\n\r\n", b"x")) as port, pytest.raises(Unavailable) as caught:
        call(home, http(f"http://127.0.0.1:{port}/"), timeout_s=0.1)

    assert caught.value.code == "web.timeout"


def test_a_redirect_elsewhere_loses_every_header_of_the_manifest(home: Path) -> None:
    with site({"/b": JSON}) as there, site({"/": Reply(status=302, headers={"Location": there.url("/b")})}) as here:
        call(home, http(here.url(), headers={"X-Any": "{{env.KEY}}"}), environ={"KEY": "hunter2"})

    assert "x-any" in here.asked[0].headers
    assert "hunter2" not in str(there.asked)


PRIVATE = ("https://169.254.169.254/latest", "https://localhost:9/", "https://[::1]/", "http://127.0.0.1:9/")


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_is_refused_already_in_the_plan(home: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", "")
    for dry_run in (True, False):
        with pytest.raises(Denied) as caught:
            call(home, http(url), dry_run=dry_run)
        assert caught.value.code in ("web.private_address", "web.plain_http")


def test_a_service_with_a_certificate_is_called(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority_file(tmp_path))
    with site({"/": JSON}, tls=("localhost",), host="localhost") as here:
        assert call(home, http(here.url())).body == {"a": 1}


def test_a_bad_header_name_of_the_manifest_is_a_typed_error(home: Path) -> None:
    with pytest.raises(CoworkError) as caught:
        call(home, http("https://8.8.8.8/", headers={"Host": "evil.example"}))

    assert caught.value.code == "web.bad_header"
