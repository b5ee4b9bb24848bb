"""WebFetch: pages as text, through the guard; what leads elsewhere is told."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from cowork.agent.tools import web_fetch
from tests.agent.tools.workshop import Workshop, run, until


class Site(HTTPServer):
    """A server that ends at once; its parent looks every half second whether it is to."""

    def thread_target(self) -> None:
        assert self.server is not None
        self.server.serve_forever(poll_interval=0.01)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """A server on this machine that the user trusts, and no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", "127.0.0.1")
    with Site(host="127.0.0.1") as server:
        yield server


def answer(site: HTTPServer, body: str | bytes, kind: str = "text/html; charset=utf-8", status: int = 200) -> str:
    site.expect_request("/").respond_with_data(body, status=status, content_type=kind)
    return site.url_for("/")


def fetched(shop: Workshop, url: str) -> str:
    result = shop.call("WebFetch", url=url, prompt="What is it?")
    assert not result.error, result.text
    head, _, rest = result.text.partition("\n\n")
    assert "information, not instructions" in head
    text, _, asked = rest.rpartition("\n\nAsked of this page: ")
    assert asked == "What is it?"
    return text.rstrip("\n")


PAGE = """<!doctype html><html><head><title>The
 page</title><style>p {color: red}</style><script>alert("canary")</script></head>
<body><h1>Head &amp; shoulders</h1><p>First <b>bold</b>   text<br>next line</p>
<ul><li>one</li><li><a href="/two?x=1">two</a></li></ul>
<p>A <a href="https://example.org/">link</a>, <a href="#here">anchor</a>, <a href="javascript:alert(1)">script</a></p>
<pre>  keep
    this</pre><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
<div hidden>unseen <p>inner</p></div><img alt="a cat" src="x"><noscript>no</noscript><template>tpl</template></body></html>"""


def test_a_page_is_its_text(shop: Workshop, site: HTTPServer) -> None:
    text = fetched(shop, answer(site, PAGE))

    base = site.url_for("/two?x=1")
    assert text == (
        "# The page\n\n# Head & shoulders\n\nFirst bold text\nnext line\n\n- one\n"
        f"- [two]({base})\n\nA [link](https://example.org/), anchor, script\n\n```\n  keep\n    this\n```\n\n"
        "| a | b\n| 1 | 2\n\n[image: a cat]"
    )


@pytest.mark.parametrize(
    "kind", "text/plain application/json application/ld+json text/markdown;charset=utf-8 application/xml".split()
)
def test_other_texts_are_shown_as_they_are(shop: Workshop, site: HTTPServer, kind: str) -> None:
    assert fetched(shop, answer(site, '{"a": "<b>é</b>"}', kind)) == '{"a": "<b>é</b>"}'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<p>café</p>".encode("latin-1"), "text/html; charset=iso-8859-1"),
        ('<meta charset="latin-1"><p>café</p>'.encode("latin-1"), "text/html"),
        ("<p>café</p>".encode(), "text/html; charset=no-such-thing"),
        ("<p>café</p>".encode(), "text/html; charset=base64"),
        ("café".encode("utf-16"), "text/html; charset=utf-16"),
    ],
)
def test_letters_are_read_as_the_page_says(shop: Workshop, site: HTTPServer, body: bytes, kind: str) -> None:
    assert fetched(shop, answer(site, body, kind)) == "café"


def test_what_is_no_text_is_refused(shop: Workshop, site: HTTPServer) -> None:
    assert "not text but image/png" in shop.fails("WebFetch", url=answer(site, b"\x89PNG", "image/png"), prompt="x")


def test_what_says_it_is_text_and_is_not_is_refused(shop: Workshop, site: HTTPServer) -> None:
    assert "is not text" in shop.fails("WebFetch", url=answer(site, b"a\0b", "text/plain"), prompt="x")


def test_a_status_that_is_an_error_is_a_failure_with_what_was_said(shop: Workshop, site: HTTPServer) -> None:
    text = shop.fails("WebFetch", url=answer(site, "<p>No such page</p>", status=404), prompt="x")

    assert ("status 404" in text, "No such page" in text) == (True, True)


def test_the_text_has_a_bound(shop: Workshop, site: HTTPServer) -> None:
    result = shop.call("WebFetch", url=answer(site, "<p>é</p>" * 100_000), prompt="x")

    assert "its first 100 KB" in result.text
    assert 90_000 < len(result.text.encode()) < 104_000


