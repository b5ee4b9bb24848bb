"""The client against real servers: what it sends, where it connects, what it keeps to itself."""

from __future__ import annotations

import io
import socket
from pathlib import Path
from typing import Any

import pytest

from cowork import __version__
from cowork.core.errors import CoworkError, Denied, InvalidInput, Unavailable
from cowork.web import client
from tests.web.sites import Asked, Reply, authority_file, site

SECRET = "hunter2"


def get(url: str, **how: Any) -> client.Response:
    return client.get(url, **{"limit": 1000, "timeout_s": 5.0, **how})


def request(method: str, url: str, **how: Any) -> client.Response:
    return client.request(method, url, **{"limit": 1000, "timeout_s": 5.0, **how})


def code(error: CoworkError) -> tuple[str, int]:
    return error.code, error.exit_code


@pytest.mark.usefixtures("trusted")
def test_a_reply_has_its_address_status_headers_and_body() -> None:
    with site({"/a": Reply(b"hello", headers={"ETag": '"1"'})}) as here:
        reply = get(here.url("/a?q=1#frag"))

    assert (reply.url, reply.status, reply.body) == (here.url("/a?q=1"), 200, b"hello")
    assert reply.headers["etag"] == '"1"'
    assert here.asked[0].path == "/a?q=1"


@pytest.mark.usefixtures("trusted")
def test_an_error_status_is_an_answer() -> None:
    with site({}) as here:
        assert get(here.url("/gone")).status == 404


@pytest.mark.usefixtures("trusted")
def test_a_request_says_who_asks_and_little_more() -> None:
    with site({"/": Reply()}) as here:
        get(here.url())

    assert here.asked[0].headers == {
        "host": f"127.0.0.1:{here.port}",
        "user-agent": f"cowork/{__version__}",
        "accept": "*/*",
        "accept-encoding": "gzip",
    }


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("method", client.METHODS[:-1])
def test_every_method_reaches_the_server(method: str) -> None:
    with site({"/": lambda asked: Reply(asked.method.encode())}) as here:
        reply = request(method.lower(), here.url())

    assert here.asked[0].method == method
    assert reply.body == (b"" if method == "HEAD" else method.encode())


@pytest.mark.usefixtures("trusted")
def test_headers_and_body_of_the_caller_are_sent_as_they_are() -> None:
    with site({"/": Reply(status=204)}) as here:
        reply = request("POST", here.url(), headers={"x-one": " é ", "user-agent": "mine"}, body=b"\0\xff")

    assert (reply.status, reply.body) == (204, b"")
    assert (here.asked[0].body, here.asked[0].headers["x-one"]) == (b"\0\xff", "é")
    assert here.asked[0].headers["user-agent"] == "mine"


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Transfer-Encoding", "Proxy-Authorization", "a b", "a:b", "", "x\ny"]
)
def test_a_header_that_is_the_transports_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        get("https://example.com/", headers={name: "1"})

    assert code(caught.value) == ("web.bad_header", 4)


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\rb", "a\0b", "€", "a\x7f"])
def test_a_header_value_that_is_more_than_one_line_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        get("https://example.com/", headers={"x-key": SECRET + value})

    assert caught.value.code == "web.bad_header"
    assert SECRET not in str(caught.value.__dict__)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "G ET", ""])
def test_a_method_of_another_kind_is_refused(method: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        request(method, "https://example.com/")

    assert code(caught.value) == ("web.bad_method", 4)


def test_a_private_server_is_not_asked_unless_it_is_trusted() -> None:
    with site({"/": Reply()}) as here:
        for url in (f"https://localhost:{here.port}/", f"https://127.0.0.1:{here.port}/", f"https://[::1]:{here.port}/"):
            with pytest.raises(Denied) as caught:
                get(url)
            assert code(caught.value) == ("web.private_address", 6)

        assert here.asked == []


def test_dns_answers_that_change_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    asked, opened = [], []

    class Watched(socket.socket):
        def connect(self, address: Any) -> None:
            opened.append(address)
            raise ConnectionRefusedError(111, "Connection refused")

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (item, port)) for item in answers[min(len(asked) - 1, 1)]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "socket", Watched)
    with pytest.raises(Unavailable) as caught:
        get("https://rebind.example:8443/")

    assert code(caught.value) == ("web.unreachable", 7)
    assert asked == ["rebind.example"]  # resolved once,
    assert opened == [("8.8.8.8", 8443)]  # and connected to what was judged

    with pytest.raises(Denied, match="not an address on the public internet"):  # the next exchange judges anew
        get("https://rebind.example:8443/")
    assert len(opened) == 1


@pytest.mark.usefixtures("trusted")
def test_the_next_address_is_tried_when_one_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (item, port)) for item in ("127.0.0.9", "127.0.0.1")]

    with site({"/": Reply(b"second")}) as here:
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        assert get(f"http://localhost:{here.port}/").body == b"second"


