"""The commits of a workspace as collectors read them: when, by whom, and which files they changed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cowork.twins.evidence.findings import CannotCollect
from cowork.twins.evidence.look import Look

WINDOW_DAYS = 14
"""Days that count as recent."""
FEWEST, MOST = 50, 1000
"""How many of the last commits are taken when none is recent, and how many at most."""
_LOOKED_THROUGH = 5000
_FIELDS = "%x00%H%x00%P%x00%ct%x00%aN%x00%aE%x00%s%x00"
_HASH = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_COUNTED = re.compile(r"(\d+|-)\t(\d+|-)\t(.*)", re.DOTALL)
_BOTS = re.compile(
    r"\[bot\]|\bbot\Z|-bot\b|\A(?:dependabot|renovate|github-actions|greenkeeper|snyk|mergify|semantic-release|pre-commit-ci|"
    r"allcontributors|codecov|imgbot)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Changed:
    """A file that a commit changed, by its name after it. Lines are None for what is binary."""

    path: str
    added: int | None
    removed: int | None
    was: str | None = None

    @property
    def lines(self) -> int:
        """Lines added and removed."""
        return (self.added or 0) + (self.removed or 0)


@dataclass(frozen=True)
class Commit:
    """A commit. `at` is when it was committed, `who` tells people apart, `changes` are empty for a merge."""

    hash: str
    at: datetime
    author: str
    who: str
    subject: str
    merge: bool
    changes: tuple[Changed, ...] = ()

    @property
    def bot(self) -> bool:
        """Whether its author is obviously a program."""
        return bool(_BOTS.search(self.author) or "[bot]@" in self.who)

    @property
    def added(self) -> int:
        """Lines it added."""
        return sum(change.added or 0 for change in self.changes)

    @property
    def removed(self) -> int:
        """Lines it removed."""
        return sum(change.removed or 0 for change in self.changes)


@dataclass(frozen=True)
class Recent:
    """Recent commits, the newest first. `words` name the time: "the last 14 days"; `cut` says that there are more."""

    commits: tuple[Commit, ...]
    words: str
    within_window: bool
    cut: bool


def recent(look: Look) -> Recent:
    """The commits of the last two weeks, else the last fifty. Raises CannotCollect without commits."""
    look.need_commits()
    known = _log(look, f"--max-count={_LOOKED_THROUGH}", *scope(look))
    since = look.now - timedelta(days=WINDOW_DAYS)
    inside = [commit for commit in known if commit.at >= since]
    chosen, words = tuple(inside), f"the last {WINDOW_DAYS} days"
    if not inside:
        chosen = known[:FEWEST]
        words = "all of its history"
        if chosen:
            first = f"{chosen[-1].at:%Y-%m-%d}"
            words = f"the last {len(chosen)} commits, since {first}" if len(chosen) > 1 else f"the only commit, of {first}"
    cut = len(chosen) > MOST or len(inside) == _LOOKED_THROUGH
    return Recent(with_changes(look, chosen[:MOST]), words, bool(inside), cut)


def between(look: Look, start: str | None, most: int = MOST) -> tuple[Commit, ...]:
    """The commits that HEAD has and the tag `start` has not, the newest first, without what they changed."""
    span = ("HEAD",) if start is None else (f"refs/tags/{start}..HEAD",)
    return _log(look, f"--max-count={most}", *span, *scope(look))


def with_changes(look: Look, commits: Sequence[Commit]) -> tuple[Commit, ...]:
    """The same commits with the files they changed."""
    wanted = "".join(f"{commit.hash}\n" for commit in commits if not commit.merge)
    if not wanted:
        return tuple(commits)
    words = ("--no-walk=unsorted", "--stdin", "--numstat", "-l200", "--relative")
    found = {commit.hash: commit for commit in _log(look, *words, feed=wanted.encode())}
    return tuple(found.get(commit.hash, commit) for commit in commits)


def scope(look: Look) -> tuple[str, ...]:
    """The words that keep a log to the workspace, where that is only a part of a repository."""
    return ("--full-history", "--", ".") if look.prefix else ()


def _log(look: Look, *words: str, feed: bytes | None = None) -> tuple[Commit, ...]:
    done = look.git("log", "-z", "--no-show-signature", "--no-color", f"--format={_FIELDS}", *words, feed=feed)
    if not done.ok:
        raise CannotCollect(f"git does not tell the history: {done.why}", _hint(look))
    return tuple(parsed(done.out))


def _hint(look: Look) -> str:
    return "git fetch --unshallow" if look.shallow else "git fsck; of a partial clone, fetch everything: git fetch --refetch"


def parsed(said: bytes) -> Iterator[Commit]:
    """What `git log -z --numstat` with our fields says.

    A commit begins with its hash, and a file with its counts: no name and no subject is taken for either, for a header has a
    fixed number of fields and what follows the counts is always a name.
    """
    tokens = iter(os.fsdecode(said).split("\0"))
    header: tuple[str, ...] | None = None
    changes: list[Changed] = []
    for token in tokens:
        text = token.lstrip("\n")
        if (counted := _COUNTED.match(text)) is not None:
            added, removed, path = counted.groups()
            was = None if path else next(tokens, "")
            changes.append(Changed(path or next(tokens, ""), _number(added), _number(removed), was))
        elif _HASH.match(text):
            if header is not None:
                yield _commit(header, changes)
            header, changes = (text, *(next(tokens, "") for _ in range(5))), []
    if header is not None:
        yield _commit(header, changes)


def _commit(header: tuple[str, ...], changes: list[Changed]) -> Commit:
    commit, parents, at, author, email, subject = header
    who = email.casefold() or author.casefold()
    return Commit(commit, moment(at), author, who, subject, len(parents.split()) > 1, tuple(changes))


def moment(text: str) -> datetime:
    """The moment so many seconds after 1970 began; 1970 for what is none, as a commit may claim to be of any year."""
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)
