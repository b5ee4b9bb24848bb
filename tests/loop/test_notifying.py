"""Telling people of an end: over real HTTP, bounded in time, with addresses that nobody sees and words that stay words."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from cowork.loop import notifying
from tests.support import run_here

SECRET = "hunter2-very-secret"


@pytest.fixture
def url(httpserver: HTTPServer) -> str:
    httpserver.expect_request("/told", method="POST").respond_with_data("", status=200)
    httpserver.expect_request("/refused").respond_with_data("no", status=403)
    return f"json://user:{SECRET}@127.0.0.1:{httpserver.port}"


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"json://user:{SECRET}@127.0.0.1:{server.getsockname()[1]}/?rto=60&cto=60"


def received(server: HTTPServer) -> list[dict[str, str]]:
    return [json.loads(request.data) for request, _ in server.log]


def test_everybody_is_told_title_and_body(httpserver: HTTPServer, url: str) -> None:
    assert notifying.notify([f"{url}/told", f"{url}/told"], "Run over", "3 of 3 tasks\ndone") == (2, ())

    assert [(told["title"], told["message"]) for told in received(httpserver)] == [("Run over", "3 of 3 tasks\ndone")] * 2


def test_who_cannot_be_told_is_named_by_number_and_service_and_stops_nobody(
    httpserver: HTTPServer, url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        sent, problems = notifying.notify([f"{url}/refused", "bogus://a/b", f"x{SECRET}", f"{url}/told"], "t", "b")

    assert sent == 1
    assert problems == (
        "address 1 (JSON) could not be told",
        "address 2 is none that apprise knows",
        "address 3 is none that apprise knows",
    )
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


def test_nobody_waits_for_one_that_says_nothing(url: str, silent: str) -> None:
    begun = time.monotonic()

    sent, problems = notifying.notify([silent, f"{url}/told"], "t", "b", patience_s=1.0)

    assert (sent, problems) == (1, ("address 1 (JSON) said nothing within 1 seconds",))
    assert time.monotonic() - begun < 10


def test_without_addresses_nobody_is_told() -> None:
    assert notifying.notify([], "t", "b") == (0, ())


@pytest.mark.parametrize(
    ("hostile", "quiet"),
    [
        ("<!channel> look", "‹!channel› look"),
        ("@everyone", "@\u2060everyone"),
        ("[safe](http://evil)", "[safe] (http://evil)"),
        ("<script>x</script>", "‹script›x‹/script›"),
        ("\x1b[31mred\u202e", "\\u001b[31mred\\u202e"),
        ("3 < 4 {{x}} $(id) 100%", "3 ‹ 4 {{x}} $(id) 100%"),
    ],
)
def test_words_of_a_model_stay_words(httpserver: HTTPServer, url: str, hostile: str, quiet: str) -> None:
    assert notifying.notify([f"{url}/told"], hostile, hostile)[0] == 1

    assert received(httpserver)[0]["message"] == quiet


def test_a_title_is_one_line_and_a_body_has_an_end(httpserver: HTTPServer, url: str) -> None:
    notifying.notify([f"{url}/told"], "a\r\nBcc: all", "x" * 1_000_000)

    told = received(httpserver)[0]
    assert told["title"] == "a Bcc: all"
    assert len(told["message"]) == 4000


@given(st.text())
def test_no_text_keeps_a_mention_a_tag_or_a_hidden_link(text: str) -> None:
    quiet = notifying.plain(text)

    assert "<" not in quiet
    assert "](" not in quiet
    assert "@everyone" not in quiet


@given(st.lists(st.text(max_size=40), max_size=3))
def test_whatever_the_addresses_are_there_is_an_answer(urls: list[str]) -> None:
    told = ["bogus" + url for url in urls]

    assert notifying.notify(told, "t", "b")[0] == 0


@pytest.mark.parametrize(
    ("url", "does"),
    [
        ("workflows://host/a/b?template=/etc/passwd", True),
        ("workflows://host/a/b?a=1;%54emplate=/etc/passwd", True),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?template=/etc/passwd", True),
        ("https://discord.com/api/webhooks/0000000000/11111111111111?template=/etc/passwd", True),
        ("fcm://project/device/?keyfile=/etc/passwd", True),
        ("mailtos://user:password@gmail.com?pgpprv=/etc/passwd", True),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#template", False),
        ("json://user:password@host:99/template/keyfile?verify=no&format=text", False),
        ("nonsense", False),
    ],
)
def test_an_address_that_names_a_file_is_known(url: str, does: bool) -> None:
    assert notifying.names_file(url) is does


class TestDoctor:
    def test_says_when_nobody_is_told(self) -> None:
        assert notifying.check().status == "ok"

    def test_says_which_address_is_none_without_showing_any(self, home: Path) -> None:
        home.mkdir()
        (home / "config.yaml").write_text(f"notify_urls: [json://u:{SECRET}@h/x, bogus://{SECRET}]")

        ran = run_here("doctor", "--json")

        found = next(item for item in ran.data["items"] if item["name"] == "notifications")
        assert (found["status"], found["message"]) == ("warn", "notify_urls: no address that apprise knows is number 2")
        assert SECRET not in ran.out + ran.err
