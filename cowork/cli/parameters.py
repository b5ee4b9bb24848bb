"""Reading `--param` and `--param-file`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cowork.core.errors import InvalidInput, UsageError
from cowork.prompts.context import MAX_BYTES, read_text


def collect(params: Sequence[str], files: Sequence[str]) -> dict[str, str]:
    """The given parameters by name. Raises `usage.bad_parameter`, and `parameter.*` for files that cannot be used."""
    given: dict[str, str] = {}
    for option, texts in (("--param", params), ("--param-file", files)):
        for text in texts:
            name, equals, value = text.partition("=")
            if not equals or not name.strip():
                raise UsageError("usage.bad_parameter", f"'{text}' is not NAME=VALUE", hint=f"write {option} NAME=VALUE")
            if name in given:
                raise UsageError("usage.bad_parameter", f"parameter '{name}' is given twice", hint="give it once")
            given[name] = value if option == "--param" else _read(name, value)
    return given


def _read(name: str, path: str) -> str:
    if path != "-":
        return read_text(path, kind="parameter")
    if sys.stdin.isatty():
        raise UsageError("usage.bad_parameter", f"--param-file {name}=- reads stdin, and stdin is the terminal", hint="pipe it")
    raw = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise InvalidInput("parameter.too_large", "stdin holds more than 2 MB", hint="cut it down")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("parameter.binary", "stdin is not UTF-8 text", hint="convert it to text first") from None
