"""What a verb hands back: its answer, and what the user should know beside it."""

from __future__ import annotations

from typing import Any, NamedTuple


class Notice(NamedTuple):
    """A warning: something worth knowing that did not stop the work."""

    code: str
    message: str


class Outcome(NamedTuple):
    """A verb's result object with the warnings that go with it."""

    data: Any
    warnings: tuple[Notice, ...] = ()
