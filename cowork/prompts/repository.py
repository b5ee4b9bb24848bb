"""How a project's git repository stands: branch, changes, recent commits. Nothing of its configuration runs anything."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from cowork.core.text import one_line
from cowork.prompts import git_view
from cowork.prompts.git_view import SECONDS, GitFailed, View
from cowork.prompts.tree import directory_at, safe_name

MOST_CHANGES = 200
MOST_COMMITS = 10
_FORMAT = "--format=%H%x00%aI%x00%an%x00%s"
_PLACES = {"1": 8, "2": 9, "u": 10, "?": 1}  # how many fields stand before the path in a line of `git status`
_WORDS = {"M": "modified", "T": "another kind", "A": "added", "D": "deleted", "R": "renamed", "C": "copied", "U": "in conflict"}


@dataclass(frozen=True)
class Change:
    """A file that differs from the last commit. `state` is git's two letters (index, working tree), `??` for a new one.

    `was` is the former path of what was renamed. Paths are made safe to show.
    """

    state: str
    path: str
    was: str | None = None

    @property
    def words(self) -> str:
        """The same in words: `modified, staged`."""
        if self.state == "??":
            return "new"
        if "U" in self.state or self.state in ("AA", "DD"):
            return "in conflict"
        index, worktree = self.state[0], self.state[1]
        said = [f"{_WORDS.get(index, index)}, staged"] * (index != ".") + [_WORDS.get(worktree, worktree)] * (worktree != ".")
        return "; ".join(said)


@dataclass(frozen=True)
class Commit:
    """A commit: its full hash, when it was made, by whom, and the first line of its message."""

    hash: str
    at: str
    author: str
    subject: str


@dataclass(frozen=True)
class GitState:
    """How a repository stands. `branch` is None when no branch is checked out, `commit` while there is none.

    `ahead` and `behind` count commits to and from `upstream`, None where there is none. `changes` are at most 200 of `changed`.
    `shallow` says that older commits were not fetched. `problems` say what could not be found out, and why.
    """

    top: str
    branch: str | None = None
    commit: str | None = None
    upstream: str | None = None
    ahead: int | None = None
    behind: int | None = None
    shallow: bool = False
    changes: tuple[Change, ...] = ()
    changed: int = 0
    commits: tuple[Commit, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it, for a prompt or a person: what changed comes before what is long done."""
        log = f"\n\nRecent commits, the newest first:\n{self.log}" if self.commits else ""
        return self.status + log

    @property
    def status(self) -> str:
        """The branch, and what changed since the last commit."""
        lines = [self._head(), *self.problems]
        if self.changed:
            lines += ["", f"Changes since the last commit ({self.changed:,}):"]
            lines += [f"  {change.words}: {_paths(change)}" for change in self.changes]
            rest = self.changed - len(self.changes)
            lines += [f"  … and {rest:,} more"] if rest else []
        elif not self.problems:
            lines.append("Nothing changed since the last commit." if self.commit else "There is nothing to commit either.")
        return "\n".join(lines)

    @property
    def log(self) -> str:
        """The recent commits, a line each; empty when there are none."""
        lines = [f"  {one.hash[:10]} {one.at[:10]} {one.author}: {one.subject}" for one in self.commits]
        return "\n".join([*lines, *(["  (older ones were not fetched)"] if self.shallow and self.commits else [])])

    def _head(self) -> str:
        place = f"On branch {self.branch}" if self.branch else f"No branch is checked out (at {(self.commit or '')[:10]})"
        if self.commit is None:
            return f"{place}. There is no commit yet."
        if self.upstream is None:
            return f"{place}."
        if self.ahead is None or self.behind is None:
            return f"{place}, which follows {self.upstream}; that is not there."
        if not (self.ahead or self.behind):
            return f"{place}, even with {self.upstream}."
        return f"{place}, {self.ahead} ahead of and {self.behind} behind {self.upstream}."


def git_state(
    root: str | Path, *, commits: int = MOST_COMMITS, changes: int = MOST_CHANGES, seconds: float = SECONDS
) -> GitState | None:
    """How the repository stands whose working tree holds the directory `root`; None when there is none.

    git gets `seconds` for it; what it does not say in time is among the problems. Raises what `tree.directory_at` raises.
    """
    top = directory_at(root)
    repository = git_view.find(top)
    if repository is None:
        return None
    state = GitState(safe_name(str(repository.top)))
    try:
        with git_view.opened(repository, top, seconds=seconds) as view:
            return _asked(view, replace(state, shallow=view.shallow), commits, changes)
    except GitFailed as error:
        return replace(state, problems=(_problem("its state", error),))


def _asked(view: View, state: GitState, commits: int, changes: int) -> GitState:
    """Status and history, asked for at the same time."""
    words = ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal", "--ignore-submodules=all"]
    history = view.start("log", "-z", f"--max-count={commits}", "--no-mailmap", "--no-show-signature", "--no-color", _FORMAT)
    problems = []
    try:
        state = _with_status(state, os.fsdecode(view.ask(*words)), changes)
    except GitFailed as error:
        problems.append(_problem("what changed", error))
    finally:
        try:
            found = _commits(view.answer(history))
        except GitFailed as error:
            found = ()
            if state.commit is not None or problems:
                problems.append(_problem("the history", error))
    return replace(state, commits=found, problems=tuple(problems))


def _problem(what: str, error: GitFailed) -> str:
    return f"git does not tell {what}: {one_line(str(error))}"


def _with_status(state: GitState, said: str, most: int) -> GitState:
    """What `git status --porcelain=v2 --branch -z` says."""
    heads: dict[str, str] = {}
    changes: list[Change] = []
    changed = 0
    items = iter(said.split("\0"))
    for item in items:
        if item.startswith("# "):
            key, _, value = item[2:].partition(" ")
            heads[key] = value
        elif item[:1] in _PLACES:
            fields = item.split(" ", _PLACES[item[0]])
            was = next(items, "") if item[0] == "2" else None
            changed += 1
            if len(changes) < most:
                mark = "??" if item[0] == "?" else fields[1]
                changes.append(Change(mark, safe_name(fields[-1]), was if was is None else safe_name(was)))
    counts = [abs(int(part)) for part in heads.get("branch.ab", "").split()]
    branch, commit = heads.get("branch.head", ""), heads.get("branch.oid", "")
    return replace(
        state,
        branch=None if branch in ("", "(detached)") else one_line(branch),
        commit=None if commit in ("", "(initial)") else commit,
        upstream=one_line(heads["branch.upstream"]) if "branch.upstream" in heads else None,
        ahead=counts[0] if counts else None,
        behind=counts[1] if counts else None,
        changes=tuple(changes),
        changed=changed,
    )


def _commits(said: bytes) -> tuple[Commit, ...]:
    fields = said.decode("utf-8", "replace").removesuffix("\0").split("\0")
    rows = zip(*[iter(fields)] * 4, strict=False)
    return tuple(Commit(one, at, one_line(author, 60), one_line(subject, 120)) for one, at, author, subject in rows)


def _paths(change: Change) -> str:
    return f"{change.was} -> {change.path}" if change.was else change.path
