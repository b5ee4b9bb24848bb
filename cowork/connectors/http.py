"""Calling an http connector: one request through the guarded client, every value escaped for the place where it stands."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cowork.connectors.bodies import fill_body
from cowork.connectors.results import Reply
from cowork.connectors.templates import Ref, Values, fill, pieces, unsafe_value
from cowork.connectors.urls import fill_url
from cowork.core.errors import CoworkError, Unavailable
from cowork.core.text import one_line

if TYPE_CHECKING:
    from cowork.formats.cowork_plugin_parts import HttpBody
    from cowork.web.client import Response

MAX_REPLY = 1024 * 1024


@dataclass(frozen=True)
class Request:
    """A request, filled in. It may hold secrets."""

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


def prepare(http: HttpBody, values: Values) -> Request:
    """The request with its values.

    Raises `connector.template_in_host`, `connector.unsafe_value`, `connector.bad_body`, `connector.missing_input`.
    """
    headers = {name: _header(text, values) for name, text in http.headers.items()}
    if http.body is None or http.method == "GET":
        return Request(http.method, fill_url(http.url, values), headers, None)
    kind = next((text for name, text in headers.items() if name.lower() == "content-type"), None)
    if kind is None:
        kind = headers["Content-Type"] = "application/json"
    body = fill_body(http.body, kind, values).encode()
    return Request(http.method, fill_url(http.url, values), headers, body)


def _header(template: str, values: Values) -> str:
    """A header's value. What is not one line of Latin-1 would be a second header, or cannot be sent."""
    for item in pieces(template):
        if isinstance(item, Ref) and not re.fullmatch(r"[\t\x20-\x7e\xa0-\xff]*", values.text(item)):
            why = "a header is one line, in the letters of Latin-1"
            raise unsafe_value(item, why, "give a text of one line without other letters")
    return fill(template, values, str)


def send(request: Request, response_format: str, timeout_s: float) -> Reply:
    """The reply to a request. Raises what the web client raises, and `connector.bad_response` for JSON that is none."""
    from cowork.web.client import request as exchange

    got = exchange(
        request.method, request.url, headers=request.headers, body=request.body, limit=MAX_REPLY, timeout_s=timeout_s
    )
    return Reply(status=got.status, body=_body(got, response_format))


def _body(got: Response, response_format: str) -> Any:
    if not got.body:
        return None if response_format == "json" else ""
    if response_format == "text":
        return _text(got)
    try:
        return json.loads(got.body.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        if got.status >= 400:  # the status is the failure; its page is shown as it is
            return _text(got)
        raise Unavailable(
            "connector.bad_response",
            f"the reply (status {got.status}) is not JSON",
            cause=one_line(str(error) or type(error).__name__),
            hint='if the service answers with text, its connector needs "responseFormat": "text"',
            details={"status": got.status},
        ) from None


def _text(got: Response) -> str:
    declared = re.search(r"charset=\"?([\w.:-]+)", got.headers.get("content-type", ""), re.IGNORECASE)
    try:
        return got.body.decode(declared[1] if declared else "utf-8", "replace")
    except (LookupError, UnicodeError, ValueError):
        return got.body.decode("utf-8", "replace")


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def refused(reply: Reply) -> CoworkError | None:
    """The failure that a status of 400 and above is."""
    if reply.status is None or reply.status < 400:
        return None
    return Unavailable(
        "connector.http_error",
        f"the service answers with status {reply.status}",
        hint="its reply says why" if reply.body else "see the service's documentation",
        details={"status": reply.status},
    )
