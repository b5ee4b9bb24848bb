"""Installing manifests and archives over https: from a real server, under the guard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError
from tests.install.flows import install, manifest
from tests.install.hostile_archives import targz_of, zip_of
from tests.web.sites import Reply, Site, authority_file, site

FILES = {"cowork.plugin.json": manifest(), "docs/a.md": "a"}
ROUTES = {
    "/cowork.plugin.json": Reply(manifest().encode()),
    "/acme.zip": Reply(zip_of(FILES, "acme-1.0.0/")),
    "/acme.tar.gz": Reply(targz_of(FILES)),
    "/moved.zip": Reply(status=302, headers={"Location": "/acme.zip"}),
    "/metadata.zip": Reply(status=302, headers={"Location": "https://169.254.169.254/latest/acme.zip"}),
    "/home.zip": Reply(status=302, headers={"Location": "https://localhost:9/acme.zip"}),
    "/plain.zip": Reply(status=302, headers={"Location": "http://example.com/acme.zip"}),
    "/file.zip": Reply(status=302, headers={"Location": "file:///etc/passwd"}),
    "/gone.zip": Reply(status=404, body=b"gone"),
    "/page.zip": Reply(b"<html>not an archive</html>"),
    "/large.json": Reply(b" " * 5_000_000),
    "/large.zip": Reply(b"PK\3\4" + b"\0" * 70_000_000),
}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority_file(tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", authority_file(tmp_path))
    with site(ROUTES, tls=("localhost", "127.0.0.1")) as running:
        monkeypatch.setenv("COWORK_PRIVATE_HOSTS", f"127.0.0.1:{running.port}")
        yield running


@pytest.mark.parametrize("path", ["/cowork.plugin.json", "/acme.zip", "/acme.tar.gz", "/moved.zip"])
def test_a_manifest_and_archives_are_installed(path: str, server: Site) -> None:
    item = install(server.url(path)).items[0]
    assert (item.name, item.commit, item.files) == ("acme", None, 1 if path.endswith(".json") else 2)
    assert item.origin == server.url(path)


REFUSED = {
    "/metadata.zip": "web.private_address",
    "/home.zip": "web.private_address",
    "/plain.zip": "web.plain_http",
    "/file.zip": "web.bad_url",
    "/gone.zip": "web.http_status",
    "/page.zip": "install.archive_unknown",
    "/large.json": "web.too_large",
    "/large.zip": "web.too_large",
}


@pytest.mark.parametrize(("path", "code"), REFUSED.items())
def test_what_leads_astray_or_is_no_pack_is_refused_without_a_trace(path: str, code: str, server: Site, home: Path) -> None:
    with pytest.raises(CoworkError) as caught:
        install(server.url(path))
    assert caught.value.code == code
    assert {item.name for item in home.iterdir()} <= {"audit.jsonl"} if home.exists() else True


def test_a_host_that_is_not_trusted_may_not_be_private(server: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COWORK_PRIVATE_HOSTS")
    for url in (
        server.url("/acme.zip"),
        server.url("/acme.zip", host="localhost"),
        "https://[::1]/a.zip",
        "https://127.1/a.zip",
    ):
        with pytest.raises(CoworkError) as caught:
            install(url)
        assert caught.value.code in ("source.private_address", "web.private_address", "source.bad_url"), url


def test_answers_that_change_after_the_check_are_of_no_use(server: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when it is judged and this machine when it is connected to."""
    import socket

    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []

    def resolve(host: str, port: object, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    connected: list[object] = []

    def connect(self: socket.socket, address: object) -> None:
        connected.append(address)
        raise OSError("no network here")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(CoworkError) as caught:
        install(f"https://rebinding.example:{server.port}/acme.zip")
    assert caught.value.code == "web.unreachable"
    assert asked == ["rebinding.example"]
    assert {address[0] for address in connected if isinstance(address, tuple)} == {"93.184.215.14"}


def test_a_certificate_that_nobody_vouches_for_is_refused(server: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CoworkError) as caught:
        install(server.url("/acme.zip"))
    assert caught.value.code == "web.tls"
