"""A real git server on 127.0.0.1: git's own `http-backend` behind HTTP or HTTPS, which can be told to misbehave."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import subprocess
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

import trustme

from tests.install.git_repo import Repo, git, make_repo, refuses_sha_wants

__all__ = ["GitServer", "Repo", "Request", "git", "git_server", "make_repo"]

_PIECE = 64 * 1024
_HEADERS_OF_CGI = {"content-type": "CONTENT_TYPE", "content-encoding": "HTTP_CONTENT_ENCODING", "accept": "HTTP_ACCEPT"}


@dataclass(frozen=True)
class Request:
    """What a client asked; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class _Answer:
    part: str
    asked: bytes
    body: bytes
    content_type: str
    endless: bytes


@dataclass
class GitServer:
    """A running server for the bare repositories below a directory, and the switches that make it misbehave."""

    root: Path
    scheme: str
    host: str
    log: list[Request] = field(default_factory=list)
    _failures: deque[tuple[int, bytes]] = field(default_factory=deque)
    _redirects: dict[str, str] = field(default_factory=dict)
    _before: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    _answers: list[_Answer] = field(default_factory=list)
    _pause: float = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def requests(self) -> list[str]:
        """Every request so far: `GET /name.git/info/refs?service=git-upload-pack`."""
        return [f"{request.method} {request.target}" for request in self.log]

    @property
    def base(self) -> str:
        """The address of the server, without a last slash."""
        return f"{self.scheme}://{self.host}"

    def url(self, name: str) -> str:
        """The address of a repository."""
        return f"{self.base}/{name}.git"

    def fail_next(self, status: int, times: int = 1, body: bytes = b"") -> None:
        """Answer the next requests with this status instead of asking git."""
        self._failures.extend([(status, body)] * times)

    def redirect(self, from_prefix: str, to_url: str) -> None:
        """Answer paths that start with `from_prefix` by 302 to `to_url` plus the rest of the path."""
        self._redirects[from_prefix] = to_url

    def drip(self, seconds: float) -> None:
        """From now on wait this long before each byte of an answer; with a large number the server seems to hang."""
        self._pause = seconds

    def before(self, part: str, action: Callable[[], object]) -> None:
        """Run `action` once, just before the next request is served whose target contains `part`: a race, made certain."""
        self._before.append((part, action))

    def answer(self, part: str, body: bytes, content_type: str, *, asked: bytes = b"", endless: bytes = b"") -> None:
        """Answer with these bytes where the target contains `part` and the question `asked`; `endless` follows for ever."""
        self._answers.append(_Answer(part, asked, body, content_type, endless))

    def say_error(self, text: str) -> None:
        """Answer the first question of every client by an error in the server's own words, which git shows."""
        self.answer("info/refs", _packet(b"ERR " + text.encode()), "application/x-git-upload-pack-advertisement")

    def flood(self) -> None:
        """Answer every fetch by a sound pack of a million blobs, which are more than 50 GB."""
        start = _packet(b"packfile\n") + _packet(b"\x01PACK" + struct.pack(">II", 2, 1_000_000))
        content = os.urandom(50_000)
        head = bytes([0xB0 | len(content) & 15, len(content) >> 4 & 127 | 128, len(content) >> 11])
        blob = _packet(b"\x01" + head + zlib.compress(content, 0))
        self.answer("git-upload-pack", start, "application/x-git-upload-pack-result", asked=b"command=fetch", endless=blob)

    def flood_refs(self) -> None:
        """Advertise branches without end."""
        name = b"a" * 40 + b" refs/heads/"
        start = _packet(b"# service=git-upload-pack\n") + b"0000" + _packet(name + b"main\0side-band-64k shallow\n")
        refs = b"".join(_packet(name + b"x" * 1000 + b"%d\n" % number) for number in range(60))
        self.answer("info/refs", start, "application/x-git-upload-pack-advertisement", endless=refs)


@contextmanager
def git_server(root: Path, *, tls: trustme.CA | None = None) -> Iterator[GitServer]:
    """Serve the bare repositories below `root` until the end of the block; over HTTPS with a certificate of `tls`."""
    with _Listener(root, tls) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield listener.state
        finally:
            listener.state.stopping.set()
            listener.shutdown()
            listener.hang_up()
            thread.join(10)


