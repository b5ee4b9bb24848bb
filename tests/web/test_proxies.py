"""A proxy of the environment is used; it resolves names, so only what an address itself says can be judged."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cowork.core.errors import Denied, Unavailable
from cowork.web import client
from tests.web.sites import Reply, authority_file, raw_server, site


def get(url: str) -> client.Response:
    return client.get(url, limit=1000, timeout_s=5)


@contextlib.contextmanager
def proxy(port: int, heard: list[bytes]) -> Iterator[int]:
    """A proxy that opens every tunnel to `port` on this machine, and keeps what it was asked."""

    def talk(line: socket.socket, stop: threading.Event) -> None:
        asked = line.recv(65536)
        heard.append(asked)
        with socket.create_connection(("127.0.0.1", port)) as inner:
            if asked.startswith(b"CONNECT"):
                line.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                inner.sendall(asked)
            back = threading.Thread(target=pump, args=(inner, line))
            back.start()
            pump(line, inner)
            back.join(5)

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    with raw_server(talk) as own:
        yield own


def test_a_name_that_only_the_proxy_knows_is_reached_through_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    heard: list[bytes] = []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority_file(tmp_path))
    with site({"/": Reply(b"inside")}, tls=("inside.invalid",)) as here, proxy(here.port, heard) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        assert get("https://inside.invalid/").body == b"inside"

    assert heard[0].startswith(b"CONNECT inside.invalid:443 ")
    assert b"hunter2" not in heard[0]
    assert here.asked[0].headers["host"] == "inside.invalid"


def test_a_certificate_behind_a_proxy_is_checked_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority_file(tmp_path))
    with site({"/": Reply(b"inside")}, tls=("other.invalid",)) as here, proxy(here.port, []) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        with pytest.raises(Unavailable) as caught:
            get("https://inside.invalid/")

    assert caught.value.code == "web.tls"
    assert here.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "[::1]", "localhost", "[::ffff:10.0.0.1]"])
def test_a_private_literal_is_refused_also_with_a_proxy(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    heard: list[bytes] = []
    with proxy(9, heard) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        with pytest.raises(Denied) as caught:
            get(f"https://{host}/")

    assert caught.value.code == "web.private_address"
    assert heard == []


def test_a_host_the_environment_excepts_is_judged_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    with proxy(9, heard) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "no-such-host.invalid")
        with pytest.raises(Unavailable) as caught:
            get("https://no-such-host.invalid/")

    assert caught.value.code == "web.unresolvable"
    assert heard == []


def test_a_proxy_that_is_not_there_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:hunter2@127.0.0.1:{listener.getsockname()[1]}")
    with pytest.raises(Unavailable) as caught:
        get("https://inside.invalid/")

    assert caught.value.code == "web.unreachable"
    assert "hunter2" not in str(caught.value.__dict__)


def test_a_proxy_that_resolves_names_on_this_side_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(Unavailable) as caught:
        get("https://inside.invalid/")

    assert caught.value.code == "web.unreachable"
    assert "proxy" in (caught.value.cause or "")


@pytest.mark.usefixtures("trusted")
def test_a_trusted_plain_host_goes_through_a_proxy_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    with site({"/a": Reply(b"plain")}) as here, proxy(here.port, heard) as port:
        monkeypatch.setenv("COWORK_PRIVATE_HOSTS", "intra.invalid")
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        client.get("http://intra.invalid/a", limit=1000, timeout_s=5)

    assert heard[0].startswith(b"GET http://intra.invalid/a HTTP/1.1\r\n")
