"""Variables that may stand before a command without changing what it runs."""

from __future__ import annotations

import re
from typing import Final

_HARMLESS: Final = frozenset(
    """NODE_ENV CI NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE LANG LANGUAGE LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES
    LC_NUMERIC LC_TIME TZ RUST_BACKTRACE RUST_LOG PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE LOG_LEVEL DEBUG VERBOSE
    GOOS GOARCH CGO_ENABLED COLUMNS LINES RAILS_ENV RACK_ENV APP_ENV ENVIRONMENT""".split()
)
_VALUE: Final = re.compile(r"(?:[A-Za-z0-9_.,:@+-][A-Za-z0-9_.,:@+/*-]*)?")


def is_harmless(assignment: str) -> bool:
    """Whether `NAME=value` is one of a small set of switches with a plain value: never a path, a loader's or a program's."""
    name, _, value = assignment.partition("=")
    return name in _HARMLESS and _VALUE.fullmatch(value) is not None
