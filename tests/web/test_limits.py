"""Limits: bytes are counted after decoding, seconds by the wall, and a broken reply is never taken for a whole one."""

from __future__ import annotations

import gzip
import io
import socket
import threading
import time
import tracemalloc
import zlib
from typing import Any

import pytest

from cowork.core.errors import CoworkError, InvalidInput, Unavailable
from cowork.web import client
from tests.web.sites import Reply, drips, raw_server, site

pytestmark = pytest.mark.usefixtures("trusted")
GZIP = {"Content-Encoding": "gzip"}


def get(url: str, limit: int = 1000, timeout_s: float = 5.0) -> client.Response:
    return client.get(url, limit=limit, timeout_s=timeout_s)


def test_a_body_of_exactly_the_limit_is_read() -> None:
    with site({"/": Reply(b"x" * 1000)}) as here:
        assert len(get(here.url()).body) == 1000


def test_an_announced_body_over_the_limit_is_refused_unread() -> None:
    target = io.BytesIO()
    with site({"/": Reply(b"x" * 1001)}) as here:
        with pytest.raises(InvalidInput) as caught:
            get(here.url())
        with pytest.raises(InvalidInput):
            client.download(here.url(), target, limit=1000, timeout_s=5)

    assert (caught.value.code, caught.value.exit_code, caught.value.details) == ("web.too_large", 4, {"limit": 1000})
    assert target.getvalue() == b""


def test_an_announced_body_over_the_limit_is_not_waited_for() -> None:
    with (
        raw_server(drips(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", b"")) as port,
        pytest.raises(InvalidInput) as caught,
    ):
        get(f"http://127.0.0.1:{port}/")

    assert caught.value.code == "web.too_large"


@pytest.mark.parametrize("chunked", [True, False])
def test_an_unannounced_body_stops_at_the_limit(chunked: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"\r\n")
    drop = b"400\r\n" + b"x" * 1024 + b"\r\n" if chunked else b"x" * 1024

    def endless(line: socket.socket, stop: threading.Event) -> None:
        line.recv(65536)
        line.sendall(head)
        while not stop.is_set():
            line.sendall(drop)

    with raw_server(endless) as port, pytest.raises(InvalidInput) as caught:
        get(f"http://127.0.0.1:{port}/", limit=100_000)

    assert caught.value.code == "web.too_large"


def test_a_compressed_body_is_decoded() -> None:
    content = b"hello " * 100
    with site({"/": Reply(gzip.compress(content), headers=GZIP)}) as here:
        assert get(here.url()).body == content


def test_compressed_members_follow_one_another() -> None:
    whole = b"".join(gzip.compress(bytes([letter]) * 100) for letter in b"abc")
    with site({"/": Reply(whole, headers=GZIP)}) as here:
        assert get(here.url()).body == b"a" * 100 + b"b" * 100 + b"c" * 100


def test_a_body_compressed_by_zlib_is_decoded() -> None:
    with site({"/": Reply(zlib.compress(b"hello"), headers={"Content-Encoding": "deflate"})}) as here:
        assert get(here.url()).body == b"hello"


def test_a_large_compressed_body_comes_whole() -> None:
    content = b"".join(b"%d," % number for number in range(100_000))
    with site({"/": Reply(gzip.compress(content), headers=GZIP)}) as here:
        assert get(here.url(), limit=len(content)).body == content
        with pytest.raises(InvalidInput):
            get(here.url(), limit=len(content) - 1)


def test_an_empty_body_that_says_it_is_compressed_is_empty() -> None:
    with site({"/": Reply(b"", headers=GZIP)}) as here:
        assert get(here.url()).body == b""
        assert client.request("HEAD", here.url(), limit=0, timeout_s=5).body == b""


def test_a_bomb_is_stopped_early_in_little_memory() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([packer.compress(b"\0" * 1_000_000) for _ in range(200)]) + packer.flush()  # 200 MB
    with site({"/": Reply(bomb, headers=GZIP)}) as here:
        tracemalloc.start()
        try:
            with pytest.raises(InvalidInput) as caught:
                get(here.url(), limit=1_000_000)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert caught.value.code == "web.too_large"
    assert peak < 8_000_000


BROKEN = {
    "not gzip": Reply(b"hello", headers=GZIP),
    "cut": Reply(gzip.compress(b"hello" * 100)[:-9], headers=GZIP),
    "garbage after it": Reply(gzip.compress(b"hello") + b"garbage", headers=GZIP),
    "another encoding": Reply(b"hello", headers={"Content-Encoding": "br"}),
    "shorter than announced": Reply(b"hello", headers={"Content-Length": "50", "Connection": "close"}),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN)
def test_a_broken_body_is_never_taken_for_a_whole_one(reply: Reply) -> None:
    with site({"/": reply}) as here, pytest.raises(Unavailable) as caught:
        get(here.url())

    assert caught.value.code in ("web.bad_response", "web.unreachable")


SLOW = {
    "a body": (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"x"),
    "a body without an announced end": (b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "a compressed body": (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", b"\x1f"),
    "a header": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "the status": (b"HTTP/1.1 2", b"0"),
    "continue, and continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "nothing": (b"", b""),
}


@pytest.mark.parametrize(("head", "drop"), SLOW.values(), ids=SLOW)
def test_a_server_that_drips_is_cut_off_when_the_time_is_over(head: bytes, drop: bytes) -> None:
    with raw_server(drips(head, drop)) as port:
        started = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            get(f"http://127.0.0.1:{port}/", timeout_s=0.15)
        took = time.monotonic() - started

    assert (caught.value.code, caught.value.exit_code) == ("web.timeout", 7)
    assert took < 1


def test_a_handshake_that_never_ends_is_cut_off() -> None:
    with raw_server(drips(b"\x16\x03\x03\x40\x00", b"\x02")) as port:  # a TLS record of 16 KiB, a byte at a time
        started = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            get(f"https://127.0.0.1:{port}/", timeout_s=0.15)

    assert caught.value.code == "web.timeout"
    assert time.monotonic() - started < 1


def test_a_server_that_takes_no_bytes_is_cut_off() -> None:
    def deaf(line: socket.socket, stop: threading.Event) -> None:
        stop.wait(5)

    with raw_server(deaf) as port, pytest.raises(Unavailable) as caught:
        client.request("POST", f"http://127.0.0.1:{port}/", body=b"x" * 20_000_000, limit=10, timeout_s=0.2)

    assert caught.value.code == "web.timeout"


def test_redirects_share_one_time_limit() -> None:
    def slow(_: Any) -> Reply:
        time.sleep(0.05)  # the server's work: what is measured is the sum
        return Reply(status=302, headers={"Location": "/"})

    with site({"/": slow}) as here:
        started = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            client.request("GET", here.url(), limit=10, timeout_s=0.2, redirects=1000)

    assert caught.value.code == "web.timeout"
    assert time.monotonic() - started < 1


NONSENSE = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.9\r\n",
    "nothing": b"",
    "an endless line": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    "a bad status": b"HTTP/1.1 abc OK\r\n\r\n",
    "a bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a cut chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc",
}


@pytest.mark.parametrize("sent", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_a_typed_failure(sent: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    def talk(line: socket.socket, stop: threading.Event) -> None:
        line.recv(65536)
        line.sendall(sent)

    with raw_server(talk) as port, pytest.raises(CoworkError) as caught:
        get(f"http://127.0.0.1:{port}/?token=hunter2")

    assert caught.value.exit_code == 7
    assert capfd.readouterr() == ("", "")
