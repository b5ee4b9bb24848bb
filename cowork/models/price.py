"""What a model costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cowork.models.chat import Usage

_MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """USD per million tokens. `cached_input` is for tokens read from the provider's cache, None when it costs as any input.

    `as_of` and `source` say when and where the numbers were found.
    """

    input: float
    output: float
    cached_input: float | None = None
    as_of: str | None = None
    source: str | None = None

    def usd(self, usage: Usage) -> float:
        """What a call costs that used this much."""
        cached_input = self.input if self.cached_input is None else self.cached_input
        fresh = usage.input_tokens - usage.cached_input_tokens
        return (fresh * self.input + usage.cached_input_tokens * cached_input + usage.output_tokens * self.output) / _MILLION


FREE = Price(0.0, 0.0, 0.0)
