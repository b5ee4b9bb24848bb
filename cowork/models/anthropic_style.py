"""Anthropic's messages, through the `anthropic` SDK."""

from __future__ import annotations

import json
from typing import Any

from cowork.models.anthropic_wire import CARRIED, THOUGHTS, Counts, body_of
from cowork.models.assembly import Slot
from cowork.models.chat import ChatReply, ChatRequest, OnText
from cowork.models.errors import ContentError, MalformedError
from cowork.models.sdk import Call, part


class AnthropicModel:
    """A model behind the messages API."""

    rehearsal = False

    def __init__(self, *, provider: str, model: str, base_url: str, key: str, timeout_s: float) -> None:
        import anthropic

        self.provider = provider
        self.model = model
        self._sdk = anthropic
        self._key = key
        self._timeout_s = timeout_s
        self._client = anthropic.AsyncAnthropic(
            api_key=key,
            base_url=base_url,
            timeout=timeout_s,
            max_retries=0,  # waiting and retrying belong to the shared limiter
        )

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        """Ask once, streaming. Raises ProviderError."""
        call = Call(self._sdk, self, self._key, request, on_text)
        return await call.within(self._timeout_s, self._asked(call, request))

    async def _asked(self, call: Call, request: ChatRequest) -> ChatReply:
        body: Any = body_of(request, self.provider)
        async with self._client.messages.with_streaming_response.create(model=self.model, stream=True, **body) as response:
            if "text/event-stream" not in response.headers.get("content-type", ""):
                raise call.no_answer(json.loads(await response.read()))
            return await self._streamed(call, await response.parse())

    async def _streamed(self, call: Call, stream: Any) -> ChatReply:
        model, stop, complete = self.model, None, False
        counts, blocks = Counts(), _Blocks(call)
        async for event in stream:
            if event.type == "message_start":
                model = event.message.model or model
                counts.take(event.message.usage)
            elif event.type == "content_block_start":
                blocks.start(event.index, event.content_block)
            elif event.type == "content_block_delta":
                blocks.add(event.index, event.delta)
            elif event.type == "message_delta":
                stop = event.delta.stop_reason or stop
                counts.take(event.usage)
            elif event.type == "message_stop":
                complete = True
        blocks.end()
        if stop == "refusal":
            raise call.fail(ContentError, "the model refused")
        return call.finish(complete=complete, reply=ChatReply(call.text, model, counts.usage, stop))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()


class _Blocks:
    """The blocks of an answer by their index, which may come interleaved."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._open: dict[Any, Slot | None] = {}  # None: a block that is no call of ours, such as a provider's own search
        self._thoughts: dict[Any, dict[str, Any]] = {}

    def start(self, index: Any, block: Any) -> None:
        """A block begins. Some servers put the whole of it here and send no pieces."""
        self._open[index] = None
        if block.type == "text":
            self._call.add(block.text)
        elif block.type == "tool_use":
            slot = self._open[index] = self._call.tools.begin(part(block, "id"), part(block, "name"))
            self._call.tools.preset(slot, part(block, "input"))
        elif block.type in THOUGHTS and self._call.offers_tools:
            keys = THOUGHTS[block.type]
            self._thoughts[index] = {"type": block.type, **{key: part(block, key) or "" for key in keys}}

    def add(self, index: Any, delta: Any) -> None:
        """A piece of a block."""
        if delta.type == "text_delta":
            self._call.add(delta.text)
        elif delta.type == "input_json_delta":
            if index not in self._open:
                raise self._call.fail(MalformedError, "a piece of a call comes before the call")
            slot = self._open[index]
            if slot is not None:
                self._call.tools.add(slot, delta.partial_json)
        elif index in self._thoughts and delta.type in ("thinking_delta", "signature_delta"):
            key = delta.type.removesuffix("_delta")
            self._thoughts[index][key] += part(delta, key)

    def end(self) -> None:
        """All is said: the thoughts go with the first call."""
        thoughts = [block for block in self._thoughts.values() if any(block[key] for key in THOUGHTS[block["type"]])]
        if thoughts:
            first = self._call.tools.first
            self._call.tools.carry(first, CARRIED, thoughts)
            self._call.tools.carry(first, "provider", self._call.provider)
