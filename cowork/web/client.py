"""HTTP for addresses that somebody else wrote: https, judged hop by hop, bounded in bytes and in wall-clock time.

Proxies of the environment are used. A proxy resolves names itself, so only literal addresses are judged then; what the proxy
may reach is the proxy's policy. Credentials are never taken from `.netrc`, and no cookie is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin

from cowork import __version__
from cowork.core.errors import CoworkError, Denied, InvalidInput, Unavailable
from cowork.web import guard
from cowork.web.urls import Target, bad_url

if TYPE_CHECKING:
    import requests

    from cowork.web.deadline import Deadline

REDIRECTS = 5
CONNECT_S = 10.0
"""Seconds one address may take to accept a connection, unless the caller has less patience."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# What may follow to another host: a header that is not listed may be a key, whatever it is called.
_HARMLESS = {"accept", "accept-encoding", "accept-language", "if-modified-since", "if-none-match", "range", "user-agent"}
# What the transport writes itself; a second one would be a second request, or another host.
_OURS = {"connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade"}
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class Response:
    """A reply with its whole body, decoded. `url` is where it came from in the end; header names are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class _Hop:
    method: str
    target: Target
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limit: int,
    timeout_s: float,
    redirects: int = REDIRECTS,
    connect_s: float = CONNECT_S,
    follow: bool = True,
) -> Response:
    """One exchange. `limit` counts bytes of the decoded body, `timeout_s` the seconds of everything together, of which one
    address has `connect_s` to accept a connection.

    A status of 400 and above is an answer, not an error; without `follow` a redirect is one, too, though where it leads is
    judged all the same. Raises `web.bad_url`, `web.bad_header`, `web.too_large`
    (InvalidInput), `web.credentials_in_url`, `web.plain_http`, `web.private_address`, `web.body_to_other_host` (Denied),
    `web.unresolvable`, `web.unreachable`, `web.timeout`, `web.tls`, `web.bad_response`, `web.too_many_redirects`
    (Unavailable).
    """
    sent = {"Accept-Encoding": "gzip", **(headers or {})}
    with _exchange(method, url, sent, body, timeout_s, redirects, connect_s, follow) as (reply, target):
        from cowork.web.bodies import read_body

        whole = b"".join(read_body(reply, target.shown, limit))
        return Response(target.url, reply.status_code, lower_headers(reply), whole)


def get(
    url: str, *, limit: int, timeout_s: float, headers: Mapping[str, str] | None = None, connect_s: float = CONNECT_S
) -> Response:
    """`request` with GET."""
    return request("GET", url, headers=headers, limit=limit, timeout_s=timeout_s, connect_s=connect_s)


def download(
    url: str,
    target: BinaryIO,
    *,
    limit: int,
    timeout_s: float,
    progress: Callable[[int, int | None], None] | None = None,
) -> str:
    """Stream the body of a GET to `target`; the answer is the address it came from in the end.

    `progress` hears of the bytes written and of the announced sum, if any. Raises what `request` raises, and
    `web.http_status` (Unavailable) for a status that is not 200: an error page is not the file.
    """
    with _exchange("GET", url, {"Accept-Encoding": "identity"}, None, timeout_s, REDIRECTS) as (reply, final):
        from cowork.web.bodies import deliver, read_body

        if reply.status_code != 200:
            raise Unavailable(
                "web.http_status",
                f"{final.shown} answers with status {reply.status_code}",
                hint="check the address",
                details={"status": reply.status_code},
            )
        announced = reply.headers.get("Content-Length", "")
        whole = int(announced[:20]) if announced.isdigit() and "Content-Encoding" not in reply.headers else None
        deliver(read_body(reply, final.shown, limit), target, lambda done: progress and progress(done, whole))
        return final.url


@contextmanager
def _exchange(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    timeout_s: float,
    redirects: int,
    connect_s: float = CONNECT_S,
    follow: bool = True,
) -> Iterator[tuple[requests.Response, Target]]:
    """The reply after every redirect, its body still unread, and where it came from."""
    hop = _Hop(_checked_method(method), guard.judged(url), checked_headers(headers), body)
    from urllib3.exceptions import HTTPError

    from cowork.web.deadline import Deadline
    from cowork.web.failures import translated

    with Deadline(timeout_s, connect_s) as deadline, opened(deadline) as session:
        try:
            for _ in range(redirects + 1):
                with _send(session, hop, deadline) as reply:
                    following = _following(hop, reply)
                    if following is None or not follow:
                        yield reply, hop.target
                        deadline.left()  # a line that was cut can look like one that ended
                        return
                hop = following
        except CoworkError as error:
            if isinstance(error, Unavailable) and deadline.is_over:  # half a reply, because the line was cut
                raise deadline.expired() from None
            raise
        except (OSError, ValueError, HTTPError) as error:
            raise translated(error, hop.target.shown, deadline) from None  # its text may hold secrets
    raise Unavailable(
        "web.too_many_redirects", f"{hop.target.shown}: more than {redirects} redirects", hint="use its final address"
    )


@contextmanager
def opened(deadline: Deadline, *, judged: bool = True) -> Iterator[requests.Session]:
    """A session without credentials and cookies of its own; not `judged` for addresses that the user chose."""
    from http.cookiejar import DefaultCookiePolicy

    import requests

    from cowork.web.connections import GuardedAdapter

    with requests.Session() as session:
        session.auth = _no_credentials  # otherwise ~/.netrc is asked
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.clear()
        for scheme in ("https://", "http://"):
            session.mount(scheme, GuardedAdapter(deadline, judged=judged))
        yield session


def _no_credentials(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _send(session: requests.Session, hop: _Hop, deadline: Deadline) -> requests.Response:
    """Send one hop and return with the head of its reply."""
    import requests

    prepared = session.prepare_request(requests.Request(hop.method, hop.target.url, headers=dict(hop.headers), data=hop.body))
    assert prepared.url is not None
    if guard.judged(prepared.url).origin != hop.target.origin:  # two readings of one address: never connect
        raise bad_url(hop.target.shown, "it can be read in two ways")
    found = session.merge_environment_settings(prepared.url, {}, True, None, None)
    if (requests.utils.select_proxy(prepared.url, found["proxies"]) or "").lower().startswith("socks"):
        raise requests.exceptions.InvalidSchema("a SOCKS proxy resolves names beside the guard")
    patience = deadline.left_to_connect(), deadline.left()
    return session.send(prepared, timeout=patience, allow_redirects=False, **found)


def _following(hop: _Hop, reply: requests.Response) -> _Hop | None:
    """The next hop of a redirect, judged anew; None when the reply is the answer."""
    location = reply.headers.get("Location")
    if reply.status_code not in _REDIRECTS or not location:
        return None
    target = guard.judged(urljoin(hop.target.url, _as_text(location)))
    to_get = hop.method == "POST" and reply.status_code in (301, 302)
    to_get = to_get or (reply.status_code == 303 and hop.method != "HEAD")
    following = replace(hop, target=target, method="GET" if to_get else hop.method, body=None if to_get else hop.body)
    if to_get:
        following = replace(following, headers=_without(following.headers, "content-type"))
    if target.origin == hop.target.origin:
        return following
    if following.body:
        raise Denied(
            "web.body_to_other_host",
            f"{hop.target.shown} asks to send the same content to {target.origin}",
            cause="what was meant for one host is not handed to another",
            hint="use the final address if you trust it",
        )
    return replace(following, headers={name: text for name, text in following.headers.items() if name.lower() in _HARMLESS})


def _as_text(location: str) -> str:
    """http.client reads headers as Latin-1; servers that do not escape write UTF-8."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location


def _without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: text for key, text in headers.items() if key.lower() != name}


def _checked_method(method: str) -> str:
    if method.upper() not in METHODS:
        raise InvalidInput("web.bad_method", "the method is not one of HTTP", hint=f"use one of {', '.join(METHODS)}")
    return method.upper()


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers to send, with our name. Raises `web.bad_header`; values never show in the message."""
    checked = {"User-Agent": f"cowork/{__version__}", "Accept": "*/*"}
    for name, value in headers.items():
        token = re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)
        if not token or name.lower() in _OURS or name.lower().startswith("proxy-"):
            raise InvalidInput("web.bad_header", f"the header {name[:80]!r} cannot be set", hint="leave it out")
        if not re.fullmatch(r"[\t\x20-\x7e\x80-\xff]*", value):
            cause = "a value is one line of Latin-1 text"
            raise InvalidInput(
                "web.bad_header", f"the header {name[:80]!r} cannot be sent", cause=cause, hint="shorten its value"
            )
        checked = {**_without(checked, name.lower()), name: value.strip(" \t")}
    return checked


def lower_headers(reply: requests.Response) -> dict[str, str]:
    """The headers of a reply, their names in lower case."""
    return {name.lower(): value for name, value in reply.headers.items()}
