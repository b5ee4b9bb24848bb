"""A provider on loopback that speaks OpenAI's streaming chat completions and answers by rule."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support import serving

Rule = Callable[[dict[str, Any], int], str | int | tuple[str, int, int]]
"""What is answered: a text, a text with the tokens that are counted for it (in and out), or a status to fail with."""


class Provider:
    """What the server was asked, and where it is."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[dict[str, Any]] = []
        self.asked = threading.Event()
        self.release = threading.Event()


@contextmanager
def provider(rule: Rule, *, hold: bool = False) -> Iterator[Provider]:
    """A server whose answers `rule(request, number)` gives: a text, or an HTTP status to fail with.

    With `hold` it begins to answer and then waits until `release` is set.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                state.requests.append(body)
                number = len(state.requests)
            answer = rule(body, number)
            if isinstance(answer, int):
                self._fail(answer)
                return
            answer, asked, said = answer if isinstance(answer, tuple) else (answer, 10, 5)
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            self._event({"choices": [{"index": 0, "delta": {"content": answer[:5]}}]})
            state.asked.set()
            if hold:
                state.release.wait(30)
            self._event({"choices": [{"index": 0, "delta": {"content": answer[5:]}, "finish_reason": "stop"}]})
            self._event(
                {"choices": [], "usage": {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}}
            )
            self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, chunk: dict[str, Any]) -> None:
            head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "test-model"}
            try:
                self.wfile.write(f"data: {json.dumps(head | chunk)}\n\n".encode())
                self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _fail(self, status: int) -> None:
            body = json.dumps({"error": {"message": f"failing with {status}"}}).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("retry-after-ms", "20")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        request_queue_size = 64  # a whole table asks at the same moment

    server = Server(("127.0.0.1", 0), Handler)
    lock = threading.Lock()
    state = Provider(f"http://127.0.0.1:{server.server_address[1]}/v1")
    with server, serving(server):
        try:
            yield state
        finally:
            state.release.set()
