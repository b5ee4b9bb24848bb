"""What the two SDK adapters share: both SDKs come from one generator and fail in the same shapes."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

from cowork.models.chat import ChatReply, OnText
from cowork.models.classify import classify, message_of, wait_seconds
from cowork.models.errors import DownError, MalformedError, ProviderError

_TRANSPORT = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "anyio", "h11", "h2"})


class Call:
    """One call under way: collects the text, and turns whatever goes wrong into a ProviderError."""

    def __init__(self, sdk: ModuleType, provider: str, model: str, on_text: OnText) -> None:
        self._sdk = sdk
        self._provider = provider
        self._model = model
        self._on_text = on_text
        self._parts: list[str] = []

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._parts)

    def add(self, text: str | None) -> None:
        """Take the next piece of text and pass it on."""
        if text:
            self._parts.append(text)
            self._on_text(text)

    def fail(self, kind: type[ProviderError], message: str, **extra: Any) -> ProviderError:
        """An error of `kind` that carries the text so far."""
        return kind(message, provider=self._provider, model=self._model, partial=self.text, **extra)

    def said(self, body: Any, status: int | None = None) -> ProviderError:
        """The error in a body that says one, also inside HTTP 200 or a stream."""
        text = body if isinstance(body, str) else json.dumps(body, default=str)
        message = message_of(body, text[:300] or "no message")
        return self.fail(classify(status, text), message, status=status, retry_after=wait_seconds({}, text))

    def translate(self, error: Exception) -> ProviderError:
        """Any exception of the SDK or its HTTP library as a ProviderError."""
        if isinstance(error, ProviderError):
            return error
        if isinstance(error, self._sdk.APITimeoutError):
            return self.fail(DownError, "no answer in time")
        if isinstance(error, self._sdk.APIConnectionError):
            return self.fail(DownError, f"cannot connect ({error.__cause__ or error})")
        if isinstance(error, self._sdk.APIStatusError):
            status = error.status_code if error.status_code != 200 else None  # an error inside a stream that began well
            body = error.body if error.body is not None else error.message
            text = body if isinstance(body, str) else json.dumps(body, default=str)
            wait = wait_seconds(error.response.headers, text)
            message = message_of(body, error.message)
            return self.fail(classify(status, text), message, status=status, retry_after=wait)
        if isinstance(error, self._sdk.APIResponseValidationError):
            return self.fail(MalformedError, str(error))
        if isinstance(error, self._sdk.APIError):
            return self.said(error.body if error.body is not None else error.message)
        if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError)):
            return self.fail(MalformedError, f"the stream is not valid ({error})")
        if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _TRANSPORT:
            return self.fail(DownError, f"the connection broke ({str(error) or type(error).__name__})")
        if isinstance(error, (AttributeError, TypeError, KeyError, IndexError)):
            return self.fail(MalformedError, f"the answer breaks the protocol ({error})")
        raise error

    def finish(self, *, complete: bool, reply: ChatReply) -> ChatReply:
        """`reply`, unless the stream was cut or said nothing."""
        if not complete:
            raise self.fail(DownError, "the stream was cut before its end")
        if not reply.text.strip():
            raise self.fail(MalformedError, f"the answer is empty (stop reason: {reply.stop_reason})")
        return reply
