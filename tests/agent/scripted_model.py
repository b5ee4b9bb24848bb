"""A model that says what a test tells it to: a real HTTP server that speaks both protocols at once.

    with scripted_model([turn("Let me look.", call("Bash", command="ls")), turn("Two files.")]) as model:
        ran = run_program("agent", "run", "Explore", "What is here?", env=model.environment("anthropic"))
    assert model.requests[0].offered == ["Bash", "Read"]
    assert model.requests[1].results == [("call_1", "a.txt\\nb.txt", False)]

The script is a list with one entry for each request, or one function for all of them. An entry is a `turn(...)`, a
`refusal(status, message)`, or a function of the `Request` that gives one of both: the way to answer several agents that
ask at the same time (`request.prompt` tells them apart). Call ids are call_1, call_2, ... over the whole script unless
`call(...)` is given `.as_id("x")`; `odd_call(name, raw)` writes arguments that are no JSON.

A turn can be `hold=Hold()` (nothing is sent before `hold.release()`; `hold.wait()` returns when the request is there),
`hold_after=n` (the first n events are sent before), `pace_s=0.05` (a pause after each event), `piece=1` (characters in an
event, 16 by default), `cut_after=n` (the connection closes after n events), `stop="max_tokens"` (OpenAI: length).

Every body is recorded in `.requests`, a list of `Request`: the body as a dict with `style`, `headers`, `system`, `offered`,
`prompt`, `said`, `calls` and `results`, which read the same in both protocols. A body that breaks the rules of its protocol
is answered with status 400, as providers do, and fails the test when the `with` block ends; so does a function of the
script that raises. A request beyond the script gets status 400, and `beyond` counts it. `left` counts unused entries.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.agent.scripted_wire import MODEL, Called, Request, error_body, events
from tests.models.protocol_rules import BrokenRule, check_request

KEY = "sk-scripted-canary-0123456789"
_PATHS = {"/v1/messages": "anthropic", "/v1/chat/completions": "openai"}
_LONGEST_S = 30


class Hold:
    """Keeps an answer back: `wait()` until the request is there, `release()` to let the answer go."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._released = threading.Event()

    def wait(self) -> None:
        """Return when the answer is being held. Raises AssertionError after 30 seconds."""
        assert self._reached.wait(_LONGEST_S), "nobody asked"

    def release(self) -> None:
        """Let the answer go."""
        self._released.set()

    def keep(self) -> None:
        """The server's side."""
        self._reached.set()
        self._released.wait(_LONGEST_S)


@dataclass(frozen=True)
class Call(Called):
    """A call in a script."""

    def as_id(self, id: str) -> Call:
        """The same call with this id."""
        return replace(self, id=id)


