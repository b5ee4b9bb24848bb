"""Programs that run programs: why a rule with a wildcard does not reach a form that would run what the rule does not name."""

from __future__ import annotations

from cowork.rules.bash.wrappers import RUNNERS


def hazard(words: tuple[str, ...], *, pinned: int, open_words: bool) -> str | None:
    """What these words run besides their program, None when nothing is known.

    `pinned` counts the leading words that the rule writes out. `open_words`: a file name may take the place of an option.
    """
    del pinned, open_words
    name = words[0].rpartition("/")[2]
    return f"'{name}' runs another program" if name in RUNNERS else None
