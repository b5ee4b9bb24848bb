"""HTTP for addresses that the user chose, such as a model server on this machine: bounded as any other, and not judged.

No redirect is followed: what was meant for one address, a key above all, is not handed to another.
"""

from __future__ import annotations

from collections.abc import Mapping

from cowork.core.errors import CoworkError, Unavailable
from cowork.web.client import CONNECT_S, Response, checked_headers, lower_headers, opened
from cowork.web.urls import read_url


def get(url: str, *, headers: Mapping[str, str], limit: int, timeout_s: float) -> Response:
    """The reply to one GET, of at most `limit` bytes and within `timeout_s` seconds in all; any status is an answer.

    Raises `web.bad_url`, `web.credentials_in_url`, `web.bad_header`, `web.too_large`, `web.unresolvable`, `web.unreachable`,
    `web.timeout`, `web.tls` and `web.bad_response`.
    """
    target = read_url(url)
    sent = checked_headers({"Accept-Encoding": "gzip", **headers})
    import requests
    from urllib3.exceptions import HTTPError

    from cowork.web.bodies import read_body
    from cowork.web.deadline import Deadline
    from cowork.web.failures import translated

    with Deadline(timeout_s, CONNECT_S) as deadline, opened(deadline, judged=False) as session:
        try:
            prepared = session.prepare_request(requests.Request("GET", target.url, headers=sent))
            found = session.merge_environment_settings(target.url, {}, True, None, None)
            patience = deadline.left_to_connect(), deadline.left()
            with session.send(prepared, timeout=patience, allow_redirects=False, **found) as reply:
                whole = b"".join(read_body(reply, target.shown, limit))
                deadline.left()  # a line that was cut can look like one that ended
                return Response(target.url, reply.status_code, lower_headers(reply), whole)
        except CoworkError as error:
            if isinstance(error, Unavailable) and deadline.is_over:
                raise deadline.expired() from None
            raise
        except (OSError, ValueError, HTTPError) as error:
            raise translated(error, target.shown, deadline) from None  # its text may hold secrets
