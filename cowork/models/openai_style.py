"""Every OpenAI-style endpoint, through the `openai` SDK's chat completions."""

from __future__ import annotations

import json
from typing import Any

from cowork.models.bounds import bound
from cowork.models.chat import ChatReply, ChatRequest, OnText, Shape, Usage
from cowork.models.errors import ContentError, DownError, MalformedError
from cowork.models.openai_wire import Deltas, body_of
from cowork.models.sdk import Call, part, reported, trusted, word
from cowork.models.shapes import Shaping


class OpenAIStyleModel:
    """A model at an OpenAI-style base URL. `key` may be empty for local servers."""

    rehearsal = False

    def __init__(self, *, provider: str, model: str, base_url: str, key: str, timeout_s: float) -> None:
        import openai

        self.provider = provider
        self.model = model
        self._sdk = openai
        self._key = key
        self._timeout_s = timeout_s
        self._shaping = Shaping()
        foreign: Any = {} if provider == "openai" else {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
        self._client = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=base_url,
            timeout=timeout_s,
            max_retries=0,  # waiting and retrying belong to the shared limiter
            default_headers=foreign,  # the user's OpenAI organization is nobody else's business
            http_client=openai.DefaultAsyncHttpxClient(verify=trusted(), event_hooks={"response": [bound]}),
        )

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        """Ask once, streaming. Raises ProviderError."""
        call = Call(self._sdk, self, self._key, request, on_text)
        asking = self._shaping.reply(call, request, lambda shape: self._asked(call, request, shape))
        return await call.within(self._timeout_s, asking)

    async def _asked(self, call: Call, request: ChatRequest, shape: Shape | None) -> ChatReply:
        # As an extra body it goes as it is: the SDK would walk through all of it by its types, for half of a call's time.
        body = body_of(request, self.provider, shape)
        async with self._client.chat.completions.with_streaming_response.create(
            model=self.model, messages=[], stream=True, extra_body=body
        ) as response:
            if "text/event-stream" not in response.headers.get("content-type", ""):
                return self._whole(call, await response.read())
            return await self._streamed(call, response)

    async def _streamed(self, call: Call, response: Any) -> ChatReply:
        model, usage, deltas = self.model, Usage(), Deltas(call)
        stop: str | None = None
        refused = False
        async for chunk in call.events(response):
            model = word(chunk.get("model")) or model
            if said := _error_in(chunk):
                raise call.said(said)
            usage = _usage_in(chunk) or usage  # cumulative where it comes along the way
            for choice in chunk.get("choices") or ():
                if error := part(choice, "error"):
                    raise call.said({"error": error})
                delta = part(choice, "delta")
                call.add(part(delta, "content"))
                refused = refused or bool(part(delta, "refusal"))
                deltas.take(delta)
                stop = word(part(choice, "finish_reason")) or stop
        deltas.end()
        _must_be_given(call, stop, refused=refused)
        return call.finish(complete=stop is not None, reply=ChatReply(call.text, model, usage, stop))

    def _whole(self, call: Call, raw: bytes) -> ChatReply:
        """A body that is not a stream: an error inside HTTP 200, or a server that does not stream."""
        body = json.loads(raw)
        if not isinstance(body, dict) or body.get("error") or not body.get("choices"):
            raise call.no_answer(body)
        choice = body["choices"][0]
        if error := part(choice, "error"):
            raise call.said({"error": error})
        stop = choice.get("finish_reason") or "stop"
        message = choice.get("message") or {}
        _must_be_given(call, stop, refused=bool(message.get("refusal")))
        deltas = Deltas(call)
        deltas.take_whole(message)
        deltas.end()
        content = message.get("content")
        if content is None:
            content = ""
        if not isinstance(content, str):
            raise call.fail(MalformedError, "the answer holds no text")
        call.add(content)
        reply = ChatReply(content, body.get("model") or self.model, _usage(body.get("usage")), stop)
        return call.finish(complete=True, reply=reply)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()


def _must_be_given(call: Call, stop: str | None, *, refused: bool) -> None:
    if stop == "content_filter":
        raise call.fail(ContentError, "the answer was filtered")
    if refused:  # said in a place of its own where an answer is held to a schema
        raise call.fail(ContentError, "the model refused")
    if stop == "error":  # what OpenRouter says where the provider behind it broke off
        raise call.fail(DownError, "the answer broke off with an error")


def _error_in(chunk: dict[str, Any]) -> Any:
    """The error in a chunk that is not where the SDK looks for it: of Groq, and of vLLM and its kind."""
    if chunk.get("object") == "error":
        return chunk
    return part(chunk.get("x_groq"), "error")


def _usage_in(chunk: dict[str, Any]) -> Usage | None:
    """The usage in a chunk, if any: Groq puts it in a part of its own."""
    counted = chunk.get("usage") or part(chunk.get("x_groq"), "usage")
    return None if counted is None else _usage(counted)


def _usage(counted: Any) -> Usage:
    cached = part(part(counted, "prompt_tokens_details"), "cached_tokens")
    return reported(part(counted, "prompt_tokens"), part(counted, "completion_tokens"), cached)
