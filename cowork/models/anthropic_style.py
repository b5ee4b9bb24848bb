"""Anthropic's messages, through the `anthropic` SDK."""

from __future__ import annotations

import json
from typing import Any

from cowork.models.chat import ChatReply, ChatRequest, OnText
from cowork.models.errors import ContentError
from cowork.models.sdk import Call, reported


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
        call = Call(self._sdk, self.provider, self.model, on_text, key=self._key)
        return await call.within(self._timeout_s, self._asked(call, request))

    async def _asked(self, call: Call, request: ChatRequest) -> ChatReply:
        async with self._client.messages.with_streaming_response.create(
            model=self.model,
            max_tokens=request.max_tokens,
            messages=[{"role": "user", "content": request.prompt}],
            system=request.system or self._sdk.omit,
            stream=True,
        ) as response:
            if "text/event-stream" not in response.headers.get("content-type", ""):
                raise call.no_answer(json.loads(await response.read()))
            return await self._streamed(call, await response.parse())

    async def _streamed(self, call: Call, stream: Any) -> ChatReply:
        model, stop, complete = self.model, None, False
        input_tokens, output_tokens = None, None
        async for event in stream:
            if event.type == "message_start":
                model = event.message.model or model
                input_tokens, output_tokens = event.message.usage.input_tokens, event.message.usage.output_tokens
            elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                call.add(event.delta.text)
            elif event.type == "message_delta":
                stop = event.delta.stop_reason or stop
                output_tokens = event.usage.output_tokens  # cumulative, not a difference
            elif event.type == "message_stop":
                complete = True
        if stop == "refusal":
            raise call.fail(ContentError, "the model refused")
        usage = reported(input_tokens, output_tokens)
        return call.finish(complete=complete, reply=ChatReply(call.text, model, usage, stop))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()
