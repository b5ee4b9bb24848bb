"""A provider in a process of its own: it answers by form, in a stream, after as many milliseconds as the path begins with."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.loop.full_depth import reply

_ROOT = Path(__file__).resolve().parents[2]
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_numbers = itertools.count(1)


@contextlib.contextmanager
def answering() -> Iterator[str]:
    """Its address; `/200/v1` below that is a base URL whose answers take 200 ms."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.answering"], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


async def _serve() -> None:
    server = await asyncio.start_server(_connected, "127.0.0.1", 0, backlog=128)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].partition("\r\n")[0])
            body = json.loads(await reader.readexactly(length))
            await asyncio.sleep(int(head.split("/")[1]) / 1000)
            writer.write(_HEAD + b"".join(map(_chunk, _events(reply(body["messages"][-1]["content"], next(_numbers))))))
            await writer.drain()
    writer.close()


def _events(text: str) -> Iterator[str]:
    """The stream of an answer, as most providers send it: a piece for every few words."""
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "test-model"}
    for start in range(0, len(text), 24):
        yield json.dumps({**head, "choices": [{"index": 0, "delta": {"content": text[start : start + 24]}}]})
    yield json.dumps({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    yield json.dumps({**head, "choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}})
    yield "[DONE]"


def _chunk(event: str) -> bytes:
    data = f"data: {event}\n\n".encode()
    end = b"0\r\n\r\n" if event == "[DONE]" else b""
    return b"%x\r\n%s\r\n%s" % (len(data), data, end)


if __name__ == "__main__":
    asyncio.run(_serve())
