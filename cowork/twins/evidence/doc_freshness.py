"""Documents that are older than the code they name, and that name files which are gone.

A document that says it is of its day (a changelog, a decision record, a post) is not held to the present.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from cowork.core.text import one_line
from cowork.twins.evidence.file_history import Commit, FileHistory, read_history
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.look import Look, OutOfTime
from cowork.twins.evidence.named_files import SUFFIXES, Name, is_path, names_of, resolve
from cowork.twins.evidence.tree import Tree, is_set_aside
from cowork.twins.evidence.wording import many

_OF_ITS_DAY = re.compile(
    r"(?:^|/)(?:change(?:log|s)|history|news|release[-_ ]?notes?|releases|migrat|upgrad|todo|licen[cs]e|authors|contributors|"
    r"adrs?/|decisions?/|rfcs?/|blog/|posts?/|archived?/|meetings?/|minutes/|post-?mortems?/|newsfragments/|changelog\.d/)",
    re.IGNORECASE,
)
_NO_CODE = (*SUFFIXES, ".txt", ".adoc", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf", ".lock", ".csv", ".ico", ".webp")
GRACE = timedelta(days=1)
"""So soon after a document code may change with it, in commits of its own."""
_MOST_FACTS = 200
_MOST_NAMED = 3


@dataclass(frozen=True)
class Stale:
    """A document, when it last changed, and how often each file it names has changed since; `commits` is how many in all."""

    file: str
    changed: Commit
    commits: int
    newest: Commit
    by_file: Mapping[str, int]


@dataclass(frozen=True)
class Gone:
    """A name in a document whose file is no longer there, the commit that removed it, and where it may be now."""

    file: str
    name: Name
    path: str
    removed: Commit
    now: str


def collect(look: Look) -> Findings:
    """Names that are gone, then documents by how much changed since they did. Raises CannotCollect without commits."""
    look.need_commits()
    tree = Tree.of(look)
    documents = [name for name in look.files if _is_current(name)]
    history = read_history(look)
    reading = _Reading(look, tree, history)
    with contextlib.suppress(OutOfTime):
        for name in look.in_time(documents, "documents"):
            reading.take(name)
    stale = sorted(reading.stale, key=lambda found: (-found.commits, found.changed.at, found.file))
    facts = [Fact(_told_gone(found), _data_gone(found)) for found in reading.gone]
    facts += [Fact(_told_stale(found), _data_stale(found)) for found in stale]
    left_out = () if history.complete else (f"history before {history.commits[-1].day}",)
    figures = {
        "documents": reading.read,
        "naming_code": reading.naming,
        "stale": len(stale),
        "gone": len(reading.gone),
        "commits_looked_at": len(history.commits),
    }
    total = len(facts) if len(facts) > _MOST_FACTS else None
    return Findings(_summary(reading, len(stale)), tuple(facts[:_MOST_FACTS]), figures, total, left_out)


def _is_current(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not is_set_aside(name) and not _OF_ITS_DAY.search(name)


def _summary(reading: _Reading, stale: int) -> str:
    if not reading.naming:
        return f"None of the {reading.read} documents names files of this repository."
    naming = f"{many(reading.naming, 'document')} that {'names' if reading.naming == 1 else 'name'} code"
    said = f"{stale} of {naming} {'is' if stale == 1 else 'are'} older than that code"
    return f"{said}; {len(reading.gone)} names of files that are gone." if reading.gone else f"{said}."


class _Reading:
    """Reads documents one after the other, and keeps what it finds."""

    def __init__(self, look: Look, tree: Tree, history: FileHistory) -> None:
        self._look, self._tree, self._history = look, tree, history
        was = {name for name in history.changes if name not in tree.files}
        self._was = Tree(was)
        self._edited = set(look.git("diff", "--name-only", "-z", "--relative", "--no-ext-diff", "HEAD").names)
        self.read = self.naming = 0
        self.stale: list[Stale] = []
        self.gone: list[Gone] = []

    def take(self, file: str) -> None:
        """One document."""
        text = self._look.read(file)
        if text is None:
            return
        self.read += 1
        named: set[str] = set()
        missed: dict[str, Gone] = {}
        for name in dict.fromkeys(names_of(file, text)):
            self._look.checkpoint()
            path = resolve(name, file, self._tree)
            if path is not None:
                named.add(path)
            elif name.sure and name.text not in missed and (gone := self._gone(file, name)) is not None:
                missed[name.text] = gone
        self.gone += missed.values()
        code = {path for path in named if path != file and not path.lower().endswith(_NO_CODE)}
        self.naming += bool(code)
        if file not in self._edited:
            self._compare(file, code)

    def _compare(self, file: str, code: set[str]) -> None:
        position = self._history.changes.get(file, [None])[0]
        if position is None:
            return
        at = self._history.commits
        late = at[position].at + GRACE
        since = {path: {one for one in self._history.since(path, position) if at[one].at >= late} for path in code}
        commits: set[int] = set().union(*since.values())
        if commits:
            changed = sorted(
                ((path, len(found)) for path, found in since.items() if found), key=lambda item: (-item[1], item[0])
            )
            self.stale.append(Stale(file, at[position], len(commits), at[min(commits)], dict(changed)))

    def _gone(self, file: str, name: Name) -> Gone | None:
        """Where a name meant a file once, and only one. What never was is no finding: it may be an example."""
        if not is_path(name.text) or self._is_there(file, name.text):
            return None
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(file), name.text))
        exact = [path for path in (name.text, beside) if path in self._was.files]
        found = exact[:1] or (self._was.ending(name.text) if "/" in name.text else [])
        if len(found) != 1:
            return None
        removed = self._history.removed.get(found[0])
        now = self._tree.called(posixpath.basename(found[0]))
        return Gone(file, name, found[0], removed, now[0] if len(now) == 1 else "") if removed else None

    def _is_there(self, file: str, text: str) -> bool:
        """Whether anything the name may mean exists, also a directory, or a file that git does not know."""
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(file), text))
        if text in self._tree or beside in self._tree or self._tree.ending(text) or self._tree.beyond(text):
            return True
        return not beside.startswith("..") and any((self._look.root / path).exists() for path in {text, beside})


def _told_gone(found: Gone) -> str:
    where = f"{one_line(found.file, 120)}:{found.name.line}"
    now = f"; {one_line(found.now, 120)} may be meant" if found.now else ""
    removed = f"{found.removed.id[:10]} of {found.removed.day}"
    return f"{where} names `{one_line(found.name.text, 120)}`, which is gone since {removed}{now}"


def _data_gone(found: Gone) -> dict[str, object]:
    place = {"kind": "gone", "file": found.file, "line": found.name.line, "name": found.name.text, "path": found.path}
    return {**place, "removed_in": found.removed.id, "removed_on": found.removed.day, "now": found.now}


def _told_stale(found: Stale) -> str:
    shown = [f"{one_line(path, 100)} ({count})" for path, count in list(found.by_file.items())[:_MOST_NAMED]]
    more = f" and {len(found.by_file) - len(shown)} more" if len(found.by_file) > len(shown) else ""
    commits = "1 commit" if found.commits == 1 else f"{found.commits} commits"
    return (
        f"{one_line(found.file, 120)} has not changed since {found.changed.day}; {commits} changed files it names after that, "
        f"the last on {found.newest.day}: {', '.join(shown)}{more}"
    )


def _data_stale(found: Stale) -> dict[str, object]:
    days = max(0, (found.newest.at - found.changed.at).days)
    about = {"kind": "stale", "file": found.file, "changed_on": found.changed.day, "commits_since": found.commits}
    return {**about, "code_changed_on": found.newest.day, "days_behind": days, "files": dict(found.by_file)}
