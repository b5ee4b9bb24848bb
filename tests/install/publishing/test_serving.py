"""`registry serve` as a process, asked over the network by a client and by cowork itself."""

from __future__ import annotations

import http.client
import io
import json
import os
import signal
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cowork.install.local import list_local
from cowork.install.publishing import serving
from cowork.install.tree_hash import tree_hash
from tests.registry import places
from tests.support import PROGRAM, FakeClock, run_here, run_program


class Running:
    """A registry that is being served."""

    def __init__(self, source: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [str(PROGRAM), "registry", "serve", str(source), "--json", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.announced = [self.process.stderr.readline(), self.process.stderr.readline()]
        self.static = self.announced[0].split()[0]
        self.host = urlsplit(self.static).netloc
        self.rest = f"http://{self.host}"

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(self.host, timeout=10)
        connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        reply = connection.getresponse()
        return reply, reply.read()

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    root = tmp_path / "packs"
    places.pack(root, "one", places.skill("x"), version="1.1.0")
    places.pack(root, "two", places.skill("y"), category="Data")
    places.write(root / "two" / "more" / "text.md", "More.\n")
    return root


@pytest.fixture
def running(packs: Path) -> Iterator[Running]:
    served = Running(packs)
    yield served
    if served.process.poll() is None:
        served.process.kill()
    served.process.communicate()


def test_both_forms_and_the_archives_are_served_until_ctrl_c(running: Running, tmp_path: Path) -> None:
    reply, body = running.get("/registry/pack-catalog.json")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    packs = {item["id"]: item for item in json.loads(body)["packs"]}
    assert set(packs) == {"one", "two"}

    assert json.loads(running.get("/packs/search?q=two")[1])["total"] == 1
    assert json.loads(running.get("/packs/one")[1]) == packs["one"]
    assert running.get("/packs/three")[0].status == 404

    reply, body = running.get(urlsplit(packs["two"]["downloadUrl"]).path)
    assert reply.headers["Content-Type"] == "application/gzip"
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        tar.extractall(tmp_path / "out")
    files = [file.path for file in list_local(tmp_path / "out")]
    assert tree_hash(tmp_path / "out", files) == packs["two"]["treeHash"]

    code, out, err = running.stop()
    document = json.loads(out)
    assert (code, document["ok"], err) == (0, True, "")
    assert document["data"]["registry"] == running.static
    assert document["data"]["requests"] == 5


def test_what_a_client_has_is_not_sent_again(running: Running) -> None:
    for path in ("/registry/pack-catalog.json", "/packs/search", "/archives/one-1.1.0.tar.gz"):
        reply, body = running.get(path)
        tag = reply.headers["ETag"]
        assert body
        for condition in (tag, f'"other", W/{tag}', "*"):
            again, nothing = running.get(path, If_None_Match=condition)
            assert (again.status, nothing, again.headers["ETag"]) == (304, b"", tag)
        assert running.get(path, If_None_Match='"other"')[0].status == 200
        head, nothing = running.get(path, "HEAD")
        assert (head.status, nothing, head.headers["Content-Length"]) == (200, b"", str(len(body)))


def test_nothing_but_reading_is_offered_and_no_other_name_is_answered(running: Running) -> None:
    assert running.get("/registry/pack-catalog.json", "POST")[0].status == 501
    assert running.get("/registry/pack-catalog.json", Host="evil.example")[0].status == 421
    assert running.get("/registry/pack-catalog.json", Host="localhost")[0].status == 200
    reply, _ = running.get("/packs/one")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "Python" not in reply.headers["Server"]


@pytest.mark.parametrize("form", ["static", "rest"])
def test_cowork_asks_it_in_both_forms(running: Running, home: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    home.mkdir()
    places.pack(home / "extensions", "one", places.skill("x"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLUGIN_PACK_REGISTRY", getattr(running, form))
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", running.host)

    found = run_program("registry", "search", "--category", "data", "--json").data
    assert ([item["id"] for item in found["items"]], found["source"]) == (["two"], "network")
    assert run_here("registry", "show", "one", "--json").data["version"] == "1.1.0"
    assert run_here("registry", "show", "three", "--json").code == 3
    assert run_here("registry", "categories", "--json").data["items"] == [
        {"name": "Custom", "count": 1},
        {"name": "Data", "count": 1},
    ]
    assert run_here("registry", "refresh", "--json").data["entries"] == 2
    updates = run_here("registry", "updates", "--json").data["items"]
    assert [(item["name"], item["available"]) for item in updates] == [("one", "1.1.0")]
    listed = run_here("pack", "list", "--scope", "personal", "--json", "--fields", "update").data
    assert listed == {"items": [{"update": "1.1.0"}]}


def test_after_so_many_requests_it_ends_by_itself(packs: Path) -> None:
    served = Running(packs, "--requests", "2")
    for _ in range(2):
        assert served.get("/packs/one")[0].status == 200
    out, _ = served.process.communicate(timeout=20)
    assert served.process.returncode == 0
    assert json.loads(out)["data"]["requests"] == 2


def test_the_address_is_announced_with_what_a_client_needs(packs: Path) -> None:
    ran = run_here("registry", "serve", str(packs), "--requests", "0")
    assert ran.code == 0
    first, second = ran.err.splitlines()
    assert first.startswith("http://127.0.0.1:")
    assert "2 entries" in first
    assert "COWORK_PRIVATE_HOSTS=127.0.0.1:" in second
    assert run_here("registry", "serve", str(packs), "--requests", "0", "-q").err == ""


def test_a_stream_begins_with_the_address(packs: Path) -> None:
    first, last = run_here("registry", "serve", str(packs), "--requests", "0", "--stream").events
    assert first["type"] == "serve.started"
    assert first["data"]["registry"] == last["data"]["data"]["registry"]
    assert first["data"]["archives"] == 2


def test_a_port_that_is_taken_is_a_conflict(packs: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = run_here("registry", "serve", str(packs), "--port", str(taken.getsockname()[1]), "--requests", "0", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (5, "registry.port_taken")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", "", "127.0.0.1.example.com"])
def test_only_this_machine_is_served(packs: Path, host: str) -> None:
    ran = run_here("registry", "serve", str(packs), "--host", host, "--requests", "0", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "usage.not_loopback")


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost", "::1"])
def test_any_address_of_this_machine_alone_will_do(packs: Path, host: str) -> None:
    if host == "::1" and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    ran = run_here("registry", "serve", str(packs), "--host", host, "--requests", "0", "--json")
    assert ran.code == 0
    assert urlsplit(ran.data["rest"]).hostname in (host, "127.0.0.1")


def test_ctrl_c_before_the_first_request_ends_it_too(packs: Path) -> None:
    def interrupt(_kind: str, _data: dict[str, Any]) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    served, _ = serving.serve(packs, FakeClock(), interrupt)

    assert (served.entries, served.requests) == (2, 0)


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False
