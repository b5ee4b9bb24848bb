"""What a session used, summed up from its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class Spent:
    """Tokens and money so far. `usd` covers what has a known cost; `cost` is None as soon as anything has none."""

    input: int = 0
    output: int = 0
    usd: float = 0.0
    priced: bool = True
    estimated: bool = False
    unknown: bool = False

    @property
    def source(self) -> str:
        """How far the tokens can be trusted: reported, estimated or unknown."""
        return "unknown" if self.unknown else "estimated" if self.estimated else "reported"

    @property
    def cost(self) -> float | None:
        """The money, None when any part of it is unknown."""
        return round(self.usd, 6) if self.priced else None

    def add(self, usage: Mapping[str, Any], usd: float | None) -> None:
        """Count what somebody used."""
        self.input += int(usage.get("input") or 0)
        self.output += int(usage.get("output") or 0)
        self.estimated = self.estimated or usage.get("source") == "estimated"
        self.unknown = self.unknown or usage.get("source", "unknown") == "unknown"
        if usd is None:
            self.priced = False
        else:
            self.usd += usd

    def settle(self, tokens: Mapping[str, Any], cost: Mapping[str, Any]) -> None:
        """Take the sums of a result instead."""
        self.input, self.output = int(tokens.get("input") or 0), int(tokens.get("output") or 0)
        self.estimated, self.unknown = tokens.get("source") == "estimated", tokens.get("source") == "unknown"
        self.priced, self.usd = cost.get("usd") is not None, cost.get("usd") or 0.0
