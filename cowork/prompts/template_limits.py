"""How large a user's template, its loops and its result may be, and the refusal that names the place."""

from __future__ import annotations

from cowork.core.errors import InvalidInput
from cowork.core.text import printable

MAX_BYTES = 256 * 1024
"""The largest template, in bytes."""
MAX_OUTPUT = 4 * 1024 * 1024
"""The longest prompt that a template may make, in characters."""
MAX_ROUNDS = 100_000
"""Rounds of all loops of one rendering together."""
MAX_LOOPS = 6
"""Loops inside loops."""
MAX_BLOCKS = 32
"""Blocks inside blocks."""
MAX_BRANCHES = 64
"""`else if` in one block."""


def refused(
    code: str, what: str, *, line: int | None = None, column: int | None = None, cause: str | None = None, hint: str = ""
) -> InvalidInput:
    """The refusal of a template, with the place where it is known; both count from 1. The name is put before it later."""
    place = f"line {line}" + (f", column {column}" if column else "") if line else ""
    return InvalidInput(
        code,
        f"{place}: {printable(what)}" if place else printable(what),
        cause=cause,
        hint=hint or "mend the template; what it may hold: docs/templates.md",
        details={"line": line, "column": column, "what": printable(what)},
    )


def too_large(what: str, limit: int, *, line: int | None = None, column: int | None = None) -> InvalidInput:
    """`template.too_large`: something outgrew its limit."""
    hint = "make the template, or what it loops over, smaller"
    return refused("template.too_large", f"{what} than {limit:,}", line=line, column=column, hint=hint)
