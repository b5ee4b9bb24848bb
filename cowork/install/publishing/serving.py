"""`registry serve`: a registry for this machine, in both forms a registry can have."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from urllib.parse import urlsplit

from cowork.core.clock import Clock
from cowork.core.errors import Conflict, CoworkError, UsageError
from cowork.core.outcome import Notice
from cowork.install.publishing.shelf import STATIC, Reply, Shelf, stock
from cowork.install.publishing.surveying import LeftOut

_PATIENCE_S = 10.0
"""Seconds a client may take over its request, or over taking the answer."""


@dataclass(frozen=True)
class Served:
    """A registry that was served until Ctrl-C, or until it had answered `requests` times.

    `registry` is its address as a static registry and `rest` that as a REST registry; `private_host` is what the setting
    private_hosts must list for cowork to ask it.
    """

    registry: str
    rest: str
    private_host: str
    entries: int
    archives: int
    left_out: tuple[LeftOut, ...]
    requests: int


def serve(
    source: Path,
    clock: Clock,
    announce: Callable[[str, dict[str, Any]], None],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    requests: int | None = None,
) -> tuple[Served, tuple[Notice, ...]]:
    """Serve the packs of a directory, or a catalogue, on this machine only; Ctrl-C ends it.

    `announce` is told `serve.started` with the addresses before the first request is taken. Without a `port` a free one is
    chosen. Raises what `stock` raises, `usage.not_loopback`, `registry.port_taken`, `registry.cannot_listen`.
    """
    held = stock(source, clock)
    with _listen(_loopback(host), port) as server:
        base = server.base
        server.shelf = Shelf(held, base)
        about: dict[str, Any] = {
            "registry": f"{base}/{STATIC}",
            "rest": base,
            "private_host": urlsplit(base).netloc,
            "entries": server.shelf.entries,
            "archives": len(held.packs),
        }
        try:
            announce("serve.started", about)
            server.work(requests)
        except KeyboardInterrupt:
            pass  # that is how it is meant to end
        served = Served(**about, left_out=held.left_out, requests=server.answered)
    return served, tuple(Notice("registry.left_out", f"{item.path} is left out: {item.reason}") for item in held.left_out)


class _Server(ThreadingHTTPServer):
    """Answers from a shelf, each connection in a thread of its own."""

    shelf: Shelf

    def __init__(self, host: str, port: int) -> None:
        if ":" in host:
            import socket

            self.address_family = socket.AF_INET6
        self.answered = 0
        self._done = threading.Condition()
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # that of HTTPServer would look our name up

    @property
    def base(self) -> str:
        """The address it listens at."""
        host, port = self.server_address[:2]
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{shown}:{port}"

    def work(self, requests: int | None) -> None:
        """Take requests until there were so many, and wait for their answers; without a number, for ever."""
        if requests is None:
            self.serve_forever()
        for _ in range(requests or 0):
            self.handle_request()
        with self._done:
            self._done.wait_for(lambda: self.answered >= (requests or 0), timeout=_PATIENCE_S)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._done:
                self.answered += 1
                self._done.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "cowork"
    sys_version = ""
    timeout = _PATIENCE_S

    def do_GET(self) -> None:
        """Answer."""
        self._send(self._reply(), body=True)

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self._send(self._reply(), body=False)

    def _reply(self) -> Reply:
        # A page in a browser can be made to ask us under a name of its own: what it may not see, it must not reach.
        name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        if not _is_loopback(name):
            return Reply(421, b'{"error": "this registry is for this machine only"}')
        return self.server.shelf.answer(self.path)

    def _send(self, reply: Reply, *, body: bool) -> None:
        wanted = {tag.strip().removeprefix("W/") for tag in self.headers.get("If-None-Match", "").split(",")}
        if reply.etag is not None and (reply.etag in wanted or "*" in wanted):
            reply = Reply(304, b"", reply.kind, reply.etag)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("X-Content-Type-Options", "nosniff")
        if reply.etag is not None:
            self.send_header("ETag", reply.etag)
        if reply.status != 304:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if body:
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: stdout and stderr belong to the command line."""


def _listen(host: str, port: int) -> _Server:
    try:
        return _Server(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            hint = "choose another port, or none: a free one is found"
            raise Conflict("registry.port_taken", f"port {port} of {host} is taken", hint=hint) from error
        raise CoworkError(
            "registry.cannot_listen",
            f"cannot listen on port {port} of {host}",
            cause=error.strerror or str(error),
            hint="choose a port above 1023",
        ) from error


def _loopback(host: str) -> str:
    name = "127.0.0.1" if host == "localhost" else host.strip("[]")
    if not _is_loopback(name):
        raise UsageError(
            "usage.not_loopback",
            f"--host {host} is not an address of this machine alone",
            cause="what is served has no password and no encryption",
            hint="publish what `cowork registry build` writes on a web server instead",
        )
    return name


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
