"""A provider on loopback that refuses its first requests with 429 and a time to wait, and notes when it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.models.styles import OPENAI
from tests.support import serving


class Limited:
    """Where it is, when it was asked by `time.monotonic`, and which requests it refused."""

    def __init__(self, url: str, refusals: int, wait_s: float, together: int) -> None:
        self.url = url
        self.asked_at: list[float] = []
        self.open_at = 0.0
        self.early = 0
        self._refusals = refusals
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._all_there = threading.Barrier(together)
        self._together = together

    def admits(self) -> bool:
        """The server's side: note a request, and whether it is answered. Requests before the time it named are `early`."""
        with self._lock:
            now = time.monotonic()
            self.asked_at.append(now)
            number = len(self.asked_at)
            if number > self._refusals:
                self.early += now < self.open_at
                return True
        if number <= self._together:
            self._all_there.wait(30)
        with self._lock:
            self.open_at = max(self.open_at, time.monotonic() + self._wait_s)
            return False


@contextmanager
def limited_server(*, refusals: int, wait_s: float, together: int = 1) -> Iterator[Limited]:
    """A server that refuses so many requests, each naming the same wait, and answers "Hello" to the rest.

    The first `together` of them are refused at the same moment, once all are there.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            if state.admits():
                self._send(200, "text/event-stream", OPENAI.stream("Hello"))
            else:
                self._send(429, "application/json", b'{"error": {"type": "rate_limit_error", "message": "slow down"}}')

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            if status == 429:
                self.send_header("retry-after-ms", str(int(wait_s * 1000)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        request_queue_size = 64  # sixteen may come at once

    server = Server(("127.0.0.1", 0), Handler)
    state = Limited(f"http://127.0.0.1:{server.server_address[1]}/v1", refusals, wait_s, together)
    with server, serving(server):
        yield state
