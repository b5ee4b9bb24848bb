"""Servers over HTTP: real ones on loopback, hostile ones, and the address guard for those that are not the user's own."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from cowork.agent.mcp import remote as remote_module
from cowork.agent.mcp.client import McpServers
from cowork.agent.mcp.server import Server
from cowork.agent.mcp.tools import McpTool
from tests.agent.mcp.surroundings import HERE, remote, soon, workspace
from tests.support import alive

Tools = dict[str, McpTool]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["streamable-http", "sse"])
def echo(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The echo server as a process: its transport and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(HERE / "server_echo.py"), request.param, str(port)],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )

    def answers() -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", port)) == 0

    try:
        assert soon(answers, 30)
        path = "sse" if request.param == "sse" else "mcp"
        yield ("sse" if request.param == "sse" else "http"), f"http://127.0.0.1:{port}/{path}"
    finally:
        process.kill()
        process.wait()
    assert not alive(process.pid)


class Run:
    """One run with one remote server."""

    def __init__(self, tmp_path: Path, server: Server, *, start_s: float = 20.0, call_s: float = 20.0) -> None:
        self.workspace, self.events = workspace(tmp_path)
        self.servers = McpServers([server], self.workspace, start_s=start_s, call_s=call_s)

    def go(self, what: Callable[[Tools], Awaitable[Any]]) -> Any:
        async def all_of_it() -> Any:
            async with self.servers:
                return await what({tool.own_name: tool for tool in await self.servers.tools()})

        return asyncio.run(all_of_it())

    @property
    def reason(self) -> str:
        async def nothing(tools: Tools) -> list[str]:
            return list(tools)

        assert self.go(nothing) == []
        ((kind, data),) = self.events
        assert kind == "mcp.failed"
        return data["reason"]


def test_a_remote_server_answers(tmp_path: Path, echo: tuple[str, str]) -> None:
    transport, url = echo
    run = Run(tmp_path, remote(url, transport=transport))

    async def call(tools: Tools) -> str:
        return (await tools["echo"].run({"text": "hello"}, run.workspace)).text

    assert run.go(call) == "hello"
    assert [kind for kind, _ in run.events] == ["mcp.connected"]


def test_a_remote_call_has_its_time(tmp_path: Path, echo: tuple[str, str]) -> None:
    transport, url = echo
    run = Run(tmp_path, remote(url, transport=transport), call_s=1.0)

    async def call(tools: Tools) -> str:
        return (await tools["sleeps"].run({}, run.workspace)).text

    assert run.go(call) == "The MCP server 'remote' failed: the tool does not answer within 1 s"


@pytest.mark.parametrize("scope", ["project", "plugin", "agent"])
def test_a_server_that_is_not_the_users_own_may_not_be_on_a_private_address(
    tmp_path: Path, httpserver: HTTPServer, scope: Any
) -> None:
    plain = Run(tmp_path, remote(httpserver.url_for("/mcp"), scope=scope))
    private = Run(tmp_path, remote("https://127.0.0.1:9/mcp", scope=scope))
    named = Run(tmp_path, remote("https://localhost/mcp", scope=scope))

    assert plain.reason.endswith("is not encrypted")
    assert private.reason == "127.0.0.1 is not an address on the public internet"
    assert named.reason == "localhost is not an address on the public internet"
    assert httpserver.log == [], "nothing was sent"


def test_a_name_that_leads_to_a_private_address_is_refused_when_connecting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: here)

    assert Run(tmp_path, remote("https://innocent.example/mcp", scope="project")).reason == (
        "innocent.example is not an address on the public internet"
    )


def test_a_private_host_that_the_user_lists_is_reached(
    tmp_path: Path, echo: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    transport, url = echo
    monkeypatch.setenv("COWORK_PRIVATE_HOSTS", "127.0.0.1")
    run = Run(tmp_path, remote(url, transport=transport, scope="project"))

    async def call(tools: Tools) -> str:
        return (await tools["echo"].run({"text": "hello"}, run.workspace)).text

    assert run.go(call) == "hello"


def test_headers_are_sent_and_their_secrets_shown_nowhere(tmp_path: Path, httpserver: HTTPServer) -> None:
    token = "canary-0123456789"
    httpserver.expect_request("/mcp").respond_with_data(token, status=401)
    server = remote(httpserver.url_for("/mcp"), headers={"Authorization": f"Bearer {token}"}, secrets={"TOKEN": token})

    run = Run(tmp_path, server)

    assert token not in run.reason
    assert {request.headers["Authorization"] for request, _ in httpserver.log} == {f"Bearer {token}"}


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    assert Run(tmp_path, remote("http://127.0.0.1:9/mcp")).reason == "it cannot be reached"


@pytest.mark.parametrize("transport", ["http", "sse"])
def test_a_server_that_says_nothing_is_given_up_in_time(tmp_path: Path, transport: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        began = time.monotonic()
        run = Run(tmp_path, remote(f"http://127.0.0.1:{deaf.getsockname()[1]}/mcp", transport=transport), start_s=0.3)

        assert run.reason == "it does not answer within 0.3 s"
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("transport", ["http", "sse"])
@pytest.mark.parametrize(
    "answer",
    [
        {"response_data": "<html>hello</html>", "content_type": "text/html"},
        {"response_data": "not json", "content_type": "application/json"},
        {"response_data": "data: not json\n\n", "content_type": "text/event-stream"},
        {"response_data": "{}", "content_type": "application/json", "headers": {"Content-Encoding": "gzip"}},
        {"response_data": "no", "status": 500},
        {"response_data": "", "status": 302, "headers": {"Location": "http://127.0.0.1:9/elsewhere"}},
    ],
)
def test_a_server_that_answers_with_something_else_has_no_tools(
    tmp_path: Path, httpserver: HTTPServer, answer: dict[str, Any], transport: str
) -> None:
    httpserver.expect_request("/mcp").respond_with_data(**answer)

    assert Run(tmp_path, remote(httpserver.url_for("/mcp"), transport=transport), start_s=1.5).reason


def test_a_reply_without_end_is_cut(tmp_path: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_module, "MAX_REPLY", 1024 * 1024)
    sent = []

    def endless(_request: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            while len(sent) < 10_000:
                sent.append(1)
                yield b" " * 65536

        return Response(pieces(), content_type="application/json")

    httpserver.expect_request("/mcp").respond_with_handler(endless)

    assert Run(tmp_path, remote(httpserver.url_for("/mcp"))).reason == "the connection broke off"
    assert len(sent) < 1_000
