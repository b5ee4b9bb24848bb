"""`--param` and `--param-file`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from cowork.core.errors import InvalidInput, UsageError
from cowork.prompts.context import MAX_BYTES, read_text


def parameters(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every verb that runs or shows a skill; they arrive as `params` and `files`."""
    file_help = "A skill's parameter from a text file; '-' reads stdin. Repeatable."
    function = click.option("--param-file", "files", multiple=True, metavar="NAME=PATH", help=file_help)(function)
    help_line = "A skill's parameter. Repeatable."
    return click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help=help_line)(function)


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
