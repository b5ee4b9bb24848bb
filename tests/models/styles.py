"""The two wire protocols as their providers speak them, and one way to ask either adapter."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from cowork.models.anthropic_style import AnthropicModel
from cowork.models.chat import ChatModel, ChatReply, ChatRequest, OnText
from cowork.models.errors import ProviderError
from cowork.models.openai_style import OpenAIStyleModel

KEY = "sk-test-0123456789"
REQUEST = ChatRequest("Say hello.", system="Be brief.", max_tokens=321)


@dataclass(frozen=True)
class Style:
    """A protocol: its endpoint below the base URL, and the bytes of its streams."""

    name: str
    endpoint: str
    prefix: str
    adapter: Callable[..., ChatModel]
    begun: Callable[..., bytes]
    ended: Callable[[], bytes]
    error_event: Callable[[Any], bytes]
    error_body: Callable[[Any], Any]

    @property
    def path(self) -> str:
        return self.prefix + self.endpoint

    def open(self, server_url: str, *, timeout_s: float = 30, key: str = KEY, provider: str = "acme") -> ChatModel:
        base_url = server_url.rstrip("/") + self.prefix
        return self.adapter(provider=provider, model="m-1", base_url=base_url, key=key, timeout_s=timeout_s)

    def stream(self, *pieces: str) -> bytes:
        """A whole answer."""
        return self.begun(*pieces) + self.ended()

    def __str__(self) -> str:
        return self.name


def event(data: Any, name: str | None = None) -> bytes:
    """One server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


def _openai_chunk(choices: list[Any], **more: Any) -> bytes:
    about = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m-1-0101"}
    return event({**about, "choices": choices, **more})


def _openai_begun(*pieces: str) -> bytes:
    deltas = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    return b"".join(_openai_chunk([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas)


def openai_stop(reason: str = "stop") -> bytes:
    """The chunk that says why the answer ends."""
    return _openai_chunk([{"index": 0, "delta": {}, "finish_reason": reason}])


def openai_usage(prompt: Any, completion: Any) -> bytes:
    """The last chunk: the usage, and no choices."""
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": 0}
    return _openai_chunk([], usage=usage)


def _openai_ended() -> bytes:
    return openai_stop() + openai_usage(11, 7) + event("[DONE]")


def _anthropic_event(name: str, **data: Any) -> bytes:
    return event({"type": name, **data}, name)


def _anthropic_begun(*pieces: str) -> bytes:
    usage = {"input_tokens": 11, "output_tokens": 3}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m-1-0101", "content": [], "usage": usage}
    start = _anthropic_event("message_start", message=message | {"stop_reason": None, "stop_sequence": None})
    block = _anthropic_event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    deltas = [_anthropic_event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece}) for piece in pieces]
    return start + block + _anthropic_event("ping") + b"".join(deltas)


def anthropic_stop(reason: str, *output_tokens: Any) -> bytes:
    """The end of an answer; each message_delta reports the output tokens so far."""
    deltas = [
        _anthropic_event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": count})
        for count in output_tokens
    ]
    return _anthropic_event("content_block_stop", index=0) + b"".join(deltas) + _anthropic_event("message_stop")


OPENAI = Style(
    name="openai",
    endpoint="/chat/completions",
    prefix="/v1",
    adapter=OpenAIStyleModel,
    begun=_openai_begun,
    ended=_openai_ended,
    error_event=lambda error: event({"error": error}),
    error_body=lambda error: {"error": error},
)
ANTHROPIC = Style(
    name="anthropic",
    endpoint="/v1/messages",
    prefix="",
    adapter=AnthropicModel,
    begun=_anthropic_begun,
    ended=lambda: anthropic_stop("end_turn", 7),
    error_event=lambda error: _anthropic_event("error", error=error),
    error_body=lambda error: {"type": "error", "error": error},
)
both_styles = pytest.mark.parametrize("style", [OPENAI, ANTHROPIC], ids=str)


async def _others_finish() -> None:
    """A stream that is left early is closed by tasks of the loop, which take a few turns; more would be a leak."""
    for _ in range(1000):
        if asyncio.all_tasks() == {asyncio.current_task()}:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"tasks were left behind: {asyncio.all_tasks()}")


def _ignore(_text: str) -> None:
    pass


def ask(model: ChatModel, on_text: OnText = _ignore, request: ChatRequest = REQUEST) -> ChatReply:
    """The model's reply. Nothing may be left running when it has come, or failed."""

    async def asked() -> ChatReply:
        try:
            return await model.reply(request, on_text)
        finally:
            await model.close()
            await _others_finish()

    return asyncio.run(asked())


def failure(
    model: ChatModel, kind: type[ProviderError], on_text: OnText = _ignore, request: ChatRequest = REQUEST
) -> ProviderError:
    """The error, of exactly this class, that asking ends with."""
    with pytest.raises(ProviderError) as caught:
        ask(model, on_text, request)
    assert type(caught.value) is kind, caught.value.message
    return caught.value