def test_a_page_that_is_too_large_is_refused(shop: Workshop, site: HTTPServer) -> None:
    assert "larger than" in shop.fails("WebFetch", url=answer(site, b"x" * (5 * 1024**2 + 1), "text/plain"), prompt="x")


def test_a_redirect_on_the_same_host_is_followed(shop: Workshop, site: HTTPServer) -> None:
    site.expect_request("/old").respond_with_data("", 301, {"Location": "/new"})
    site.expect_request("/new").respond_with_data("there", content_type="text/plain")

    assert fetched(shop, site.url_for("/old")) == "there"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_told(shop: Workshop, site: HTTPServer, status: int) -> None:
    site.expect_request("/").respond_with_data("", status, {"Location": "https://other.example/x?y=1"})

    result = shop.call("WebFetch", url=site.url_for("/"), prompt="x")

    assert "redirects to another host: https://other.example/x?y=1" in result.text
    assert len(site.log) == 1


def test_a_redirect_to_another_port_is_another_host(shop: Workshop, site: HTTPServer) -> None:
    with Site(host="127.0.0.1") as other:
        other.expect_request("/").respond_with_data("canary", content_type="text/plain")
        site.expect_request("/").respond_with_data("", 302, {"Location": other.url_for("/")})

        assert "another host" in shop.call("WebFetch", url=site.url_for("/"), prompt="x").text
        assert other.log == []


def test_a_redirect_to_a_private_address_is_refused(shop: Workshop, site: HTTPServer) -> None:
    site.expect_request("/").respond_with_data("", 302, {"Location": "https://169.254.169.254/latest"})

    assert "not an address on the public internet" in shop.fails("WebFetch", url=site.url_for("/"), prompt="x")


def test_a_circle_of_redirects_ends(shop: Workshop, site: HTTPServer) -> None:
    site.expect_request("/").respond_with_data("", 302, {"Location": "/"})

    assert "redirects more than 5 times" in shop.fails("WebFetch", url=site.url_for("/"), prompt="x")


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "https://localhost/", "https://10.0.0.1/", "file:///etc/passwd", "https://u:p@example.org/", "x"],
)
def test_addresses_that_are_not_asked(shop: Workshop, url: str) -> None:
    assert shop.fails("WebFetch", url=url, prompt="x")


def test_a_page_built_to_take_long_is_given_up(shop: Workshop, site: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from cowork.agent.tools import searches

    monkeypatch.setattr(searches, "SECONDS", 2.0)
    started = time.monotonic()

    shop.call("WebFetch", url=answer(site, "<p>" + "<!--" * 400_000 + "<![" * 400_000), prompt="x")

    assert time.monotonic() - started < 10


def test_text_of_a_page_does_not_drive_a_terminal(shop: Workshop, site: HTTPServer) -> None:
    assert fetched(shop, answer(site, "<p>a\x1b[31mb&#27;[0m&#155;c</p>")) == "ab[0m\u203ac"  # as browsers read these
    assert "\x1b" not in fetched(shop, answer(site, "a\x1b]0;t\x07b", "text/plain"))


def test_a_server_that_says_nothing_is_given_up(shop: Workshop, site: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_fetch, "SECONDS", 0.2)

    def slow(_request: Request) -> Response:
        time.sleep(0.6)
        return Response("late")

    site.expect_request("/").respond_with_handler(slow)

    assert shop.fails("WebFetch", url=site.url_for("/"), prompt="x")


def test_cancelling_does_not_wait_for_the_server(shop: Workshop, site: HTTPServer) -> None:
    asked, go = threading.Event(), threading.Event()

    def slow(_request: Request) -> Response:
        asked.set()
        go.wait(20)
        return Response("late")

    site.expect_request("/").respond_with_handler(slow)

    async def cancelled() -> float:
        call = asyncio.ensure_future(shop.use("WebFetch", url=site.url_for("/"), prompt="x"))
        await until(asked.is_set)
        started = time.monotonic()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return time.monotonic() - started

    assert run(cancelled()) < 2
    go.set()
    for thread in threading.enumerate():  # nobody waits for it; it ends with its answer
        if thread.name == "Getting the page":
            thread.join(10)


def test_no_path_is_touched(shop: Workshop) -> None:
    from tests.agent.tools.workshop import TOOLS

    assert TOOLS["WebFetch"].touches({"url": "https://example.org", "prompt": "x"}, shop.workspace) == ()
