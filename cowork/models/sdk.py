"""What the two SDK adapters share: both SDKs come from one generator and fail in the same shapes."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeGuard

from cowork.models.assembly import CUT, Assembly
from cowork.models.bounds import LONGEST_TEXT, Budget, Flood, Pieces
from cowork.models.chat import ChatModel, ChatReply, ChatRequest, OnText, Usage
from cowork.models.classify import judge, message_of, refuses_shape, refuses_tools, status_in
from cowork.models.errors import CutError, DownError, LateError, MalformedError, NoShapeError, NoToolsError, ProviderError

if TYPE_CHECKING:
    from ssl import SSLContext

_TRANSPORT = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "anyio", "h11", "h2"})
_LONGEST_MESSAGE = 500  # characters: some providers answer with a whole page
_SHORTEST_KEY = 8  # less is a placeholder for a local server, and may be a word
_MORE_TIME = "give it more time with COWORK_REQUEST_TIMEOUT_S, or see: cowork provider check {provider}"


class Call:
    """One call under way: collects text and calls of tools, and turns whatever goes wrong into a ProviderError."""

    def __init__(self, sdk: ModuleType, model: ChatModel, key: str, request: ChatRequest, on_text: OnText) -> None:
        self._sdk = sdk
        self.provider = model.provider
        self.model = model.model
        self.sends_shape = False  # whether the request under way holds a schema
        self._key = key
        self._request = request
        self._on_text = on_text
        self.tools = Assembly(self.fail)
        self._said = Pieces(Budget(LONGEST_TEXT, "the answer is"))
        self._ours: Exception | None = None

    @property
    def offers_tools(self) -> bool:
        """Whether the model may call tools."""
        return bool(self._request.tools)

    @property
    def text(self) -> str:
        """The text so far."""
        return self._said.text

    async def within(self, timeout_s: float, asking: Awaitable[ChatReply]) -> ChatReply:
        """What `asking` gives within `timeout_s` seconds in all; the SDK's own time-out is per read. Raises ProviderError."""
        try:
            async with asyncio.timeout(timeout_s):
                return await asking
        except Exception as error:  # the SDK lets its HTTP library's errors through
            translated = self.translate(error)
            if translated is error:
                raise
            raise translated from error

    async def events(self, response: Any) -> AsyncIterator[dict[str, Any]]:
        """The events of a streamed response as the JSON objects they are.

        An SDK would build its own objects from them, which takes more time than all the rest of a call; and validating
        what it does not know costs it 20 kB for each two bytes of `{}`.
        """
        async for event in await response.parse(to=self._sdk.AsyncStream[object]):
            if not isinstance(event, dict):
                raise self.fail(MalformedError, "an event of the stream is no JSON object")
            yield event

    def add(self, text: Any) -> None:
        """Take the next piece of text and pass it on."""
        if text is None or text == "":
            return
        if not isinstance(text, str):
            raise self.fail(MalformedError, f"a piece of the answer is no text but a {type(text).__name__}")
        self._said.add(text)
        try:
            self._on_text(text)
        except Exception as error:
            self._ours = error  # not the provider's failure, so translate() leaves it as it is
            raise

    def fail(self, kind: type[ProviderError], message: str, **extra: Any) -> ProviderError:
        """An error of `kind` that carries the text so far. The key never appears in it."""
        clean = message.replace(self._key, "[key]") if len(self._key) >= _SHORTEST_KEY else message
        return kind(clean[:_LONGEST_MESSAGE], provider=self.provider, model=self.model, partial=self.text, **extra)

    def said(self, body: Any, status: int | None = None, headers: Any = None) -> ProviderError:
        """The error in a body that says one, also inside HTTP 200 or a stream."""
        text = body if isinstance(body, str) else json.dumps(body, default=str)
        message = message_of(body, text or "no message")
        kind, wait = judge(status or status_in(body), text, headers)
        if self.offers_tools and refuses_tools(kind, text):
            kind = NoToolsError
        if self.sends_shape and refuses_shape(kind, text):
            kind = NoShapeError
        return self.fail(kind, message, status=status, retry_after=wait)

    def no_answer(self, body: Any) -> ProviderError:
        """The error for a JSON body that is no answer: the one it says, else that it is none."""
        first = body[0] if isinstance(body, list) and body else body
        if isinstance(first, dict) and any(first.get(key) for key in ("error", "message", "detail")):
            return self.said(body)
        return self.fail(MalformedError, "the answer holds no text")

    def translate(self, error: Exception) -> Exception:
        """Any exception of the SDK or its HTTP library as a ProviderError; what `on_text` raised stays what it is."""
        if isinstance(error, ProviderError) or error is self._ours:
            return error
        if isinstance(error, (self._sdk.APITimeoutError, TimeoutError)):
            return self.fail(LateError, "no answer in time", hint=_MORE_TIME.format(provider=self.provider))
        if isinstance(error, self._sdk.APIConnectionError):
            what = "the connection broke" if self._said or self.tools.begun else "cannot connect"
            return self.fail(DownError, f"{what} ({error.__cause__ or error})")
        if isinstance(error, self._sdk.APIStatusError):
            status = error.status_code if error.status_code != 200 else None  # an error inside a stream that began well
            return self.said(error.body or error.message, status, error.response.headers)
        if isinstance(error, self._sdk.APIResponseValidationError):
            return self.fail(MalformedError, str(error))
        if isinstance(error, self._sdk.APIError):
            return self.said(error.body or error.message)
        if isinstance(error, Flood):
            return self.fail(MalformedError, str(error))
        if isinstance(error, UnicodeEncodeError):
            return self.fail(MalformedError, "the request holds characters that are no text")
        if isinstance(error, (ValueError, RecursionError)):  # no JSON, no UTF-8, or a number of too many digits
            return self.fail(MalformedError, f"the answer is not valid ({error})")
        if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _TRANSPORT:
            return self.fail(DownError, f"the connection broke ({str(error) or type(error).__name__})")
        if isinstance(error, (AttributeError, TypeError, KeyError, IndexError)):
            return self.fail(MalformedError, f"the answer breaks the protocol ({error})")
        return error

    def finish(self, *, complete: bool, reply: ChatReply) -> ChatReply:
        """`reply` with the calls, unless the stream was cut. Without tools to call, it has none and must say something."""
        if not complete:
            raise self.fail(DownError, "the stream was cut before its end")
        if self.offers_tools:
            earlier = (call for message in self._request.messages for call in message.calls)
            return replace(reply, calls=self.tools.calls(reply.stop_reason, earlier))
        if not reply.text.strip() and reply.stop_reason in CUT:
            raise self.fail(CutError, f"it thought until its tokens were used up (stop reason: {reply.stop_reason})")
        if not reply.text.strip():
            raise self.fail(MalformedError, f"the answer is empty (stop reason: {reply.stop_reason})")
        return reply


def trusted() -> SSLContext:
    """The certificates that connections are checked against, where the environment says they are.

    They are read once in a process: reading them takes ten times as long as all that a call needs, and every model of a run
    has a client of its own.
    """
    return _trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _trusted(*_places: str | None) -> SSLContext:
    import httpx2

    return httpx2.create_ssl_context()


def reported(input_tokens: Any, output_tokens: Any, cached: Any = None) -> Usage:
    """The usage that a provider reports, or an unknown one when its numbers are none. `cached` are a part of the input."""
    if not (is_count(input_tokens) and is_count(output_tokens)):
        return Usage()
    return Usage(input_tokens, output_tokens, "reported", min(cached, input_tokens) if is_count(cached) else 0)


def is_count(value: Any) -> TypeGuard[int]:
    """Whether a reported value is a number of tokens."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def part(whole: Any, name: str) -> Any:
    """A part of a JSON object; None when it is missing, or the whole is no object."""
    return whole.get(name) if isinstance(whole, dict) else None


def word(value: Any) -> str | None:
    """A text that is said; None for anything else."""
    return value if isinstance(value, str) and value else None
