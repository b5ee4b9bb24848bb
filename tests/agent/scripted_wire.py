"""What the scripted model writes and reads: the streams of both protocols, and the requests sent to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MODEL = "scripted-1"
TOOL_ERROR = "[error] "  # how the OpenAI style, which has no field for it, marks a result that is an error


@dataclass(frozen=True)
class Called:
    """A call as the model writes it: `raw` are its arguments, whatever text they are."""

    name: str
    raw: str
    id: str = ""


class Request(dict[str, Any]):
    """The body of a recorded request, and how it came: `style`, `headers` (lower-case names)."""

    def __init__(self, style: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        super().__init__(body)
        self.style = style
        self.headers = {name.lower(): value for name, value in headers.items()}

    @property
    def system(self) -> str:
        """The system text."""
        if self.style == "anthropic":
            return _text_of(self.get("system", ""))
        return "\n".join(_text_of(message["content"]) for message in self["messages"] if message["role"] == "system")

    @property
    def offered(self) -> list[str]:
        """The names of the tools offered, in their order."""
        return [(tool if self.style == "anthropic" else tool["function"])["name"] for tool in self.get("tools", ())]

    @property
    def said(self) -> list[tuple[str, str]]:
        """The texts of the conversation: (role, text), without tool results."""
        found = [(message["role"], _text_of(message["content"])) for message in self["messages"]]
        return [(role, text) for role, text in found if role in ("user", "assistant") and text]

    @property
    def prompt(self) -> str:
        """The first text of the user: what tells the conversation of one agent from another's."""
        return next((text for role, text in self.said if role == "user"), "")

    @property
    def calls(self) -> list[tuple[str, str, Any]]:
        """The calls in the conversation: (id, name, arguments)."""
        if self.style == "anthropic":
            return [(block["id"], block["name"], block["input"]) for block in self._blocks("tool_use")]
        held = [call for message in self["messages"] for call in message.get("tool_calls") or ()]
        return [(call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])) for call in held]

    @property
    def results(self) -> list[tuple[str, str, bool]]:
        """The tool results in the conversation: (call id, text, is_error), oldest first."""
        if self.style == "anthropic":
            blocks = self._blocks("tool_result")
            return [
                (block["tool_use_id"], _text_of(block.get("content", "")), block.get("is_error", False)) for block in blocks
            ]
        held = [message for message in self["messages"] if message["role"] == "tool"]
        return [
            (message["tool_call_id"], message["content"].removeprefix(TOOL_ERROR), message["content"].startswith(TOOL_ERROR))
            for message in held
        ]

    def _blocks(self, kind: str) -> Iterator[dict[str, Any]]:
        for message in self["messages"]:
            if not isinstance(message["content"], str):
                yield from (block for block in message["content"] if block["type"] == kind)


def _text_of(content: Any) -> str:
    if not isinstance(content, list):
        return content or ""
    return "".join(block["text"] for block in content if block["type"] == "text")


def events(style: str, text: str, calls: tuple[Called, ...], stop: str | None, piece: int) -> list[bytes]:
    """The server-sent events of an answer, `piece` characters of text or arguments in each; token counts are 100 and 10."""
    return list((_anthropic if style == "anthropic" else _openai)(text, calls, stop, piece))


def error_body(style: str, message: str) -> dict[str, Any]:
    """What both protocols answer beside a status that is no success."""
    error = {"type": "scripted", "message": message}
    return {"type": "error", "error": error} if style == "anthropic" else {"error": error}


def _pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def _event(data: dict[str, Any] | str, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()


def _named(name: str, **data: Any) -> bytes:
    return _event({"type": name, **data}, name)


def _anthropic(text: str, calls: tuple[Called, ...], stop: str | None, piece: int) -> Iterator[bytes]:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": MODEL, "content": [], "stop_reason": None}
    usage = {"input_tokens": 100, "output_tokens": 1}
    yield _named("message_start", message=message | {"stop_sequence": None, "usage": usage})
    if text:
        yield _named("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for part in _pieces(text, piece):
            yield _named("content_block_delta", index=0, delta={"type": "text_delta", "text": part})
        yield _named("content_block_stop", index=0)
    for index, call in enumerate(calls, 1 if text else 0):
        block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
        yield _named("content_block_start", index=index, content_block=block)
        for part in _pieces(call.raw, piece):
            yield _named("content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": part})
        yield _named("content_block_stop", index=index)
    stop = stop or ("tool_use" if calls else "end_turn")
    yield _named("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage={"output_tokens": 10})
    yield _named("message_stop")


def _openai(text: str, calls: tuple[Called, ...], stop: str | None, piece: int) -> Iterator[bytes]:
    def chunk(choices: list[Any], **more: Any) -> bytes:
        about = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
        return _event({**about, "choices": choices, **more})

    def delta(finish: str | None = None, **held: Any) -> bytes:
        return chunk([{"index": 0, "delta": held, "finish_reason": finish}])

    yield delta(role="assistant", content="")
    for part in _pieces(text, piece):
        yield delta(content=part)
    for index, call in enumerate(calls):
        opening = {"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        yield delta(tool_calls=[opening])
        for part in _pieces(call.raw, piece):
            yield delta(tool_calls=[{"index": index, "function": {"arguments": part}}])
    yield delta({"max_tokens": "length", None: "tool_calls" if calls else "stop"}.get(stop, stop))
    yield chunk([], usage={"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110})
    yield _event("[DONE]")
