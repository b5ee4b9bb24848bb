"""Reading a reply: decoded here, and counted after decoding, so that a small reply cannot become a large one."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cowork.core.errors import InvalidInput, Unavailable
from cowork.core.files import cannot_write

if TYPE_CHECKING:
    import requests

_PIECE = 64 * 1024


def read_body(reply: requests.Response, shown: str, limit: int) -> Iterator[bytes]:
    """The decoded bytes of a reply, in pieces. Raises `web.too_large` after `limit` bytes, `web.bad_response`."""
    announced = reply.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced[:20]) > limit and reply.request.method != "HEAD":
        raise too_large(shown, limit)
    coding = reply.headers.get("Content-Encoding", "").strip().lower()
    if coding in ("", "identity"):
        pieces: Iterator[bytes] = reply.raw.stream(_PIECE, decode_content=False)
    elif coding in ("gzip", "x-gzip", "deflate"):
        pieces = _inflate(reply.raw.stream(_PIECE, decode_content=False), _window(coding), shown)
    else:
        raise bad_response(shown, f"it is encoded as {coding[:40]!r}, which was not asked for")
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise too_large(shown, limit)
        yield piece


def _window(coding: str) -> int:
    """What zlib calls the format: gzip, or zlib."""
    return zlib.MAX_WBITS if coding == "deflate" else 16 + zlib.MAX_WBITS


def _inflate(pieces: Iterator[bytes], window: int, shown: str) -> Iterator[bytes]:
    """Decompressed pieces of at most `_PIECE` bytes, also of a gzip stream with several members."""
    decoder, started = zlib.decompressobj(window), False
    for piece in pieces:
        waiting = piece
        while waiting:
            if decoder.eof:
                decoder = zlib.decompressobj(window)
            started = True
            try:
                out = decoder.decompress(waiting, _PIECE)
            except zlib.error as error:
                raise bad_response(shown, "its compression is broken") from error
            waiting = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            if out:
                yield out
        while not decoder.eof and (out := _rest(decoder)):
            yield out
    if started and not decoder.eof:
        raise bad_response(shown, "it ends in the middle")


def _rest(decoder: zlib._Decompress) -> bytes:
    """What the decoder still holds back of the input it has consumed."""
    return decoder.decompress(b"", _PIECE)


def deliver(pieces: Iterator[bytes], target: BinaryIO, told: Callable[[int], object]) -> None:
    """Write every piece, and tell the sum so far. Raises `file.not_writable`: a full disk is no fault of the network."""
    total = 0
    for piece in pieces:
        try:
            target.write(piece)
        except OSError as error:
            raise cannot_write(Path(str(getattr(target, "name", "file"))), error) from error
        total += len(piece)
        told(total)


def too_large(shown: str, limit: int) -> InvalidInput:
    """The refusal of a reply that is too long."""
    return InvalidInput(
        "web.too_large",
        f"the reply of {shown} is larger than {limit} bytes",
        hint="nothing of it was kept",
        details={"limit": limit},
    )


def bad_response(shown: str, cause: str) -> Unavailable:
    """The error for a reply that breaks the rules of HTTP."""
    return Unavailable("web.bad_response", f"the reply of {shown} cannot be read", cause=cause, hint="try again later")
