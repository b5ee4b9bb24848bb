"""The patterns that exist."""

from __future__ import annotations

from cowork.core.errors import NotFound
from cowork.core.text import did_you_mean
from cowork.patterns import chain, consensus, debate, devil, hierarchy, panel, redblue, refine, solo, team
from cowork.patterns.setup import Pattern

_MODULES = (solo, debate, team, chain, devil, panel, refine, redblue, consensus, hierarchy)
PATTERNS: dict[str, Pattern] = {module.PATTERN.name: module.PATTERN for module in _MODULES}


def find(name: str) -> Pattern:
    """The pattern called `name`. Raises `pattern.not_found` with a suggestion."""
    if name in PATTERNS:
        return PATTERNS[name]
    hint = did_you_mean(name, PATTERNS, f"there are: {', '.join(PATTERNS)}")
    raise NotFound("pattern.not_found", f"there is no pattern '{name}'", hint=hint, details={"pattern": name})
