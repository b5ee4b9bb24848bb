"""The guard: what it says by the text of an address, and what it says after resolving it once."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from cowork.core.errors import CoworkError, Denied, InvalidInput, Unavailable
from cowork.web import guard


def test_https_to_a_name_passes_without_asking_a_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "getaddrinfo")

    guard.check_url("https://example.com/x?y")


@pytest.mark.parametrize("url", ["http://example.com/", "http://example.com:443/", "http://8.8.8.8/"])
def test_plain_http_is_refused(url: str) -> None:
    with pytest.raises(Denied) as caught:
        guard.check_url(url)

    assert (caught.value.code, caught.value.exit_code) == ("web.plain_http", 6)


@pytest.mark.parametrize(
    "host",
    "127.0.0.1 10.1.2.3 169.254.169.254 100.100.100.200 192.168.1.1 0.0.0.0 [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] "
    "[fd00::1] [fe80::1] [64:ff9b::7f00:1] [2002:7f00:1::] localhost LOCALHOST localhost. a.localhost １２７.0.0.1".split(),
)
def test_a_private_host_is_refused_by_its_text(host: str) -> None:
    with pytest.raises(Denied) as caught:
        guard.check_url(f"https://{host}/latest/meta-data")
    assert (caught.value.code, caught.value.exit_code) == ("web.private_address", 6)

    with pytest.raises(Denied) as caught:
        guard.public_addresses(host, 443)
    assert caught.value.code == "web.private_address"


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "%31", "a b", "", "a\nb", "-x"])
def test_a_host_that_programs_read_differently_is_refused(host: str) -> None:
    with pytest.raises(InvalidInput, match="not a usable address"):
        guard.public_addresses(host, 443)


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let the resolver give these answers, one after the other; returns the names it was asked."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        families = [socket.AF_INET6 if ":" in item else socket.AF_INET for item in found]
        return [(family, socket.SOCK_STREAM, 6, "", (item, port)) for family, item in zip(families, found, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_with_public_addresses_is_given_them_all_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, ["8.8.8.8", "2606:4700::1", "8.8.8.8"])

    assert guard.public_addresses("Names.Example.", 443) == ("8.8.8.8", "2606:4700::1")
    assert asked == ["names.example"]


@pytest.mark.parametrize("private", ["127.0.0.1", "10.0.0.1", "::1", "fe80::1%eth0", "::ffff:10.0.0.1", "64:ff9b::a00:1"])
def test_one_private_address_among_public_ones_refuses_the_name(monkeypatch: pytest.MonkeyPatch, private: str) -> None:
    answering(monkeypatch, ["8.8.8.8", private])

    with pytest.raises(Denied) as caught:
        guard.public_addresses("names.example", 443)

    assert caught.value.code == "web.private_address"
    assert private not in str(caught.value.__dict__)  # what a private network looks like is nobody's business


@pytest.mark.parametrize("host", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_is_its_own_answer_and_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.delattr(socket, "getaddrinfo")

    assert guard.public_addresses(host, 443) == (host,)


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_a_private_address_is_refused_and_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.delattr(socket, "getaddrinfo")

    with pytest.raises(Denied) as caught:
        guard.public_addresses(host, 443)

    assert caught.value.code == "web.private_address"


def test_a_name_without_an_address_is_unresolvable() -> None:
    with pytest.raises(Unavailable) as caught:
        guard.public_addresses("no-such-host.invalid", 443)

    assert (caught.value.code, caught.value.exit_code) == ("web.unresolvable", 7)


def test_an_empty_answer_is_unresolvable(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, [])

    with pytest.raises(Unavailable, match="cannot be resolved"):
        guard.public_addresses("names.example", 443)


def test_a_resolver_that_does_not_answer_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.wait(10) and [])

    with pytest.raises(Unavailable) as caught:
        guard.public_addresses("names.example", 443, timeout_s=0.05)
    never.set()

    assert caught.value.code == "web.timeout"


def test_a_trusted_host_may_be_private_and_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", "localhost")

    guard.check_url("http://localhost:8080/")
    assert "127.0.0.1" in guard.public_addresses("localhost", 8080)


TRUST = {
    "a name": ("intra.example", "intra.example", 443, True),
    "a name in capitals": ("Intra.Example.", "INTRA.example", 80, True),
    "a name of several": ("a.example, intra.example ,", "intra.example", 443, True),
    "another name": ("intra.example", "x.intra.example", 443, False),
    "its port": ("intra.example:8443", "intra.example", 8443, True),
    "another port": ("intra.example:8443", "intra.example", 443, False),
    "an IPv4 address": ("10.0.0.1", "10.0.0.1", 443, True),
    "an IPv6 address": ("::1", "[::1]", 443, True),
    "an IPv6 address in brackets": ("[::1]", "::1", 443, True),
    "an IPv6 address with a port": ("[::1]:8443", "::1", 8443, True),
    "an IPv6 address with another port": ("[::1]:8443", "::1", 443, False),
    "an address of another spelling": ("::ffff:10.0.0.1", "10.0.0.1", 443, False),
    "nothing": ("", "intra.example", 443, False),
    "commas": (",,", "", 443, False),
    "nonsense": ("*, %, a b", "a b", 443, False),
    "everything": ("*", "intra.example", 443, False),
}


@pytest.mark.parametrize(("listed", "host", "port", "trusted"), TRUST.values(), ids=TRUST)
def test_trust_is_by_exact_host_and_port(
    monkeypatch: pytest.MonkeyPatch, listed: str, host: str, port: int, trusted: bool
) -> None:
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", listed)

    assert guard.is_trusted_host(host, port) is trusted


def test_a_project_cannot_make_a_host_trusted(tmp_path: Any) -> None:
    (tmp_path / "work" / ".cowork").mkdir()
    (tmp_path / "work" / ".cowork" / "config.yaml").write_text("private_hosts: 127.0.0.1\n")

    with pytest.raises(CoworkError) as caught:
        guard.check_url("http://127.0.0.1/")

    assert caught.value.code == "web.plain_http"
