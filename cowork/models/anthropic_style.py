"""Anthropic's messages, through the `anthropic` SDK."""

from __future__ import annotations

import json
from typing import Any

from cowork.models.anthropic_wire import CARRIED, THOUGHTS, Counts, body_of
from cowork.models.assembly import Slot
from cowork.models.bounds import LONGEST_THOUGHTS, Budget, Pieces, bound
from cowork.models.chat import ChatReply, ChatRequest, OnText, Shape
from cowork.models.errors import ContentError, MalformedError
from cowork.models.sdk import Call, part, trusted, word
from cowork.models.shapes import Shaping

_MOST_BLOCKS = 1000  # of one answer


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
        self._shaping = Shaping()
        self._client = anthropic.AsyncAnthropic(
            api_key=key,
            base_url=base_url,
            timeout=timeout_s,
            max_retries=0,  # waiting and retrying belong to the shared limiter
            http_client=anthropic.DefaultAsyncHttpxClient(verify=trusted(), event_hooks={"response": [bound]}),
        )

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        """Ask once, streaming. Raises ProviderError."""
        call = Call(self._sdk, self, self._key, request, on_text)
        asking = self._shaping.reply(call, request, lambda shape: self._asked(call, request, shape))
        return await call.within(self._timeout_s, asking)

    async def _asked(self, call: Call, request: ChatRequest, shape: Shape | None) -> ChatReply:
        body: Any = body_of(request, self.provider, shape)
        async with self._client.messages.with_streaming_response.create(model=self.model, stream=True, **body) as response:
            if "text/event-stream" not in response.headers.get("content-type", ""):
                raise call.no_answer(json.loads(await response.read()))
            return await self._streamed(call, response)

    async def _streamed(self, call: Call, response: Any) -> ChatReply:
        model, complete = self.model, False
        stop: str | None = None
        counts, blocks = Counts(), _Blocks(call)
        async for event in call.events(response):
            match event.get("type"):
                case "message_start":
                    message = event["message"]
                    model = word(part(message, "model")) or model
                    counts.take(part(message, "usage"))
                case "content_block_start":
                    blocks.start(event.get("index"), event.get("content_block"))
                case "content_block_delta":
                    blocks.add(event.get("index"), event.get("delta"))
                case "message_delta":
                    stop = word(part(event.get("delta"), "stop_reason")) or stop
                    counts.take(event.get("usage"))
                case "message_stop":
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
        self._thoughts: dict[Any, tuple[str, dict[str, Pieces]]] = {}  # the type of a block, and its texts by their keys
        self._budget = Budget(LONGEST_THOUGHTS, "the thoughts of the answer are")

    def start(self, index: Any, block: Any) -> None:
        """A block begins. Some servers put the whole of it here and send no pieces."""
        if not isinstance(index, int) or len(self._open) == _MOST_BLOCKS:
            raise self._call.fail(MalformedError, "the answer has too many blocks, or one without a number")
        self._open[index] = None
        kind = part(block, "type")
        if kind == "text":
            self._call.add(part(block, "text"))
        elif kind == "tool_use":
            slot = self._open[index] = self._call.tools.begin(part(block, "id"), part(block, "name"))
            self._call.tools.preset(slot, part(block, "input"))
        elif kind in THOUGHTS and self._call.offers_tools:
            texts = {key: Pieces(self._budget) for key in THOUGHTS[kind]}
            for key, pieces in texts.items():
                pieces.add(part(block, key) or "")
            self._thoughts[index] = kind, texts

    def add(self, index: Any, delta: Any) -> None:
        """A piece of a block."""
        kind = part(delta, "type")
        if kind == "text_delta":
            self._call.add(part(delta, "text"))
        elif kind == "input_json_delta":
            if index not in self._open:
                raise self._call.fail(MalformedError, "a piece of a call comes before the call")
            slot = self._open[index]
            if slot is not None:
                self._call.tools.add(slot, part(delta, "partial_json"))
        elif index in self._thoughts and kind in ("thinking_delta", "signature_delta"):
            key = kind.removesuffix("_delta")
            self._thoughts[index][1][key].add(part(delta, key) or "")

    def end(self) -> None:
        """All is said: the thoughts go with the first call."""
        thoughts = [
            {"type": type_, **{key: pieces.text for key, pieces in texts.items()}}
            for type_, texts in self._thoughts.values()
            if any(texts.values())
        ]
        if thoughts:
            first = self._call.tools.first
            self._call.tools.carry(first, CARRIED, thoughts)
            self._call.tools.carry(first, "provider", self._call.provider)
