"""Servers on 127.0.0.1 that misbehave in ways a proper HTTP server cannot: they cut, reset, dawdle, or split characters."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterable
from typing import Literal, Self

Ending = Literal["close", "reset", "silence", "drip", "watch"]

STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
UNSIZED_STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
_DRIPS = 250  # five seconds of them
_DRIP = b": still thinking\n\n"


def chunk(body: bytes) -> bytes:
    """One chunk of a chunked body: the reader gets it on its own, whatever TCP does."""
    return b"%x\r\n%s\r\n" % (len(body), body)


def byte_by_byte(body: bytes) -> bytes:
    """A chunked body in which every byte travels alone."""
    return b"".join(chunk(body[place : place + 1]) for place in range(len(body))) + LAST_CHUNK


class ScriptedServer:
    """Answers every request with the same raw bytes and ends as told.

    `close`: a clean end of the TCP connection. `reset`: a RST, once the client has `heard` what was sent. `silence`: nothing
    more comes. `drip`: comments keep coming. `watch`: nothing more comes, and `left` is set once the client hangs up.
    """

    def __init__(self, *sent: bytes, ending: Ending = "close") -> None:
        self._sent = b"".join(sent)
        self._ending = ending
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._serve)]
        self.requests = 0
        self.heard = threading.Event()
        self.left = threading.Event()
        self.told = threading.Event()

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()
        return f"http://{host}:{port}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                if not read_request(connection):
                    return
                self.requests += 1
                connection.sendall(self._sent)
                self.told.set()
                self._end(connection)
            except OSError:
                return  # the client has left

    def _end(self, connection: socket.socket) -> None:
        if self._ending == "reset":
            if self._sent:
                self.heard.wait(10)  # a RST discards what the client has not read yet
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self._ending == "silence":
            self._stopping.wait(10)
        elif self._ending == "watch":
            connection.settimeout(10)
            if connection.recv(1) == b"":
                self.left.set()
        elif self._ending == "drip":
            for _ in range(_DRIPS):
                connection.sendall(chunk(_DRIP))
                if self._stopping.wait(0.02):
                    return


def nobody_listens() -> str:
    """An address on this machine that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
    return f"http://{host}:{port}"


def read_request(connection: socket.socket) -> bytes:
    """The head and the body of a request; nothing when there is none."""
    with connection.makefile("rb") as stream:
        head = list(_head_lines(stream))
        size = next((int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length:")), 0)
        return b"".join(head) + stream.read(size)


def _head_lines(stream: Iterable[bytes]) -> Iterable[bytes]:
    for line in stream:
        if line in (b"\r\n", b""):
            return
        yield line