class _Listener(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for every answer to end

    def __init__(self, root: Path, tls: trustme.CA | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._tls = _server_context(tls) if tls else None
        self._connections: set[socket.socket] = set()
        self.state = GitServer(root, "https" if tls else "http", f"127.0.0.1:{self.server_port}")

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:  # the handshake happens in the connection's own thread, at its first read
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._connections.add(connection)
        return connection, address

    def hang_up(self) -> None:
        """End connections that clients keep open."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self._connections.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early, or refuses the certificate, is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def do_GET(self) -> None:
        state = self.server.state
        state.log.append(Request(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
        for part, action in [entry for entry in state._before if entry[0] in self.path]:
            state._before.remove((part, action))
            action()
        if state._failures:
            self._say(*state._failures.popleft())
            return
        if prefix := next((known for known in state._redirects if self.path.startswith(known)), None):
            self._say(302, b"", location=state._redirects[prefix] + self.path.removeprefix(prefix))
            return
        if not (answers := [answer for answer in state._answers if answer.part in self.path]):
            self._ask_git(self._body())
            return
        question = b"".join(self._body())
        if answer := next((answer for answer in answers if answer.asked in question), None):
            self._say_raw(answer)
        else:
            self._ask_git(iter([question]))

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `requests` instead."""

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self._drain()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self._write(body)

    def _say_raw(self, answer: _Answer) -> None:
        self._start(200, [("content-type", answer.content_type)])
        self._write(answer.body, chunked=True)
        while answer.endless and not self.server.state.stopping.is_set():
            self._write(answer.endless, chunked=True)
        self.wfile.write(b"0\r\n\r\n")

    def _ask_git(self, question: Iterator[bytes]) -> None:
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        process = subprocess.Popen(["git", "http-backend"], stdin=pipe, stdout=pipe, stderr=nowhere, env=self._cgi())
        assert process.stdin and process.stdout
        with process:
            feeder = threading.Thread(target=_feed, args=(process.stdin, question))
            feeder.start()
            try:
                self._relay(process.stdout)
            finally:
                process.kill()
                feeder.join(10)

    def _cgi(self) -> dict[str, str]:
        path, _, query = self.path.partition("?")
        root = self.server.state.root
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": unquote(path),
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_LENGTH": self.headers.get("content-length", ""),
        }
        environment |= {variable: self.headers[name] for name, variable in _HEADERS_OF_CGI.items() if name in self.headers}
        repository = root / unquote(path).lstrip("/").partition("/")[0]
        if "git-protocol" in self.headers and not refuses_sha_wants(repository):
            environment["GIT_PROTOCOL"] = self.headers["git-protocol"]
        return environment

    def _drain(self) -> None:
        for _ in self._body():
            pass

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("content-length") or 0)
        while left and (piece := self.rfile.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece

    def _relay(self, stdout: IO[bytes]) -> None:
        status, headers = 200, []
        while line := stdout.readline().strip():
            name, _, value = line.decode("latin-1").partition(": ")
            if name.lower() == "status":
                status = int(value.split()[0])
            else:
                headers.append((name, value))
        self._start(status, headers)
        while piece := stdout.read1(_PIECE):  # type: ignore[attr-defined]
            self._write(piece, chunked=True)
        self.wfile.write(b"0\r\n\r\n")

    def _start(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _write(self, data: bytes, chunked: bool = False) -> None:
        state = self.server.state
        pieces = [data[place : place + 1] for place in range(len(data))] if state._pause else [data] * bool(data)
        for piece in pieces:
            if state._pause and state.stopping.wait(state._pause):
                raise ConnectionAbortedError
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)


def _feed(stdin: IO[bytes], question: Iterator[bytes]) -> None:
    with suppress(OSError), stdin:
        for piece in question:
            stdin.write(piece)


def _server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


def _packet(payload: bytes) -> bytes:
    return b"%04x%b" % (len(payload) + 4, payload)
