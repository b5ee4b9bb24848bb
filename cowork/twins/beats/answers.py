"""A model's one answer to several tasks, taken apart by the lines that name them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BEFORE, _AFTER = r"^\s{0,3}(?:#{1,6}\s*|\*\*)?(?i:task):\s*`?", r"`?(?:\*\*)?\s*$"


def taken_apart(answer: str, ids: Sequence[str]) -> dict[str, str]:
    """What the answer says of each task; a task it does not name is missing. What stands before the first is the first's.

    A single task needs no line that names it. A task that is named twice has both texts.
    """
    marks = list(_mark(ids).finditer(answer))
    if not marks:
        return {ids[0]: answer.strip()} if len(ids) == 1 and answer.strip() else {}
    parts: dict[str, list[str]] = {}
    before = answer[: marks[0].start()].strip()
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        text = answer[mark.end() : following.start() if following else len(answer)].strip()
        parts.setdefault(mark[1], []).append(text)
    if before:
        parts[marks[0][1]].insert(0, before)
    found = {name: "\n\n".join(text for text in texts if text) for name, texts in parts.items()}
    return {name: text for name, text in found.items() if text}


def _mark(ids: Sequence[str]) -> re.Pattern[str]:
    """A line that names one of these tasks, whatever characters their ids are made of."""
    return re.compile(f"{_BEFORE}({'|'.join(map(re.escape, ids))}){_AFTER}", re.MULTILINE)
