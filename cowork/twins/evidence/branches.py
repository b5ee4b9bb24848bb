"""Branches with commits that the checked out one has not."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from cowork.twins.evidence.findings import Fact
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.phrases import ago, many

_MOST = 8
_FIELDS = "--format=%(objectname)%00%(refname:short)%00%(symref)%00%(committerdate:unix)%00%(authorname)%00%(subject)"


def unmerged(look: Look) -> tuple[Fact, ...]:
    """At most eight of them, the latest first; a branch and its remote twin count once. None where git does not tell."""
    words = ("for-each-ref", "--no-merged=HEAD", "--sort=-committerdate", f"--count={4 * _MOST}")
    done = look.git(*words, _FIELDS, "refs/heads", "refs/remotes")
    facts: dict[str, Fact] = {}
    for line in os.fsdecode(done.out).splitlines() if done.ok else ():
        commit, _, rest = line.partition("\0")
        fields = rest.split("\0")
        if len(fields) == 5 and not fields[1] and commit not in facts and len(facts) < _MOST:
            facts[commit] = _fact(look, commit, fields)
    return tuple(facts.values())


def _fact(look: Look, commit: str, fields: list[str]) -> Fact:
    name, _, at, author, subject = fields
    ahead = look.git("rev-list", "--count", f"HEAD..{commit}").text
    moment = datetime.fromtimestamp(int(at) if at.isdigit() else 0, UTC)
    count = int(ahead) if ahead.isdigit() else 0
    text = f"branch {name}: {many(count, 'commit')} that HEAD has not, last {ago(moment, look.now)} by {author}: {subject}"
    return Fact(text, {"branch": name, "ahead": count, "last_at": moment.isoformat(), "author": author, "commit": commit})
