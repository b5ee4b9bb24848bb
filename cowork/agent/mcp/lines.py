"""The lines a server writes, taken apart and counted: what is no message, too long or too much cuts the connection."""

from __future__ import annotations

from typing import Any

MAX_LINE = 16 * 1024 * 1024
"""Bytes of one message; a screenshot is a few million."""
MAX_BYTES = 64 * 1024 * 1024
"""Bytes between two requests of ours."""
MAX_UNASKED = 10_000
"""Messages between two requests of ours."""
MAX_GARBAGE = 100
"""Lines that are no message: servers do print banners."""
_UNHEARD = ("notifications/message", "notifications/progress")  # nobody listens to these


class Lines:
    """Bytes in, messages out. `cut` says why no more are taken; it is empty while all is well."""

    def __init__(self) -> None:
        self.cut = ""
        self._rest = bytearray()
        self._bytes = self._messages = self._garbage = 0

    def asked(self) -> None:
        """A request was sent: counting begins anew."""
        self._bytes = self._messages = 0

    def feed(self, piece: bytes) -> list[Any]:
        """The messages that are whole now, as the SDK's session takes them."""
        self._bytes += len(piece)
        self._rest += piece
        whole, newline, rest = self._rest.rpartition(b"\n")
        found = []
        if newline:
            self._rest = rest
            for line in whole.split(b"\n"):
                found += self._message(line)
                if self.cut:
                    return found
        if self._bytes > MAX_BYTES or len(self._rest) > MAX_LINE:
            self.cut = "it writes more than any answer needs"
        return found

    def _message(self, line: bytearray) -> list[Any]:
        from mcp.shared.message import SessionMessage
        from mcp_types import JSONRPCNotification, jsonrpc_message_adapter

        if len(line) > MAX_LINE:
            self.cut = "it writes more than any answer needs"
            return []
        if not line.strip():
            return []
        try:
            message = jsonrpc_message_adapter.validate_json(bytes(line), by_name=False)
        except ValueError:
            self._garbage += 1
            if self._garbage > MAX_GARBAGE:
                self.cut = "it writes what is not JSON-RPC"
            return []
        self._messages += 1
        if self._messages > MAX_UNASKED:
            self.cut = "it floods: it writes message upon message that nobody asked for"
            return []
        if isinstance(message, JSONRPCNotification) and message.method in _UNHEARD:
            return []
        return [SessionMessage(message)]
