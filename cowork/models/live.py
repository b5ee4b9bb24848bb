"""What a provider says it serves: its own list of models, asked over HTTP, bounded, and never trusted to be what it should."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cowork.core.errors import CoworkError, InvalidInput
from cowork.core.text import one_line, printable
from cowork.models.catalogue import Provider
from cowork.models.classify import classify, message_of, status_in
from cowork.models.errors import BadModelError, DownError, MalformedError, ProviderError
from cowork.models.model_cache import ListedModel
from cowork.models.waiting import wait_seconds
from cowork.web import chosen
from cowork.web.client import Response

TIMEOUT_S = 20.0
MAX_BYTES = 8 * 1024 * 1024
MAX_PAGES = 20
MAX_MODELS = 5000
_LONGEST_ID = 200
_SHORTEST_KEY = 8
_CONTEXT = ("context_length", "context_window", "max_context_length", "max_input_tokens", "max_model_len")


@dataclass(frozen=True)
class Listing:
    """A provider's list: `models` is None when it confirms what is held. `dropped` entries were no models, or too many."""

    models: tuple[ListedModel, ...] | None
    etag: str | None = None
    dropped: int = 0


def fetch(provider: Provider, key: str, url: str, *, etag: str | None = None, timeout_s: float = TIMEOUT_S) -> Listing:
    """The provider's list, all pages of it. Raises ProviderError; the key is in no message."""
    asking = _Asking(provider, key, url, timeout_s)
    found: dict[str, ListedModel] = {}
    dropped, cursor, tag = 0, None, None
    for page in range(MAX_PAGES):
        reply = asking.page(cursor, etag if page == 0 else None)
        if reply.status == 304 and etag and page == 0:
            return Listing(None, etag)
        document = asking.document(reply)
        if page == 0:
            tag = _tag(reply)
        before = len(found)
        for raw in _entries(document, asking):
            model = _model(raw)
            if model is None or len(found) >= MAX_MODELS:
                dropped += 1
            else:
                found.setdefault(model.id, model)
        cursor = _next(document)
        if cursor is None or len(found) == before:  # a server that knows no pages gives the first one again
            break
        tag = None  # it is the first page's alone
    return Listing(tuple(sorted(found.values(), key=lambda model: model.id)), tag, dropped)


class _Asking:
    """The pages of one provider's list."""

    def __init__(self, provider: Provider, key: str, url: str, timeout_s: float) -> None:
        self._provider = provider
        self._key = key
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s

    def page(self, cursor: str | None, etag: str | None) -> Response:
        """One page, whatever its status. Raises DownError when there is none."""
        headers = {"Accept": "application/json", **self._authorization()}
        if etag:
            headers["If-None-Match"] = etag
        try:
            return chosen.get(self._address(cursor), headers=headers, limit=MAX_BYTES, timeout_s=self._timeout_s)
        except CoworkError as error:
            kind = MalformedError if isinstance(error, InvalidInput) else DownError
            cause = f"{error.message} ({error.cause})" if error.cause else error.message
            raise self.fail(kind, cause, hint=error.hint) from None

    def document(self, reply: Response) -> Any:
        """The JSON of a page. Raises ProviderError for what is none, and for a refusal in any form."""
        try:
            return self._read(reply)
        except RecursionError:
            raise self.fail(MalformedError, "the list of models is nested too deeply") from None

    def _read(self, reply: Response) -> Any:
        text = reply.body.decode("utf-8", "replace")
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        if reply.status != 200:
            raise self._refused(reply, body, text)
        if isinstance(body, Mapping) and body.get("error"):
            raise self.fail(classify(status_in(body), text), message_of(body, "no message"))
        if body is None:
            raise self.fail(MalformedError, "the list of models is not JSON")
        return body

    def fail(self, kind: type[ProviderError], message: str, **extra: Any) -> ProviderError:
        """An error about this list."""
        clean = message.replace(self._key, "[key]") if len(self._key) >= _SHORTEST_KEY else message
        return kind(one_line(clean, 500), provider=self._provider.id, model="models", **extra)

    def _refused(self, reply: Response, body: Any, text: str) -> ProviderError:
        if 300 <= reply.status < 400:
            return self.fail(MalformedError, "the address leads elsewhere, where the key is not sent", status=reply.status)
        kind = classify(reply.status, text)
        if kind is BadModelError or reply.status == 405:
            hint = f"it may have none; name a model: {self._provider.id}/MODEL"
            return self.fail(MalformedError, "there is no list of models at its address", status=reply.status, hint=hint)
        message = message_of(body, text or "no message")
        return self.fail(kind, message, status=reply.status, retry_after=wait_seconds(reply.headers, text[:20_000]))

    def _address(self, cursor: str | None) -> str:
        if self._provider.style == "anthropic":
            query = {"limit": "1000", **({"after_id": cursor} if cursor else {})}
            return f"{self._url}/v1/models?{urlencode(query)}"
        if self._provider.id == "ollama":
            return f"{self._url.removesuffix('/v1')}/api/tags"
        return f"{self._url}/models" + (f"?{urlencode({'after': cursor})}" if cursor else "")

    def _authorization(self) -> dict[str, str]:
        if self._provider.style == "anthropic":
            return {"x-api-key": self._key, "anthropic-version": "2023-06-01"}
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}


def _entries(document: Any, asking: _Asking) -> Iterator[Any]:
    """The entries of a page: a list, or one below `data` or `models`."""
    if isinstance(document, Mapping):
        document = next((document[key] for key in ("data", "models") if key in document), document)
    if not isinstance(document, list):
        raise asking.fail(MalformedError, "the answer is no list of models")
    yield from document


def _model(raw: Any) -> ListedModel | None:
    """A model with a plain id, or None."""
    fields = raw if isinstance(raw, Mapping) else {"id": raw}
    id_ = next((fields[key] for key in ("id", "name", "model") if isinstance(fields.get(key), str)), "")
    id_ = id_.removeprefix("models/")  # Gemini's lists name resources
    if not id_.strip() or len(id_) > _LONGEST_ID or any(letter.isspace() for letter in id_) or printable(id_) != id_:
        return None
    name = next((fields[key] for key in ("display_name", "name") if isinstance(fields.get(key), str)), None)
    size = next((fields[key] for key in _CONTEXT if type(fields.get(key)) is int), None)
    known = one_line(name, 80) if name and name.removeprefix("models/") != id_ else None
    return ListedModel(id_, known or None, size if size is not None and 0 < size < 10**9 else None)


def _next(document: Any) -> str | None:
    """Where the next page begins: after the last id, when there is more."""
    if not isinstance(document, Mapping) or document.get("has_more") is not True:
        return None
    last = document.get("last_id")
    if not isinstance(last, str):
        data = document.get("data")
        last = data[-1].get("id") if isinstance(data, list) and data and isinstance(data[-1], Mapping) else None
    return last if isinstance(last, str) and 0 < len(last) <= _LONGEST_ID else None


def _tag(reply: Response) -> str | None:
    tag = reply.headers.get("etag", "")
    return tag if 0 < len(tag) <= 200 and tag.isascii() and tag.isprintable() else None
