"""What changed since the last tag, and whether the changelog says so."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cowork.twins.evidence import changelog
from cowork.twins.evidence.changelog import Changelog
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.history import MOST, Commit, between, moment
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.wording import ago, listed, many, ranked

_CONVENTIONAL = re.compile(r"(?P<kind>[a-z]{2,12})(?:\((?P<scope>[^()]{1,40})\))?(?P<breaking>!)?: \S", re.IGNORECASE)
_WORDS = {
    "feat": "features", "fix": "fixes", "perf": "faster", "revert": "reverts", "refactor": "refactorings", "docs": "documents",
    "test": "tests", "build": "builds", "ci": "CI", "style": "style", "chore": "chores",
}  # fmt: skip
_TOLD = ("feat", "fix", "perf", "revert")  # kinds that users notice
_MOST_ENTRIES = 12
_REFERENCE = re.compile(r"#(\d{1,7})\b|\b([A-Z][A-Z0-9]{1,9}-\d{1,6})\b")
_WORD = re.compile(r"[a-z][a-z0-9_]{3,}")
_COMMON = frozenset("with from that this when then into over more also only have been were which their there what does".split())


@dataclass(frozen=True)
class _Tag:
    name: str
    at: datetime | None


@dataclass(frozen=True)
class _Change:
    """A commit, and what its subject says by the convention: kind, scope, whether it breaks something."""

    commit: Commit
    kind: str
    scope: str
    breaking: bool


def collect(look: Look) -> Findings:
    """Raises CannotCollect without commits. Without a tag it says so, and tells what the changelog has."""
    look.need_commits()
    tag = _last_tag(look)
    commits = between(look, tag.name if tag else None)
    breaking = _breaking(look, tag)
    changes = [_change(commit, commit.hash in breaking) for commit in commits if not commit.merge]
    conventional = sum(bool(change.kind) for change in changes) * 2 >= len(changes) > 0
    where = changelog.find(look.files)
    log = changelog.read(look.read(where) or "") if where else None
    groups = _groups(changes, conventional)
    missing = _missing(changes, log) if conventional and tag else []
    entries = log.unreleased or () if log else ()
    facts = (
        *_fits(tag, changes, where, log, missing),
        *(_group(kind, found, look) for kind, found in groups.items() if conventional),
        *(_entry(entry, where) for entry in entries[:_MOST_ENTRIES]),
        *(_commit(change) for change in sorted(changes, key=lambda change: not change.breaking)),
    )
    figures = {
        "tag": tag.name if tag else None,
        "tag_at": tag.at.isoformat() if tag and tag.at else None,
        "commits": len(changes),
        "merges": len(commits) - len(changes),
        "conventional": conventional,
        "kinds": {kind: len(found) for kind, found in groups.items()} if conventional else {},
        "breaking": sum(change.breaking for change in changes),
        "suggested_bump": _bump(changes) if conventional else None,
        "changelog": where,
        "unreleased_entries": len(log.unreleased) if log and log.unreleased is not None else None,
        "changelog_version": log.newest if log else None,
        "untold": len(missing),
    }
    total = len(facts) + max(0, len(entries) - _MOST_ENTRIES)
    summary = _summary(tag, changes, where, log, look)
    if tag and figures["suggested_bump"]:
        summary += f"; by the kinds of its commits the next version is a {figures['suggested_bump']} one"
    return Findings(summary, facts, figures, total, _left_out(commits, tag, look))


def _last_tag(look: Look) -> _Tag | None:
    """The nearest tag that HEAD has behind it."""
    done = look.git("describe", "--tags", "--abbrev=0", "HEAD")
    if not done.ok or not done.text:
        return None
    at = look.git("log", "-1", "--format=%ct", f"refs/tags/{done.text}", "--").text
    return _Tag(done.text, moment(at) if at else None)


def _breaking(look: Look, tag: _Tag | None) -> set[str]:
    """The commits whose messages have the footer of a breaking change."""
    span = f"refs/tags/{tag.name}..HEAD" if tag else "HEAD"
    words = ("log", "--no-show-signature", "--format=%H", f"--max-count={MOST}", "-E", "--grep=^BREAKING[ -]CHANGE: ")
    return set(os.fsdecode(look.git(*words, span, "--").out).split())


def _change(commit: Commit, breaking: bool) -> _Change:
    found = _CONVENTIONAL.match(commit.subject)
    kind = found["kind"].lower() if found else ""
    if found is None or kind not in _WORDS:
        return _Change(commit, "", "", breaking)
    return _Change(commit, kind, found["scope"] or "", breaking or bool(found["breaking"]))


def _groups(changes: Sequence[_Change], conventional: bool) -> dict[str, list[_Change]]:
    found: dict[str, list[_Change]] = defaultdict(list)
    for change in changes if conventional else ():
        found[change.kind or "other"].append(change)
    order = [*_WORDS, "other"]
    return {kind: found[kind] for kind in sorted(found, key=order.index)}


def _bump(changes: Sequence[_Change]) -> str | None:
    """The part of a semantic version that these changes would raise."""
    if any(change.breaking for change in changes):
        return "major"
    if any(change.kind == "feat" for change in changes):
        return "minor"
    return "patch" if changes else None


def _missing(changes: Sequence[_Change], log: Changelog | None) -> list[_Change]:
    """Changes that users notice and no unreleased entry seems to speak of, by references and words."""
    if log is None:
        return []
    entries = [entry.text for entry in log.unreleased or ()]
    noticed = [change for change in changes if change.breaking or change.kind in _TOLD]
    return [change for change in noticed if not any(_speaks(entry, change.commit.subject) for entry in entries)]


def _speaks(entry: str, subject: str) -> bool:
    """Whether an entry shares a reference with a subject, or half of the subject's words."""
    references = set(_REFERENCE.findall(subject))
    if references & set(_REFERENCE.findall(entry)):
        return True
    words = set(_WORD.findall(subject.lower())) - _COMMON - set(_WORDS)
    return bool(words) and 2 * len(words & set(_WORD.findall(entry.lower()))) >= max(2, len(words))