@dataclass(frozen=True)
class Turn:
    """One answer of the model; see the module for what the fields do."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    stop: str | None = None
    piece: int = 16
    hold: Hold | None = None
    hold_after: int = 0
    pace_s: float = 0.0
    cut_after: int | None = None


@dataclass(frozen=True)
class Refusal:
    """An HTTP error in place of an answer."""

    status: int
    message: str = "no"
    headers: tuple[tuple[str, str], ...] = ()


Answer = Turn | Refusal
Script = Sequence[Answer | Callable[[Request], Answer]] | Callable[[Request], Answer]


def turn(text: str = "", *calls: Call, **how: Any) -> Turn:
    """An answer of text, calls, or neither; `how` are the other fields of Turn."""
    return Turn(text, calls, **how)


def call(name: str, /, **arguments: Any) -> Call:
    """A call of a tool with these arguments."""
    return Call(name, json.dumps(arguments))


def odd_call(name: str, raw: str) -> Call:
    """A call of a tool whose arguments are this text, JSON or not."""
    return Call(name, raw)


def refusal(status: int, message: str = "no", **headers: str) -> Refusal:
    """An HTTP error: refusal(429, "slow down", retry_after="1")."""
    return Refusal(status, message, tuple((name.replace("_", "-"), value) for name, value in headers.items()))


class ScriptedModel:
    """The running server; made by `scripted_model`."""

    def __init__(self, script: Script) -> None:
        self.requests: list[Request] = []
        self.beyond = 0
        self._script = script
        self._taken = 0
        self._calls = 0
        self._lock = threading.Lock()
        self._holds: list[Hold] = []
        self.wrong: list[Exception] = []
        self.stopping = threading.Event()
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.scripted = self

    @property
    def url(self) -> str:
        """The address, without a path."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def left(self) -> int:
        """How many entries of the script were not used."""
        return 0 if callable(self._script) else len(self._script) - self._taken

    def environment(self, style: str) -> dict[str, str]:
        """The variables that point the program at this server, through `anthropic` or `openai`."""
        base = self.url if style == "anthropic" else f"{self.url}/v1"
        name = style.upper()
        return {f"{name}_API_KEY": KEY, f"{name}_BASE_URL": base, "NO_PROXY": "*"}

    def results(self, request: Request) -> list[tuple[str, str, bool]]:
        """(call id, text, is_error) of every tool result in the conversation, oldest first."""
        return request.results

    def offered(self, request: Request) -> list[str]:
        """The names of the tools offered."""
        return request.offered

    def system(self, request: Request) -> str:
        """The system text."""
        return request.system

    def answer(self, request: Request) -> Answer:
        """The server's side: record a request and take the next answer."""
        with self._lock:
            self.requests.append(request)
            entry = self._next()
        try:
            check_request(request.style, request)
            answer = entry(request) if callable(entry) else entry
        except BrokenRule as error:
            self.wrong.append(error)
            return Refusal(400, f"invalid_request_error: {error}")
        except Exception as error:
            self.wrong.append(error)
            return Refusal(400, "the script raised an error")
        with self._lock:
            return self._with_ids(answer)

    def _next(self) -> Answer | Callable[[Request], Answer]:
        if callable(self._script):
            return self._script
        if not self.left:
            self.beyond += 1
            return Refusal(400, "the script is over")
        self._taken += 1
        return self._script[self._taken - 1]

    def _with_ids(self, answer: Answer) -> Answer:
        if isinstance(answer, Refusal):
            return answer
        if answer.hold:
            self._holds.append(answer.hold)
        return replace(answer, calls=tuple(each if each.id else each.as_id(self._new_id()) for each in answer.calls))

    def _new_id(self) -> str:
        self._calls += 1
        return f"call_{self._calls}"

    def stop(self) -> None:
        """End every answer under way, and the server."""
        self.stopping.set()
        with self._lock:
            for hold in self._holds:
                hold.release()
        self.server.shutdown()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for the answers under way
    scripted: ScriptedModel

    def handle_error(self, *_: object) -> None:
        """A client that left is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._send_json(200, {"data": [{"id": MODEL, "type": "model", "object": "model"}], "has_more": False})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        style = _PATHS.get(self.path.partition("?")[0])
        if style is None:
            self._send_json(404, {"error": {"message": f"no such path: {self.path}"}})
            return
        answer = self.server.scripted.answer(Request(style, body, dict(self.headers.items())))
        if isinstance(answer, Refusal):
            self._send_json(answer.status, error_body(style, answer.message), answer.headers)
        else:
            self._stream(style, answer)

    def _stream(self, style: str, answer: Turn) -> None:
        parts = events(style, answer.text, answer.calls, answer.stop, answer.piece)
        for number, part in enumerate([*parts, b""]):
            if answer.hold and number == answer.hold_after:
                answer.hold.keep()
            if self.server.scripted.stopping.wait(answer.pace_s if number else 0) or number == answer.cut_after:
                return  # without a length, the closed connection is the end
            if number == 0:
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
            self.wfile.write(part)

    def _send_json(self, status: int, body: Any, headers: Sequence[tuple[str, str]] = ()) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in [("content-type", "application/json"), ("content-length", str(len(raw))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def scripted_model(script: Script) -> Iterator[ScriptedModel]:
    """A model that answers by the script. Ends with the error of the first request or script function that was wrong."""
    model = ScriptedModel(script)
    thread = threading.Thread(target=model.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield model
    finally:
        model.stop()
        thread.join()
    if model.wrong:
        raise model.wrong[0]
