"""What a verb hands back: its answer, and what the user should know beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Notice:
    """A warning: something worth knowing that did not stop the work."""

    code: str
    message: str


@dataclass(frozen=True)
class Step:
    """One step of a plan: what `--dry-run` prints is what the real run executes."""

    action: str
    target: str
    detail: str = ""


@dataclass(frozen=True)
class Outcome:
    """A verb's result object with the warnings that go with it."""

    data: Any
    warnings: tuple[Notice, ...] = ()
