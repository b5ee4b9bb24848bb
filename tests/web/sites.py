"""Real servers on 127.0.0.1: one that answers by path, over http or https, and one that writes what bytes it likes."""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

from tests.support import serving


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. Header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What to answer; Content-Length is added unless it is there."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """A running server: its address, and what it was asked."""

    scheme: str
    host: str
    port: int
    asked: list[Asked] = field(default_factory=list)

    def url(self, path: str = "/", host: str | None = None) -> str:
        return f"{self.scheme}://{host or self.host}:{self.port}{path}"


Routes = Mapping[str, Reply | Callable[[Asked], Reply]]


@functools.cache
def authority() -> trustme.CA:
    """A certificate authority of the tests' own."""
    return trustme.CA()


def authority_file(directory: Path) -> str:
    """The authority's certificate, as REQUESTS_CA_BUNDLE wants it."""
    path = directory / "authority.pem"
    authority().cert_pem.write_to_path(str(path))
    return str(path)


@functools.cache
def _server_side(*names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*names).configure_cert(context)
    return context


@contextlib.contextmanager
def site(routes: Routes, *, tls: tuple[str, ...] = (), host: str = "127.0.0.1") -> Iterator[Site]:
    """Serve `routes`; with `tls`, over https with a certificate for those names."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            running.asked.append(asked)
            route = routes.get(self.path.partition("?")[0], Reply(b"nothing here", 404))
            reply = route(asked) if callable(route) else route
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                with contextlib.suppress(OSError):  # the client had enough
                    self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: socket.socket, client_address: object) -> None:
            with contextlib.suppress(OSError):  # a client that does not trust us, or one that left
                if tls:
                    request = _server_side(*tls).wrap_socket(request, server_side=True)
                with request:
                    super().finish_request(request, client_address)

    with Server(("127.0.0.1", 0), Handler) as server:
        running = Site("https" if tls else "http", host, server.server_address[1])
        with serving(server):
            yield running


@contextlib.contextmanager
def raw_server(talk: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """A server that hands every connection to `talk`, with an event that says when to stop; yields its port."""
    stop, threads = threading.Event(), []

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=answer, args=(line,))
            threads.append(thread)
            thread.start()

    def answer(line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            talk(line, stop)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        first = threading.Thread(target=serve)
        first.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            first.join(10)
            for thread in threads:
                thread.join(10)


def drips(head: bytes, drop: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """A conversation that sends `head` and then `drop` again and again, each long before any read would time out."""

    def talk(line: socket.socket, stop: threading.Event) -> None:
        line.recv(65536)
        line.sendall(head)
        while not stop.wait(0.02):
            line.sendall(drop)

    return talk
