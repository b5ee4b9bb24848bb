"""Answers that never end, as a broken or hostile server sends them, in both protocols."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from cowork.models.chat import ChatRequest, ToolDefinition
from tests.models.servers import read_request
from tests.models.styles import ANTHROPIC, Style, event

STREAM = "text/event-stream"
TOOL_REQUEST = ChatRequest("Look.", tools=(ToolDefinition("look", "Look at something", {"type": "object"}),))
_WRITTEN = 65_536  # bytes at once
_PIECE = "A tale that goes on. " * 10


@dataclass(frozen=True)
class Flood:
    """What is sent first, and then again and again. `ends` is what the error says when the adapter has had enough."""

    first: Callable[[Style], bytes]
    again: Callable[[Style, int], bytes]
    ends: str
    type: str = STREAM
    status: str = "200 OK"
    headers: str = ""
    numbered: bool = False  # no piece is like the one before


def _anthropic(name: str, **data: Any) -> bytes:
    return event({"type": name, **data}, name)


def _openai(**delta: Any) -> bytes:
    return event({"choices": [{"index": 0, "delta": delta}]})


def _begun(style: Style) -> bytes:
    return style.begun("Once upon a time. ")


def _text(style: Style, _number: int) -> bytes:
    if style is ANTHROPIC:
        return _anthropic("content_block_delta", index=0, delta={"type": "text_delta", "text": _PIECE})
    return _openai(content=_PIECE)


def _call(style: Style) -> bytes:
    if style is ANTHROPIC:
        block = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
        return _begun(style) + _anthropic("content_block_start", index=1, content_block=block)
    call = {"index": 0, "id": "t1", "type": "function", "function": {"name": "look", "arguments": ""}}
    return _begun(style) + _openai(tool_calls=[call])


def _arguments(style: Style, _number: int) -> bytes:
    if style is ANTHROPIC:
        return _anthropic("content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": _PIECE})
    return _openai(tool_calls=[{"index": 0, "function": {"arguments": _PIECE}}])


def _thinking(style: Style) -> bytes:
    block = {"type": "thinking", "thinking": "", "signature": ""}
    start = _anthropic("content_block_start", index=1, content_block=block) if style is ANTHROPIC else b""
    return _begun(style) + start


def _thoughts(style: Style, _number: int) -> bytes:
    if style is ANTHROPIC:
        return _anthropic("content_block_delta", index=1, delta={"type": "thinking_delta", "thinking": _PIECE})
    return _openai(reasoning_content=_PIECE)


def _blocks(style: Style, number: int) -> bytes:
    if style is ANTHROPIC:
        block = {"type": "thinking", "thinking": "", "signature": ""}
        return _anthropic("content_block_start", index=number + 1, content_block=block)
    call = {"index": number, "id": f"t{number}", "type": "function", "function": {"name": "look", "arguments": ""}}
    return _openai(tool_calls=[call])


def _objects(style: Style, _number: int) -> bytes:
    objects = [{}] * 240_000
    if style is ANTHROPIC:
        return _anthropic("message_start", message={"model": "m-1", "usage": {}, "content": objects}).replace(b", ", b",")
    return event({"choices": objects}).replace(b", ", b",")


def _pings(style: Style, _number: int) -> bytes:
    return _anthropic("ping") if style is ANTHROPIC else b": OPENROUTER PROCESSING\n\n"


def _just(text: bytes) -> Callable[[Style], bytes]:
    return lambda _style: text


def _same(text: bytes) -> Callable[[Style, int], bytes]:
    return lambda _style, _number: text


_BOMB = gzip.compress(b"a" * 20_000_000, 9)
_OBJECTS = b"{}," * 20_000
FLOODS = {
    "text": Flood(_begun, _text, "the answer is longer than"),
    "one line": Flood(_begun, _same(b"a" * 65_536), "an event of the stream is longer than"),
    "lines of one event": Flood(_begun, _same(b"data: 1\n" * 8_192), "an event of the stream has more than 1000 lines"),
    "arguments of a call": Flood(_call, _arguments, "the arguments of the calls are longer than"),
    "thoughts": Flood(_thinking, _thoughts, "the thoughts of the answer are longer than"),
    "calls or blocks": Flood(_begun, _blocks, "", numbered=True),
    "objects": Flood(_begun, _objects, "an event of the stream holds more than"),
    "comments or pings": Flood(_begun, _pings, "the stream is longer than"),
    "a body": Flood(_just(b'{"choices": "'), _same(b"a" * 65_536), "an answer in one piece is longer than", "application/json"),
    "a body of objects": Flood(
        _just(b'{"choices": ['), _same(_OBJECTS), "an answer in one piece holds more than", "application/json"
    ),
    "packed objects": Flood(
        _just(b""),
        _same(gzip.compress(b"data: [" + b"{}," * 300_000 + b"{}]\n\n")),
        "an event of the stream holds more than",
        headers="content-encoding: gzip\r\n",
    ),
    "a packed body": Flood(
        _just(b""),
        _same(_BOMB),
        "an answer in one piece is longer than",
        "application/json",
        headers="content-encoding: gzip\r\n",
    ),
    "an error": Flood(_just(b'{"error": "'), _same(b"a" * 65_536), "", "application/json", "500 Internal Server Error"),
    "a redirection": Flood(
        _just(b""), _same(b"a" * 65_536), "", "text/html", "307 Temporary Redirect", headers="location: /elsewhere\r\n"
    ),
}


@dataclass
class FloodServer:
    """Pours `amount` bytes of a flood at whoever asks, and notes how much went out and whether the client hung up."""

    flood: Flood
    style: Style
    amount: int
    url: str = ""
    poured: int = 0
    left: bool = False
    _listener: socket.socket = field(init=False)

    @contextmanager
    def open(self) -> Iterator[FloodServer]:
        """The server while it pours."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        host, port = self._listener.getsockname()
        self.url = f"http://{host}:{port}"
        thread = Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._pour(connection)
                except OSError:
                    self.left = True

    def _pour(self, connection: socket.socket) -> None:
        if not read_request(connection):
            return
        flood = self.flood
        head = f"HTTP/1.1 {flood.status}\r\ncontent-type: {flood.type}\r\nconnection: close\r\n{flood.headers}\r\n"
        connection.sendall(head.encode() + flood.first(self.style))
        number = 0
        block = b""
        while self.poured < self.amount:
            if flood.numbered or not block:
                block = b""
                while len(block) < _WRITTEN:
                    block += flood.again(self.style, number)
                    number += 1
            connection.sendall(block)
            self.poured += len(block)


def request_for(name: str) -> ChatRequest:
    """A request that lets the flood through: with tools where it is one of tools or of thoughts."""
    return TOOL_REQUEST if name in ("arguments of a call", "thoughts", "calls or blocks") else ChatRequest("Tell me a story.")
