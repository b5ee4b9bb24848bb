"""When to try again, and after how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cowork.core.settings import Settings
from cowork.models.errors import ProviderError

Draw = Callable[[], float]
"""A random number from 0 to 1."""

BASE_WAIT_S = 5.0
LONGEST_WAIT_S = 30.0
RETRIES = 1
_STEEPEST = 20  # attempts after which a wait grows no more: it is beyond every cap by then


@dataclass(frozen=True)
class RetryPolicy:
    """How often one call is tried again; no wait is longer than `longest_s`. Not `enabled`, nothing waits or tries again."""

    enabled: bool = True
    retries: int = RETRIES
    base_s: float = BASE_WAIT_S
    longest_s: float = LONGEST_WAIT_S

    @classmethod
    def of(cls, settings: Settings) -> RetryPolicy:
        """What the user's settings say."""
        return cls(
            enabled=settings["rate_limit_enabled"],
            retries=settings["rate_limit_max_retries"],
            base_s=settings["rate_limit_base_backoff_ms"] / 1000,
            longest_s=settings["rate_limit_longest_wait_s"],
        )

    def wait(self, error: ProviderError, attempt: int, draw: Draw) -> float:
        """The server's time if it said one, else a random part of base x 3^attempt, so that many do not come back at once."""
        if error.retry_after is not None:
            return max(0.0, error.retry_after)
        return draw() * min(self.longest_s, self.base_s * 3.0 ** min(attempt, _STEEPEST))
