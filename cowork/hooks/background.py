"""Handlers that nobody waits for. They get the event in a file, since a pipe would need somebody to fill it."""

import os

from cowork.hooks.process import fill_standard_streams, spawn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def start(argv: "Sequence[str]", stdin: bytes, environment: "Mapping[str, str]") -> int:
    """Start a process of its own session and return its id. What it writes is dropped. Raises OSError."""
    fill_standard_streams()
    event = _file(stdin)
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            return spawn(argv, (event, nowhere, nowhere), environment)
        finally:
            os.close(nowhere)
    finally:
        os.close(event)


def _file(content: bytes) -> int:
    """A file without a name that holds `content`, to be read from its beginning."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("hook")
    else:
        import tempfile

        handle, path = tempfile.mkstemp()
        os.unlink(path)
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]
    os.lseek(handle, 0, os.SEEK_SET)
    return handle
