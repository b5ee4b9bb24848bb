"""Patterns are compiled when a text first needs them: those of all rules together take as long as reading hundreds of files."""

from __future__ import annotations

import re
from functools import cache


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, which names its flags itself: `(?i)`."""
    return re.compile(pattern)
