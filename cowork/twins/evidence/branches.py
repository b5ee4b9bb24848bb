"""Branches with commits that the checked out one has not."""

from __future__ import annotations

import os

from cowork.twins.evidence.findings import Fact
from cowork.twins.evidence.history import moment
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.wording import ago, many

_MOST, _LOOKED_AT = 8, 50
_FIELDS = "--format=%(objectname)%00%(refname:short)%00%(symref)%00%(committerdate:unix)%00%(authorname)%00%(subject)"


def unmerged(look: Look) -> tuple[tuple[Fact, ...], int]:
    """At most eight of them, the latest first, and how many there are among the fifty latest; none where git does not tell.

    A branch and its remote twin are one.
    """
    words = ("for-each-ref", "--no-merged=HEAD", "--sort=-committerdate", f"--count={_LOOKED_AT}")
    done = look.git(*words, _FIELDS, "refs/heads", "refs/remotes")
    found: dict[str, list[str]] = {}
    for line in os.fsdecode(done.out).split("\n") if done.ok else ():
        commit, _, rest = line.partition("\0")
        fields = rest.split("\0")
        if len(fields) == 5 and not fields[1]:
            found.setdefault(commit, fields)
    return tuple(_fact(look, commit, found[commit]) for commit in list(found)[:_MOST]), len(found)


def _fact(look: Look, commit: str, fields: list[str]) -> Fact:
    name, _, at, author, subject = fields
    ahead = look.git("rev-list", "--count", f"HEAD..{commit}").text
    last = moment(at)
    count = int(ahead) if ahead.isdigit() else 0
    text = f"branch {name}: {many(count, 'commit')} that HEAD has not, last {ago(last, look.now)} by {author}: {subject}"
    return Fact(text, {"branch": name, "ahead": count, "last_at": last.isoformat(), "author": author, "commit": commit})
