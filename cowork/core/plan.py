"""Plans: what `--dry-run` prints is what the real run executes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step of a plan."""

    action: str
    target: str
    detail: str = ""