@pytest.mark.usefixtures("trusted")
def test_nobody_there_is_unreachable_with_a_cause() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(Unavailable) as caught:
        get(f"http://127.0.0.1:{port}/?token={SECRET}")

    assert code(caught.value) == ("web.unreachable", 7)
    assert caught.value.cause == "Connection refused"


@pytest.mark.usefixtures("trusted")
class TestEncrypted:
    """Certificates are always checked, by name."""

    def test_a_certificate_of_an_authority_the_environment_names_is_good(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority_file(tmp_path))
        with site({"/": Reply(b"safe")}, tls=("localhost",), host="localhost") as here:
            assert get(here.url()).body == b"safe"

        assert here.asked[0].headers["host"] == f"localhost:{here.port}"

    def test_an_unknown_authority_is_refused_before_anything_is_sent(self) -> None:
        with site({"/": Reply()}, tls=("localhost",), host="localhost") as here, pytest.raises(Unavailable) as caught:
            get(here.url(f"/?token={SECRET}"))

        assert code(caught.value) == ("web.tls", 7)
        assert "issuer" in (caught.value.cause or "")
        assert SECRET not in str(caught.value.__dict__)
        assert here.asked == []

    def test_a_certificate_for_another_name_is_refused(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority_file(tmp_path))
        with site({"/": Reply()}, tls=("other.example",), host="localhost") as here, pytest.raises(Unavailable) as caught:
            get(here.url())

        assert caught.value.code == "web.tls"
        assert here.asked == []

    def test_a_missing_authority_file_is_said(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
        with site({"/": Reply()}, tls=("localhost",), host="localhost") as here, pytest.raises(Unavailable) as caught:
            get(here.url())

        assert caught.value.code == "web.tls"

    def test_a_server_that_speaks_no_tls_is_refused(self) -> None:
        with site({"/": Reply()}) as here, pytest.raises(Unavailable) as caught:
            get(f"https://127.0.0.1:{here.port}/")

        assert caught.value.code == "web.tls"


@pytest.mark.usefixtures("trusted")
def test_credentials_of_netrc_are_never_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "user" / ".netrc"
    netrc.write_text(f"machine localhost login me password {SECRET}\ndefault login me password {SECRET}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with site({"/": Reply(status=302, headers={"Location": "/b"}), "/b": Reply()}, host="localhost") as here:
        get(here.url())

    assert len(here.asked) == 2
    assert all("authorization" not in asked.headers for asked in here.asked)


@pytest.mark.usefixtures("trusted")
def test_cookies_are_not_kept_and_not_sent_back() -> None:
    with site({"/": Reply(status=302, headers={"Location": "/b", "Set-Cookie": "a=b"}), "/b": Reply()}) as here:
        get(here.url())
        get(here.url())

    assert all("cookie" not in asked.headers for asked in here.asked)


@pytest.mark.usefixtures("trusted")
def test_no_message_holds_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(asked: Asked) -> Reply:
        raise ConnectionAbortedError

    with site({"/": gone, "/big": Reply(b"x" * 2000)}) as here:
        for path in ("/", "/big"):
            with pytest.raises(CoworkError) as caught:
                get(here.url(f"{path}?token={SECRET}"), headers={"Authorization": SECRET})
            assert SECRET not in str(caught.value.__dict__)
            assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.usefixtures("trusted")
def test_a_download_streams_to_the_target_and_tells_its_progress() -> None:
    told: list[tuple[int, int | None]] = []
    target, content = io.BytesIO(), bytes(range(256)) * 1000
    with site({"/": Reply(status=307, headers={"Location": "/file"}), "/file": Reply(content)}) as here:
        final = client.download(
            here.url(), target, limit=300_000, timeout_s=5, progress=lambda done, whole: told.append((done, whole))
        )

    assert (final, target.getvalue()) == (here.url("/file"), content)
    assert told[-1] == (256_000, 256_000)
    assert len(told) > 2
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert here.asked[1].headers["accept-encoding"] == "identity"


@pytest.mark.usefixtures("trusted")
def test_a_download_needs_no_listener() -> None:
    target = io.BytesIO()
    with site({"/": Reply(b"abc")}) as here:
        client.download(here.url(), target, limit=3, timeout_s=5)

    assert target.getvalue() == b"abc"


@pytest.mark.usefixtures("trusted")
def test_an_error_page_is_not_downloaded() -> None:
    target = io.BytesIO()
    with site({}) as here, pytest.raises(Unavailable) as caught:
        client.download(here.url("/gone"), target, limit=1000, timeout_s=5)

    assert code(caught.value) == ("web.http_status", 7)
    assert caught.value.details == {"status": 404}
    assert target.getvalue() == b""


@pytest.mark.usefixtures("trusted")
def test_a_full_disk_is_not_blamed_on_the_network() -> None:
    with (
        site({"/": Reply(b"abc" * 10_000)}) as here,
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(CoworkError) as caught,
    ):
        client.download(here.url(), full, limit=100_000, timeout_s=5)  # type: ignore[arg-type]

    assert caught.value.code == "file.not_writable"