def _fits(
    tag: _Tag | None, changes: list[_Change], where: str | None, log: Changelog | None, missing: list[_Change]
) -> list[Fact]:
    """How the changelog and the history stand to each other, where that is worth saying."""
    if where is None or log is None:
        return [Fact("there is no changelog", {"kind": "no_changelog", "fits": None})] if changes else []
    facts = []
    if changes and not log.unreleased:
        what = "no part for what is unreleased" if log.unreleased is None else "nothing unreleased"
        since = f" since {tag.name}" if tag else ""
        facts.append(
            Fact(f"{where} has {what}, though {many(len(changes), 'commit')} came{since}", {"kind": "untold", "fits": False})
        )
    if log.unreleased and not changes:
        facts.append(
            Fact(
                f"{where} has {many(len(log.unreleased), 'unreleased entry', 'unreleased entries')}, but nothing was committed",
                {"kind": "untold", "fits": False},
            )
        )
    if tag and log.newest and log.newest != tag.name.lstrip("vV") and not tag.name.endswith(log.newest):
        facts.append(
            Fact(
                f"the newest version in {where} is {log.newest}, the last tag is {tag.name}", {"kind": "untold", "fits": False}
            )
        )
    if log.unreleased and missing:
        text = f"{many(len(missing), 'commit')} that no unreleased entry seems to speak of, by words and references only: "
        text += listed((change.commit.subject for change in missing), 3)
        facts.append(Fact(text, {"kind": "untold", "fits": False, "commits": [change.commit.hash for change in missing[:20]]}))
    return facts


def _group(kind: str, found: list[_Change], look: Look) -> Fact:
    scopes = Counter(change.scope for change in found if change.scope)
    breaking = sum(change.breaking for change in found)
    at = f", in {', '.join(name for name, _ in ranked(scopes)[:3])}" if scopes else ""
    broken = f", {breaking} of them breaking" if breaking else ""
    counted = f"{many(len(found), 'commit')}{at}{broken}"
    text = f"{kind} ({_WORDS.get(kind, 'without a kind')}): {counted}; last: {found[0].commit.subject}"
    data = {"kind": kind, "commits": len(found), "breaking": breaking, "scopes": dict(ranked(scopes)[:10])}
    return Fact(text, {**data, "last": ago(found[0].commit.at, look.now)})


def _entry(entry: changelog.Entry, where: str | None) -> Fact:
    category = f"{entry.category}: " if entry.category else ""
    return Fact(f"{where}, unreleased: {category}{entry.text}", {"category": entry.category, "text": entry.text})


def _commit(change: _Change) -> Fact:
    commit = change.commit
    mark = " BREAKING" if change.breaking else ""
    text = f"{commit.hash[:10]} {commit.at:%Y-%m-%d} {commit.author}:{mark} {commit.subject}"
    data = {"commit": commit.hash, "at": commit.at.isoformat(), "author": commit.author, "subject": commit.subject}
    return Fact(text, {**data, "kind": change.kind, "breaking": change.breaking})


def _summary(tag: _Tag | None, changes: list[_Change], where: str | None, log: Changelog | None, look: Look) -> str:
    if tag is None:
        text = f"No tag is reachable from HEAD; {many(len(changes), 'commit')} since the beginning"
    else:
        when = f" ({ago(tag.at, look.now)})" if tag.at else ""
        text = (
            f"{many(len(changes), 'commit')} since the tag {tag.name}{when}"
            if changes
            else f"Nothing since the tag {tag.name}{when}"
        )
    if where is None or log is None:
        return f"{text}; no changelog"
    if log.unreleased is None:
        return f"{text}; {where} has no unreleased part"
    return f"{text}; {many(len(log.unreleased), 'unreleased entry', 'unreleased entries')} in {where}"


def _left_out(commits: Sequence[Commit], tag: _Tag | None, look: Look) -> tuple[str, ...]:
    cut = (f"commits beyond the last {MOST:,}",) if len(commits) >= MOST else ()
    return (*cut, *(("older commits and tags, which were not fetched",) if look.shallow and tag is None else ()))
