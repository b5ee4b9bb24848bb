"""Connections of `requests` that go only where the guard says, within one deadline.

The name is resolved and judged at the moment of connecting, and the socket is opened to a judged address. TLS, SNI, the
certificate check and the Host header still go by the name. A connection to a proxy is not judged: the user chose it.
"""

from __future__ import annotations

import functools
import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from cowork.core.errors import Unavailable
from cowork.web import guard
from cowork.web.deadline import Deadline


def open_line(host: str, port: int, deadline: Deadline, *, judged: bool) -> socket.socket:
    """A connection to the first address of `host` that accepts one. Raises what the guard raises, and `web.unreachable`."""
    find = guard.public_addresses if judged else guard.addresses_of
    failure: OSError | None = None
    for address in find(host, port, timeout_s=deadline.left()):
        line = None
        try:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            line = socket.socket(family, socket.SOCK_STREAM)
            line.settimeout(deadline.left_to_connect())
            line.connect((address, port))  # a literal address: nothing is looked up again
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            deadline.watch(line)
            return line
        except OSError as error:
            failure = error
            if line is not None:
                line.close()
    if deadline.is_over:
        raise deadline.expired()
    raise Unavailable(
        "web.unreachable",
        f"cannot connect to {host}:{port}",
        cause=(failure.strerror if failure else None) or "it does not answer",
        hint="check the address and the network",
        details={"host": host, "port": port},
    )


class GuardedHTTP(HTTPConnection):
    """An http connection through the guard; only hosts that the user trusts get this far."""

    def __init__(self, *args: Any, deadline: Deadline, judged: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline = deadline
        self._judged = judged

    def _new_conn(self) -> socket.socket:
        return open_line(self.host, self.port, self._deadline, judged=self._judged and self.proxy is None)


class GuardedHTTPS(HTTPSConnection):
    """An https connection through the guard."""

    def __init__(self, *args: Any, deadline: Deadline, judged: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline = deadline
        self._judged = judged

    def _new_conn(self) -> socket.socket:
        return open_line(self.host, self.port, self._deadline, judged=self._judged and self.proxy is None)


class GuardedAdapter(HTTPAdapter):
    """The adapter of `requests` over guarded connections; not `judged`, they are only bounded in time."""

    def __init__(self, deadline: Deadline, *, judged: bool = True) -> None:
        super().__init__()
        self._deadline = deadline
        self._judged = judged

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        guarded = GuardedHTTPS if pool.scheme == "https" else GuardedHTTP
        pool.ConnectionCls = functools.partial(guarded, deadline=self._deadline, judged=self._judged)
        return pool
