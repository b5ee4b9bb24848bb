"""How the agent speaks: in Claude Code's records, or as plain text."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Protocol

Usage = tuple[int, int, int]


def put(raw: bytes, stream: int = 1) -> None:
    """Write all of it, now."""
    view = memoryview(raw)
    while view:
        view = view[os.write(stream, view) :]


def pieces(text: str, count: int) -> list[str]:
    """A text in so many pieces, or one for each character where it is shorter."""
    size = max(1, -(-len(text) // count))
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]


class Speaker(Protocol):
    """Somebody who says what happens. `final` is the last message said."""

    final: str

    def begin(self, model: str) -> None:
        """The first words."""

    def say(self, text: str, count: int, pause: float, parent: str | None) -> None:
        """A message in pieces."""

    def use(self, name: str, given: dict[str, Any], parent: str | None) -> str:
        """A tool is used; the id of that."""

    def used(self, id: str, result: str, failed: bool, parent: str | None) -> None:
        """The tool is done."""

    def end(self, usage: Usage, usd: float) -> None:
        """The last words, with the final message."""

    def fail(self, words: str, kind: str, status: int | None) -> None:
        """The last words, in place of an answer."""


class Claude:
    """The records of `claude --print --verbose --output-format stream-json`."""

    def __init__(self, session: str, cwd: str) -> None:
        self.final = ""
        self._session, self._cwd = session, cwd
        self._model = ""
        self._messages = self._tools = 0
        self._begun = time.monotonic()

    def begin(self, model: str) -> None:
        self._model = model
        self._record("system", subtype="init", cwd=self._cwd, model=model, tools=["Bash", "Read", "Write", "Edit", "Task"])

    def say(self, text: str, count: int, pause: float, parent: str | None) -> None:
        self._messages += 1
        for number, piece in enumerate(pieces(text, count)):
            if number:
                time.sleep(pause)
            self._assistant({"type": "text", "text": piece}, parent)
        if parent is None:
            self.final = text

    def use(self, name: str, given: dict[str, Any], parent: str | None) -> str:
        self._messages += 1
        self._tools += 1
        id = f"toolu_{self._tools}"
        self._assistant({"type": "tool_use", "id": id, "name": name, "input": given}, parent)
        return id

    def used(self, id: str, result: str, failed: bool, parent: str | None) -> None:
        block = {"type": "tool_result", "tool_use_id": id, "content": result, "is_error": failed}
        self._record("user", message={"role": "user", "content": [block]}, parent_tool_use_id=parent)

    def end(self, usage: Usage, usd: float) -> None:
        read, written, cached = usage
        tokens = {"input_tokens": read, "cache_read_input_tokens": cached, "output_tokens": written}
        self._result(subtype="success", is_error=False, result=self.final, usage=tokens, total_cost_usd=usd)

    def fail(self, words: str, kind: str, status: int | None) -> None:
        message = {"id": f"msg_{self._messages + 1}", "role": "assistant", "content": [{"type": "text", "text": words}]}
        self._record("assistant", message=message, error=kind, parent_tool_use_id=None)
        self._result(subtype="success", is_error=True, result=words, api_error_status=status, total_cost_usd=0)

    def _assistant(self, block: dict[str, Any], parent: str | None) -> None:
        message = {"id": f"msg_{self._messages}", "role": "assistant", "model": self._model, "content": [block]}
        self._record("assistant", message=message, parent_tool_use_id=parent)

    def _result(self, **fields: Any) -> None:
        took = int((time.monotonic() - self._begun) * 1000)
        self._record("result", **fields, num_turns=self._messages, duration_ms=took)

    def _record(self, type: str, **fields: Any) -> None:
        put(json.dumps({"type": type, **fields, "session_id": self._session}, ensure_ascii=False).encode() + b"\n")


class Text:
    """Plain text: what is said, and what tools give, as somebody who reads along would see it."""

    def __init__(self) -> None:
        self.final = ""

    def begin(self, model: str) -> None:
        """Nothing is said."""

    def say(self, text: str, count: int, pause: float, parent: str | None) -> None:
        for number, piece in enumerate(pieces(text, count)):
            if number:
                time.sleep(pause)
            put(piece.encode())
        put(b"\n")
        if parent is None:
            self.final = text

    def use(self, name: str, given: dict[str, Any], parent: str | None) -> str:
        put(f"[{name}] {json.dumps(given, ensure_ascii=False)}\n".encode())
        return ""

    def used(self, id: str, result: str, failed: bool, parent: str | None) -> None:
        put(f"{result}\n".encode())

    def end(self, usage: Usage, usd: float) -> None:
        """Nothing more is said."""

    def fail(self, words: str, kind: str, status: int | None) -> None:
        put(f"{words}\n".encode(), 2)
