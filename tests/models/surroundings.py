"""Settings and keys as a test wants them."""

from __future__ import annotations

from collections.abc import Callable

from cowork.core import settings as configuration
from cowork.core.settings import Settings

CANARY = "sk-canary-0123456789"
SetKeys = Callable[..., None]


def settings(**values: object) -> Settings:
    """The settings of the test's own home, with these values on top."""
    return configuration.load(flags=values)
