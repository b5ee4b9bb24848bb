"""Talking to a server over HTTP: with the address guard for servers that are not the user's own, and bounded replies.

Imports the SDK's HTTP library, so it is imported only when such a server is started. The SDK follows redirects within one
origin only. Proxies of the environment are used; what a proxy may reach is the proxy's policy.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2
from httpcore2 import AnyIOBackend, AsyncNetworkStream

from cowork.agent.mcp.server import Server
from cowork.web import guard

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

MAX_REPLY = 64 * 1024 * 1024
"""Bytes of one reply, or of one stream of events."""
_CONNECT_S = 10.0


@asynccontextmanager
async def remote(server: Server, quiet_s: float) -> AsyncIterator[TransportStreams]:
    """A server's streams, as the SDK wants them. `quiet_s` is how long it may say nothing. Refusals come with the requests."""
    timeout = httpx2.Timeout(_CONNECT_S, read=quiet_s)
    headers = {**server.headers, "Accept-Encoding": "identity"}
    if server.transport == "sse":
        from mcp.client.sse import sse_client

        def client(headers: Any = None, timeout: Any = None, auth: Any = None) -> httpx2.AsyncClient:
            return httpx2.AsyncClient(headers=headers, timeout=timeout, auth=auth, transport=_Transport(server))

        opened: AbstractAsyncContextManager[TransportStreams] = sse_client(
            server.url, headers=headers, timeout=_CONNECT_S, sse_read_timeout=quiet_s, httpx_client_factory=client
        )
        async with opened as streams:
            yield streams
        return
    from mcp.client.streamable_http import streamable_http_client

    async with (
        httpx2.AsyncClient(headers=headers, timeout=timeout, transport=_Transport(server)) as http,
        streamable_http_client(server.url, http_client=http) as streams,
    ):
        yield streams


class _Transport(httpx2.AsyncHTTPTransport):
    """Requests of one server: judged hop by hop unless it is trusted, their replies bounded."""

    def __init__(self, server: Server) -> None:
        proxy = _proxy(server.url)
        super().__init__(proxy=proxy)
        self._judges = not server.trusted
        if self._judges and proxy is None:
            self._pool._network_backend = _JudgedBackend()  # the constructor has no way in

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._judges:
            guard.check_url(str(request.url))
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            await response.aclose()
            raise httpx2.DecodingError("the reply is compressed, which was not asked for", request=request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(response.stream, request)
        return response


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self._stream = stream
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = 0
        async for piece in self._stream:
            total += len(piece)
            if total > MAX_REPLY:
                raise httpx2.ReadError("the server writes more than any answer needs", request=self._request)
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


class _JudgedBackend(AnyIOBackend):
    """Connects to public addresses only: a name is resolved once, judged, and the connection goes to what was judged."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        failure: Exception | None = None
        for address in await asyncio.to_thread(guard.public_addresses, host, port):
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except Exception as error:  # the next address may answer
                failure = error
        assert failure is not None
        raise failure


def _proxy(url: str) -> str | None:
    """The proxy the environment names for an address."""
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    found = getproxies()
    return found.get(parts.scheme) or found.get("all")
