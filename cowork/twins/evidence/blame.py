"""Who wrote a line last, and when: git blame, a line at a time where only some lines matter."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cowork.twins.evidence.look import Look

_HEAD = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64}) \d+ (\d+)(?: \d+)?\Z")
_MOST_LINES = 60


@dataclass(frozen=True)
class Written:
    """A line's origin. `commit` is None while it is not committed; `boundary`: it may be older than git knows.

    git says the latter of a first commit, too; `blame` only where older ones were not fetched.
    """

    commit: str | None
    author: str
    at: datetime | None
    boundary: bool


def blame(look: Look, path: str, lines: Iterable[int]) -> dict[int, Written]:
    """The origin of these lines of a file, as far as git tells; empty for a file that git does not know."""
    wanted = sorted(set(lines))[:_MOST_LINES]
    ranges = [word for line in wanted for word in ("-L", f"{line},{line}")]
    done = look.git("blame", "--porcelain", *ranges, "--", path)
    found = parsed(done.out) if done.ok else {}
    return found if look.shallow else {line: replace(one, boundary=False) for line, one in found.items()}


def parsed(said: bytes) -> dict[int, Written]:
    """What `git blame --porcelain` says, by line. What a line holds begins with a tab, so nothing of it is taken for more."""
    about: dict[str, dict[str, str]] = {}
    found: dict[int, str] = {}
    commit = ""
    for line in os.fsdecode(said).split("\n"):
        if line.startswith("\t"):
            commit = ""
        elif not commit:
            head = _HEAD.match(line)
            if head is not None:
                commit = head.group(1)
                found[int(head.group(2))] = commit
                about.setdefault(commit, {})
        else:
            key, _, value = line.partition(" ")
            about[commit].setdefault(key, value)
    return {number: _written(commit, about[commit]) for number, commit in found.items()}


def _written(commit: str, about: dict[str, str]) -> Written:
    if not commit.strip("0"):
        return Written(None, "", None, boundary=False)
    return Written(commit, about.get("author", ""), _moment(about.get("committer-time", "")), "boundary" in about)


def _moment(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
